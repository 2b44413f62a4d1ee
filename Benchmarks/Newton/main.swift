// Structured Newton against explicit and matrix-free integrators on a smooth, stiff flow:
//
//     phaseflow-newton-bench --costs D [--m M] [--n N] [--activation A]    costs alone, random data with d = D
//     phaseflow-newton-bench [--gamma G] [--m M] [--n N] [--rtol R] [--fraction F] [--only NAME,NAME] [--activation tanh|softplus]
//
// n points on a line in [-1, 1] with bias, y = sin 3x, gamma' = 0, Gaussian start, one thread. The end time
// is that at which structured BDF reaches R = fraction R(0); the others run to the same time.
import ActivationsPlugins
import Foundation
import GradientFlow
import ImplicitRungeKutta
import LossesPlugins
import ODECore
import RungeKutta
import SundialsIntegrators

func option(_ name: String) -> String? {
  guard let i = CommandLine.arguments.firstIndex(of: "--" + name) else { return nil }
  return i + 1 < CommandLine.arguments.count ? CommandLine.arguments[i + 1] : nil
}

func number(_ name: String, _ standard: Double) -> Double {
  guard let text = option(name) else { return standard }
  guard let value = Double(text) else { fail("--\(name) \(text): not a number") }
  return value
}

func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(2)
}

func run() throws {
  let (m, n) = (Int(number("m", 1000)), Int(number("n", 50)))
  let (rtol, fraction) = (number("rtol", 1e-6), number("fraction", 1e-4))
  let atol = number("atol", rtol * 1e-3)
  let only = option("only").map { Set($0.split(separator: ",").map(String.init)) }
  let problem = try LineProblem(
    width: m, samples: n, gamma: number("gamma", 1.75), activation: option("activation") ?? "tanh")
  if option("costs") != nil {
    let random = try LineProblem(
      width: m, samples: n, gamma: 1, activation: option("activation") ?? "tanh",
      randomDimension: Int(number("costs", 2)))
    print("form \(random.flow.newtonForm), path \(random.flow.path)")
    let gamma = 10 / (try random.flow.spectralRadius(0, random.start.span))
    return try printCosts(random, random.start, gamma: gamma)
  }
  let flow = problem.flow
  let first = flow.risk(problem.start.span)
  print("m = \(m), n = \(n), rtol = \(rtol), atol = \(atol), R(0) = \(first), form \(flow.newtonForm)")

  let target = fraction * first
  let stop = Event("loss", direction: .falling, isTerminal: true) { _, y in flow.risk(y) - target }
  let scout = try integrate(
    ODEProblem(flow, to: number("latest", 1e15), initialState: problem.start, events: [stop]),
    with: CVODEBDF(rtol: rtol, atol: atol))
  let end = scout.time
  let reached = flow.risk(scout.state.span) / first
  print(
    "structured BDF, stopped by an event: t = \(end), R/R(0) = \(reached), \(scout.statistics.accepted) steps,",
    "\(scout.statistics.wallSeconds) s, \(scout.returnCode) \(scout.message)")
  let rho = try flow.spectralRadius(end, scout.state.span)
  print("spectral radius at the end \(rho), times the end time \(rho * end)")
  try printCosts(problem, scout.state, gamma: 0.01 * end)

  print(
    "integrator".padding(toLength: 18, withPad: " ", startingAt: 0),
    "   cpu s    wall s     steps  rejected      nfev      nni    njev      nli  R/R(0)        RD_w")
  func measure<I: Integrator>(_ name: String, _ integrator: I) throws {
    if let only, !only.contains(name) { return }
    let before = processorSeconds()
    let solution = try integrate(
      ODEProblem(flow, to: end, initialState: problem.start), with: integrator)
    let used = processorSeconds() - before
    let s = solution.statistics
    let distance = relativeDistance(solution.state, problem.start, from: m)
    print(
      name.padding(toLength: 18, withPad: " ", startingAt: 0),
      String(
        format: "%10.4f%10.4f%10d%10d%10d%9d%8d%9d  %.6e  %.9f", used, s.wallSeconds, s.accepted, s.rejected,
        s.nfev,
        s.nni, s.njev, s.nli, flow.risk(solution.state.span) / first, distance),
      solution.returnCode == .success ? "" : solution.message)
  }
  try measure("bdf-structured", CVODEBDF(rtol: rtol, atol: atol, linearSolver: .structured))
  try measure("rodas", Rodas(rtol: rtol, atol: atol))
  try measure("rodas-state", Rodas(rtol: rtol, atol: atol, norm: StateNorm()))
  try measure("bdf-spgmr", CVODEBDF(rtol: rtol, atol: atol, linearSolver: .spgmr()))
  try measure(
    "bdf-spgmr-plain",
    CVODEBDF(rtol: rtol, atol: atol, linearSolver: .spgmr()).on(ProductsOnly(flow: flow)))
  try measure("adams", CVODEAdams(rtol: rtol, atol: atol))
  try measure("dormand-prince", DormandPrince(rtol: rtol, atol: atol))
}

do { try run() } catch { fail("\(error)") }
