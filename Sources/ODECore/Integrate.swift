/// Integrates `problem` with `integrator`, calling `observers` as ``Observer`` says.
///
/// - Parameters:
///   - saving: the times at which rows are recorded and states are kept.
///   - options: limits, progress, cancellation, checkpoints.
/// - Returns: the state where the run ended and how it ended. A failure of the method is a
///   ``Solution/returnCode``, not an error.
/// - Throws: what the system's own functions or an observer threw, as it is; ``ObserverError``;
///   ``SaveTimesError``; ``EventError``.
public func integrate<I: Integrator>(
  _ problem: ODEProblem, with integrator: I, observers: [any Observer] = [],
  saving: SaveTimes = .endpoints, options: IntegrationOptions = IntegrationOptions()
) throws -> Solution {
  try Driver(problem, integrator, observers, saving, options).run()
}

/// The loop over accepted steps: events, observers, saving, limits.
private final class Driver {
  private let problem: ODEProblem
  /// As it was posed, without a resumption.
  private let original: ODEProblem
  /// Where requested times are counted from, also by a resumed run.
  private let origin: Double
  private let integrator: any Integrator
  private let recorder: Recorder
  private let saving: SaveTimes
  private let options: IntegrationOptions
  /// The counts of an earlier part of the run.
  private let prior: Statistics

  /// What stands for infinity, in a run without an end: far beyond any time scale, and far below overflow.
  private static let endOfTime = 1e100

  private var crossings: [EventCrossing] = []
  private var zeno: ZenoTest
  private var lastSaved: Double?
  private var savedTimes: [Double] = []
  private var savedStates: [[Double]] = []
  private let scratch: StateVector

  init(
    _ problem: ODEProblem, _ integrator: any Integrator, _ observers: [any Observer], _ saving: SaveTimes,
    _ options: IntegrationOptions
  ) throws {
    origin = problem.initialTime
    original = problem
    self.problem = try options.resume.map { try problem.resumed(at: $0) } ?? problem
    self.integrator = integrator
    recorder = try Recorder(problem, observers, mostRows: saving.mostRows, resume: options.resume)
    self.saving = saving
    self.options = options
    prior = options.resume?.statistics ?? Statistics()
    scratch = StateVector(count: problem.system.dimension)
    zeno = options.resume?.restart.watches?.zeno ?? ZenoTest(from: origin)
  }

  func run() throws -> Solution {
    let clock = ContinuousClock()
    let began = clock.now
    let t0 = problem.initialTime
    var schedule = try SaveSchedule(saving, from: origin, sign: problem.direction)
    if t0 != origin { schedule.advance(past: t0) }
    let start = StateVector(problem.initialState)
    try recorder.begin()
    if options.resume == nil { try start.withSpan { try save(t0, $0) } }

    if let message = try start.withSpan({ try restMessage(t0, $0, nil) }) {
      try start.withSpan { try recorder.finish(t0, $0, .stationary) }
      return solution(.stationary, message, nil, [], t0, start.array, prior, nil)
    }

    let state: SegmentedState
    do {
      state = try SegmentedState(
        try keptProblem(), integrator, options.resume?.restart, options, origin: original)
    } catch let failure as IntegrationFailure {
      try start.withSpan { try recorder.finish(t0, $0, failure.code) }
      return solution(failure.code, failure.message, nil, [], t0, start.array, prior, nil)
    }

    do {
      return try run(state, &schedule, clock, began)
    } catch {
      if let salvage = options.salvage {
        let statistics = total(state, nil, clock.now - began)
        salvage(
          solution(
            .failed, "\(error)", state.choice, state.remarks, state.time,
            state.withState(Array.init(copying:)), statistics,
            nil))
      }
      throw error
    }
  }

  /// The problem whose components do not fall below zero where they cannot.
  ///
  /// - Throws: ``IntegrationFailure`` for one that begins below zero or does not exist, and for a method that needs more of the system.
  private func keptProblem() throws -> ODEProblem {
    let declared = (problem.system as? any PositivityDeclaring)?.positiveComponents ?? []
    let components = Set(declared + options.positive).sorted()
    let start = original.initialState
    for i in components where !start.indices.contains(i) || start[i] < 0 {
      let what =
        start.indices.contains(i)
        ? "\(original.componentName(i)) begins at \(start[i])" : "there is no component \(i)"
      throw IntegrationFailure(.initialFailure, "positive: \(what)")
    }
    if components.isEmpty { return problem }
    let kept = try problem.keeping(positive: components)
    if integrator.refusal(of: problem) == nil, integrator.refusal(of: kept) != nil {
      throw IntegrationFailure(
        .initialFailure,
        "positive: \(integrator.name) works on parts of f, which are not kept from falling below zero; take another method"
      )
    }
    return kept
  }

  private func run(
    _ state: SegmentedState, _ schedule: inout SaveSchedule, _ clock: ContinuousClock,
    _ began: ContinuousClock.Instant
  ) throws -> Solution {
    let t0 = problem.initialTime
    let locator = try EventLocator(problem, state, resuming: options.resume?.restart.watches?.sights)
    var lastProgress = began
    var lastCheckpoint = began
    var end: (code: ReturnCode, message: String)?
    var endTime = t0
    var cut = false
    let asksForRest = options.stopsAtRest && (problem.system is any RestDetecting || state.detectsRest)
    let (finalTime, maxSteps, cancellation) = (problem.finalTime, options.maxSteps, options.cancellation)
    let isQuiet = options.progress == nil && options.checkpoint == nil
    var reading = StepClock(
      from: began, shortest: min(options.progressInterval, options.checkpointInterval))

    while end == nil {
      if cancellation?.isCancelled == true {
        end = (.interrupted, "cancelled at t = \(state.time)")
        break
      }
      if prior.accepted + state.accepted >= maxSteps {
        end = (
          .maxSteps,
          "\(maxSteps) steps taken by t = \(state.time); raise the limit, loosen the tolerance or use another integrator"
        )
        break
      }
      let evaluations = asksForRest ? state.evaluations : 0
      do {
        try state.advance(to: finalTime)
      } catch let failure as IntegrationFailure {
        end = (failure.code, failure.message)
        break
      }

      let found = try locator.crossings(in: state)
      let terminal = found.first(where: \.isTerminal)
      // Crossings that end the step are at its end, the one time of theirs.
      endTime = found.first(where: \.endsStep)?.time ?? state.time
      cut = endTime != state.time

      if recorder.watchesSteps {
        try withState(at: endTime, state) {
          try recorder.step(from: state.previousTime, to: endTime, $0, state)
        }
      }
      for crossing in found {
        crossings.append(crossing)
        try withState(at: crossing.time, state) { try recorder.event(crossing, $0) }
      }
      if try !saveAll(&schedule, until: endTime, state) {
        // Short of the step's end: what is missing is recorded again when an earlier checkpoint is resumed.
        endTime = lastSaved ?? state.previousTime
        cut = true
        end = (.interrupted, "cancelled at t = \(endTime)")
      } else if let terminal {
        let meaning = problem.events[terminal.index].meaning ?? "event '\(terminal.name)'"
        end = (.stopped, "\(meaning) at t = \(terminal.time)")
      } else if let last = found.last, last.changesState {
        do {
          end = try change(state, at: endTime, found, locator)
          cut = false
        } catch let failure as IntegrationFailure {
          end = (failure.code, failure.message)
        }
      } else if state.time == finalTime {
        end = (.success, "reached t = \(state.time)")
      } else if finalTime.isInfinite, abs(state.time) > Self.endOfTime {
        end = (.stationary, "at rest: steps have grown without bound, to t = \(state.time)")
      } else if saving.includesSteps {
        try withState(at: endTime, state) { try save(endTime, $0) }
      }
      if end == nil, asksForRest, isRestDue(state, evaluations),
        let message = try state.withState({ try restMessage(state.time, $0, state) })
      {
        end = (.stationary, message)
      }

      if end?.code.isSuccess ?? true, let evidence = state.evidence(isLast: end != nil) {
        end = (.invariantLost, evidence)
      }

      if isQuiet { continue }
      guard let now = reading.afterStep(clock) else { continue }
      if let progress = options.progress, now - lastProgress >= options.progressInterval {
        lastProgress = now
        var statistics = state.statistics
        statistics.add(counters: prior)
        progress(
          IntegrationProgress(time: endTime, finalTime: problem.finalTime, statistics: statistics))
      }
      if end == nil, let checkpoint = options.checkpoint,
        now - lastCheckpoint >= options.checkpointInterval
      {
        lastCheckpoint = now
        try checkpoint(self.checkpoint(state, locator, clock.now - began))
      }
    }

    let (code, message) = end!
    if code == .interrupted, !cut {
      // Before the last save, which an uninterrupted run would not make.
      try options.checkpoint?(checkpoint(state, locator, clock.now - began))
    }
    let last = try withState(at: endTime, state) { y in
      try save(endTime, y)
      try recorder.finish(endTime, y, code)
      return [Double](copying: y)
    }
    return solution(
      code, message, state.choice, state.remarks, endTime, last, total(state, locator, clock.now - began),
      cut ? nil : restart(state, locator), methodState: state.withMethodState(Array.init(copying:)))
  }

  /// Changes the state as the events at `t` say, and begins anew there; returns how the run ends, if it does.
  private func change(
    _ state: SegmentedState, at t: Double, _ found: [EventCrossing], _ locator: EventLocator
  ) throws -> (ReturnCode, String)? {
    if saving.includesSteps { try withState(at: t, state) { try save(t, $0) } }
    let y = try withState(at: t, state) { StateVector([Double](copying: $0)) }
    let events = found.filter { $0.changesState && $0.time == t }
    for crossing in events { try y.withMutableSpan { try problem.events[crossing.index].change!(t, &$0) } }
    let name = events[0].name
    if let bad = y.firstNonFinite {
      return (.nonFinite, "event '\(name)' at t = \(t) made \(problem.componentName(bad)) \(y.pointer[bad])")
    }
    guard t != problem.finalTime else { return (.success, "reached t = \(t)") }
    if zeno.accept(t, event: events[0].index) {
      return (
        .zeno,
        "event '\(name)' changes the state again and again at intervals that shrink to nothing at t = \(t); let another event end the run before, or change the model there"
      )
    }
    try state.reinitialise(at: t, y.array)
    try y.withSpan { try locator.restart(t, $0, fired: events.map(\.index)) }
    return nil
  }

  /// Saves the requested times up to `end`; returns whether it was not cancelled in between, as is worth asking
  /// where millions of them fall into one step.
  private func saveAll(_ schedule: inout SaveSchedule, until end: Double, _ state: SegmentedState) throws
    -> Bool
  {
    while let t = schedule.next, (end - t) * problem.direction >= 0 {
      if options.cancellation?.isCancelled == true { return false }
      try withState(at: t, state) { try save(t, $0) }
      schedule.advance(past: t)
    }
    return true
  }

  /// By counts that a resumed run shares with one that was never stopped.
  private func isRestDue(_ state: SegmentedState, _ evaluationsBefore: Int) -> Bool {
    let interval = IntegrationOptions.restInterval
    return (prior.accepted + state.accepted) % interval == 0
      || state.evaluations - evaluationsBefore >= interval
  }

  /// What to say if the system is at rest; `nil` if it moves, or no one asks.
  private func restMessage(_ t: Double, _ y: Span<Double>, _ state: SegmentedState?) throws -> String? {
    guard options.stopsAtRest,
      try (problem.system as? any RestDetecting)?.isAtRest(t, y, tolerance: options.restTolerance) == true
        || state?.isAtRest(tolerance: options.restTolerance) == true
    else { return nil }
    return
      "at rest at t = \(t): whatever motion is left is below \(Float(options.restTolerance)) of the state"
  }

  private func restart(_ state: SegmentedState, _ locator: EventLocator) -> Restart {
    var restart = state.restart
    restart.watches?.sights = locator.sights
    restart.watches?.zeno = zeno
    return restart
  }

  private func checkpoint(
    _ state: SegmentedState, _ locator: EventLocator, _ elapsed: Duration
  ) -> Checkpoint {
    Checkpoint(
      time: state.time, state: state.withMethodState(Array.init(copying:)),
      restart: restart(state, locator),
      statistics: total(state, locator, elapsed), record: recorder.record, memories: recorder.memories)
  }

  private func total(_ state: SegmentedState, _ locator: EventLocator?, _ elapsed: Duration) -> Statistics {
    var statistics = state.statistics
    statistics.nge += locator?.evaluations ?? 0
    statistics.wallSeconds = elapsed / .seconds(1)
    statistics.add(counters: prior)
    return statistics
  }

  private func withState<R>(
    at t: Double, _ state: SegmentedState, _ body: (Span<Double>) throws -> R
  ) throws -> R {
    if t == state.time { return try state.withState(body) }
    try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
    return try scratch.withSpan(body)
  }

  private func save(_ t: Double, _ y: Span<Double>) throws {
    // The last time may also have been a requested one.
    if lastSaved == t { return }
    lastSaved = t
    if options.keepsStates {
      savedTimes.append(t)
      savedStates.append([Double](copying: y))
    }
    try recorder.save(t, y)
  }

  private func solution(
    _ code: ReturnCode, _ message: String, _ choice: String?, _ remarks: [SolutionRemark], _ t: Double,
    _ y: [Double], _ statistics: Statistics, _ restart: Restart?, methodState: [Double]? = nil
  ) -> Solution {
    Solution(
      returnCode: code, message: message, choice: choice, remarks: remarks, time: t, state: y,
      savedTimes: savedTimes,
      savedStates: savedStates, record: recorder.record, observed: recorder.observed,
      tables: recorder.tables, crossings: crossings, statistics: statistics,
      checkpoint: restart.map {
        Checkpoint(
          time: t, state: methodState ?? y, restart: $0, statistics: statistics, record: recorder.record,
          memories: recorder.memories)
      })
  }
}

extension Array where Element == Double {
  /// A copy of a span's elements.
  public init(copying span: Span<Double>) {
    self = span.withUnsafeBufferPointer { Array($0) }
  }
}
