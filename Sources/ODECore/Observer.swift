/// Something that watches an integration.
///
/// The calls come in this order:
/// 1. ``start(_:_:)`` once, at the initial time.
/// 2. For each accepted step: ``step(_:_:)``; then ``event(_:_:)`` for each event located in
///    that step, by time; then ``save(_:_:)`` for each requested time in it, by time. A step with
///    a terminal event is cut there: nothing beyond the event is ever shown.
/// 3. ``finish(_:_:_:)`` once, at the last time reached, whatever ended the run. The last time is
///    also always saved, just before. The initial time is saved just after `start`.
///
/// A span is valid only during the call. An observer cannot change the numerics: steps are the
/// same with and without it. If it throws, the integration ends and the error reaches the caller.
public protocol Observer: AnyObject {
  func start(_ t: Double, _ y: Span<Double>) throws
  func step(_ step: AcceptedStep, _ y: Span<Double>) throws
  func event(_ crossing: EventCrossing, _ y: Span<Double>) throws
  func save(_ t: Double, _ y: Span<Double>) throws
  func finish(_ t: Double, _ y: Span<Double>, _ returnCode: ReturnCode) throws
}

extension Observer {
  public func start(_ t: Double, _ y: Span<Double>) throws {}
  public func step(_ step: AcceptedStep, _ y: Span<Double>) throws {}
  public func event(_ crossing: EventCrossing, _ y: Span<Double>) throws {}
  public func save(_ t: Double, _ y: Span<Double>) throws {}
  public func finish(_ t: Double, _ y: Span<Double>, _ returnCode: ReturnCode) throws {}
}

/// One accepted step, as observers see it; valid only during the call.
public struct AcceptedStep {
  /// 1 for the first step.
  public let index: Int
  /// Its beginning.
  public let previousTime: Double
  /// Its end: `t_n`, or the time of a terminal event inside the step.
  public let time: Double
  public let statistics: Statistics
  let state: any IntegratorState

  /// Dense output anywhere in the step.
  public func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    try state.interpolate(at: t, into: &y)
  }
}

/// Passes every call on to several observers, in order; with none it is the null observer.
public final class CompositeObserver: Observer {
  private let observers: [any Observer]

  public init(_ observers: [any Observer]) { self.observers = observers }

  public func start(_ t: Double, _ y: Span<Double>) throws {
    for observer in observers { try observer.start(t, y) }
  }
  public func step(_ step: AcceptedStep, _ y: Span<Double>) throws {
    for observer in observers { try observer.step(step, y) }
  }
  public func event(_ crossing: EventCrossing, _ y: Span<Double>) throws {
    for observer in observers { try observer.event(crossing, y) }
  }
  public func save(_ t: Double, _ y: Span<Double>) throws {
    for observer in observers { try observer.save(t, y) }
  }
  public func finish(_ t: Double, _ y: Span<Double>, _ returnCode: ReturnCode) throws {
    for observer in observers { try observer.finish(t, y, returnCode) }
  }
}
