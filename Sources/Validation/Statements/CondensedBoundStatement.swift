import ODECore
import Figures
import Foundation
import GradientFlow
import Studies

/// Theorem 8: the input weights of the condensed regime move far.
///
/// Its proof, with `x` the sample of the largest `|y| = Y` in place of `|x| <= sqrt(d)`, `Y >= 1/2`: once
/// `R <= Y^2 / (8n)` one has `|f(x)| >= Y/2`, and with (75) and Proposition 16, for `m kappa <= 2Y / (3|x|)`,
///
///     RD_w >= sqrt(Y min(1, kappa') / (12 d |x| kappa m)) - 1
///
/// (the paper's constant 24 d^1.5 is that of `Y = 1/2`, `|x| = sqrt(d)`). Judged:
/// 1. the sup is above that bound in every run;
/// 2. `RD_w / sqrt(min(1, kappa') / (kappa m))` does not fall with `m`: the upper end of the 95 % interval of its exponent
///    is not below minus the tolerance on exponents, as the order holds in the limit only.
struct CondensedBoundStatement: Statement {
  let identifier = "theorem-8"
  let title = "sup RD(θ_w) ≳ √(min(1, κ′) / (κ m))"
  let reference = "Theorem 8, (43); its proof, Appendix C"
  let conditions =
    "γ > 1 and γ′ < γ − 1; ReLU; m κ ≤ 2Y/(3|x|) for the sample with |y| = Y = max |y_i|; runs that reach R ≤ Y²/(8n) "
    + "(Assumption 3)"
  /// A factor on the bound.
  var strictness = 1.0

  func runs(_ context: ValidationContext) -> [RunConfiguration] {
    context.settings.points.filter(\.region.isCondensed).flatMap(context.ladder)
  }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: [
      "(γ, γ′)", "region", "from m", "sup RD_w at largest m", "smallest sup / bound",
      "exponent of sup / order",
    ])
    var panels: [Panel] = []
    var closest = Double.infinity
    for point in context.settings.points {
      var reason = point.region.isCondensed ? nil : "not in the condensed regime"
      if reason == nil, !context.activation.isReLU { reason = "not ReLU" }
      let ladder =
        reason == nil
        ? try Ladder(point, context).filter { Self.isStrong($0, context.constants) } : Ladder(point, runs: [])
      if reason == nil, ladder.runs.isEmpty { reason = "no width large enough" }
      if reason == nil, !ladder.runs.allSatisfy({ $0.network.loss <= Self.assumedRisk(context.constants) }) {
        reason = "a run did not reach R ≤ Y²/(8n)"
      }
      if let reason {
        table.add(
          .notApplicable,
          [
            .text(point.label), .text(point.region.rawValue), .text(reason), .text("-"), .text("-"),
            .text("-"),
          ])
        continue
      }
      let excess = ladder.runs.map { ($0.supremum(.w) + 1) / (bound($0, context.constants) + 1) }.min()!
      closest = min(closest, excess)
      let fit = ladder.fit { $0.supremum(.w) / Self.order($0) }
      let falls = fit.map { $0.exponent + $0.margin < -context.settings.exponentTolerance } ?? false
      let means = ladder.means { $0.supremum(.w) }
      table.add(
        excess >= 1 && !falls ? .holds : .fails,
        [
          .text(point.label), .text(point.region.rawValue), .integer(ladder.widths[0]),
          .number(means.values.last!),
          .number(excess), fit.map { .text($0.exponentText) } ?? .text("fewer than three widths"),
        ])
      panels.append(panel(ladder, context.constants))
    }
    let judged = table.verdicts.count { $0 != .notApplicable }
    var result = StatementResult(
      table,
      judged == 0
        ? "no place in the condensed regime where the conditions are met"
        : "\(table.verdicts.count { $0 == .holds }) of \(judged) places; (1 + sup) at least \(short(closest)) of (1 + bound)"
    )
    if closest.isFinite { result.numbers = [Quantity("smallest (1 + sup) / (1 + bound)", closest)] }
    if !panels.isEmpty {
      result.figures = [("distance", Figure(panels: panels, columns: min(2, panels.count)))]
    }
    return result
  }

  /// `m kappa <= 2Y / (3|x|)`.
  static func isStrong(_ run: TrainingRun, _ data: DataConstants) -> Bool {
    Double(run.network.width) * run.network.kappa <= 2 * data.targetBound / (3 * data.leadingInputNorm)
  }

  /// `Y^2 / (8n)`.
  private static func assumedRisk(_ data: DataConstants) -> Double {
    data.targetBound * data.targetBound / Double(8 * data.sampleCount)
  }

  /// `sqrt(min(1, kappa') / (kappa m))`.
  private static func order(_ run: TrainingRun) -> Double {
    (min(1, run.network.kappaPrime) / (run.network.kappa * Double(run.network.width))).squareRoot()
  }

  private func bound(_ run: TrainingRun, _ data: DataConstants) -> Double {
    let factor = data.targetBound / (12 * Double(data.inputDimension) * data.leadingInputNorm)
    return strictness * (factor.squareRoot() * Self.order(run)) - 1
  }

  private func panel(_ ladder: Ladder, _ data: DataConstants) -> Panel {
    let widths = ladder.runs.map { Double($0.network.width) }
    return Panel(
      title: .pair(ladder.point.gamma, ladder.point.gammaPrime), x: FigureLibrary.widthAxis(widths),
      y: Axis("1 + sup RD(" + .symbol("θ_w") + ")", scale: .log),
      series: [
        Series("runs", .points(size: 0.9), x: widths, y: ladder.runs.map { 1 + $0.supremum(.w) }),
        Series(
          "1 + lower bound", .line(dash: .dashed), colour: .black, x: widths,
          y: ladder.runs.map { 1 + bound($0, data) }),
      ])
  }
}
