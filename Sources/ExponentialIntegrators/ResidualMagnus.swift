import ODECore
import RungeKutta

/// A Magnus integrator of order 2 in the space of residuals, for flows that few residuals drive
/// (``/ODECore/ResidualDriven``): gradient flows of networks, with `n` samples.
///
/// `y' = -B(y) r(y)` moves along `B`, and `r' = -S(y) r` is linear in `r` with a slowly varying `S`. A step of length `h`:
///
///     predictor:  r' = -S_0 r from r_0,              a   = y_0 moved by  int r  with B_0;
///     corrector:  r' = -(S_0 + S_a)/2 r from r_0,    y_1 = y_0 moved by  int (1 - s/h) r  with B_0,  int (s/h) r  with B_a.
///
/// The mean operator is the trapezoidal value of the Magnus series' first term, whose remainder is `O(h^3)`. What moves `y` are integrals of
/// exponentials of negative operators: however stiff the flow, no step amplifies anything, where the correction of an
/// exponential Runge-Kutta method with frozen `L`, `h phi_2(h L) (f(a) - f(y_0) - L (a - y_0))`, grows with `h |S_a - S_0|`, so
/// that its steps are limited by stiffness after all once neurons change sides. Networks with a
/// piecewise-linear 1-homogeneous activation are moved by the exact motion of each neuron in a constant field, a hyperbolic
/// rotation, which conserves (77) and carries the growing modes of condensation.
///
/// **Error.** With `e_a`, `e_1` the residuals at `a` and `y_1` and `e_m` those that the corrector's linear equation predicts, the local error
/// is taken to be
///
///     err = max( |e_1 - e_a| |e_1 - e_m| / |e_0|^2,  max_b ( |y_1 - a|_b / |y_1 - y(0)|_b )^2 ) / rtol
///
/// over blocks `b` of the state (output weights, input weights). `y_1 - a` is the error of the predictor, of order 1; that of
/// the corrector is smaller by about the same factor once more. Changes are measured against the change since the start: a tolerance of
/// the state's size would let `RD` (16), a change of some per mille, go astray; one of the step's own increment crawls at kinks, where it is never
/// small. There is no absolute tolerance.
///
/// **Cost of a step**: two right-hand sides, two kernels (`2 m n^2` each), two Cholesky factorisations of order `n`. Dense output is the corrector at
/// an inner time, half a right-hand side each.
///
/// **Where it fails**: backwards in time; losses that are not convex only in that negative curvatures count as zero in `S`. Order 2 limits it
/// for smooth problems at tight tolerances; across kinks no method has a higher one.
///
/// Sources: Magnus, Comm. Pure Appl. Math. 7 (1954) 649-673, doi:10.1002/cpa.3160070404; Hochbruck, Lubich, *On Magnus integrators for
/// time-dependent Schroedinger equations*, SIAM J. Numer. Anal. 41 (2003) 945-963, doi:10.1137/S0036142902403875 (bounds that do not depend on
/// the operator's norm); Gonzalez, Ostermann, Thalhammer, *A second-order Magnus-type integrator for nonautonomous parabolic problems*,
/// J. Comput. Appl. Math. 189 (2006) 142-156, doi:10.1016/j.cam.2005.04.036.
public struct ResidualMagnus: Integrator {
  public let name = "exponential"
  /// `rtol`, step limits and the controller; the norm and `atol` have no meaning here.
  public var control: StepControl

  /// Steps across kinks have errors that jump about: growth is held back, and the memory counts more.
  public static let controller = PIController(safety: 0.9, minFactor: 0.2, maxFactor: 3, beta: 0.1)

  /// - Parameters: see ``/RungeKutta/StepControl``.
  public init(rtol: Double, initialStep: Double? = nil, maxStep: Double = .infinity) {
    control = StepControl(
      rtol: rtol, atol: 0, controller: Self.controller, initialStep: initialStep, maxStep: maxStep)
  }

  public func refusal(of problem: ODEProblem) -> String? {
    guard let system = problem.system as? any ResidualDriven else {
      return "the system does not say how residuals drive it"
    }
    guard problem.direction > 0 else {
      return "it integrates forwards only; backwards the flow's fast modes grow without bound"
    }
    return system.residualRefusal
  }

  public func matrixMemory(for problem: ODEProblem) -> Double {
    (problem.system as? any ResidualDriven)?.residualMemory.flow ?? 0
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` for what ``refusal(of:)`` says, an unusable setting, or residuals that are not
  ///   finite at the start.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> ResidualMagnusState {
    if let reason = refusal(of: problem) {
      throw IntegrationFailure(.initialFailure, "\(name): \(reason)")
    }
    return try ResidualMagnusState(problem, control, name, restart)
  }
}
