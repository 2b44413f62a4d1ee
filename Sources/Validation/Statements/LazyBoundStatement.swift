import ODECore
import Figures
import Foundation
import GradientFlow
import Studies

/// Theorem 6 (a), (c), (d): how far parameters move in the linear regime.
///
/// `sup <= C log(m) x` up to a constant is judged in two ways, at widths that are "sufficiently large": the linearised flow
/// would move less than ``largestEstimate`` (``LazyBounds/linearizedEstimate(isThetaLazy:)``).
/// 1. The sup is below the explicit bound of the proof, in every run.
/// 2. `sup / (x log m)` does not grow with `m`: the lower end of the 95 % interval of its exponent is not positive.
struct LazyBoundStatement: Statement {
  let identifier: String
  let title: String
  let reference: String
  /// Whose motion is bounded, and whether relative to the start.
  let part: ParameterPart
  let isRelative: Bool
  /// The claim's factor beside `log m`.
  let order: @Sendable (TrainingRun, PhasePoint) -> Double
  /// A factor on the explicit bound.
  var strictness = 1.0

  let conditions =
    "γ < 1 or γ′ > γ − 1; ReLU; λ > 0 (Assumption 1); ASI for γ ≤ 1/2; widths at which the linearised flow would move less "
    + "than 0.5 of the start"
  static let largestEstimate = 0.5

  func runs(_ context: ValidationContext) -> [RunConfiguration] {
    context.settings.points.filter(\.region.isLinear).flatMap(context.ladder)
  }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: [
      "(γ, γ′)", "region", "from m", "sup at largest m", "largest sup / explicit bound",
      "exponent of sup / order",
    ])
    var curves: [FigureLibrary.Curve] = []
    var worst = 0.0
    var required: Double?
    for point in context.settings.points {
      if let reason = obstacle(point, context) {
        table.add(
          .notApplicable,
          [
            .text(point.label), .text(point.region.rawValue), .text(reason), .text("-"), .text("-"),
            .text("-"),
          ])
        continue
      }
      let isThetaLazy = point.region == .thetaLazy
      let ladder = try Ladder(point, context).filter {
        try bounds($0, context).linearizedEstimate(isThetaLazy: isThetaLazy) <= Self.largestEstimate
      }
      guard let last = ladder.widths.last, ladder.isComplete else {
        let reason = ladder.isComplete ? "no width large enough" : Ladder.incompleteReason
        table.add(
          .notApplicable,
          [
            .text(point.label), .text(point.region.rawValue), .text(reason), .text("-"), .text("-"),
            .text("-"),
          ])
        continue
      }
      let ratio = ladder.runs.map { sup($0) / explicit($0, isThetaLazy, context) }.max()!
      worst = max(worst, ratio)
      if isThetaLazy { required = bounds(ladder.runs.last!, context).requiredStrength }
      let relative: (TrainingRun) -> Double = { sup($0) / (order($0, point) * log(Double($0.network.width))) }
      let fit = ladder.fit(relative)
      let means = ladder.means(relative)
      curves.append(FigureLibrary.Curve(point.figureLabel, x: means.widths, y: means.values))
      let grows = fit.map { $0.exponent - $0.margin > 0 } ?? false
      table.add(
        ratio <= 1 && !grows ? .holds : .fails,
        [
          .text(point.label), .text(point.region.rawValue), .integer(ladder.widths[0]),
          .number(ladder.filter { $0.network.width == last }.means(sup).values[0]), .number(ratio),
          fit.map { .text($0.exponentText) } ?? .text("fewer than three widths"),
        ])
    }
    var result = StatementResult(table, summary(table, worst))
    if worst > 0 { result.numbers = [Quantity("largest sup / explicit bound", worst)] }
    if let required { result.numbers.append(Quantity("m κ that (73) asks for", required)) }
    if !curves.isEmpty { result.figures = [("ratio", figure(curves))] }
    result.notes = notes(context)
    return result
  }

  /// Why nothing is claimed at `point`, if so.
  private func obstacle(_ point: PhasePoint, _ context: ValidationContext) -> String? {
    if !point.region.isLinear { return "not in the linear regime" }
    if !context.activation.isReLU { return "not ReLU" }
    if point.gamma <= 0.5, !context.settings.asi { return "needs ASI" }
    if context.constants.isDegenerate { return "λ = 0" }
    return nil
  }

  private func bounds(_ run: TrainingRun, _ context: ValidationContext) -> LazyBounds {
    LazyBounds(
      constants: context.constants, scaling: run.scaling, width: run.network.width,
      initialRisk: run.network.initialLoss, delta: context.settings.delta)
  }

  private func sup(_ run: TrainingRun) -> Double {
    isRelative ? run.supremum(part) : run.displacement(part)
  }

  private func explicit(_ run: TrainingRun, _ isThetaLazy: Bool, _ context: ValidationContext) -> Double {
    let bounds = bounds(run, context)
    return strictness
      * (isRelative
        ? bounds.relativeDistance(part, isThetaLazy: isThetaLazy)
        : bounds.displacement(part, isThetaLazy: isThetaLazy))
  }

  private func summary(_ table: ResultTable, _ worst: Double) -> String {
    let judged = table.verdicts.count { $0 != .notApplicable }
    if judged == 0 { return "no place in the linear regime with a width large enough" }
    return
      "\(table.verdicts.count { $0 == .holds }) of \(judged) places; sup at most \(short(worst)) of the explicit bound"
  }

  private func figure(_ curves: [FigureLibrary.Curve]) -> Figure {
    var panel = FigureLibrary.workPrecision(
      series: curves.map { curve in
        (curve.name, zip(curve.x, curve.y).map { (cost: $0.0, error: $0.1) })
      }, xLabel: "", yLabel: "supremum / (its order · log " + .symbol("m") + ")",
      title: "must not grow with the width")
    panel.x = FigureLibrary.widthAxis(curves.flatMap(\.x))
    panel.legendTitle = PhasePoint.figureSymbol
    return Figure(panel)
  }

  private func notes(_ context: ValidationContext) -> [String] {
    [
      "The explicit bound is that of (57), (58) and (66), (67), summed over the entries; the proofs hold it with "
        + "probability 1 − δ, δ = \(context.settings.delta), from widths on that (72), (73) make far larger than any that "
        + "can be run. Here it is held against every run from much smaller widths on."
    ]
  }
}

extension LazyBoundStatement {
  /// (37).
  static let theorem6a = LazyBoundStatement(
    identifier: "theorem-6a", title: "sup |θ − θ⁰| ≲ log(m) / (√m κ)", reference: "Theorem 6 (a), (37)",
    part: .theta, isRelative: false,
    order: { run, _ in 1 / (Double(run.network.width).squareRoot() * run.network.kappa) })

  /// (39).
  static let theorem6c = LazyBoundStatement(
    identifier: "theorem-6c", title: "sup RD(θ) ≲ log(m) / (m κ)", reference: "Theorem 6 (c), (39)",
    part: .theta, isRelative: true, order: { run, _ in 1 / (Double(run.network.width) * run.network.kappa) })

  /// (40). Its second case is Proposition 25's, which has `gamma' > 0`.
  static let theorem6d = LazyBoundStatement(
    identifier: "theorem-6d",
    title: "sup RD(θ_w) ≲ log(m) / (m κ), and κ′ log(m) / (m κ) for γ′ > γ − 1, γ′ > 0",
    reference: "Theorem 6 (d), (40); Proposition 25 (c)", part: .w, isRelative: true,
    order: { run, point in
      (point.gammaPrime > 0 ? run.network.kappaPrime : 1) / (Double(run.network.width) * run.network.kappa)
    })
}
