import ODECore
import Figures
import Foundation
import StatisticalInference
import Studies

/// The order parameter's limit decides the regime: `S_w` (19) is negative in the linear regime (20) and positive in the
/// condensed one (21). A sign counts if the 95 % interval of `S_w` has it throughout.
struct PhaseDiagramStatement: Statement {
  let identifier = "phase-diagram"
  let title = "sup RD(θ_w) → 0 in the linear regime, → ∞ in the condensed one: the sign of S_w"
  let reference = "(19), (20), (21); Figures 3 and 4"
  let conditions =
    "at least three widths; in the linear regime those at which the linearised flow would move less than 0.5 of the start; "
    + "the critical line is measured only"

  func runs(_ context: ValidationContext) -> [RunConfiguration] { context.ladders() }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: [
      "(γ, γ′)", "regime", "S_w", "sup RD_w at smallest m", "at largest m", "why no verdict",
    ])
    var ladders: [Ladder] = []
    for point in context.settings.points {
      let ladder = try Ladder(point, context)
      ladders.append(ladder)
      let judged = try ladder.asymptotic(context)
      guard let fit = (judged.widths.count >= 3 ? judged : ladder).fit({ $0.supremum(.w) }) else {
        table.add(
          .notApplicable,
          [
            .text(point.label), .text(regime(point)), .text("-"), .text("-"), .text("-"),
            .text("three widths are needed"),
          ])
        continue
      }
      let means = ladder.means { $0.supremum(.w) }
      let obstacle =
        ladder.isComplete
        ? judged.widths.count >= 3 ? nil : "fewer than three widths at which the limit speaks"
        : Ladder.incompleteReason
      let (verdict, reason) = obstacle.map { (.notApplicable, $0) } ?? verdict(point, fit)
      table.add(
        verdict,
        [
          .text(point.label), .text(regime(point)), .text(fit.exponentText), .number(means.values.first!),
          .number(means.values.last!), .text(reason ?? "-"),
        ])
    }
    let judged = table.verdicts.count { $0 == .holds || $0 == .fails }
    var result = StatementResult(
      table,
      judged == 0
        ? "no place could be judged"
        : "S_w has the expected sign at \(table.verdicts.count { $0 == .holds }) of \(judged) places")
    result.figures = [("distances", figure(ladders))]
    return result
  }

  private func regime(_ point: PhasePoint) -> String {
    point.region.isLinear ? "linear" : point.region.isCondensed ? "condensed" : "critical"
  }

  /// An interval around 0 decides nothing.
  private func verdict(_ point: PhasePoint, _ fit: PowerLawFit) -> (Verdict, reason: String?) {
    if point.region == .critical { return (.measuredOnly, "on the critical line no sign is stated") }
    let towards = point.region.isLinear ? -fit.exponent : fit.exponent
    if towards - fit.margin > 0 { return (.holds, nil) }
    return towards + fit.margin < 0 ? (.fails, nil) : (.notApplicable, "the 95 % interval has both signs")
  }

  private func figure(_ ladders: [Ladder]) -> Figure {
    func panel(_ title: FigureText, _ condition: (PhaseRegion) -> Bool) -> Panel? {
      let chosen = ladders.filter { condition($0.point.region) }
      if chosen.isEmpty { return nil }
      var panel = FigureLibrary.workPrecision(
        series: chosen.map { ladder in
          let means = ladder.means { $0.supremum(.w) }
          return (
            ladder.point.figureLabel, zip(means.widths, means.values).map { (cost: $0.0, error: $0.1) }
          )
        }, xLabel: "", yLabel: "sup RD(" + .symbol("θ_w") + ")", title: title)
      panel.x = FigureLibrary.widthAxis(panel.series.flatMap(\.x))
      panel.legendTitle = PhasePoint.figureSymbol
      panel.legend = .above
      return panel
    }
    let panels = [
      panel("linear", \.isLinear), panel("critical") { $0 == .critical }, panel("condensed", \.isCondensed),
    ].compactMap { $0 }
    return Figure(panels: panels, columns: panels.count)
  }
}

extension Ladder {
  /// The widths at which the start's Gram matrix has, in the mean over seeds, at least `share` of the smallest eigenvalue of its limit
  /// `kappa^2 (K^a/kappa' + kappa' K^w)` (36). None where the Gram matrix was not observed.
  func concentrated(_ context: ValidationContext, atLeast share: Double) throws -> Set<Int> {
    let widths = try widths.filter { width in
      let ratios = try runs.filter { $0.network.width == width }.map { run in
        let kappa = run.network.kappa
        let limit = try context.constants.smallestEigenvalue(kappaPrime: run.network.kappaPrime)
        return run.number("gram", "smallestInitial") / (kappa * kappa * limit)
      }
      return ratios.reduce(0, +) / Double(ratios.count) >= share
    }
    return Set(widths)
  }

  /// Those runs whose width is large enough for the limit `m -> infinity` to speak: see ``LazyBoundStatement`` for the
  /// linear regime, `m kappa` below what the start can express for the condensed one; all on the critical line.
  func asymptotic(
    _ context: ValidationContext, largestEstimate: Double = LazyBoundStatement.largestEstimate
  ) throws -> Ladder {
    if context.isDeep {
      guard context.regime(of: point).isLinear else { return self }
      // Without an offset f(0) is no small part of it.
      guard context.settings.asi else { return filter { _ in false } }
      return try filter { run in
        try context.linearizedMotion(context.configuration(point, width: run.network.width, seed: 1))
          <= largestEstimate
      }
    }
    let data = context.constants
    if point.region.isLinear {
      if data.isDegenerate || (point.gamma <= 0.5 && !context.settings.asi) { return filter { _ in false } }
      return try filter { run in
        try LazyBounds(
          constants: data, scaling: run.scaling, width: run.network.width,
          initialRisk: run.network.initialLoss,
          delta: context.settings.delta
        ).linearizedEstimate(isThetaLazy: point.region == .thetaLazy) <= largestEstimate
      }
    }
    if point.region.isCondensed { return filter { CondensedBoundStatement.isStrong($0, data) } }
    return self
  }
}
