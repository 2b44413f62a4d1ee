/// Finds the sign changes of a problem's events within accepted steps.
///
/// Uses the method's own root finder where it has one (``EventLocatingState``), else a bracketing
/// search on the step's dense output.
final class EventLocator {
  private let events: [Event]
  private let direction: Double
  private let native: (any EventLocatingState)?
  /// The sign each `g` last had; 0 before it first differed from zero.
  private var signs: [Double]
  private let scratch: StateVector
  /// Evaluations of event functions made here; a native root finder counts its own.
  private(set) var evaluations = 0

  init(_ problem: ODEProblem, _ state: some IntegratorState) throws {
    events = problem.events
    direction = problem.direction
    native = events.isEmpty ? nil : state as? any EventLocatingState
    scratch = StateVector(count: events.isEmpty ? 0 : problem.system.dimension)
    signs = []
    if let native {
      try native.install(events)
    } else {
      signs = try state.withState { y in
        try events.map { Self.sign(try $0.function(problem.initialTime, y)) }
      }
      evaluations += events.count
    }
  }

  /// The crossings in the last step by time, up to and including the first terminal one.
  func crossings(in state: some IntegratorState) throws -> [EventCrossing] {
    var found: [EventCrossing] = []
    if let native {
      found = native.crossings
    } else {
      for index in events.indices {
        if let crossing = try crossing(of: index, in: state) { found.append(crossing) }
      }
      found.sort { ($0.time - $1.time) * direction < 0 }
    }
    if let terminal = found.firstIndex(where: \.isTerminal) {
      found.removeSubrange((terminal + 1)...)
    }
    return found
  }

  private func crossing(of index: Int, in state: some IntegratorState) throws -> EventCrossing? {
    let event = events[index]
    let before = signs[index]
    evaluations += 1
    let end = try state.withState { try event.function(state.time, $0) }
    let after = Self.sign(end)
    guard after != before, before != 0 else {
      if after != 0 { signs[index] = after }
      return nil
    }
    // An exact zero at the end of the step is the crossing; the way back up is then another one.
    signs[index] = -before
    let isRising = before < 0
    guard event.direction == .any || (event.direction == .rising) == isRising else { return nil }
    return EventCrossing(
      index: index, name: event.name, time: try locate(event, before, end, state),
      isRising: isRising, isTerminal: event.isTerminal)
  }

  /// Illinois' variant of regula falsi, with a bisection whenever the bracket shrinks slowly. Returns
  /// the end of the final bracket at which `g` has changed its sign.
  private func locate(
    _ event: Event, _ signBefore: Double, _ gEnd: Double, _ state: some IntegratorState
  ) throws -> Double {
    var (a, b) = (state.previousTime, state.time)
    var gb = gEnd
    var ga = try value(event, at: a, state)
    if ga * signBefore <= 0 { ga = signBefore * abs(gb) }
    var width = abs(b - a)
    while gb != 0, abs(b - a) > 2 * max(abs(a), abs(b)).ulp {
      var t = b - gb * (b - a) / (gb - ga)
      if !(min(a, b) < t && t < max(a, b)) || abs(b - a) > 0.5 * width { t = a + (b - a) / 2 }
      width = abs(b - a)
      if t == a || t == b { break }
      let g = try value(event, at: t, state)
      if g * signBefore > 0 {
        (a, ga) = (t, g)
        gb *= 0.5
      } else {
        (b, gb) = (t, g)
        ga *= 0.5
      }
    }
    return b
  }

  private func value(_ event: Event, at t: Double, _ state: some IntegratorState) throws -> Double {
    evaluations += 1
    try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
    return try scratch.withSpan { try event.function(t, $0) }
  }

  private static func sign(_ g: Double) -> Double { g > 0 ? 1 : g < 0 ? -1 : 0 }
}
