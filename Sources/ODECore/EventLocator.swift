/// Finds the sign changes of a problem's events within accepted steps.
///
/// Uses the method's own root finder where it has one (``EventLocatingState``), else a bracketing
/// search on the step's dense output.
final class EventLocator {
  private let events: [Event]
  private let direction: Double
  private let native: (any EventLocatingState)?
  /// The side on which each `g` was last seen or, after a zero at the end of a step, is expected to
  /// come out; 0 before it first differed from zero.
  private var signs: [Double]
  /// Whether the last step ended exactly on the zero.
  private var restsOnZero: [Bool]
  private let scratch: StateVector
  /// Evaluations of event functions made here; a native root finder counts its own.
  private(set) var evaluations = 0

  init(_ problem: ODEProblem, _ state: some IntegratorState) throws {
    events = problem.events
    direction = problem.direction
    native = events.isEmpty ? nil : state as? any EventLocatingState
    scratch = StateVector(count: events.isEmpty ? 0 : problem.system.dimension)
    signs = []
    restsOnZero = events.map { _ in false }
    if let native {
      try native.install(events)
    } else {
      for event in events {
        signs.append(Self.sign(try state.withState { try value(event, problem.initialTime, $0) }))
      }
    }
  }

  /// The crossings in the last step by time, up to the first terminal one; those at the very same
  /// time as that one are included.
  func crossings(in state: some IntegratorState) throws -> [EventCrossing] {
    var found: [EventCrossing] = []
    if let native {
      found = native.crossings
    } else {
      for index in events.indices {
        if let crossing = try crossing(of: index, in: state) { found.append(crossing) }
      }
      found.sort { ($0.time * direction, $0.index) < ($1.time * direction, $1.index) }
    }
    if let end = found.first(where: \.isTerminal)?.time {
      found.removeAll { ($0.time - end) * direction > 0 }
    }
    return found
  }

  private func crossing(of index: Int, in state: some IntegratorState) throws -> EventCrossing? {
    let event = events[index]
    let before = signs[index]
    let rested = restsOnZero[index]
    let end = try state.withState { try value(event, state.time, $0) }
    let after = Self.sign(end)
    restsOnZero[index] = after == 0
    guard after != before, before != 0, !(after == 0 && rested) else {
      if after != 0 { signs[index] = after }
      return nil
    }
    // An exact zero at the end of the step is the crossing; the way back would be another one.
    signs[index] = -before
    let isRising = before < 0
    guard event.direction == .any || (event.direction == .rising) == isRising else { return nil }
    return EventCrossing(
      index: index, name: event.name,
      time: end == 0 ? state.time : try locate(event, before, end, state),
      isRising: isRising, isTerminal: event.isTerminal)
  }

  /// Regula falsi in Illinois' variant, safeguarded: a bisection after an evaluation that did not
  /// halve the bracket, and no closer to an end of the bracket than the tolerance, so that the far end
  /// comes in too. Returns the end of the final bracket at which `g` has changed its sign.
  ///
  /// Source: Dowell, Jarratt, *BIT* 11 (1971) 168-174; the safeguards are Brent's (1973), chapter 4.
  private func locate(
    _ event: Event, _ signBefore: Double, _ gEnd: Double, _ state: some IntegratorState
  ) throws -> Double {
    var (a, b) = (state.previousTime, state.time)
    var gb = gEnd
    var ga = try value(event, at: a, state)
    // The last step ended on the zero, or rounding moved it: any value of the right sign serves.
    if ga * signBefore <= 0 { ga = signBefore * abs(gb) }
    var widths = (Double.infinity, abs(b - a))
    // The side that was kept last: -1 for a, 1 for b.
    var kept = 0
    while gb != 0 {
      let tolerance = 2 * max(abs(a), abs(b)).ulp
      guard abs(b - a) > tolerance else { break }
      var t = b - gb * (b - a) / (gb - ga)
      if widths.1 > 0.5 * widths.0 || !t.isFinite { t = a + (b - a) / 2 }
      let inset = min(tolerance, abs(b - a) / 2)
      t = min(max(t, min(a, b) + inset), max(a, b) - inset)
      if t == a || t == b { break }
      let g = try value(event, at: t, state)
      if g * signBefore > 0 {
        (a, ga) = (t, g)
        if kept == 1 { gb *= 0.5 }
        kept = 1
      } else {
        (b, gb) = (t, g)
        if kept == -1 { ga *= 0.5 }
        kept = -1
      }
      widths = (widths.1, abs(b - a))
    }
    return b
  }

  private func value(_ event: Event, at t: Double, _ state: some IntegratorState) throws -> Double {
    try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
    return try scratch.withSpan { try value(event, t, $0) }
  }

  private func value(_ event: Event, _ t: Double, _ y: Span<Double>) throws -> Double {
    evaluations += 1
    let g = try event.function(t, y)
    guard !g.isNaN else { throw EventError(name: event.name, time: t) }
    return g
  }

  private static func sign(_ g: Double) -> Double { g > 0 ? 1 : g < 0 ? -1 : 0 }
}
