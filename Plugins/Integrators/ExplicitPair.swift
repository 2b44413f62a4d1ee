import ODECore
import RungeKutta

/// The pair that ``SwitchingState`` uses while nothing is stiff.
struct ExplicitPair {
  let name: String
  /// Where the pair's interval of stability ends, in units of Dormand and Prince's: estimates of `|h| rho` are divided by it.
  let stability: Double
  /// Where the interval of stability ends, and the evaluations of a step.
  let (interval, stages): (Double, Double)
  /// - Parameter step: the first one; `nil`: as the method chooses.
  let makeState: (_ problem: ODEProblem, _ restart: Restart?, _ step: Double?) throws -> EmbeddedState

  static func dormandPrince(_ control: StepControl) -> ExplicitPair {
    let method = DormandPrince(control)
    let tableau = DormandPrince.tableau
    return ExplicitPair(
      name: method.name, stability: 1, interval: tableau.realStabilityInterval,
      stages: Double(tableau.stageCount - 1)
    ) { problem, restart, step in
      var method = method
      method.control.initialStep = step ?? method.control.initialStep
      return try method.makeState(for: problem, restart: restart)
    }
  }

  static func dop853(_ control: StepControl) -> ExplicitPair {
    var method = DOP853(control)
    method.control.controller = PIController(beta: 0)
    let ratio = DOP853.tableau.realStabilityInterval / DormandPrince.tableau.realStabilityInterval
    let tableau = DOP853.tableau
    return ExplicitPair(
      name: method.name, stability: ratio, interval: tableau.realStabilityInterval,
      stages: Double(tableau.stageCount)
    ) { [method] problem, restart, step in
      var method = method
      method.control.initialStep = step ?? method.control.initialStep
      return try method.makeState(for: problem, restart: restart)
    }
  }
}
