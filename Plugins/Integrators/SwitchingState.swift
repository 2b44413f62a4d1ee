import ODECore
import RungeKutta
import SundialsIntegrators

/// Dormand-Prince until the problem turns out to be stiff (``StiffnessTest``), CVODE's BDF from there on.
///
/// ``restart`` is that of Dormand-Prince and the test's counts, so that a resumed run switches at the same step; after the
/// switch that of CVODE.
final class SwitchingState: IntegratorState {
  private let problem: ODEProblem
  private let implicit: CVODEBDF
  private var test = StiffnessTest()
  /// `nil` after the switch.
  private var explicit: EmbeddedState?
  private var state: any IntegratorState
  /// Those of Dormand-Prince, after the switch.
  private var earlier = Statistics()

  init(_ problem: ODEProblem, _ explicit: DormandPrince, _ implicit: CVODEBDF, _ restart: Restart?) throws {
    (self.problem, self.implicit) = (problem, implicit)
    var restart = restart
    if let history = restart?.errorHistory {
      guard let test = StiffnessTest(history.suffix(3)) else {
        throw IntegrationFailure(
          .initialFailure, "auto: the restart is not from a run of this method and system")
      }
      self.test = test
      restart?.errorHistory.removeLast(3)
    }
    let begun = try explicit.makeState(for: problem, restart: restart)
    (self.explicit, state) = (begun, begun)
  }

  var time: Double { state.time }
  var previousTime: Double { state.previousTime }
  func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try state.withState(body) }
  func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    try state.interpolate(at: t, into: &y)
  }

  var remarks: [SolutionRemark] { state.remarks }
  private(set) var choice: String? = "dormand-prince: nothing is known of the system, and it is not stiff"

  var statistics: Statistics {
    var sum = state.statistics
    sum.add(counters: earlier)
    return sum
  }

  var restart: Restart {
    var restart = state.restart
    restart.method = explicit == nil ? implicit.name : DormandPrince().name
    if explicit != nil { restart.errorHistory += test.history }
    return restart
  }

  func advance(to limit: Double) throws {
    // Not after the step that gave the verdict: its dense output is still asked for.
    if test.isStiff, let explicit { try leave(explicit) }
    try state.advance(to: limit)
    if let explicit { test.accept(explicit.stabilityProduct) }
  }

  private func leave(_ explicit: EmbeddedState) throws {
    let t = explicit.time
    let rest = try ODEProblem(
      problem.system, from: t, to: problem.finalTime,
      initialState: explicit.withState { [Double](copying: $0) })
    state = try implicit.makeState(for: rest, restart: nil)
    earlier = explicit.statistics
    self.explicit = nil
    choice =
      "cvode-bdf: from t = \(t) on, where stability held the steps of dormand-prince back (|h| rho > \(StiffnessTest.threshold))"
  }
}
