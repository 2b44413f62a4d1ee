import ODECore
import RungeKutta

/// Exponential Runge-Kutta and Rosenbrock methods with error control, after their table (``ExponentialMethod``).
///
/// `L` is what the system provides (``/ODECore/PhiFunctionProviding``) for methods that do not need the whole Jacobian; else the whole
/// Jacobian in Krylov spaces, from the system's own Jacobian-vector products or from differences of `f`. Stiffness does not limit the step,
/// as long as it is in `L`; what it costs with Krylov spaces is products in proportion to `sqrt(h rho)` for a symmetric Jacobian.
///
/// Error control is that of the explicit pairs, with any ``/RungeKutta/ErrorNorm``; for a flow driven by residuals an error
/// counts relative to the change of its block of the state since the start (``ResidualMagnus`` says why). Dense output is the
/// method's own exponential polynomial at an inner time, which costs an application of phi functions; a cubic polynomial through the ends would
/// overshoot by `h |f|` where fast modes decay.
///
/// Where it fails: backwards in time for a system that provides `L`; with Krylov spaces for `h rho` of many thousands, or Jacobians far from
/// normal, where a factorisation is cheaper (``/SundialsIntegrators/CVODEBDF``).
public struct ExponentialRungeKutta: Integrator {
  public let name = "exponential"
  /// The table.
  public var method: ExponentialMethod
  /// Tolerances, norm and step limits.
  public var control: StepControl

  /// The coefficients and the control of the steps.
  public init(_ method: ExponentialMethod, _ control: StepControl) {
    (self.method, self.control) = (method, control)
  }

  /// Whether `L` is the system's own.
  func usesProvidedPart(_ problem: ODEProblem) -> Bool {
    !method.isRosenbrock && problem.direction > 0 && problem.system is any PhiFunctionProviding
      && (problem.system as? any ResidualDriven)?.residualRefusal == nil
  }

  public func matrixMemory(for problem: ODEProblem) -> Double {
    let count = problem.system.dimension
    // Stages, and the vectors of two exponential polynomials.
    let vectors = Double(method.stages.count + 2 * (method.highest + 1))
    if usesProvidedPart(problem) {
      return 8 * vectors * Double(count)
        + ((problem.system as? any ResidualDriven)?.residualMemory.place ?? 0)
    }
    return 8 * vectors * Double(count) + KrylovLinearPart.memory(of: problem.system)
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` if a setting is unusable, or `f` is not finite at the start.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> ExponentialRungeKuttaState {
    try ExponentialRungeKuttaState(problem, self, restart)
  }
}
