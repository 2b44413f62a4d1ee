import Foundation
import ODECore

/// Whether a method has the order that it claims, measured on the oscillator `u'' = -u`.
public enum OrderClaim {
  /// How far below the claim a measured order may lie: sequences of steps are not yet asymptotic.
  public static let slack = 0.6

  /// For a method with error control: the slope of the error at the end against the number of steps, over
  /// relative tolerances from 1e-4 to 1e-8.
  ///
  /// - Parameter make: the method with the given relative tolerance; the absolute one is a thousandth of it.
  /// - Throws: what the method throws.
  public static func measured(_ make: (_ rtol: Double) throws -> any Integrator) throws -> Double {
    let problem = ReferenceProblem.oscillator
    let (steps, errors) = try [1e-4, 1e-5, 1e-6, 1e-7, 1e-8].reduce(into: ([Double](), [Double]())) {
      let solution = try integrate(problem.problem, with: make($1))
      let exact = problem.exact!(problem.problem.finalTime)
      $0.0.append(1 / Double(max(solution.statistics.accepted, 1)))
      // Below this rounding hides the method.
      $0.1.append(max(zip(solution.state, exact).map { abs($0 - $1) }.max() ?? 0, 1e-14))
    }
    return OrderMeasurement(steps: steps, errors: errors).order
  }

  /// The least order of the dense output of a method of order `claim`: a run's record and its events see it more often than
  /// the ends of steps. Beyond order 3 that of the cubic polynomial which PhaseFlow would take itself is enough.
  public static func denseOrder(of claim: Int) -> Int { claim <= 2 ? claim : min(claim - 1, 3) }

  /// The slope of the largest error of the dense output, at eighths of every step, against the mean step.
  ///
  /// - Parameters:
  ///   - settings: relative tolerances or steps, from large to small.
  ///   - make: the method with one of them.
  /// - Throws: what the method throws.
  public static func measuredDense(
    _ settings: [Double], _ make: (_ setting: Double) throws -> any Integrator
  ) throws -> Double {
    let (steps, errors) = try settings.reduce(into: ([Double](), [Double]())) {
      let (step, error) = try denseError(make($1))
      $0.0.append(step)
      $0.1.append(max(error, 1e-14))
    }
    return OrderMeasurement(steps: steps, errors: errors).order
  }

  private static func denseError(_ integrator: some Integrator) throws -> (step: Double, error: Double) {
    let reference = ReferenceProblem.oscillator
    let (problem, exact) = (reference.problem, reference.exact!)
    let state = try integrator.makeState(for: problem, restart: nil)
    let y = StateVector(count: problem.system.dimension)
    var (worst, count) = (0.0, 0)
    while state.time != problem.finalTime {
      try state.advance(to: problem.finalTime)
      count += 1
      for k in 1..<8 {
        let t = state.previousTime + Double(k) / 8 * (state.time - state.previousTime)
        try y.withMutableSpan { try state.interpolate(at: t, into: &$0) }
        for (a, b) in zip(y.array, exact(t)) { worst = max(worst, abs(a - b)) }
      }
    }
    return ((problem.finalTime - problem.initialTime) / Double(count), worst)
  }

  /// For a method with fixed steps: the slope of the error against the step, over four halvings.
  ///
  /// - Parameter make: the method with the given step.
  /// - Throws: what the method throws.
  public static func measuredFixed(_ make: (_ step: Double) throws -> any Integrator) throws -> Double {
    let problem = ReferenceProblem.oscillator
    let exact = problem.exact!(problem.problem.finalTime)
    let steps = (0..<5).map { 0.1 * pow(0.5, Double($0)) }
    let errors = try steps.map { h in
      let solution = try integrate(problem.problem, with: make(h))
      return max(zip(solution.state, exact).map { abs($0 - $1) }.max() ?? 0, 1e-14)
    }
    return OrderMeasurement(steps: steps, errors: errors).order
  }
}
