import ODECore

/// The pair of Bogacki and Shampine of orders 3(2): four stages, the last of which is the next step's
/// first, with error control. Cheaper than ``DormandPrince`` at loose tolerances and where `f` is not smooth.
///
/// Dense output is the cubic Hermite interpolant, of order 3. Source: Bogacki, Shampine, *Appl. Math.
/// Lett.* 2 (1989) 321-325, doi:10.1016/0893-9659(89)90079-7.
public struct BogackiShampine: Integrator {
  public var name: String { "bogacki-shampine" }
  /// Tolerances, norm and step limits.
  public var control: StepControl

  /// The control of the steps.
  public init(_ control: StepControl = StepControl()) { self.control = control }

  /// - Parameters: see ``StepControl``.
  public init(
    rtol: Double = StepControl.defaultRtol, atol: Double = StepControl.defaultAtol,
    norm: any ErrorNorm = WRMSNorm(), controller: any StepController = PIController(),
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

  /// The pair's coefficients.
  public static let tableau = ButcherTableau.builtIn {
    try ButcherTableau(
      name: "bogacki-shampine",
      a: [[], [1 / 2], [0, 3 / 4], [2 / 9, 1 / 3, 4 / 9]],
      b: [2 / 9, 1 / 3, 4 / 9, 0], bHat: [7 / 24, 1 / 4, 1 / 3, 1 / 8], c: [0, 1 / 2, 3 / 4, 1],
      order: 3, embeddedOrder: 2, firstSameAsLast: true, denseOutput: .hermite)
  }
}
