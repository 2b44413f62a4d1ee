// An ODE of your own, with two integrators behind one protocol. No networks are involved.
//
// Lotka and Volterra's prey and predator: x' = x (1 - y), y' = y (x - 1). The quantity
// V = x - log x + y - log y is conserved; the example checks that, and the time of the first maximum of
// the prey, which lies where y = 1 and is located as an event.
import Foundation
import ODECore
import RungeKutta
import SundialsIntegrators

struct LotkaVolterra: ODESystem {
  let dimension = 2
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    dy[0] = y[0] * (1 - y[1])
    dy[1] = y[1] * (y[0] - 1)
  }
}

func conserved(_ y: [Double]) -> Double { y[0] - log(y[0]) + y[1] - log(y[1]) }

func study(_ integrator: some Integrator) throws -> Double {
  let start = [2.0, 0.5]
  let preyPeaks = Event("prey peaks", direction: .rising) { _, y in y[1] - 1 }
  let problem = try ODEProblem(LotkaVolterra(), to: 20, initialState: start, events: [preyPeaks])
  let solution = try integrate(problem, with: integrator, saving: .linear(spacing: 5))

  let drift = abs(conserved(solution.state) - conserved(start))
  let peak = solution.crossings[0].time
  print(
    "\(integrator.name): \(solution.returnCode), \(solution.statistics.accepted) steps, "
      + "drift of V \(drift), first peak of the prey at t = \(peak)")
  guard solution.returnCode == .success, drift < 1e-6, solution.savedTimes == [0, 5, 10, 15, 20] else {
    fail("the example no longer holds")
  }
  return peak
}

let peaks = [
  try study(DormandPrince(rtol: 1e-9, atol: 1e-12)), try study(CVODEAdams(rtol: 1e-9, atol: 1e-12)),
]
guard abs(peaks[0] - peaks[1]) < 1e-6 else { fail("the integrators disagree: \(peaks)") }

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}
