import Logging
import ODECore

/// CVODE's variable-order (1 to 12), variable-step Adams-Moulton method, for problems that are not stiff.
///
/// `y_n = y_{n-1} + h sum_j b_j f(t_{n-j}, y_{n-j})`, implicit in `y_n`; the local error is held below 1 in
/// the norm `sqrt(1/N sum_i (e_i / (rtol |y_i| + atol_i))^2)`.
///
/// ```swift
/// let problem = try ODEProblem(Oscillator(), to: 10, initialState: [1, 0])
/// let solution = try integrate(problem, with: CVODEAdams(rtol: 1e-8, atol: 1e-10))
/// ```
///
/// It fails, by taking ever smaller steps, on stiff systems (use ``CVODEBDF``), and crawls over kinks and
/// jumps of `f`: each one restarts the order from 1.
///
/// Restarting keeps the next step size; the history, and with it the order, begins anew.
///
/// Source: CVODE 6.4.1, chapter "Mathematical Considerations"; Hindmarsh et al., ACM TOMS 31 (2005)
/// 363, doi:10.1145/1089014.1089020; Byrne and Hindmarsh, ACM TOMS 1 (1975) 71.
public struct CVODEAdams: Integrator, Sendable {
  /// How the implicit equation is solved.
  public enum Nonlinear: Sendable, Equatable {
    /// Fixed-point iteration: no linear algebra; converges for `h |J|` below about 1. `anderson` is the
    /// number of vectors of Anderson acceleration, 0 for none.
    case fixedPoint(anderson: Int = 0)
    /// Modified Newton iteration.
    case newton(CVODELinearSolver = .automatic)
  }

  public let name = "cvode-adams"
  /// Relative tolerance of the local error. The default is tighter than the field's 1e-3: a
  /// multistep code controls each step only, and a flow to `t = 1e8` takes very many of them.
  public var rtol: Double
  /// Absolute tolerance of the local error, the same for every component.
  public var atol: Double
  /// Absolute tolerances by component, in place of ``atol``.
  public var atols: [Double]?
  /// How the implicit equation of a step is solved.
  public var nonlinear: Nonlinear
  /// The highest order, 1 to 12.
  public var maxOrder: Int
  /// The size of the first step. If nil, it comes from the system's `SpectralRadiusEstimating` or
  /// else from CVODE's own estimate.
  public var initialStep: Double?
  /// No step is longer; unbounded if nil.
  public var maxStep: Double?
  /// Receives CVODE's own messages: its warnings as `.warning`, what it says of a failure (which the
  /// failure repeats) as `.debug`.
  public var logger: Logger

  /// A method from its settings.
  public init(
    rtol: Double = 1e-6, atol: Double = 1e-9, atols: [Double]? = nil,
    nonlinear: Nonlinear = .fixedPoint(), maxOrder: Int = 12, initialStep: Double? = nil,
    maxStep: Double? = nil, logger: Logger = Logger(label: "phaseflow.cvode-adams")
  ) {
    self.rtol = rtol
    self.atol = atol
    self.atols = atols
    self.nonlinear = nonlinear
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
        integrator: name, method: .adams, nonlinear: nonlinear, rtol: rtol, atol: atol,
        atols: atols, maxOrder: maxOrder, initialStep: initialStep, maxStep: maxStep,
        logger: logger),
      restart)
  }
}
