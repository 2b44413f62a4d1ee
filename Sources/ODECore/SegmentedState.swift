/// The method's state from one re-initialisation to the next, as one ``IntegratorState`` over the whole run.
///
/// A segment ends at a declared discontinuity, or where an event changes the state; a new state of the method begins the next
/// one. Limits on the step (``IntegrationOptions/maxStep``, ``IntegrationOptions/initialStep``) are kept here, by limits to the
/// method, so that every method keeps them.
final class SegmentedState: RestDetectingState {
  private let problem: ODEProblem
  private let integrator: any Integrator
  private let sign: Double
  private var state: any IntegratorState {
    didSet { restDetecting = state as? any RestDetectingState }
  }
  /// ``state``, if it is one.
  private var restDetecting: (any RestDetectingState)?
  /// Where its last step began and ended: it is asked once a step.
  private var (stepStart, stepEnd): (Double, Double)
  /// The counts of earlier segments.
  private var earlier = Statistics()
  /// Where the segment is said to have begun; the method may have begun a few units in the last place beyond.
  private var beginning: Double
  /// Where the method began.
  private var methodBeginning: Double
  /// The next discontinuity.
  private var stop: Double?
  /// The discontinuity at which the segment has ended.
  private var landed: Double?
  /// The counts of the run that is resumed.
  private let prior: Statistics
  private var longestStep: Double
  private var longestFirstStep: Double
  private var startsAtRest: SolutionRemark?
  private var passedOver: SolutionRemark?
  private var positivity: PositivityWatch
  private var projection: Projection
  private var invariants: InvariantWatch?
  private let watchesInvariants: Bool
  private var hasEvidence = false
  private var interior: InteriorWatch?
  /// From where on a step is looked into.
  private var longStep = Double.infinity
  private var hasLookedAround = false

  /// The start of the whole run, where the problem's may be that of a resumption.
  private let origin: ODEProblem
  private var lastChange: Double

  init(
    _ problem: ODEProblem, _ integrator: any Integrator, _ restart: Restart?, _ options: IntegrationOptions,
    origin: ODEProblem
  ) throws {
    self.problem = problem
    self.origin = origin
    prior = options.resume?.statistics ?? Statistics()
    let watches = restart?.watches
    lastChange = watches?.lastChange ?? problem.initialTime
    positivity = PositivityWatch(origin.initialState, watches)
    projection = Projection(
      (problem.system as? PositiveSystem)?.components ?? [], count: problem.system.dimension,
      resuming: watches?.projection)
    if projection.isActive { positivity.end() }
    watchesInvariants = problem.invariants != nil && options.invariantTolerance.isFinite
    if let given = problem.invariants, watchesInvariants {
      invariants = origin.initialState.withUnsafeBufferPointer {
        InvariantWatch(
          given, tolerance: options.invariantTolerance, origin.initialTime, $0.span,
          resuming: watches?.invariants)
      }
    }
    self.integrator = integrator
    sign = problem.direction
    let t = problem.initialTime
    let begins = try problem.discontinuities.first(after: sign > 0 ? t.nextDown : t.nextUp, sign) == t
    let start = begins ? t + sign * Discontinuities.margin(at: t) : t
    state = try integrator.makeState(
      for: begins ? problem.restarted(at: start, problem.initialState) : problem,
      restart: begins ? restart.flatMap(Restart.init(anew:)) : restart)
    restDetecting = state as? any RestDetectingState
    (stepStart, stepEnd) = (state.previousTime, state.time)
    (beginning, methodBeginning) = (t, start)
    stop = try Self.stop(of: problem, beyond: start)
    longestStep = options.maxStep
    longestFirstStep =
      restart == nil ? options.initialStep ?? .infinity : watches?.longestFirstStep ?? .infinity
    // Who declares inputs or limits steps knows them.
    let knowsInputs = !integrator.isAdaptive || longestStep < .infinity || !problem.discontinuities.isEmpty
    // A run that is resumed behind its first step has looked.
    hasLookedAround = knowsInputs || t != origin.initialTime
    if let longest = watches?.longestStep { longestStep = min(longestStep, longest) }
    (startsAtRest, passedOver) = (watches?.startsAtRest, watches?.passedOver)
    interior =
      knowsInputs || (watches != nil && watches?.looks == nil)
      ? nil : InteriorWatch(origin, earlier: (watches?.looks ?? 0, prior.nfev))
    longStep = interior?.longStep ?? .infinity
  }

  var time: Double { landed ?? stepEnd }
  var previousTime: Double { stepStart == methodBeginning ? beginning : stepStart }
  var choice: String? { state.choice }
  var remarks: [SolutionRemark] {
    var remarks = state.remarks + [startsAtRest, passedOver].compactMap(\.self)
    if var invariants {
      state.withState { invariants.look(time, $0) }
      if let remark = invariants.remark { remarks.append(remark) }
    }
    if let remark = projection.remark(problem) { remarks.append(remark) }
    if let remark = ChatteringTest.remark(wholeRun), !remarks.contains(where: { $0.name == remark.name }) {
      remarks.append(remark)
    }
    if let remark = becameNegative { remarks.append(remark) }
    return remarks
  }
  private var becameNegative: SolutionRemark? {
    guard positivity.worst != nil else { return nil }
    return state.withState { positivity.ending(with: $0).remarkable }.map {
      SolutionRemark(
        name: "becameNegative",
        text:
          "\(problem.componentName($0.component)) fell to \($0.value) at t = \($0.time), although it began at or above zero and f does not let it below: an error of the method, most likely, that has grown; tighten the tolerances, take another method, or keep it above (--positive)"
      )
    }
  }
  var restart: Restart {
    var restart = state.restart
    restart.watches = StepWatches(
      looks: interior?.total, startsAtRest: startsAtRest, passedOver: passedOver,
      longestStep: startsAtRest == nil && passedOver == nil ? nil : longestStep,
      watched: positivity.watched, suspects: positivity.suspects.sorted(), lowest: positivity.worst,
      largest: positivity.largest,
      projection: projection.components.isEmpty ? nil : projection.memory, invariants: invariants?.memory,
      lastChange: lastChange,
      longestFirstStep: longestFirstStep < .infinity ? longestFirstStep : nil)
    return restart
  }
  func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    if projection.isActive, let shown = projection.shown { return try shown.withSpan(body) }
    return try state.withState(body)
  }
  /// Why the state cannot be a solution, if that is known; `isLast`: of a run that has come to its end.
  func evidence(isLast: Bool) -> String? {
    guard isLast || hasEvidence else { return nil }
    guard isLast else { return invariants?.loss }
    state.withState { invariants?.look(time, $0) }
    // Fixed steps, and weights of networks, are nobody's concentrations.
    let isKinetic = integrator.isAdaptive && !(problem.system is any GradientSystem)
    if let loss = invariants?.loss { return loss }
    guard isKinetic, positivity.worst != nil else { return nil }
    return state.withState { positivity.ending(with: $0).isLost } ? becameNegative?.text : nil
  }
  /// What the method goes on with.
  func withMethodState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try state.withState(body) }
  /// Whether ``isAtRest(tolerance:)`` may ever be true.
  var detectsRest: Bool { restDetecting != nil }
  func isAtRest(tolerance: Double) throws -> Bool {
    try restDetecting?.isAtRest(tolerance: tolerance) ?? false
  }

  var statistics: Statistics {
    var sum = state.statistics
    sum.add(counters: earlier)
    sum.nfev += ownEvaluations
    return sum
  }
  /// Those of the interrupted run included.
  private var wholeRun: Statistics {
    var sum = statistics
    sum.add(counters: prior)
    return sum
  }
  var evaluations: Int { state.evaluations + earlier.nfev + ownEvaluations }
  private var ownEvaluations: Int { positivity.evaluations + (interior?.evaluations ?? 0) }
  /// ``/ODECore/Statistics/accepted`` of ``statistics``.
  private(set) var accepted = 0

  func advance(to limit: Double) throws {
    if let landed {
      try begin(landed, state.withState(Array.init(copying:)), beyond: true)
      self.landed = nil
    }
    try step(limit)
    if !hasLookedAround {
      hasLookedAround = true
      let isStill = state.withState { y in (0..<y.count).allSatisfy { y[$0] == problem.initialState[$0] } }
      if isStill, try lookAround() {
        try begin(problem.initialTime, problem.initialState, beyond: methodBeginning != beginning)
        try step(limit)
      }
    }
    if abs(stepEnd - stepStart) > longStep { try lookInside(limit) }
    longestFirstStep = .infinity
    let t = stepEnd
    if let stop, t == before(stop) { landed = stop }
    if projection.isActive { state.withState { projection.accept(t, $0) } }
    if positivity.isWatching, isAnyNegative() {
      let state = state
      try state.withState {
        try positivity.accept(from: stepStart, to: t, $0, problem.system, sign) {
          try state.interpolate(at: $0, into: &$1)
        }
      }
    }
    if watchesInvariants {
      state.withState { invariants!.accept(t, $0) }
      hasEvidence = invariants!.loss != nil
    }
  }

  /// Whether a component below zero is watched.
  private func isAnyNegative() -> Bool {
    let watched = positivity.watched
    return state.withState { y in watched.contains { y[$0] < 0 } }
  }

  /// Takes the last step again, and shorter, if it has passed over something.
  private func lookInside(_ limit: Double) throws {
    let (from, to) = (stepStart, stepEnd)
    let spent = evaluations
    let passed = try state.withState { y in
      try interior!.look(problem.system, from: from, to: to, y, spent: spent)
    }
    guard let passed else { return }
    longestStep = abs(origin.finalTime - origin.initialTime) / Double(4 * Self.lookouts)
    passedOver = SolutionRemark(
      name: "passedOver",
      text:
        "a step from t = \(from) to \(to) passed over t = \(passed), where f is not what it is at the step's ends: no step is longer than \(longestStep) from there on; declare discontinuity times or give max-step if inputs are shorter than that"
    )
    let y = StateVector(count: problem.system.dimension)
    try y.withMutableSpan { try state.interpolate(at: from, into: &$0) }
    let beyond = from == methodBeginning && methodBeginning != beginning
    try begin(beyond ? beginning : from, y.array, beyond: beyond)
    earlier.accepted -= 1
    accepted -= 1
    earlier.rejected += 1
    earlier.nfev += interior!.evaluations
    interior = nil
    longStep = .infinity
    try step(limit)
  }

  private func step(_ limit: Double) throws {
    var target = limit
    if let stop, (limit - stop) * sign >= 0 { target = before(stop) }
    let longest = min(longestStep, longestFirstStep)
    if abs(target - stepEnd) > longest { target = stepEnd + sign * longest }
    let state = state
    defer { (stepStart, stepEnd) = (state.previousTime, state.time) }
    try state.advance(to: target)
    accepted += 1
  }

  private func before(_ stop: Double) -> Double {
    stop - sign * Discontinuities.margin(at: stop)
  }

  func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    // Within rounding of a segment's ends the state does not change.
    let inside = sign > 0 ? max(t, stepStart) : min(t, stepStart)
    try state.interpolate(at: sign > 0 ? min(inside, stepEnd) : max(inside, stepEnd), into: &y)
    projection.apply(to: &y)
  }

  /// Begins a segment at `t` in the last step, with the state `y`.
  ///
  /// - Throws: ``IntegrationFailure``.
  func reinitialise(at t: Double, _ y: [Double]) throws {
    try begin(t, y, beyond: t == landed)
    y.withUnsafeBufferPointer { invariants?.restart(t, $0.span) }
    // Where changes follow one another ever faster, the tolerance may see nothing of what lies between.
    if t != lastChange { longestFirstStep = 0.25 * abs(t - lastChange) }
    lastChange = t
  }

  private func begin(_ t: Double, _ y: [Double], beyond: Bool) throws {
    let start = beyond ? t + sign * Discontinuities.margin(at: t) : t
    let next = try integrator.makeState(
      for: problem.restarted(at: start, y), restart: Restart(anew: state.restart))
    earlier.add(counters: state.statistics)
    state = next
    (stepStart, stepEnd) = (next.previousTime, next.time)
    (beginning, methodBeginning, landed) = (t, start, nil)
    stop = try Self.stop(of: problem, beyond: start)
  }

  /// The first discontinuity that can be told from `t`; one that cannot be told from the end is the end.
  private static func stop(of problem: ODEProblem, beyond t: Double) throws -> Double? {
    let sign = problem.direction
    func gap(_ from: Double, _ to: Double) -> Double {
      (to - from) * sign - 3 * Discontinuities.margin(at: to)
    }
    var stop = try problem.discontinuities.first(after: t, sign)
    while let near = stop, gap(t, near) <= 0 { stop = try problem.discontinuities.first(after: near, sign) }
    guard let stop, (problem.finalTime - stop) * sign >= 0 else { return nil }
    return gap(stop, problem.finalTime) <= 0 ? problem.finalTime : stop
  }

  /// Whether `f`, zero at the run's start, is not so later with the same state. Steps then must not grow as if nothing
  /// could happen: none is longer than a part of the span from here on.
  private func lookAround() throws -> Bool {
    let span = origin.finalTime - origin.initialTime
    guard span.isFinite else { return false }
    let start = StateVector(origin.initialState)
    let slope = StateVector(count: start.count)
    func moves(at t: Double) throws -> Bool {
      earlier.nfev += 1
      try start.withSpan { y in
        try slope.withMutableSpan { try origin.system.derivative(t, y, into: &$0) }
      }
      return (0..<slope.count).contains { slope.pointer[$0] != 0 }
    }
    if try moves(at: origin.initialTime) { return false }
    for k in 1...Self.lookouts {
      // Off the round times at which a periodic input may vanish.
      let t = origin.initialTime + span * (Double(k) - 0.381966) / Double(Self.lookouts)
      guard try moves(at: t) else { continue }
      longestStep = abs(span) / Double(4 * Self.lookouts)
      startsAtRest = SolutionRemark(
        name: "startsAtRest",
        text:
          "nothing moves at the start, but f is not zero at t = \(t): no step is longer than \(longestStep); declare discontinuity times or give max-step if inputs are shorter than that"
      )
      return true
    }
    return false
  }

  private static var lookouts: Int { 64 }
}

extension Restart {
  /// For a method that begins anew within a run: of what `restart` held nothing is kept but the method, if it had picked one. A step
  /// size of zero says that the method chooses it.
  init?(anew restart: Restart) {
    guard let method = restart.method else { return nil }
    self.init(stepSize: 0)
    self.method = method
  }
}
