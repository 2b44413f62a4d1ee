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
    + "the condensed one m κ ≤ 2Y/(3|x|); off γ′ = 0 in the linear regime also one layer doing 10/11 of the work or more; |S − expected| within the tolerance and the 95 % interval"
  /// Wrong values can be put in for tests.
  var expected: @Sendable (PhasePoint) -> ExpectedExponents? = {
    ExpectedExponents(gamma: $0.gamma, gammaPrime: $0.gammaPrime)
  }

  /// The exponents are those of the linearised flow, hence a tenth of what bounds and signs are content with.
  static let largestEstimate = 0.1
  /// How far the layer that does not work may still take part.
  static let largestShare = 0.1

  func runs(_ context: ValidationContext) -> [RunConfiguration] { context.ladders() }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: ["(γ, γ′)", "", "S", "expected", "S − expected", "widths"])
    var worst = 0.0
    for point in context.settings.points {
      let all = try Ladder(point, context)
      let judged = try all.asymptotic(context, largestEstimate: Self.largestEstimate).filter {
        try Self.isOneSided($0, point, context)
      }
      let canJudge = judged.widths.count >= 3 && all.isComplete
      let ladder = canJudge ? judged : all
      for part in TrainingRun.Part.allCases {
        guard let fit = ladder.fit({ $0.supremum(part) }) else {
          table.add(
            .notApplicable,
            [
              .text(point.label), .text("S_\(part.symbol)"), .text("-"), .text("-"), .text("-"),
              .text("fewer than three"),
            ])
          continue
        }
        let value = expected(point)?[part]
        let difference = value.map { fit.exponent - $0 }
        var verdict = Verdict.measuredOnly
        if canJudge, let difference {
          worst = max(worst, abs(difference))
          verdict = abs(difference) <= context.settings.exponentTolerance + fit.margin ? .holds : .fails
        }
        table.add(
          verdict,
          [
            .text(point.label), .text("S_\(part.symbol)"), .text(fit.exponentText),
            value.map { .text(String(format: "%+.3f", $0)) } ?? .text("-"),
            difference.map { .text(String(format: "%+.3f", $0)) } ?? .text("-"),
            .text("\(ladder.widths.first!) to \(ladder.widths.last!)"),
          ])
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
      "S is the slope of log sup RD against log m over all widths and seeds, with its standard error. Rows without a "
        + "verdict lie where the expectation gives only a range, or at widths where it does not yet speak."
    ]
    return result
  }

  /// Off `gamma' = 0` the exponents of the linear regime are those of a flow in which one layer does the work.
  private static func isOneSided(_ run: TrainingRun, _ point: PhasePoint, _ context: ValidationContext) throws
    -> Bool
  {
    guard point.region.isLinear, point.gammaPrime != 0 else { return true }
    guard let ratios = context.constants.layerRatios else { return false }
    let square = pow(run.summary.kappaPrime, 2)
    return point.gammaPrime > 0
      ? square * ratios.upperBound <= largestShare : square * ratios.lowerBound >= 1 / largestShare
  }
}

extension ExpectedExponents {
  subscript(part: TrainingRun.Part) -> Double {
    switch part {
    case .w: w
    case .a: a
    case .theta: theta
    }
  }
}

extension TrainingRun.Part {
  /// As in `S_w`, `S_a`, `S_θ`.
  var symbol: String { self == .theta ? "θ" : rawValue }
}
