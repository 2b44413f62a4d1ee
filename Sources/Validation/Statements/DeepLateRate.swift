import DeepNetworks
import Figures
import GradientFlow
import Studies

/// ``LateRateStatement`` for networks of any depth: once the kernel `K = (1/n) J M J^T` has settled, `e' = -K e`, so that `R` decays at
/// `2 lambda_min(K)` when only the slowest mode is left.
struct DeepLateRate {
  static let conditions =
    "With several hidden layers: K = (1/n) J M Jᵀ in place of (m/n) G; judged where the rate that K promises for the residuals changes over the "
    + "window by less than 2 % and ends within 2 % of 2 λ_min(K), and with a piecewise linear activation is kept within 2 %, since units held at "
    + "kinks slide"

  /// What the predicted rate is multiplied by.
  let rateFactor: Double

  func result(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: [
      "(γ, γ′)", "m", "seed", "rate", "2 λ_min(K)", "ratio", "promise, first", "last", "why no verdict",
    ])
    var worst = 0.0
    for point in context.settings.points {
      for configuration in context.ladder(point) {
        let run = try context.result(configuration)
        let rate = run.number("loss-decay", "rate")
        let predicted = rateFactor * run.number("loss-decay", "ratePredicted")
        let promise = promises(run)
        let reason = whyNot(run, rate, predicted, promise, context)
        let ratio = rate / predicted
        if reason == nil { worst = max(worst, abs(ratio - 1)) }
        table.add(
          reason != nil ? .notApplicable : abs(ratio - 1) <= 0.05 ? .holds : .fails,
          [
            .text(point.label), .integer(run.network.width), .integer(Int(configuration.seed)), .number(rate),
            .number(predicted), .number(ratio), .number(promise.first), .number(promise.last),
            .text(reason ?? "-"),
          ])
      }
    }
    let judged = table.verdicts.count { $0 != .notApplicable }
    return StatementResult(
      table,
      judged == 0
        ? "no run ends in the decay of a single mode of a settled K"
        : "\(table.verdicts.count { $0 == .holds }) of \(judged) runs at the predicted rate; largest departure \(short(100 * worst)) %")
  }

  /// What `K` promises at the first and the last record of the fit's window.
  private func promises(_ run: TrainingRun) -> (first: Double, last: Double) {
    let (from, to) = (run.number("loss-decay", "windowStart"), run.number("loss-decay", "windowEnd"))
    let inside = zip(run.record["time"] ?? [], run.record["gramRate"] ?? []).filter { from...max(from, to) ~= $0.0 }
    return (inside.first?.1 ?? .nan, inside.last?.1 ?? .nan)
  }

  private func whyNot(
    _ run: TrainingRun, _ rate: Double, _ predicted: Double, _ promise: (first: Double, last: Double),
    _ context: ValidationContext
  ) -> String? {
    guard run.isComplete else { return Ladder.incompleteReason }
    let length = run.number("loss-decay", "windowEnd") - run.number("loss-decay", "windowStart")
    guard case .text(let window)? = run.observers["loss-decay"]?["window"], window.contains("exponential"),
      rate * length >= 1
    else { return "no exponential end over an e-folding" }
    func differ(_ x: Double, _ y: Double) -> Bool { !(abs(x / y - 1) <= 0.02) }
    if differ(promise.first, promise.last) { return "K, or the share of its modes, still changes" }
    if let slopes = context.activation.slopes, slopes.negative != slopes.positive, differ(rate, promise.last) {
      return "units slide along kinks"
    }
    return differ(promise.last, predicted / rateFactor) ? "more modes than the slowest are left" : nil
  }
}
