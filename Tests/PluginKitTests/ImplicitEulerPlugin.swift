import PhaseFlowPlugin

/// `y_1 = y_0 + h f(t_1, y_1)` for a linear system that solves Newton's equations itself.
struct ImplicitEuler: IntegratorPlugin {
  static let name = "implicit-euler"
  static let summary = "implicit Euler for linear systems"
  static let order = 1
  static let takesFixedSteps = true
  let step: Double

  init(_ parameters: Parameters, rtol: Double, atol: Double, fixedStep: Double?) { step = fixedStep ?? 0 }

  func makeState(for problem: ODEProblem, restart: Restart?) throws -> ImplicitEulerState {
    guard let system = problem.system as? any NewtonSystemSolving, system.newtonSolution == .exact else {
      throw IntegrationFailure(.initialFailure, "the system solves no Newton equations")
    }
    return ImplicitEulerState(problem, system, step)
  }
}

final class ImplicitEulerState: IntegratorState {
  private(set) var time: Double
  private(set) var previousTime: Double
  private(set) var statistics = Statistics()
  var restart: Restart { Restart(stepSize: step) }
  private let system: any NewtonSystemSolving
  private let step: Double
  private let y: StateVector
  private let (slope, change): (StateVector, StateVector)
  private let hermite: HermiteStep

  init(_ problem: ODEProblem, _ system: any NewtonSystemSolving, _ step: Double) {
    (self.system, self.step) = (system, step * problem.direction)
    time = problem.initialTime
    previousTime = time
    y = StateVector(problem.initialState)
    (slope, change) = (StateVector(count: y.count), StateVector(count: y.count))
    hermite = HermiteStep(count: y.count)
    hermite.begin(y.pointer)
  }

  func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  func advance(to limit: Double) throws {
    hermite.begin(y.pointer)
    let end = abs(limit - time) <= abs(step) * (1 + 1e-12) ? limit : time + step
    let h = end - time
    // (I - h J) z = h f(y_0), exact for a linear system.
    try y.withSpan { y in try slope.withMutableSpan { try system.derivative(end, y, into: &$0) } }
    statistics.nfev += 1
    try y.withSpan { try system.prepareNewton(end, $0, gamma: h) }
    for i in 0..<y.count { slope.pointer[i] *= h }
    try slope.withSpan { r in try change.withMutableSpan { try system.solveNewton(r, into: &$0) } }
    for i in 0..<y.count { y.pointer[i] += change.pointer[i] }
    hermite.accept()
    (previousTime, time) = (time, end)
    statistics.accepted += 1
    statistics.lastStepSize = h
    statistics.lastOrder = 1
  }

  func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    if t == time { return y.withSpan { y in for i in y.indices { result[i] = y[i] } } }
    try hermite.interpolate(at: t, previousTime, time, y.pointer, into: &result) {
      try system.derivative($0, $1, into: &$2)
    }
  }
}
