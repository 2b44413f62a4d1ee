import Foundation
import GradientFlow
import ODECore
import PluginKit
import Studies

/// Each initialisation of Table 1 in its original form, (1)-(6), and normalised, (9)-(13), along the whole trajectory:
/// `a = beta1 abar`, `w = beta2 wbar`, `t = beta1 beta2 tbar` (7).
///
/// The original flow is the flow with `kappa = 1/alpha`, `kappa' = 1` from the unnormalised start. Both are integrated by themselves,
/// to the same tolerance, so that they differ by errors of the integration. Those are amplified where activation patterns flip;
/// hence a tolerance far below what is allowed.
struct TableOneStatement: Statement {
  /// What the original time is multiplied by: 1, but for tests of what a wrong theory comes to.
  var timeFactor = 1.0

  let identifier = "table-1"
  let title = "original and normalised model agree along the trajectory"
  let reference = "(7), (8), Table 1"
  let conditions =
    "an activation that is positively homogeneous of degree 1; the smallest width; largest |f − f̄| and relative |θ − θ̄| up to "
    + "three times the slowest mode's time; integrated at rtol/100, allowed: 10 rtol"

  private static let initializations = NamedInitialization.plain + [.eEtAl(.power(-1))]

  func evaluate(_ context: ValidationContext) throws -> StatementResult {
    guard context.activation.homogeneity == 1 else {
      return StatementResult(.notApplicable, "not for the activation '\(context.settings.activation)'")
    }
    let allowed = 10 * context.settings.rtol
    var table = ResultTable(columns: [
      "name", "α", "β₁", "β₂", "κ", "κ′", "γ at this width", "γ′", "limit", "largest difference",
    ])
    var worst = 0.0
    for initialization in Self.initializations {
      let pair = try OriginalAndNormalized(initialization, context)
      let difference = try pair.largestDifference(timeFactor: timeFactor) ?? .nan
      worst = max(worst, difference)
      let exponents = pair.normalized.scaling.exponents(width: pair.normalized.shape.width)
      let place = initialization.place
      let numbers = [
        pair.model.alpha, pair.model.beta1, pair.model.beta2, pair.normalized.scaling.kappa,
        pair.normalized.scaling.kappaPrime, exponents.gamma, exponents.gammaPrime,
      ]
      table.add(
        difference.isNaN ? .notApplicable : difference <= allowed ? .holds : .fails,
        [.text(initialization.name)] + numbers.map { .number($0) } + [
          .text("(\(short(place.gamma)), \(short(place.gammaPrime)))"), .number(difference),
        ])
    }
    let summary = "largest difference \(short(worst)), allowed \(short(allowed))"
    return StatementResult(table, summary)
  }
}

/// One network in both forms.
private struct OriginalAndNormalized {
  let model: OriginalModel
  let original: TwoLayerFlow
  let normalized: TwoLayerFlow
  let start: [Double]
  let integrator: any Integrator

  init(_ initialization: NamedInitialization, _ context: ValidationContext) throws {
    let (data, width) = (context.data, context.widths[0])
    model = try initialization.model(width: width, inputDimension: data.inputDimension)
    func flow(_ scaling: Scaling) throws -> TwoLayerFlow {
      try TwoLayerFlow(
        width: width, data: data, scaling: scaling, activation: context.activation,
        loss: context.catalog.losses.make("mse"))
    }
    original = try flow(model.ownScaling)
    normalized = try flow(model.scaling(for: context.activation))
    start = try GaussianStart(
      seed: context.settings.seeds.values[0], isAntisymmetric: context.settings.asi
    ).state(for: normalized.shape)
    integrator = try context.catalog.integrators.make(context.settings.integrator)(
      IntegratorSettings(rtol: context.settings.rtol / 100, atol: context.settings.atol / 100))
  }

  /// `nil` if an integration did not reach its end.
  func largestDifference(timeFactor: Double) throws -> Double? {
    let rates = try ResidualModes(
      gram: normalized.gramMatrix(start.span).sum, width: normalized.shape.width,
      residuals: normalized.forward(start.span).residuals
    ).rates
    // From the fastest mode's time to three times the slowest one's, unless that is beyond reason.
    let fastest = 0.1 / rates.last!
    let end = 3 / max(rates[0], rates.last! * 1e-4)
    let times = (0...20).map { fastest * pow(end / fastest, Double($0) / 20) }
    let unit = timeFactor * model.time(fromNormalized: 1)
    guard let normalizedStates = try states(normalized, from: start, at: times),
      let originalStates = try states(
        original, from: model.state(fromNormalized: start, shape: normalized.shape),
        at: times.map { unit * $0 })
    else { return nil }
    let scale = max(1e-300, (normalized.data.targets.map { abs($0) }.max() ?? 0))
    return zip(normalizedStates, originalStates).map { state, before in
      let back = model.normalizedState(from: before, shape: normalized.shape)
      let outputs = zip(normalized.forward(state.span).predictions, original.forward(before.span).predictions)
      let functions = outputs.map { abs($0 - $1) }.max()! / scale
      return max(functions, norm(zip(back, state).map { $0 - $1 }) / norm(state))
    }.max()!
  }

  private func states(_ flow: TwoLayerFlow, from start: [Double], at times: [Double]) throws -> [[Double]]? {
    let problem = try ODEProblem(flow, to: times.last!, initialState: start)
    let solution = try integrate(problem, with: integrator, saving: .list(times))
    return solution.returnCode.isSuccess ? Array(solution.savedStates.suffix(times.count)) : nil
  }

  private func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
