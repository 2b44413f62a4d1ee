import ODECore
import RungeKutta

/// The pair that ``SwitchingState`` uses while nothing is stiff.
struct ExplicitPair {
  let name: String
  /// Where the pair's interval of stability ends, in units of Dormand and Prince's: estimates of `|h| rho` are divided by it.
  let stability: Double
  /// - Parameter step: the first one; `nil`: as the method chooses.
  let makeState: (_ problem: ODEProblem, _ restart: Restart?, _ step: Double?) throws -> EmbeddedState

  static func dormandPrince(_ control: StepControl) -> ExplicitPair {
    let method = DormandPrince(control)
    return ExplicitPair(name: method.name, stability: 1) { problem, restart, step in
      var method = method
      method.control.initialStep = step ?? method.control.initialStep
      return try method.makeState(for: problem, restart: restart)
    }
  }

  static func dop853(_ control: StepControl) -> ExplicitPair {
    var method = DOP853(control)
    method.control.controller = PIController(beta: 0)
    let ratio = DOP853.tableau.realStabilityInterval / DormandPrince.tableau.realStabilityInterval
    return ExplicitPair(name: method.name, stability: ratio) { [method] problem, restart, step in
      var method = method
      method.control.initialStep = step ?? method.control.initialStep
      return try method.makeState(for: problem, restart: restart)
    }
  }
}
