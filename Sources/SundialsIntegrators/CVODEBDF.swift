import Logging
import ODECore

/// CVODE's variable-order (1 to 5), variable-step backward differentiation formulas in fixed-leading-
/// coefficient form, for stiff problems.
///
/// `sum_j a_j y_{n-j} = h b_0 f(t_n, y_n)`, solved by modified Newton iteration; the local error is held
/// below 1 in the norm `sqrt(1/N sum_i (e_i / (rtol |y_i| + atol_i))^2)`.
///
/// ```swift
/// let problem = try ODEProblem(Robertson(), to: 1e11, initialState: [1, 0, 0])
/// let solution = try integrate(problem, with: CVODEBDF(rtol: 1e-8, atol: 1e-14))
/// ```
///
/// A-stable for orders 1 and 2 only: strongly oscillating modes (eigenvalues near the imaginary axis)
/// call for a lower ``maxOrder``. Newton's iteration expects a smooth `f`; kinks make it crawl.
///
/// Restarting keeps the next step size; the history, and with it the order, begins anew.
///
/// Source: CVODE 6.4.1, chapter "Mathematical Considerations"; Hindmarsh et al., ACM TOMS 31 (2005)
/// 363, doi:10.1145/1089014.1089020; Jackson and Sacks-Davis, ACM TOMS 6 (1980) 295.
public struct CVODEBDF: Integrator, Sendable {
  public let name = "cvode-bdf"
  /// Relative tolerance of the local error. The default is tighter than the field's 1e-3: a
  /// multistep code controls each step only, and a flow to `t = 1e8` takes very many of them.
  public var rtol: Double
  /// Absolute tolerance of the local error, the same for every component.
  public var atol: Double
  /// Absolute tolerances by component, in place of ``atol``.
  public var atols: [Double]?
  /// How Newton's linear systems are solved.
  public var linearSolver: CVODELinearSolver
  /// The highest order, 1 to 5.
  public var maxOrder: Int
  /// The size of the first step. If nil, it comes from the system's `SpectralRadiusEstimating` or
  /// else from CVODE's own estimate.
  public var initialStep: Double?
  /// No step is longer; unbounded if nil.
  public var maxStep: Double?
  /// What Newton's iteration may leave, in units of the local error's tolerance, at most 1; `nil`: a hundredth where Newton's systems are solved by
  /// a matrix, else CVODE's own tenth.
  public var iterationTolerance: Double?
  /// Receives CVODE's own messages: its warnings as `.warning`, what it says of a failure (which the
  /// failure repeats) as `.debug`.
  public var logger: Logger

  /// A method from its settings.
  public init(
    rtol: Double = 1e-6, atol: Double = 1e-9, atols: [Double]? = nil,
    linearSolver: CVODELinearSolver = .automatic, maxOrder: Int = 5, initialStep: Double? = nil,
    maxStep: Double? = nil, logger: Logger = Logger(label: "phaseflow.cvode-bdf")
  ) {
    self.rtol = rtol
    self.atol = atol
    self.atols = atols
    self.linearSolver = linearSolver
    self.maxOrder = maxOrder
    self.initialStep = initialStep
    self.maxStep = maxStep
    self.logger = logger
  }

  /// - Throws: `IntegrationFailure` with `.initialFailure` if an option is unusable or memory is short.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> CVODEState {
    try CVODEState(
      problem,
      CVODESettings(
        integrator: name, method: .bdf, nonlinear: .newton(linearSolver), rtol: rtol, atol: atol,
        atols: atols, maxOrder: maxOrder, initialStep: initialStep, maxStep: maxStep,
        iterationTolerance: iterationTolerance, logger: logger),
      restart)
  }
}
