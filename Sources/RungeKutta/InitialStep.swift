import Foundation
import ODECore

/// The automatic choice of the first step.
///
/// Hairer, Norsett, Wanner, *Solving ODEs I*, II.4, algorithm "starting step size": an explicit Euler
/// step of `h_0 = 0.01 |y|/|f|` estimates the second derivative, and `h_1` is where the method's
/// leading error term is about a hundredth of the tolerance. It costs one evaluation.
package struct InitialStep {
  let function: RightHandSide
  let problem: ODEProblem
  let control: StepControl
  let measure: ErrorMeasure
  let vectors: VectorKernels
  /// The method's.
  let order: Int
  /// The Jacobian's spectral radius, where it is known: the first step is `1/rho` at most. An estimate that
  /// is not positive and finite is ignored.
  let rho: Double?

  package init(
    function: RightHandSide, problem: ODEProblem, control: StepControl, measure: ErrorMeasure,
    vectors: VectorKernels, order: Int, rho: Double?
  ) {
    self.function = function
    self.problem = problem
    self.control = control
    self.measure = measure
    self.vectors = vectors
    self.order = order
    self.rho = rho
  }

  /// `y` is the state at the start, `f` the derivative there; `work` and `f1` are overwritten.
  package func size(_ y: StateVector, _ f: StateVector, work: StateVector, f1: StateVector) throws -> Double {
    let t = problem.initialTime
    var bound = min(control.maxStep, abs(problem.finalTime - t))
    if let rho, rho > 0, rho.isFinite { bound = min(bound, 1 / rho) }

    let (d0, d1) = (try measure.norm(y, at: y), try measure.norm(f, at: y))
    // With a custom norm that sees nothing of y or f there is no scale to start from.
    var h0 = d0 < 1e-5 || d1 < 1e-5 || !(d0 / d1).isFinite ? 1e-6 : 0.01 * d0 / d1
    h0 = min(h0, bound)
    let signed = h0 * problem.direction
    _ = vectors.add(y, signed, f, into: work)
    try function.evaluate(t + signed, work, into: f1)
    _ = vectors.add(f1, -1, f, into: work)
    let d2 = try measure.norm(work, at: y) / h0
    // Already the probe left the domain of f: start far below it, rejections do the rest.
    guard d2.isFinite else { return max(h0 * 1e-3, StepTarget.smallest(at: t)) }
    let largest = max(d1, d2)
    let h1 =
      largest <= 1e-15
      ? max(1e-6, h0 * 1e-3) : pow(0.01 / largest, 1 / Double(order))
    return max(min(100 * h0, h1, bound), min(StepTarget.smallest(at: t), bound))
  }
}
