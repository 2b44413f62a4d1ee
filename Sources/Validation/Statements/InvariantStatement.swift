import ODECore
import GradientFlow
import Studies

/// A number that every run reports through an observer and that must not exceed a bound: one case for each place of the
/// phase diagram.
struct InvariantStatement: Statement {
  let identifier: String
  let title: String
  let reference: String
  let conditions: String
  /// The observer and its number.
  let observer: String
  let key: String
  /// What the number is called in tables.
  let quantity: String
  /// The bound, from the `rtol` of the runs.
  let bound: @Sendable (Double) -> Double
  var isOfAnyDepth = false

  func runs(_ context: ValidationContext) -> [RunConfiguration] { context.ladders() }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    let bound = bound(context.settings.rtol)
    var table = ResultTable(columns: ["(γ, γ′)", "runs", quantity, "why no verdict"])
    // Of the places that are judged; the others say what the integration does, and nothing of the statement.
    var worst = 0.0
    var unjudged = 0
    for point in context.settings.points {
      let runs = try context.results(context.ladder(point))
      guard runs.allSatisfy({ $0.observers[observer]?["applicable"] != .flag(false) }) else {
        table.add(
          .notApplicable,
          [.text(point.label), .integer(runs.count), .text("-"), .text("not for this activation")])
        continue
      }
      let largest = largest(runs)
      let isError = try !(largest <= bound) && shrinksWhenFiner(point, largest, context)
      if isError { unjudged += 1 } else { worst = Self.larger(worst, largest) }
      table.add(
        largest <= bound ? .holds : isError ? .measuredOnly : .fails,
        [
          .text(point.label), .integer(runs.count), .number(largest),
          .text(isError ? "error of integration; take a smaller rtol" : "-"),
        ])
    }
    let judged = table.verdicts.count { $0 == .holds || $0 == .fails }
    let left =
      unjudged == 0 ? "" : "; at \(unjudged) of \(judged + unjudged) places the error of integration hides it"
    var result = StatementResult(
      table,
      (judged == 0 ? "no place is judged" : "\(quantity): \(short(worst)), allowed \(short(bound))") + left)
    if result.verdict == .notApplicable {
      result.summary = "not for the activation '\(context.settings.activation)'"
      return result
    }
    result.numbers = (judged == 0 ? [] : [Quantity(quantity, worst)]) + [Quantity("allowed", bound)]
    return result
  }

  private func largest(_ runs: [TrainingRun]) -> Double {
    runs.map { $0.number(observer, key) }.reduce(0, Self.larger)
  }

  /// Whether what is too large is halved, at least, at a tenth of the tolerance. An error of `f` of the size of the tolerance is
  /// much more of a residual that has become small.
  private func shrinksWhenFiner(_ point: PhasePoint, _ largest: Double, _ context: ValidationContext) throws
    -> Bool
  {
    let runs = try context.prepareFiner(context.ladder(point))
    return try self.largest(context.results(runs)) <= largest / 2
  }

  /// NaN if either is.
  private static func larger(_ x: Double, _ y: Double) -> Double { x >= y || x.isNaN ? x : y }
}

extension InvariantStatement {
  private static let again = "; what exceeds it is run again at rtol/10, and fails unless it is halved there"

  /// Proposition 27's conservation law (77). The exact flow keeps it, the integrated one up to the error of the
  /// integration; errors of many steps add up, hence ten times `rtol`.
  static let conservation = InvariantStatement(
    identifier: "conservation", title: "κ′² (a_k² − a_k(0)²) = |w_k|² − |w_k(0)|² for every neuron",
    reference: "Proposition 27, (77)",
    conditions:
      "an activation that is positively homogeneous of degree 1; allowed: 10 rtol\(again)",
    observer: "conservation", key: "maxDefect", quantity: "largest relative defect", bound: { 10 * $0 },
    isOfAnyDepth: true)

  /// The neuron-wise bound (75), the key of Theorem 8's proof. It can be met with equality (`w_k = 0`); then rounding and
  /// the integration decide.
  static let neuronBound = InvariantStatement(
    identifier: "neuron-bound", title: "|a_k(t)| ≤ |w_k(t)|/κ′ + |a_k(0)| for every neuron and time",
    reference: "Proposition 27, (75)",
    conditions:
      "an activation that is positively homogeneous of degree 1; allowed: 1 + rtol\(again)",
    observer: "neuron-bound", key: "maxRatio", quantity: "largest |a_k| / bound", bound: { 1 + $0 })

  /// `R` falls along the flow, as `dR/dt = -grad R . M grad R`.
  static let energy = InvariantStatement(
    identifier: "energy", title: "R never rises", reference: "(12), (13): dR/dt = −∇R·M∇R ≤ 0",
    conditions:
      "every run; allowed: a relative rise by rtol in one step\(again)",
    observer: "energy", key: "maxRise", quantity: "largest relative rise of R in a step", bound: { $0 },
    isOfAnyDepth: true)
}
