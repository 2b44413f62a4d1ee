import ODECore

/// Dormand and Prince's method of order 8 with an error estimate of order 5 corrected by one of order 3, after Hairer and Wanner: twelve
/// stages, and a dense output of order 7 that costs three evaluations more in a step that is interpolated.
///
/// The method of choice for smooth problems that are not stiff at tolerances below about 1e-6. At loose tolerances, and where `f` has kinks
/// or jumps, ``DormandPrince`` is cheaper. With error vectors `e5` and `e3` the step is accepted if
///
///     err = |e5|^2 / sqrt(|e5|^2 + 0.01 |e3|^2) <= 1
///
/// Sources: Dormand, Prince, *J. Comput. Appl. Math.* 7 (1981) 67-75, doi:10.1016/0771-050X(81)90010-3; Hairer, Norsett, Wanner,
/// *Solving ODEs I*, 2nd ed., II.5 and II.6, and their code DOP853.
public struct DOP853: Integrator {
  public var name: String { "dop853" }
  /// Tolerances, norm and step limits.
  public var control: StepControl

  /// The control of the steps.
  public init(_ control: StepControl = StepControl()) { self.control = control }

  /// - Parameters: see ``StepControl``.
  public init(
    rtol: Double = StepControl.defaultRtol, atol: Double = StepControl.defaultAtol,
    norm: any ErrorNorm = WRMSNorm(), controller: any StepController = PIController(beta: 0),
    initialStep: Double? = nil, maxStep: Double = .infinity,
    limitsStepByStability: Bool = true
  ) {
    control = StepControl(
      rtol: rtol, atol: atol, norm: norm, controller: controller, initialStep: initialStep,
      maxStep: maxStep, limitsStepByStability: limitsStepByStability)
  }

  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> EmbeddedState {
    try EmbeddedState(problem, tableau: Self.tableau, control, name, restart)
  }

  /// The method's coefficients.
  public static let tableau = ButcherTableau.dormandPrince853
}
