import Foundation
import GradientFlow
import ODECore
import StatisticalInference
import Studies

/// ``LateRateStatement`` for networks of any depth: `e' = -K e` with the kernel `K = (1/n) J M J^T` once that has settled. What is judged is the slope of
/// the closed form over the same records, from the measured residuals at the window's beginning, with the kernel of the end.
struct DeepLateRate {
  static let conditions =
    "With several hidden layers: K = (1/n) J M Jᵀ in place of (m/n) G; judged where the rate that K promises for the residuals at the window's beginning "
    + "changes by less than 2 % to its end, and, with a piecewise linear activation, is kept within 2 % there, since units held at kinks slide"

  /// What the predicted rate is multiplied by.
  let rateFactor: Double

  func result(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: [
      "(γ, γ′)", "m", "seed", "rate", "predicted", "ratio", "2 λ_min(K)", "change of K's promise",
      "why no verdict",
    ])
    var worst = 0.0
    for point in context.settings.points {
      for configuration in context.ladder(point) {
        let run = try context.result(configuration)
        let name: [ObservedValue] = [
          .text(point.label), .integer(run.network.width), .integer(Int(configuration.seed)),
        ]
        guard run.isComplete, let decay = try LateDecay(run, factor: rateFactor) else {
          let reason = run.isComplete ? "no exponential end over an e-folding" : Ladder.incompleteReason
          table.add(.notApplicable, name + .init(repeating: .text("-"), count: 5) + [.text(reason)])
          continue
        }
        let reason = decay.whyNot(hasKinks: !context.activation.kinks.isEmpty)
        let ratio = decay.fit.rate / decay.predicted
        if reason == nil { worst = max(worst, abs(ratio - 1)) }
        table.add(
          reason != nil
            ? .notApplicable
            : abs(ratio - 1) <= LateRateStatement.tolerance + decay.halfWidth ? .holds : .fails,
          name + [
            .number(decay.fit.rate), .number(decay.predicted), .number(ratio), .number(decay.slowest),
            .number(decay.unsettled), .text(reason ?? "-"),
          ])
      }
    }
    let judged = table.verdicts.count { $0 != .notApplicable }
    return StatementResult(
      table,
      judged == 0
        ? "no run ends in an exponential decay with a settled K"
        : "\(table.verdicts.count { $0 == .holds }) of \(judged) runs at the predicted rate; largest departure "
          + "\(short(100 * worst)) %")
  }
}

/// The exponential end of one run, and what the kernel of its end predicts for it.
private struct LateDecay {
  let fit: DecayFit
  /// Of the fit's 95 % interval, relative.
  let halfWidth: Double
  let predicted: Double
  /// `2 lambda_min(K)`.
  let slowest: Double
  /// How far the momentary rate that the beginning's kernel promises is from that of the end's, for the same residuals.
  let unsettled: Double
  private let kept: Double

  /// `nil` if the run has no exponential end over an e-folding.
  init?(_ run: TrainingRun, factor: Double) throws {
    guard let times = run.record["time"], let losses = run.record["loss"],
      let promises = run.record["gramRate"],
      let kernel = run.tables["gram-kernel"]?.rows, !kernel.isEmpty,
      let fit = DecayFit(times: times, values: losses), fit.rule == .exponential,
      fit.rate * (fit.end - fit.start) >= 1,
      let row = run.tables["residuals-path"]?.rows.first(where: { $0[0] >= fit.start })
    else { return nil }
    let modes = try ResidualModes(
      gram: kernel.flatMap { $0 }, width: kernel.count, residuals: Array(row.dropFirst()))
    let values = times.map { $0 < fit.start ? 0 : modes.risk(at: factor * ($0 - fit.start)) }
    guard let predicted = DecayFit(times: times, values: values, window: fit.window)?.rate,
      let first = zip(times, promises).first(where: { $0.0 >= fit.start })?.1
    else { return nil }
    self.fit = fit
    halfWidth = StudentT.quantile(0.975, degreesOfFreedom: fit.points - 2) * fit.rateError / predicted
    self.predicted = predicted
    slowest = 2 * factor * modes.rates[0]
    unsettled = abs(first / modes.decayRate(at: 0) - 1)
    // What K promised at each record, averaged over the window, against what came.
    let inside = zip(times, promises).filter { fit.start...fit.end ~= $0.0 }.map(\.1)
    kept = abs(fit.rate * Double(inside.count) / inside.reduce(0, +) - 1)
  }

  func whyNot(hasKinks: Bool) -> String? {
    if !(unsettled <= LateRateStatement.settled) { return "K still changes" }
    return hasKinks && !(kept <= LateRateStatement.settled) ? "units slide along kinks" : nil
  }
}
