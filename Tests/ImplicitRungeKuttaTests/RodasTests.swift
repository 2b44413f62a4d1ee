import Foundation
import ImplicitRungeKutta
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("rodas")
struct RodasTests {
  @Test("keeps the integrator's contract, to the bit after a restart")
  func contract() {
    #expect(IntegratorConformance().violations(of: Rodas(rtol: 1e-5, atol: 1e-8)) == [])
  }

  /// `y' = -y + cos t`, `y(0) = 1/2`: `y = (cos t + sin t)/2`. It depends on time, so that `f_t` counts.
  @Test("has order 4, also where f depends on time, and 3 between the steps")
  func order() throws {
    func error(_ h: Double, dense: Bool) throws -> Double {
      let problem = try ODEProblem(
        ClosureSystem(dimension: 1) { t, y, dy in dy[0] = -y[0] * y[0] + 1 / (1 + t) - 1 / ((1 + t) * (1 + t))
        },
        to: 2, initialState: [0.3])
      let state = try Rodas(rtol: 1e-9, atol: 1e3, initialStep: h, maxStep: h).makeState(
        for: problem, restart: nil)
      let reference = try DOP853(rtol: 1e-13, atol: 1e-14).makeState(for: problem, restart: nil)
      var worst = 0.0
      var (a, b) = ([0.0], [0.0])
      while state.time < 2 {
        try state.advance(to: 2)
        for part in dense ? [0.25, 0.5, 0.75] : [1] {
          let t = state.previousTime + part * (state.time - state.previousTime)
          while reference.time < t { try reference.advance(to: 2) }
          var x = a.mutableSpan
          var y = b.mutableSpan
          try state.interpolate(at: t, into: &x)
          try reference.interpolate(at: t, into: &y)
          worst = max(worst, abs(a[0] - b[0]))
        }
      }
      return worst
    }
    let end = try [0.1, 0.05].map { try error($0, dense: false) }
    #expect(abs(log2(end[0] / end[1]) - 4) < 0.5, "\(end)")
    let dense = try [0.1, 0.05].map { try error($0, dense: true) }
    #expect(log2(dense[0] / dense[1]) > 3, "\(dense)")
  }

  @Test("reaches the published solutions of stiff problems within ten tolerances", arguments: [1e-3, 1e-5])
  func references(rtol: Double) throws {
    for name in [
      "robertson", "vdpol", "hires", "orego", "pollution", "heat", "allen-cahn", "brusselator",
      "medical-akzo",
    ] {
      let problem = ReferenceProblem.named(name)!
      let solution = try integrate(
        problem.problem, with: Rodas(rtol: rtol, atol: rtol * problem.atolRatio))
      #expect(solution.returnCode == .success, "\(problem.name): \(solution.message)")
      #expect(
        problem.error(of: solution.state) < max(10 * rtol, 2 * problem.solutionAccuracy),
        "\(problem.name): \(problem.error(of: solution.state)) at \(rtol)")
    }
  }
}
