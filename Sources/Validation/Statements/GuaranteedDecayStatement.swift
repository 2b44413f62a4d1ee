import ODECore
import Foundation
import GradientFlow
import StatisticalInference
import Studies

/// A bound `R(t) <= exp(-rate t) R(0)` that is proved while the Gram matrix stays near its start.
///
/// The proofs rest on two facts that a run can be asked for: the smallest eigenvalue at the start is large enough (Propositions 17 and 20
/// give that for widths with an unknown constant), and the Gram matrix stays in a neighbourhood (55), (61), (62), at times before
/// `t*` (54). Where both are measured the bound must hold; where they are not, nothing is proved, and it is only measured.
struct GuaranteedDecayStatement: Statement {
  let identifier: String
  let title: String
  let reference: String
  let conditions: String
  /// The proof's constants for a run.
  let premise: @Sendable (PhasePoint, Scaling, Kernels) -> Premise?
  /// What the rate is multiplied by: 1, but for tests of what a wrong theory comes to.
  var rateFactor = 1.0

  /// The smallest eigenvalues (34), of the runs' activation, and the problem's size.
  struct Kernels: Sendable {
    let lambdaA: Double
    let lambdaW: Double
    /// `m/n`.
    let ratio: Double
  }

  struct Premise {
    let rate: Double
    /// What the smallest eigenvalue of the start, of `G^a` or `G`, must reach, and by how much the matrix may move.
    let smallest: Double
    let change: Double
    let usesGramAOnly: Bool
    /// Whether the statement is about all times, so that the matrix must stay to the end.
    let isGlobal: Bool
  }

  func runs(_ context: ValidationContext) -> [RunConfiguration] { context.ladders() }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: [
      "(γ, γ′)", "m", "runs", "rate", "premise holds until R/R(0) =", "largest R / bound there", "anywhere",
      "late rate / this rate", "why no verdict",
    ])
    let kernels = try InfiniteWidthKernel(context.activation).gramMatrix(context.data.inputs).kernels
    let lambdas = try [kernels.a, kernels.w].map { try symmetricEigenvalues($0, count: kernels.count)[0] }
    for point in context.settings.points {
      for width in context.widths {
        let ladder = context.ladder(point).filter { $0.width == width }
        let scaling = try Scaling(gamma: point.gamma, gammaPrime: point.gammaPrime, width: width)
        let sizes = Kernels(
          lambdaA: lambdas[0], lambdaW: lambdas[1], ratio: Double(width) / Double(context.data.sampleCount))
        guard let premise = premise(point, scaling, sizes) else { continue }
        let cases = try context.results(ladder).map { Case($0, premise, rateFactor, context.settings.rtol) }
        func largest(_ key: (Case) -> Double) -> ObservedValue { .number(cases.map(key).max()!) }
        table.add(
          Verdict.combined(cases.map(\.verdict)),
          [
            .text(point.label), .integer(width), .integer(cases.count), .number(rateFactor * premise.rate),
            largest(\.lossAtEndOfPremise), largest(\.excessInPremise), largest(\.excess),
            largest { $0.lateRate / (rateFactor * premise.rate) },
            .text(cases.allSatisfy { $0.obstacle != nil } ? cases[0].obstacle! : "-"),
          ])
      }
    }
    guard !table.rows.isEmpty else {
      return StatementResult(.notApplicable, "none of the places is in its region")
    }
    let counts = [Verdict.holds, .fails, .measuredOnly].map { verdict in
      table.verdicts.count { $0 == verdict }
    }
    return StatementResult(
      table,
      "premise met and bound kept in \(counts[0]) cases, broken in \(counts[1]); premise not met in \(counts[2])"
    )
  }

  /// One run against the bound.
  private struct Case {
    var verdict = Verdict.notApplicable
    /// Why the premise is not met.
    var obstacle: String? = "G was not observed"
    /// `R/R(0)` at `t*`, the last record of the premise; 1 if it does not even hold at the start.
    var lossAtEndOfPremise = 1.0
    /// Suprema of `R / (exp(-rate t) R(0))`.
    var excessInPremise = Double.nan
    var excess = Double.nan
    let lateRate: Double

    init(_ run: TrainingRun, _ premise: Premise, _ factor: Double, _ rtol: Double) {
      let (time, loss) = (run.record["time"] ?? [], run.record["loss"] ?? [])
      lateRate = DecayFit(times: time, values: loss)?.rate ?? .nan
      let smallest = run.record[premise.usesGramAOnly ? "gramSmallestA" : "gramSmallest"]
      let change = run.record[premise.usesGramAOnly ? "gramChangeA" : "gramChange"]
      guard let smallest, let change, let first = smallest.first, first.isFinite, loss[0] > 0 else { return }
      let ratios = time.indices.map { loss[$0] / loss[0] * exp(factor * premise.rate * time[$0]) }
      excess = ratios.max()!
      let leaves = change.firstIndex { !($0 <= premise.change) } ?? change.count
      let holdsAtStart = first >= premise.smallest
      if holdsAtStart, leaves > 0 {
        lossAtEndOfPremise = loss[leaves - 1] / loss[0]
        excessInPremise = ratios[..<leaves].max()!
      }
      guard holdsAtStart, leaves > 1, !premise.isGlobal || leaves == change.count else {
        verdict = .measuredOnly
        obstacle = holdsAtStart ? "G leaves the neighbourhood" : "λ_min at the start too small"
        return
      }
      obstacle = nil
      // The integration's own error, of the loss relative to itself.
      verdict = excessInPremise <= 1 + 10 * rtol ? .holds : .fails
    }
  }
}
