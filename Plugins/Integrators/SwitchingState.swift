import ODECore
import RungeKutta

/// Two methods that take turns: an explicit pair, and an implicit method where that gets farther with an evaluation of `f`.
///
/// Whether a problem is stiff is not asked of its eigenvalues but tried. When stability may hold the pair back (``SwitchingClock``), the
/// implicit method takes a few steps; it stays if the last of them went at least twice as far per evaluation, else it was no loss but
/// its evaluations. Likewise back: after a while of the implicit method, the pair takes a few steps. A trial that fails doubles the
/// time to the next one of its kind. Chattering across a jump of `f`, which looks like stiffness to a test of step sizes, fails the trial.
///
/// ``restart`` is that of the method at work, and the clock.
final class SwitchingState: IntegratorState {
  private let problem: ODEProblem
  private let explicit: ExplicitPair
  private let implicit: any Integrator
  private var state: any IntegratorState
  private var clock: SwitchingClock
  private var isExplicit: Bool
  private var switchedAt: Double?
  /// Those of earlier states.
  private var earlier = Statistics()

  private let beginsImplicit: Bool
  private let knowledge: String

  /// - Parameters:
  ///   - beginsImplicit: whether the implicit method is the first at work.
  ///   - knowledge: why it is these two that are tried, for ``choice``.
  init(
    _ problem: ODEProblem, _ explicit: ExplicitPair, _ implicit: any Integrator, beginsImplicit: Bool,
    knowledge: String, _ restart: Restart?
  ) throws {
    (self.beginsImplicit, self.knowledge) = (beginsImplicit, knowledge)
    (self.problem, self.explicit, self.implicit) = (problem, explicit, implicit)
    var restart = restart
    clock = SwitchingClock()
    isExplicit = restart.map { $0.method != implicit.name } ?? !beginsImplicit
    if restart?.stepSize == 0 {
      restart = nil
    } else if let history = restart?.errorHistory {
      guard let clock = SwitchingClock(history.suffix(SwitchingClock.historyCount)) else {
        throw IntegrationFailure(
          .initialFailure, "auto: the restart is not from a run of this method and system")
      }
      self.clock = clock
      restart?.errorHistory.removeLast(SwitchingClock.historyCount)
    }
    state =
      isExplicit
      ? try explicit.makeState(problem, restart, nil)
      : try implicit.makeState(for: problem, restart: restart)
  }

  var time: Double { state.time }
  var previousTime: Double { state.previousTime }
  func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try state.withState(body) }
  func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    try state.interpolate(at: t, into: &y)
  }

  var choice: String? {
    if isExplicit {
      return switchedAt.map {
        "\(explicit.name): from t = \($0) on, where it gets farther per evaluation than \(implicit.name)"
      } ?? "\(explicit.name): \(knowledge), and it is not stiff"
    }
    let how = state.choice.flatMap { $0.split(separator: ":").dropFirst().first }.map { ";\($0)" } ?? ""
    return switchedAt.map {
      "\(implicit.name): from t = \($0) on, where it gets farther per evaluation than \(explicit.name)\(how)"
    }
      ?? "\(implicit.name): \(beginsImplicit ? "the system declares a band, as lines of a parabolic equation have" : "chosen before")\(how)"
  }

  var statistics: Statistics {
    var sum = state.statistics
    sum.add(counters: earlier)
    return sum
  }

  var restart: Restart {
    var restart = state.restart
    restart.method = isExplicit ? explicit.name : implicit.name
    restart.errorHistory += clock.history
    return restart
  }

  func advance(to limit: Double) throws {
    // Not after the step that gave the verdict: its dense output is still asked for.
    switch clock.verdict {
    case .stay: break
    case .tryOther, .goBack: try change()
    }
    let before = state.statistics.nfev
    do {
      try state.advance(to: limit)
    } catch let failure as IntegrationFailure
      where (clock.isTrial || !isExplicit) && failure.code != .nonFinite
    {
      // A trial that cannot even begin, or an implicit method at a jump of f: the pair, or what was before, goes on.
      clock.fail()
      try change()
      try state.advance(to: limit)
    }
    let lands = state.time == limit
    let product =
      isExplicit && clock.asksForProduct
      ? (state as? EmbeddedState)?.stabilityProduct().map { $0 / explicit.stability } : nil
    clock.accept(
      abs(state.time - state.previousTime), evaluations: state.statistics.nfev - before, product: product,
      isExplicit: isExplicit, lands: lands)
    if clock.hasJustDecided, !clock.isTrial { switchedAt = clock.trialBegan }
  }

  private func change() throws {
    let t = state.time
    let rest = try problem.restarted(at: t, state.withState { [Double](copying: $0) })
    let h = abs(state.restart.stepSize)
    earlier.add(counters: state.statistics)
    isExplicit.toggle()
    if isExplicit {
      state = try explicit.makeState(rest, nil, h > 0 && h.isFinite ? h : nil)
    } else {
      state = try implicit.makeState(for: rest, restart: nil)
    }
    clock.change(at: t)
  }
}
