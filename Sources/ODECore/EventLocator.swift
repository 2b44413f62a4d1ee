/// Finds the sign changes of a problem's events within accepted steps, by `EventSearch` and then a bracketing search on the
/// step's dense output.
final class EventLocator {
  private typealias Point = EventSearch.Point

  /// What is known of one event where the last step ended.
  struct Sight: Equatable, Sendable, Codable {
    /// `g` there.
    var g: Double
    /// The side on which `g` was last seen or, after a zero at the end of a step, is expected to
    /// come out; 0 before it first differed from zero.
    var sign: Double
    /// Whether the last step ended exactly on the zero.
    var restsOnZero = false
    /// While ``sign`` is 0: what counts as zero, since the event has just changed the state.
    var noise = 0.0
    var hasFired = false
    /// Crossings so far.
    var crossings = 0

    init(_ g: Double) { (self.g, sign) = (g, EventLocator.sign(g)) }
  }

  private let events: [Event]
  private let direction: Double
  private(set) var sights: [Sight] = []
  private let scratch: StateVector
  /// The states at the two points that every event is first looked at, where the last step has made them.
  private let inner: [StateVector]
  private var innerTimes = [Double.nan, .nan]
  /// Evaluations of event functions.
  private(set) var evaluations = 0

  /// - Parameter memory: of the ``sights`` that a resumed run goes on with; `nil`: the events are looked at.
  init(_ problem: ODEProblem, _ state: some IntegratorState, resuming memory: [Sight]?) throws {
    events = problem.events
    direction = problem.direction
    let count = events.isEmpty ? 0 : problem.system.dimension
    scratch = StateVector(count: count)
    inner = [StateVector(count: count), StateVector(count: count)]
    if let memory, memory.count == events.count {
      sights = memory
    } else {
      sights = try events.map { event in
        Sight(try state.withState { try value(event, problem.initialTime, $0) })
      }
    }
  }

  /// The crossings in the last step by time, up to the first one that ends the run or changes the state; those at the very same
  /// time as that one are included.
  func crossings(in state: some IntegratorState) throws -> [EventCrossing] {
    if events.isEmpty { return [] }
    innerTimes = [.nan, .nan]
    var found: [EventCrossing] = []
    for index in events.indices { try find(index, in: state, &found) }
    found.sort { ($0.time * direction, $0.index) < ($1.time * direction, $1.index) }
    if let end = found.first(where: \.endsStep)?.time {
      found.removeAll { ($0.time - end) * direction > 0 }
    }
    return found
  }

  /// Looks at all events anew, after those with `indices` have changed the state to `y` at `t`.
  func restart(_ t: Double, _ y: Span<Double>, fired indices: [Int]) throws {
    for index in events.indices {
      var sight = Sight(try value(events[index], t, y))
      if indices.contains(index) {
        // Which side of zero rounding has left it on says nothing.
        (sight.sign, sight.noise, sight.hasFired) = (0, 4 * abs(sight.g), true)
      }
      sight.crossings = sights[index].crossings
      sights[index] = sight
    }
  }

  /// Appends the crossings of one event, and takes note of where it stands at the step's end.
  private func find(
    _ index: Int, in state: some IntegratorState, _ found: inout [EventCrossing]
  ) throws {
    let event = events[index]
    let start = Point(t: state.previousTime, g: sights[index].g)
    let end = Point(t: state.time, g: try state.withState { try value(event, state.time, $0) })
    var points = [end]
    if event.searchesInside {
      var search = EventSearch()
      try search.search(start, end) { try value(event, at: $0, state) }
      points = search.points
    }
    if sights[index].hasFired {
      sights[index].hasFired = false
      // It may leave zero and come back within a small part of the step.
      let width = points[0].t - start.t
      points =
        try [26, 20, 14, 9, 6, 3, 2, 1].map { (k: Int) in
          let t = start.t + width / Double(1 << k)
          return Point(t: t, g: try value(event, at: t, state))
        } + points
    }
    var from = start
    for point in points {
      if let crossing = try pass(index, from, point, state) { found.append(crossing) }
      from = point
    }
    sights[index].g = end.g
  }

  /// The crossing between two points next to each other, if there is one that counts.
  private func pass(
    _ index: Int, _ from: Point, _ to: Point, _ state: some IntegratorState
  ) throws -> EventCrossing? {
    let (event, before, rested) = (events[index], sights[index].sign, sights[index].restsOnZero)
    let after = before == 0 && abs(to.g) <= sights[index].noise ? 0 : Self.sign(to.g)
    sights[index].restsOnZero = after == 0 && before != 0
    guard after != before, before != 0, !(after == 0 && rested) else {
      if after != 0 { sights[index].sign = after }
      return nil
    }
    // An exact zero is the crossing; the way back would be another one.
    sights[index].sign = -before
    let isRising = before < 0
    guard event.direction == .any || (event.direction == .rising) == isRising else { return nil }
    sights[index].crossings += 1
    return EventCrossing(
      index: index, name: event.name,
      time: try locate(event, before, from, to, state),
      isRising: isRising, isTerminal: event.isTerminal && sights[index].crossings >= event.occurrences,
      changesState: event.change != nil)
  }

  /// Chandrupatla's method: inverse quadratic interpolation where it can be trusted, else bisection.
  /// Returns the end of the final bracket at which `g` has changed its sign. Where `g` rests on zero, that is where it comes to rest, or
  /// leaves.
  ///
  /// Source: Chandrupatla, *Adv. Eng. Softw.* 28 (1997) 145-149, doi:10.1016/S0965-9978(96)00051-8.
  private func locate(
    _ event: Event, _ signBefore: Double, _ from: Point, _ to: Point, _ state: some IntegratorState
  ) throws -> Double {
    /// `x1` is the newest point, `x2` the other end of the bracket, `x3` the point before.
    var (x1, f1) = (to.t, to.g)
    var (x2, f2) = (from.t, from.g)
    // Where g rests on zero there is nothing but its sign to go by: zero counts to the side that it comes to, or that it leaves.
    let leaves = from.g == 0
    let resting = (leaves ? signBefore : -signBefore) * max(abs(f1), abs(f2))
    /// Whether `g`, zero at `t`, has its old sign just before.
    func isCrossing(_ t: Double) throws -> Bool {
      let before = t - 4 * abs(t).ulp * (to.t > from.t ? 1 : -1)
      return try !leaves && (before - from.t) * (to.t - from.t) > 0
        && value(event, at: before, state) * signBefore > 0
    }
    if f1 == 0 {
      if try isCrossing(x1) { return x1 }
      f1 = resting
    }
    // The last step ended on the zero, or rounding moved it: any value of the right sign serves.
    if f2 * signBefore <= 0 { f2 = signBefore * abs(f1) }
    var (x3, f3) = (x2, f2)
    var fraction = 0.5
    while true {
      let tolerance = max(abs(x1), abs(x2)).ulp
      guard abs(x2 - x1) > 2 * tolerance else { break }
      let least = tolerance / abs(x2 - x1)
      let x = x1 + min(max(fraction, least), 1 - least) * (x2 - x1)
      if x == x1 || x == x2 { break }
      let g = try value(event, at: x, state)
      if g == 0, try isCrossing(x) { return x }
      let f = g == 0 ? resting : g
      if f * f1 > 0 {
        (x3, f3) = (x1, f1)
      } else {
        (x3, f3, x2, f2) = (x2, f2, x1, f1)
      }
      (x1, f1) = (x, f)
      let xi = (x1 - x2) / (x3 - x2)
      let phi = (f1 - f2) / (f3 - f2)
      if phi * phi < xi, (1 - phi) * (1 - phi) < 1 - xi {
        fraction =
          f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
      } else {
        fraction = 0.5
      }
    }
    return f1 * signBefore > 0 ? x2 : x1
  }

  private func value(_ event: Event, at t: Double, _ state: some IntegratorState) throws -> Double {
    let width = state.time - state.previousTime
    for (k, part) in [EventSearch.inner.0, EventSearch.inner.1].enumerated()
    where t == state.previousTime + part * width {
      if innerTimes[k] != t {
        try inner[k].withMutableSpan { try state.interpolate(at: t, into: &$0) }
        innerTimes[k] = t
      }
      return try inner[k].withSpan { try value(event, t, $0) }
    }
    try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
    return try scratch.withSpan { try value(event, t, $0) }
  }

  /// `g`, held finite: differences of two values must be numbers.
  private func value(_ event: Event, _ t: Double, _ y: Span<Double>) throws -> Double {
    evaluations += 1
    let g = try event.function(t, y)
    guard !g.isNaN else { throw EventError(name: event.name, time: t) }
    let largest = Double.greatestFiniteMagnitude / 8
    return min(max(g, -largest), largest)
  }

  private static func sign(_ g: Double) -> Double { g > 0 ? 1 : g < 0 ? -1 : 0 }
}
