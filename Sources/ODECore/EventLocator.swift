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

  /// - Parameter resumes: a resumed run has counted the evaluations at its first time when it first came there.
  init(_ problem: ODEProblem, _ state: some IntegratorState, resumes: Bool) throws {
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
      if resumes { evaluations = 0 }
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

  /// Chandrupatla's method: inverse quadratic interpolation where it can be trusted, else bisection.
  /// Returns the end of the final bracket at which `g` has changed its sign.
  ///
  /// Source: Chandrupatla, *Adv. Eng. Softw.* 28 (1997) 145-149, doi:10.1016/S0965-9978(96)00051-8.
  private func locate(
    _ event: Event, _ signBefore: Double, _ gEnd: Double, _ state: some IntegratorState
  ) throws -> Double {
    /// `x1` is the newest point, `x2` the other end of the bracket, `x3` the point before.
    var (x1, f1) = (state.time, gEnd)
    var (x2, f2) = (state.previousTime, try value(event, at: state.previousTime, state))
    // The last step ended on the zero, or rounding moved it: any value of the right sign serves.
    if f2 * signBefore <= 0 { f2 = signBefore * abs(f1) }
    var (x3, f3) = (x2, f2)
    var fraction = 0.5
    while f1 != 0 {
      let tolerance = max(abs(x1), abs(x2)).ulp
      guard abs(x2 - x1) > 2 * tolerance else { break }
      let least = tolerance / abs(x2 - x1)
      let x = x1 + min(max(fraction, least), 1 - least) * (x2 - x1)
      if x == x1 || x == x2 { break }
      let f = try value(event, at: x, state)
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
