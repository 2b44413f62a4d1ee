import ODECore
import Figures
import Foundation
import GradientFlow
import StatisticalInference
import Studies

/// The order parameters as functions of what they depend on, `m kappa` and `kappa'`, at one width: the local exponents
/// `p = d log RD / d log(m kappa)` and `q = d log RD / d log kappa'`. With (14) they make up the slopes of (19),
/// `S = p (1 - gamma) - q gamma'`, without a change of the width and its pre-asymptotic drift.
struct ScalingStatement: Statement {
  let identifier = "scaling"
  let title = "RD ~ (m κ)^p κ′^q at fixed m, p and q as balance arguments expect them"
  let reference = "(8), (14), (19), (77); expected values: see docs/validation.md"
  let conditions =
    "ReLU; ASI; λ > 0; m the median of the widths; linear: m κ such that the linearised flow moves at most 0.01 of the start; "
    + "condensed: m κ ≤ 2Y/(3|x|)/100; |exponent − expected| within the tolerance and the 95 % interval"
  /// Wrong values can be put in for tests.
  var expectedShift = 0.0

  func runs(_ context: ValidationContext) throws -> [RunConfiguration] {
    try obstacle(context) == nil
      ? ScalingRay.all(context).flatMap { ray in ray.places.flatMap { configurations($0, context) } } : []
  }

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    if let reason = obstacle(context) { return StatementResult(.notApplicable, reason) }
    var table = ResultTable(columns: ["ray", "", "exponent", "expected", "difference"])
    var panels: [Panel] = []
    var worst = 0.0
    for ray in try ScalingRay.all(context) {
      let runs = try ray.places.map { try context.results(configurations($0, context)) }
      panels.append(panel(ray, runs))
      let isIncomplete = !runs.joined().allSatisfy(\.isComplete)
      let isMixed = Ladder.isMixed(Array(runs.joined()))
      for part in ParameterPart.allCases {
        let fit = try? PowerLawFit(
          x: zip(ray.variable, runs).flatMap { x, runs in runs.map { _ in x } },
          y: runs.flatMap { $0.map { $0.supremum(part) } })
        let expected = ray.expected[part]! + expectedShift
        guard let fit, !isIncomplete, !isMixed else {
          table.add(
            .notApplicable,
            [
              .text(ray.name), .text(part.symbol),
              .text(
                isIncomplete
                  ? Ladder.incompleteReason : isMixed ? Ladder.mixedReason : "a distance is zero"),
              .number(expected), .text("-"),
            ])
          continue
        }
        let difference = fit.exponent - expected
        worst = max(worst, abs(difference))
        table.add(
          abs(difference) <= context.settings.exponentTolerance + fit.margin ? .holds : .fails,
          [
            .text(ray.name), .text(part.symbol), .text(fit.exponentText), .number(expected),
            .text(String(format: "%+.3f", difference)),
          ])
      }
    }
    let judged = table.verdicts.count { $0 != .notApplicable }
    var result = StatementResult(
      table,
      "\(table.verdicts.count { $0 == .holds }) of \(judged) as expected; farthest off by \(short(worst)), tolerance \(short(context.settings.exponentTolerance))"
    )
    result.numbers = [Quantity("largest |exponent − expected|", worst)]
    result.figures = [("rays", Figure(panels: panels, columns: 3, panelSize: .init(width: 220, height: 180)))]
    return result
  }

  private func obstacle(_ context: ValidationContext) -> String? {
    if !context.activation.isReLU { return "not ReLU" }
    if !context.settings.asi { return "needs ASI" }
    return context.constants.isDegenerate ? "λ = 0" : nil
  }

  /// `alpha`, `beta_1`, `beta_2` that have `kappa` and `kappa'` by (8).
  private func configurations(_ place: Scaling, _ context: ValidationContext) -> [RunConfiguration] {
    context.settings.seeds.values.map { seed in
      var c = context.configuration(PhasePoint(1, 0), width: ScalingRay.width(context), seed: seed)
      (c.gamma, c.gammaPrime) = (nil, nil)
      (c.alpha, c.beta1, c.beta2) = (place.kappaPrime / place.kappa, place.kappaPrime, 1)
      return c
    }
  }

  private func panel(_ ray: ScalingRay, _ runs: [[TrainingRun]]) -> Panel {
    var panel = FigureLibrary.workPrecision(
      series: ParameterPart.allCases.map { part in
        let means = runs.map { $0.map { $0.supremum(part) }.reduce(0, +) / Double($0.count) }
        return (.symbol(part.symbol), zip(ray.variable, means).map { (cost: $0.0, error: $0.1) })
      }, xLabel: ray.label, yLabel: "sup RD", title: .plain(ray.name))
    panel.legend = .above
    return panel
  }
}
