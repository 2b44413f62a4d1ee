import ODECore

/// The pair of Dormand and Prince of orders 5(4): seven stages, the last of which is the next step's
/// first, with error control and a continuous extension of order 4.
///
/// Sources: Dormand, Prince, *J. Comput. Appl. Math.* 6 (1980) 19-26, doi:10.1016/0771-050X(80)90013-3;
/// dense output: Shampine, *Math. Comp.* 46 (1986) 135-150, as in Hairer, Norsett, Wanner,
/// *Solving ODEs I*, II.6 (6.12).
public struct DormandPrince: Integrator {
  public var name: String { "dormand-prince" }
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
      name: "dormand-prince",
      a: [
        [],
        [1 / 5],
        [3 / 40, 9 / 40],
        [44 / 45, -56 / 15, 32 / 9],
        [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
        [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
        [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
      ],
      b: [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0],
      bHat: [5179 / 57600, 0, 7571 / 16695, 393 / 640, -92097 / 339200, 187 / 2100, 1 / 40],
      c: [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1],
      order: 5, embeddedOrder: 4, firstSameAsLast: true,
      denseOutput: .polynomial(
        weights: [
          [
            1, -8_048_581_381 / 2_820_520_608, 8_663_915_743 / 2_820_520_608,
            -12_715_105_075 / 11_282_082_432,
          ],
          [0, 0, 0, 0],
          [
            0, 131_558_114_200 / 32_700_410_799, -68_118_460_800 / 10_900_136_933,
            87_487_479_700 / 32_700_410_799,
          ],
          [0, -1_754_552_775 / 470_086_768, 14_199_869_525 / 1_410_260_304, -10_690_763_975 / 1_880_347_072],
          [
            0, 127_303_824_393 / 49_829_197_408, -318_862_633_887 / 49_829_197_408,
            701_980_252_875 / 199_316_789_632,
          ],
          [0, -282_668_133 / 205_662_961, 2_019_193_451 / 616_988_883, -1_453_857_185 / 822_651_844],
          [0, 40_617_522 / 29_380_423, -110_615_467 / 29_380_423, 69_997_945 / 29_380_423],
        ], order: 4))
  }
}
