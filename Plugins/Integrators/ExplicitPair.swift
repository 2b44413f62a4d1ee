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
    ExplicitPair(DormandPrince(control), DormandPrince.tableau, evaluations: 6, control) {
      DormandPrince($0)
    }
  }

  static func dop853(_ control: StepControl) -> ExplicitPair {
    var control = control
    control.controller = PIController(beta: 0)
    return ExplicitPair(DOP853(control), DOP853.tableau, evaluations: 12, control) { DOP853($0) }
  }

  static func bogackiShampine(_ control: StepControl) -> ExplicitPair {
    ExplicitPair(BogackiShampine(control), BogackiShampine.tableau, evaluations: 3, control) {
      BogackiShampine($0)
    }
  }

  private init<Pair: Integrator>(
    _ pair: Pair, _ tableau: ButcherTableau, evaluations: Int, _ control: StepControl,
    _ make: @escaping (StepControl) -> Pair
  ) where Pair.State == EmbeddedState {
    name = pair.name
    interval = tableau.realStabilityInterval
    stability = interval / DormandPrince.tableau.realStabilityInterval
    stages = Double(evaluations)
    makeState = { problem, restart, step in
      var control = control
      control.initialStep = step ?? control.initialStep
      return try make(control).makeState(for: problem, restart: restart)
    }
  }
}
