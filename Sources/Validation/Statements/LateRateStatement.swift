import ODECore
import Figures
import Foundation
import GradientFlow
import StatisticalInference
import Studies
import UntrustedNumbers

/// The late rate of decay of `R`, fitted, against the Gram matrix's: once `G` has settled, `e' = -(m/n) G e`, so that
/// `R` decays at `2 (m/n) lambda_min(G)` when only the slowest mode is left.
///
/// The window may still hold more modes than one. Hence what is judged is the slope of the closed form over the same records,
/// from the measured residuals at the window's beginning, with the Gram matrix of the end.
struct LateRateStatement: Statement {
  /// What the predicted rate is multiplied by: 1, but for tests of what a wrong theory comes to.
  var rateFactor = 1.0

  /// Allowed relative error beside the fit's own: the line is one within 2 % of `R`, over at least an e-folding, and `G` may
  /// change within the window and come back (a neuron that slides for a while).
  static let tolerance = 0.05
  /// How much the promise of `G` may change over the window for it to count as settled.
  static let settled = 0.02

  let identifier = "late-rate"
  let title = "late in training R decays at 2 (m/n) λ_min(G)"
  let reference = "(32): dR/dt = −(m/n²) e·G e"
  let isOfAnyDepth = true
  var conditions: String {
    "runs that end in an exponential decay of at least one e-folding, over which the slope that G promises changes by less than "
      + "\(Int(saturating: Self.settled * 100)) %. With a piecewise linear activation G is that of the "
      + "flow in which neurons held at kinks slide. Allowed: the 95 % interval of the fit and \(Int(saturating: Self.tolerance * 100)) %. "
      + DeepLateRate.conditions
  }

  func runs(_ context: ValidationContext) -> [RunConfiguration] { context.ladders() }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    if context.isDeep { return try DeepLateRate(rateFactor: rateFactor).result(context) }
    var table = ResultTable(columns: [
      "(γ, γ′)", "m", "seed", "rate", "± 95 %", "window from", "to", "R falls by", "predicted", "ratio",
      "ratio to 2(m/n)λ_min, start", "end", "held neurons", "change of G's promise", "why no verdict",
    ])
    var ratios: [PhasePoint: [(width: Double, ratio: Double)]] = [:]
    var worst = 0.0
    for point in context.settings.points {
      for configuration in context.ladder(point) {
        let name: [ObservedValue] = [
          .text(point.label), .integer(configuration.width), .integer(Int(configuration.seed)),
        ]
        guard let rate = try LateRate(configuration, context, rateFactor) else {
          table.add(
            .notApplicable,
            name + .init(repeating: .text("-"), count: 11)
              + [.text(try whyNot(configuration, context))])
          continue
        }
        let verdict = rate.verdict
        table.add(verdict, name + rate.row)
        if verdict == .notApplicable { continue }
        worst = max(worst, abs(rate.ratio - 1))
        ratios[point, default: []].append((Double(configuration.width), rate.ratio))
      }
    }
    let judged = table.verdicts.count { $0 != .notApplicable }
    let kept = table.verdicts.count { $0 == .holds }
    var result = StatementResult(
      table,
      judged == 0
        ? "no run ends in an exponential decay with a settled G"
        : "\(kept) of \(judged) runs at the predicted rate; largest departure \(short(100 * worst)) %")
    if judged > 0 { result.figures = [("ratio", figure(ratios, context.settings.points))] }
    return result
  }

  private func whyNot(_ configuration: RunConfiguration, _ context: ValidationContext) throws -> String {
    try context.result(configuration).isComplete
      ? "no exponential end over an e-folding" : "did not reach its stop"
  }

  private func figure(
    _ ratios: [PhasePoint: [(width: Double, ratio: Double)]], _ points: [PhasePoint]
  ) -> Figure {
    let panels: [Panel] = [("linear regime", true), ("elsewhere", false)].compactMap { title, isLinear in
      let shown = points.filter { $0.region.isLinear == isLinear && ratios[$0] != nil }
      if shown.isEmpty { return nil }
      var panel = Panel(
        title: .plain(title), x: FigureLibrary.widthAxis(shown.flatMap { ratios[$0]!.map(\.width) }),
        y: Axis("departure from the predicted rate [%]"),
        series: shown.enumerated().map { i, point in
          Series(
            point.figureLabel, .points(size: 0.9, marker: Series.Marker.allCases[i % 10]),
            x: ratios[point]!.map(\.width), y: ratios[point]!.map { 100 * ($0.ratio - 1) })
        }, legend: .above, guides: [.horizontal(0)])
      panel.legendTitle = PhasePoint.figureSymbol
      return panel
    }
    return Figure(panels: panels, columns: 2)
  }
}

/// The fitted rate of one run, and what it is compared with.
private struct LateRate {
  let fit: DecayFit
  let halfWidth: Double
  let predicted: Double
  let slowestAtStart: Double
  let slowestAtEnd: Double
  let heldNeurons: Int
  let unsettled: Double

  /// `nil` if the run has no exponential end.
  init?(_ configuration: RunConfiguration, _ context: ValidationContext, _ factor: Double) throws {
    let run = try context.result(configuration)
    let start = try RunStart(configuration, context.catalog)
    guard run.isComplete, let final = try FinalModes(run, start, configuration),
      final.fit.rate * (final.fit.end - final.fit.start) >= 1,
      let predicted = final.predictedRate(run.record["time"]!, factor: factor)
    else { return nil }
    fit = final.fit
    halfWidth = StudentT.quantile(0.975, degreesOfFreedom: fit.points - 2) * fit.rateError
    self.predicted = predicted
    slowestAtStart = 2 * (try start.modes(factor: factor)).rates[0]
    slowestAtEnd = factor * final.smallestRate
    heldNeurons = final.heldNeurons
    unsettled = try final.unsettled(run.record["time"]!, context)
  }

  var ratio: Double { fit.rate / predicted }
  private var isSettled: Bool { unsettled <= LateRateStatement.settled }

  var verdict: Verdict {
    if !isSettled { return .notApplicable }
    return abs(fit.rate - predicted) <= LateRateStatement.tolerance * predicted + halfWidth ? .holds : .fails
  }

  var row: [ObservedValue] {
    [
      .number(fit.rate), .number(halfWidth), .number(fit.start), .number(fit.end),
      .number(exp(fit.rate * (fit.end - fit.start))), .number(predicted), .number(ratio),
      .number(fit.rate / slowestAtStart), .number(fit.rate / slowestAtEnd), .integer(heldNeurons),
      .number(unsettled), .text(isSettled ? "-" : "G still changes"),
    ]
  }
}
