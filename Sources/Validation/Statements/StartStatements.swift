import ODECore
import Foundation
import GradientFlow
import PluginKit
import StatisticalInference
import Studies

/// A claim that a start (11) has some property with at least a stated probability, tried on many seeds: it fails if the
/// property is missed so often that chance would do so less than once in a thousand times (``BinomialTest``).
///
/// The starts are the Gaussian ones with independent neurons, without ASI, seeds `1, 2, ...`.
struct StartClaim {
  let label: String
  /// What has to be small: the event of missing the property has at most this probability.
  let probability: Double
  let isMissed: (_ state: [Double]) throws -> Bool
}

/// A table row for each claim at each shape.
private func judge(
  _ context: ValidationContext, width: Int, _ claims: [StartClaim], into table: inout ResultTable
) throws {
  let shape = NetworkShape(width: width, inputDimension: context.data.inputDimension)
  var missed = [Int](repeating: 0, count: claims.count)
  for seed in 1...UInt64(context.settings.draws) {
    try context.checkCancellation()
    let state = try GaussianStart(seed: seed).state(for: shape)
    for (i, claim) in claims.enumerated() where try claim.isMissed(state) { missed[i] += 1 }
  }
  for (claim, missed) in zip(claims, missed) {
    let test = BinomialTest(successes: missed, draws: context.settings.draws, probability: claim.probability)
    table.add(
      test.isRefuted ? .fails : .holds,
      [
        .text(claim.label), .integer(width), .text("\(missed) of \(context.settings.draws)"),
        .number(min(1, claim.probability)), .number(test.chance),
      ])
  }
}

private func startResult(_ table: ResultTable) -> StatementResult {
  let verdicts = table.verdicts
  return StatementResult(
    table, "\(verdicts.count { $0 == .holds }) of \(verdicts.count) as often as claimed, over many seeds")
}

private let startColumns = ["", "m", "missed", "claimed at most", "chance of that many"]

/// Proposition 16: the norms of the start.
///
/// The paper leaves its constant `C_0` open. For squares of normal numbers Chernoff's bound gives it: with `N` entries and
/// `c = (1/2 - log(3/2)) / 2 = 0.0473`,
///
///     P(|theta^0|^2 / N outside [1/2, 3/2]) <= 2 exp(-c N)
///
/// that is `C_0 = 4 c C_psi,1^2 = 1.345` with `C_psi,1 = 8/3` (48). `N` is `m (d+1)`, `m d` and `m` for (50), (51), (52): the
/// paper gives the first for all three, which the last cannot keep.
struct NormStatement: Statement {
  let identifier = "proposition-16"
  let title = "√(N/2) ≤ |θ⁰| ≤ √(3N/2) for θ, θ_w, θ_a, except with probability 2 exp(−0.0473 N)"
  let reference = "Proposition 16, (50), (51), (52); C₀ by Chernoff's bound"
  let conditions = "independent neurons; N = m(d+1), md, m entries"
  /// `c`.
  var rate = (0.5 - log(1.5)) / 2

  /// The claimed bound on the chance that `N` entries miss (it exceeds 1 for few).
  func probability(entries: Int) -> Double { 2 * exp(-rate * Double(entries)) }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: startColumns)
    let d = context.data.inputDimension
    for width in context.startWidths {
      let parts: [(String, Range<Int>)] = [
        ("(50) θ", 0..<width * (d + 1)), ("(51) θ_w", width..<width * (d + 1)), ("(52) θ_a", 0..<width),
      ]
      try judge(
        context, width: width,
        parts.map { label, range in
          StartClaim(label: label, probability: probability(entries: range.count)) { state in
            let mean = state[range].reduce(0) { $0 + $1 * $1 } / Double(range.count)
            return !(0.5...1.5).contains(mean)
          }
        }, into: &table)
    }
    return startResult(table)
  }
}

/// Lemma 9: the largest entry of the start.
struct LargestEntryStatement: Statement {
  let identifier = "lemma-9"
  let title = "max |a_k⁰|, |w_k⁰|_∞ ≤ √(2 log(2m(d+1)/δ)) with probability 1 − δ"
  let reference = "Lemma 9, (45)"
  let conditions = "independent neurons"
  /// A factor on the bound.
  var strictness = 1.0

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: startColumns)
    let delta = context.settings.delta
    for width in context.startWidths {
      let entries = Double(width * (context.data.inputDimension + 1))
      let bound = strictness * (2 * log(2 * entries / delta)).squareRoot()
      let claim = StartClaim(label: "bound \(short(bound))", probability: delta) {
        $0.contains { abs($0) > bound }
      }
      try judge(context, width: width, [claim], into: &table)
    }
    return startResult(table)
  }
}

/// Lemma 10: the risk of the start. For data beyond the paper's domain its 1 becomes `Y` and its `kappa` is multiplied by
/// `X` (``DataConstants``).
struct InitialRiskStatement: Statement {
  let identifier = "lemma-10"
  let title = "R(θ⁰) ≤ ½ [1 + 2d log(4m(d+1)/δ) (2 + 3√(2 log(8/δ))) κ√m]² with probability 1 − δ"
  let reference = "Lemma 10, (46)"
  let conditions = "independent neurons (no ASI); ReLU; the 1 is Y, κ is X κ beyond the paper's domain"
  /// A factor on the bound.
  var strictness = 1.0

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    var table = ResultTable(columns: startColumns)
    guard context.activation.isReLU else { return StatementResult(.notApplicable, "not ReLU") }
    let (delta, data) = (context.settings.delta, context.constants)
    let gammas = Array(Set(context.settings.points.map(\.gamma))).sorted()
    for width in context.startWidths {
      let (m, d) = (Double(width), Double(data.inputDimension))
      let network = try context.unscaledNetwork(width: width)
      let samples = context.data.samples
      let claims = gammas.map { gamma in
        let kappa = pow(m, -gamma)
        let spread =
          2 * d * log(4 * m * (d + 1) / delta) * (2 + 3 * (2 * log(8 / delta)).squareRoot()) * data.inputBound
          * kappa
          * m.squareRoot()
        let bound = strictness * 0.5 * pow(data.targetBound + spread, 2)
        return StartClaim(label: "γ = \(short(gamma)), bound \(short(bound))", probability: delta) { state in
          // f is proportional to kappa.
          let outputs = try network.outputs(state.span, at: samples.inputs)
          let sum = zip(outputs, samples.targets).reduce(0) { $0 + pow(kappa * $1.0 - $1.1, 2) }
          return sum / Double(2 * samples.sampleCount) > bound
        }
      }
      try judge(context, width: width, claims, into: &table)
    }
    return startResult(table)
  }
}

extension ValidationContext {
  /// Small widths, at which a bound has something to do, and the ladder's first.
  var startWidths: [Int] { Array(Set([10, 100, widths[0]])).sorted() }

  /// - Throws: `CancellationError` if the user has interrupted.
  public func checkCancellation() throws {
    if pool.isCancelled { throw CancellationError() }
  }
}
