import ODECore
import Figures
import Foundation
import GradientFlow
import Studies

/// The exponents `S_w`, `S_a`, `S_theta` of (19) and Appendix D beside those of ``ExpectedExponents``.
struct ExponentsStatement: Statement {
  let identifier = "exponents"
  let title = "RD ~ m^S with S_w, S_a, S_θ as balance arguments expect them"
  let reference = "(19), Appendix D, (77); expected values: see docs/validation.md"
  let conditions =
    "at least three widths; in the linear regime those at which the linearised flow would move less than 0.1 of the start, in "
    + "the condensed one m κ ≤ 2Y/(3|x|); in the linear regime also λ_min(G(θ⁰)) at least 0.9 of its limit κ² λ_min(K^a/κ′ + κ′K^w) in the mean over seeds; off γ′ = 0 in the linear regime also one layer doing 10/11 of the work or more; |S − expected| within the tolerance and the 95 % interval"
  /// Wrong values can be put in for tests.
  var expected: @Sendable (PhasePoint) -> ExpectedExponents? = {
    ExpectedExponents(gamma: $0.gamma, gammaPrime: $0.gammaPrime)
  }

  /// The exponents are those of the linearised flow, hence a tenth of what bounds and signs are content with.
  static let largestEstimate = 0.1
  /// How much of the kernel's smallest eigenvalue the Gram matrix of the start must have, as the mean over seeds. By concavity
  /// `E lambda_min(G) <= lambda_min(E G)`, and the deficit, of the order of `sqrt(n/m)`, shrinks with `m`: it adds to the
  /// exponents. (53) asks for 3/4.
  static let smallestConcentration = 0.9
  /// How far the layer that does not work may still take part.
  static let largestShare = 0.1

  func runs(_ context: ValidationContext) -> [RunConfiguration] { context.ladders() }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: [
      "(γ, γ′)", "", "S", "expected", "S − expected", "widths", "why no verdict",
    ])
    var compared: [Compared] = []
    var worst = 0.0
    for point in context.settings.points {
      let all = try Ladder(point, context)
      let (judged, obstacle) = try Self.judged(all, context)
      let ladder = obstacle == nil ? judged : all
      let isExpected = expected(point) != nil
      let reason = obstacle ?? (isExpected ? nil : Self.whyNotExpected(point))
      for part in ParameterPart.allCases {
        guard let fit = ladder.fit({ $0.supremum(part) }) else {
          table.add(
            .notApplicable,
            [
              .text(point.label), .text("S_\(part.symbol)"), .text("-"), .text("-"), .text("-"),
              .text("\(all.widths.count)"), .text("three widths are needed"),
            ])
          continue
        }
        let value = expected(point)?[part]
        let difference = value.map { fit.exponent - $0 }
        var verdict = Verdict.measuredOnly
        if reason == nil, let difference {
          worst = max(worst, abs(difference))
          verdict = abs(difference) <= context.settings.exponentTolerance + fit.margin ? .holds : .fails
        }
        table.add(
          verdict,
          [
            .text(point.label), .text("S_\(part.symbol)"), .text(fit.exponentText),
            value.map { .text(String(format: "%+.3f", $0)) } ?? .text("-"),
            difference.map { .text(String(format: "%+.3f", $0)) } ?? .text("-"),
            .text("\(ladder.widths.first!) to \(ladder.widths.last!)"), .text(reason ?? "-"),
          ])
        if let value {
          compared.append(
            Compared(point: point, part: part, fit: fit, expected: value, isJudged: reason == nil))
        }
      }
    }
    let judged = table.verdicts.count { $0 == .holds || $0 == .fails }
    var result = StatementResult(
      table,
      judged == 0
        ? "measured, but no place could be judged"
        : "\(table.verdicts.count { $0 == .holds }) of \(judged) as expected; farthest off by \(short(worst)), tolerance \(short(context.settings.exponentTolerance))"
    )
    if judged > 0 { result.numbers = [Quantity("largest |S − expected|", worst)] }
    result.notes = [
      "S is the slope of log sup RD against log m over all widths and seeds, with its standard error."
    ]
    if !compared.isEmpty {
      result.figures = [
        ("comparison", Self.figure(compared, tolerance: context.settings.exponentTolerance))
      ]
    }
    return result
  }

  /// Those runs that the expectation speaks of, and why there are too few of them, if so.
  private static func judged(_ all: Ladder, _ context: ValidationContext) throws -> (
    Ladder, obstacle: String?
  ) {
    guard all.isComplete else { return (all, Ladder.incompleteReason) }
    if all.isMixed { return (all, Ladder.mixedReason) }
    var ladder = try all.asymptotic(context, largestEstimate: largestEstimate)
    let isLinear = all.point.region.isLinear
    guard ladder.widths.count >= 3 else {
      return (
        ladder, isLinear ? "too narrow: the linearised flow would move 0.1 of the start" : "m κ too large"
      )
    }
    if isLinear {
      let concentrated = try ladder.concentrated(context, atLeast: smallestConcentration)
      ladder = ladder.filter { concentrated.contains($0.network.width) }
      guard ladder.widths.count >= 3 else { return (ladder, "too narrow: G(θ⁰) is not near its limit") }
    }
    ladder = try ladder.filter { try isOneSided($0, all.point, context) }
    return (ladder, ladder.widths.count >= 3 ? nil : "too narrow: both layers do the work")
  }

  private static func whyNotExpected(_ point: PhasePoint) -> String {
    point.region == .critical
      ? "no exponent is expected on the critical line" : "only a range is expected here"
  }

  /// Off `gamma' = 0` the exponents of the linear regime are those of a flow in which one layer does the work.
  private static func isOneSided(_ run: TrainingRun, _ point: PhasePoint, _ context: ValidationContext) throws
    -> Bool
  {
    guard point.region.isLinear, point.gammaPrime != 0 else { return true }
    guard let ratios = context.constants.layerRatios else { return false }
    let square = pow(run.network.kappaPrime, 2)
    return point.gammaPrime > 0
      ? square * ratios.upperBound <= largestShare : square * ratios.lowerBound >= 1 / largestShare
  }
}

extension ExpectedExponents {
  subscript(part: ParameterPart) -> Double {
    switch part {
    case .w: w
    case .a: a
    case .theta: theta
    }
  }
}
