import Foundation
import ODECore

/// Errors against step sizes, and the order they show.
public struct OrderMeasurement: Sendable {
  /// Step sizes, descending.
  public let steps: [Double]
  /// The error with each of ``steps``.
  public let errors: [Double]

  /// The least-squares slope of `log error` against `log h`.
  public var order: Double {
    let x = steps.map { log($0) }
    let y = errors.map { log($0) }
    let mx = x.reduce(0, +) / Double(x.count)
    let my = y.reduce(0, +) / Double(y.count)
    let sxy = zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) }
    return sxy / x.reduce(0) { $0 + ($1 - mx) * ($1 - mx) }
  }

  /// Step sizes, and the errors that they gave.
  public init(steps: [Double], errors: [Double]) {
    precondition(steps.count == errors.count && steps.count >= 2, "two step sizes at least")
    self.steps = steps
    self.errors = errors
  }
}

/// What the errors are taken of.
public enum MeasuredSolution: Sendable {
  /// The state at the final time.
  case final
  /// The states at the ends of all steps, where errors do not cancel by chance.
  case steps
  /// The dense output at eighths of every step.
  case dense
}

/// Integrates `problem` with each of `steps` and measures the largest error against its closed form.
///
/// - Parameters:
///   - integrator: makes the integrator that takes steps of (nearly) the given size: a fixed-step
///     method, or one with error control held by `initialStep`, `maxStep` and a loose tolerance.
///   - problem: one with ``/ReferenceProblems/ReferenceProblem/exact``.
/// - Throws: what the integrator throws; ``/ODECore/IntegrationFailure`` if a run fails.
public func measureOrder<I: Integrator>(
  of integrator: (Double) -> I, problem: ReferenceProblem, steps: [Double],
  solution: MeasuredSolution = .final
) throws -> OrderMeasurement {
  guard let exact = problem.exact else {
    preconditionFailure("problem '\(problem.name)' has no closed form")
  }
  let end = problem.problem.finalTime
  let scratch = StateVector(count: problem.problem.system.dimension)
  var errors: [Double] = []
  for h in steps {
    let state = try integrator(h).makeState(for: problem.problem, restart: nil)
    var worst = 0.0
    func compare(_ y: [Double], _ t: Double) {
      for (a, b) in zip(y, exact(t)) { worst = max(worst, abs(a - b)) }
    }
    while state.time != end {
      try state.advance(to: end)
      if case .steps = solution { compare(state.withState { [Double](copying: $0) }, state.time) }
      guard case .dense = solution else { continue }
      for k in 1..<8 {
        let t = state.previousTime + Double(k) / 8 * (state.time - state.previousTime)
        try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
        compare(scratch.array, t)
      }
    }
    if case .final = solution { compare(state.withState { [Double](copying: $0) }, end) }
    errors.append(worst)
  }
  return OrderMeasurement(steps: steps, errors: errors)
}
