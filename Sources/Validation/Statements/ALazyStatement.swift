import ODECore
import Foundation
import GradientFlow
import StatisticalInference
import Studies

/// Proposition 26, measured without a verdict: the paper states it without proof; its condition is a misprint, and for
/// `gamma > 1` its claim (b) seems to be false.
struct ALazyStatement: Statement {
  let identifier = "prop-26"
  let title = "R(t) ≤ exp(−(mκ²κ′/n) λ_w t) R(0), and sup RD(θ_a) ≲ log m / (mκκ′)"
  let reference = "Proposition 26, with γ′ < 1 − γ for its condition (Remark 28, Appendix D)"
  let conditions = "γ′ < 0 and γ′ < 1 − γ; measured only, see docs/mathematics.md"

  private func points(_ context: ValidationContext) -> [PhasePoint] {
    context.settings.points.filter { $0.gammaPrime < min(0, 1 - $0.gamma) }
  }

  func runs(_ context: ValidationContext) -> [RunConfiguration] { points(context).flatMap(context.ladder) }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    let kernels = try InfiniteWidthKernel(context.activation).gramMatrix(context.data.inputs).kernels
    let lambdaW = try symmetricEigenvalues(kernels.w, count: kernels.count)[0]
    var table = ResultTable(columns: [
      "(γ, γ′)", "m", "seed", "rate of (b)", "late rate / it", "largest R / bound", "sup RD(θ_a)",
      "over log m/(mκκ′)",
    ])
    for point in points(context) {
      for configuration in context.ladder(point) {
        let run = try context.result(configuration)
        let m = Double(configuration.width)
        let scaling = try Scaling(
          gamma: point.gamma, gammaPrime: point.gammaPrime, width: configuration.width)
        let (kappa, kappaPrime) = (scaling.kappa, scaling.kappaPrime)
        let rate = m * kappa * kappa * kappaPrime / Double(context.data.sampleCount) * lambdaW
        let (time, loss) = (run.record["time"] ?? [], run.record["loss"] ?? [])
        let excess = zip(time, loss).map { $1 / loss[0] * exp(rate * $0) }.max() ?? .nan
        let distance = run.supremum(.a)
        table.add(
          .measuredOnly,
          [
            .text(point.label), .integer(configuration.width), .integer(Int(configuration.seed)),
            .number(rate), .number((DecayFit(times: time, values: loss)?.rate ?? .nan) / rate),
            .number(excess), .number(distance), .number(distance * m * kappa * kappaPrime / log(m)),
          ])
      }
    }
    return table.rows.isEmpty
      ? StatementResult(.notApplicable, "none of the places is in its region")
      : StatementResult(table, "measured in \(table.rows.count) runs, for γ > 1 no proof is known")
  }
}
