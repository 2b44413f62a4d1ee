import ODECore

/// Writes down every call and the state it came with.
public final class RecordingObserver: Observer {
  /// One call.
  public enum Call: Equatable, Sendable {
    /// The run began at this time.
    case start(Double)
    /// An accepted step, counted from 0.
    case step(index: Int, from: Double, to: Double)
    /// An event by its name, and its time.
    case event(String, Double)
    /// A recorded time.
    case save(Double)
    /// The run ended at this time.
    case finish(Double, ReturnCode)

    /// The time it is about.
    public var time: Double {
      switch self {
      case .start(let t), .step(_, _, let t), .event(_, let t), .save(let t), .finish(let t, _): t
      }
    }
  }

  /// Everything that was reported, in order.
  public private(set) var calls: [Call] = []
  /// The state at each call.
  public private(set) var states: [[Double]] = []
  private let scratch: StateVector?

  /// With `interpolatesIn`, the dimension of the system, the dense output of every step is read at its
  /// quarters.
  public init(interpolatesIn dimension: Int? = nil) {
    scratch = dimension.map { StateVector(count: $0) }
  }

  public let watchesSteps = true

  public func begin(_ moment: Moment) { write(.start(moment.time), moment) }
  public func step(_ moment: Moment) throws {
    let (from, to) = (moment.previousTime, moment.time)
    write(.step(index: moment.statistics.accepted, from: from, to: to), moment)
    guard let scratch else { return }
    for k in [3, 0, 1, 4, 2] {
      let t = k == 4 ? to : from + Double(k) / 4 * (to - from)
      try scratch.withMutableSpan { try moment.interpolate(at: t, into: &$0) }
    }
  }
  public func event(_ crossing: EventCrossing, _ moment: Moment) {
    write(.event(crossing.name, crossing.time), moment)
  }
  public func record(_ moment: Moment) -> [Double] {
    write(.save(moment.time), moment)
    return []
  }
  public func finish(_ moment: Moment) -> [String: ObservedValue] {
    write(.finish(moment.time, moment.returnCode!), moment)
    return [:]
  }

  private func write(_ call: Call, _ moment: Moment) {
    calls.append(call)
    states.append(moment.withState(Array.init(copying:)))
  }

  /// The ends of the steps.
  public var stepTimes: [Double] {
    calls.compactMap { if case .step(_, _, let t) = $0 { t } else { nil } }
  }
  /// The saved times.
  public var saveTimes: [Double] {
    calls.compactMap { if case .save(let t) = $0 { t } else { nil } }
  }

  /// What contradicts the order that ``/ODECore/Observer`` promises, for integration in `direction`.
  public func orderViolations(direction: Double) -> [String] {
    var found: [String] = []
    // Where in the cycle step, events, saves a call may stand: each kind's rank within one step.
    var rank = 0
    var previous = -Double.infinity
    var stepEnd = -Double.infinity
    for (position, call) in calls.enumerated() {
      let t = call.time * direction
      func complain(_ what: String) { found.append("call \(position), \(call): \(what)") }
      switch call {
      case .start:
        if position != 0 { complain("start must be the first call") }
      case .step(_, let from, let to):
        if position == 0 { complain("start must be the first call") }
        if (to - from) * direction <= 0 {
          complain("a step must go forwards in the direction of integration")
        }
        if stepEnd > -.infinity, from * direction != stepEnd {
          complain("it does not begin where the last one ended")
        }
        (rank, previous, stepEnd) = (1, -.infinity, to * direction)
      case .event:
        if rank > 2 || rank == 0 { complain("events come after their step and before saves") }
        if rank == 2, t < previous { complain("events must come by time") }
        if t > stepEnd { complain("an event beyond the end of its step") }
        (rank, previous) = (2, t)
      case .save:
        if rank == 3, t <= previous { complain("saves must come by time, none twice") }
        if rank > 0, t > stepEnd { complain("a save beyond the end of its step") }
        (rank, previous) = (3, t)
      case .finish(let end, _):
        if position != calls.count - 1 { complain("finish must be the last call") }
        if saveTimes.last != end { complain("the last time must be saved before finish") }
      }
    }
    guard case .start(let t0)? = calls.first else { return found + ["no call of start"] }
    if calls.count < 2 || calls[1] != .save(t0) {
      found.append("the initial time must be saved just after start")
    }
    if case .finish? = calls.last {} else { found.append("no call of finish") }
    return found
  }
}
