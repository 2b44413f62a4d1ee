import ODECore
import RungeKutta

/// The implicit Runge-Kutta method Radau IIA of order 5, three stages, for stiff problems: L-stable, and as accurate as its tolerance
/// where multistep methods lose digits.
///
///     Z_i = h sum_j a_ij f(t + c_j h, y + Z_j),   y_1 = y + Z_3,   c = ((4 - sqrt 6)/10, (4 + sqrt 6)/10, 1)
///
/// solved by simplified Newton iteration on the transformed system, whose matrices are `s I - J` with one real and one complex
/// shift `s`, by LAPACK or KLU. The error estimate is of order 3, step sizes follow Gustafsson's predictive control, and factors are kept
/// while the step hardly changes. The dense output is the collocation polynomial, of order 3.
///
/// `J` is the system's own or comes from differences; banded or sparse if the system says so. A step costs some three Newton iterations
/// of three evaluations each, factors `O(N^3)` where `N` is the number of unknowns: not meant for full Jacobians beyond ``largestDimension``.
/// It fails, with ever smaller steps, where `f` jumps: declare discontinuities.
///
/// A resumed run has the same bits as one that was never stopped: a restart keeps what the Jacobian was evaluated with.
///
/// Sources: Hairer, Wanner, *Solving ODEs II*, 2nd ed., IV.8, and *J. Comput. Appl. Math.* 111 (1999) 93-111,
/// doi:10.1016/S0377-0427(99)00134-X; Gustafsson, ACM TOMS 20 (1994) 496-517, doi:10.1145/198429.198437.
public struct Radau: Integrator {
  public var name: String { "radau" }
  /// Tolerances, norm and step limits. The controller is Gustafsson's own. The norm is ``/RungeKutta/MaxNorm``: where a few components
  /// oscillate for long, a mean over all lets their errors add up to many tolerances.
  public var control: StepControl

  /// The largest number of unknowns with a full Jacobian.
  public static let largestDimension = IterationMatrix.largestDense

  /// The control of the steps; the maximum norm unless given.
  public init(_ control: StepControl = StepControl(norm: MaxNorm())) { self.control = control }

  /// - Parameters: see `StepControl`.
  public init(
    rtol: Double = StepControl.defaultRtol, atol: Double = StepControl.defaultAtol,
    norm: any ErrorNorm = MaxNorm(), initialStep: Double? = nil, maxStep: Double = .infinity
  ) {
    control = StepControl(rtol: rtol, atol: atol, norm: norm, initialStep: initialStep, maxStep: maxStep)
  }

  public func refusal(of problem: ODEProblem) -> String? {
    implicitRefusal(of: problem.system)
  }

  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> SteppingState<RadauMethod> {
    try SteppingState(problem) { try RadauMethod(problem, control, name, restart, $0, work: $1) }
  }
}

/// Why a method with full matrices cannot take `system`.
func implicitRefusal(of system: any ODESystem) -> String? {
  let n = system.dimension
  guard n > IterationMatrix.largestDense, IterationMatrix.bandwidths(of: system) == nil,
    IterationMatrix.pattern(of: system) == nil
  else { return nil }
  return
    "the system has \(n) unknowns and declares no band or pattern; its matrices would take \(24 * n * n / 1_000_000_000) GB. Use cvode-bdf, or declare the Jacobian's bandwidths or sparsity"
}
