import ODECore
import RungeKutta

/// Two methods that take turns: an explicit pair, and an implicit method where that gets farther with an evaluation of `f`.
///
/// Whether a problem is stiff is tried. When stability may hold the pair back (``SwitchingClock``), the
/// implicit method takes a few steps; it stays if the last of them went at least twice as far per evaluation, else it was no loss but
/// its evaluations. Likewise back: after a while of the implicit method, the pair takes a few steps. A trial that fails doubles the
/// time to the next one of its kind. Chattering across a jump of `f`, which looks like stiffness to a test of step sizes, fails the trial.
///
/// ``restart`` is that of the method at work, and the clock.
final class SwitchingState: IntegratorState {
  private let problem: ODEProblem
  private let methods: SwitchingMethods
  private var state: any IntegratorState {
    didSet { pairState = state as? EmbeddedState }
  }
  /// ``state``, if it is a pair's: to ask for its type costs as much as a few evaluations.
  private var pairState: EmbeddedState?
  private var clock: SwitchingClock
  private var isExplicit: Bool
  private var switchedAt: Double?
  /// Those of earlier states.
  private var earlier = Statistics()

  private let beginning: SwitchingMethods.Beginning

  init(_ problem: ODEProblem, _ methods: SwitchingMethods, _ restart: Restart?) throws {
    (self.problem, self.methods) = (problem, methods)
    var restart = restart
    clock = SwitchingClock()
    // Behind a discontinuity the method is the same, and what is known of the motion is not.
    let isAnew = restart.map { $0.stepSize == 0 } ?? true
    let (first, fastest) = isAnew ? try methods.beginning(of: problem) : (.resumed, nil)
    beginning = restart == nil ? first : .resumed
    earlier.nfev = fastest?.evaluations ?? 0
    if fastest?.isOscillation == true { clock.endure() }
    isExplicit = restart.map { $0.method == methods.pair.name } ?? (beginning == .explicit)
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
      ? try methods.pair(isChattering: clock.isChattering).makeState(problem, restart, nil)
      : try methods.implicit(after: clock.implicitSteps).makeState(for: problem, restart: restart)
    pairState = state as? EmbeddedState
  }

  var time: Double { state.time }
  var previousTime: Double { state.previousTime }
  func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try state.withState(body) }
  func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    try state.interpolate(at: t, into: &y)
  }

  private var implicit: any Integrator { methods.implicit(after: clock.implicitSteps) }
  private var pair: ExplicitPair { methods.pair(isChattering: clock.isChattering) }

  var choice: String? {
    let pair = pair.name
    if isExplicit {
      if clock.isChattering { return "\(pair): f jumps again and again where the solution goes" }
      return switchedAt.map {
        "\(pair): from t = \($0) on, where it gets farther per evaluation than \(implicit.name)"
      } ?? "\(pair): \(methods.knowledge), and it is not stiff"
    }
    let how = state.choice.flatMap { $0.split(separator: ":").dropFirst().first }.map { ";\($0)" } ?? ""
    return switchedAt.map {
      "\(implicit.name): from t = \($0) on, where it gets farther per evaluation than \(pair)\(how)"
    } ?? "\(implicit.name): \(beginning.words)\(how)"
  }

  var statistics: Statistics {
    var sum = state.statistics
    sum.add(counters: earlier)
    return sum
  }
  var evaluations: Int { state.evaluations + earlier.nfev }
  /// That the step is held by stability is no news to a method that tries others.
  var remarks: [SolutionRemark] { state.remarks.filter { $0.name != "heldByStability" } }

  var restart: Restart {
    var restart = state.restart
    restart.method = isExplicit ? methods.pair.name : implicit.name
    restart.errorHistory += clock.history
    return restart
  }

  func advance(to limit: Double) throws {
    // Not after the step that gave the verdict: its dense output is still asked for.
    if clock.verdict == .tryOther { try reconsider() }
    switch clock.verdict {
    case .stay: break
    case .goBack, .tryOther: try change()
    case .chatter, .succeed: try renew()
    }
    let before = state.evaluations
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
    let time = state.time
    var step = SwitchingClock.Step(
      size: abs(time - state.previousTime), evaluations: state.evaluations - before)
    step.lands = time == limit
    if isExplicit, let pair = pairState {
      if clock.asksForProduct { step.product = pair.stabilityProduct().map { $0 / self.pair.stability } }
      if clock.asksForJumps { step.jumps = pair.jumps }
    }
    clock.accept(step, isExplicit: isExplicit, methods)
    if clock.hasJustDecided, !clock.isTrial { switchedAt = clock.trialBegan }
  }

  /// Asks for the fastest motion before a trial, which costs ten times as much. No step of the pair is longer than its interval of stability: where that
  /// gets less far than the implicit method does, there is no trial. And where the fastest motion oscillates a multistep method is out of place.
  private func reconsider() throws {
    let fastest = try state.withState { try LargestRate(problem.system, state.time, $0) }
    earlier.nfev += fastest.evaluations
    if isExplicit {
      if fastest.isOscillation { clock.endure() }
    } else if pair.interval / (fastest.rate * pair.stages) < clock.pace {
      clock.skip()
    }
  }

  private func rest() throws -> ODEProblem {
    let rest = try problem.restarted(at: state.time, state.withState { [Double](copying: $0) })
    earlier.add(counters: state.statistics)
    return rest
  }

  private func change() throws {
    let h = abs(state.restart.stepSize)
    let rest = try rest()
    isExplicit.toggle()
    if isExplicit {
      state = try pair.makeState(rest, nil, h > 0 && h.isFinite ? h : nil)
    } else {
      state = try implicit.makeState(for: rest, restart: nil)
    }
    clock.change(at: rest.initialTime)
  }

  /// The same kind of method goes on with other settings, or by another method of its kind.
  private func renew() throws {
    let h = abs(state.restart.stepSize)
    let rest = try rest()
    state =
      isExplicit
      ? try methods.pair(isChattering: true).makeState(rest, nil, h > 0 && h.isFinite ? h : nil)
      : try implicit.makeState(for: rest, restart: nil)
    clock.renew()
  }
}
