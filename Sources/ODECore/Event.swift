/// A scalar function `g(t, y)` whose sign changes are located along the solution.
///
/// Roots are looked for in each accepted step, on the step's dense output, also where several lie in one step
/// (`EventSearch` says how fine). A root exactly at the start is no event. Where `g`
/// reaches zero at the end of a step, that is the event; if it stays there, there is no other.
///
/// An event may change the state, as the bounce of a ball does: ``change``. The method then begins anew. Events that change the
/// state at ever shorter intervals end the run with ``ReturnCode/zeno``.
///
/// ```swift
/// let bounce = Event("bounce", direction: .falling, change: { _, y in
///   y[0] = 0
///   y[1] = -0.9 * y[1]
/// }) { _, y in y[0] }
/// ```
public struct Event {
  /// Which sign changes count, in the direction of integration.
  public enum Direction: String, Sendable, CaseIterable {
    /// From negative to positive.
    case rising
    /// From positive to negative.
    case falling
    /// Every change of sign.
    case any
  }

  /// As it appears in messages and records.
  public let name: String
  /// What has happened where it ends the integration, for the message: `reached the loss 5e-7`; `nil`: its name is told.
  public let meaning: String?
  /// Which of its sign changes count.
  public let direction: Direction
  /// Whether the integration ends at the event, with ``ReturnCode/stopped``.
  public let isTerminal: Bool
  /// Which of its crossings ends the integration, from 1, if it is terminal. They are counted from the start,
  /// earlier parts of a resumed run included.
  public let occurrences: Int
  /// Whether sign changes are looked for inside steps too, at two evaluations of `g` a step or more. Where `g` cannot return within a
  /// step, as a loss that only falls, its sign at the ends of steps is enough.
  public let searchesInside: Bool
  /// Changes the state where the event is, `y` in place; what it throws ends the integration.
  public let change: ((_ t: Double, _ y: inout MutableSpan<Double>) throws -> Void)?
  /// `g(t, y)`.
  public let function: (Double, Span<Double>) throws -> Double

  /// - Parameters:
  ///   - occurrences: at least 1.
  ///   - function: `g(t, y)`; what it throws ends the integration and is rethrown as it is, and NaN ends it with
  ///   ``EventError``.
  public init(
    _ name: String, meaning: String? = nil, direction: Direction = .any, isTerminal: Bool = false,
    occurrences: Int = 1,
    searchesInside: Bool = true,
    change: ((_ t: Double, _ y: inout MutableSpan<Double>) throws -> Void)? = nil,
    _ function: @escaping (Double, Span<Double>) throws -> Double
  ) {
    self.name = name
    self.meaning = meaning
    self.direction = direction
    self.isTerminal = isTerminal
    self.occurrences = occurrences
    self.searchesInside = searchesInside
    self.change = change
    self.function = function
  }
}

/// An event that was located.
public struct EventCrossing: Equatable, Sendable {
  /// Index into ``ODEProblem/events``.
  public let index: Int
  /// The event's.
  public let name: String
  /// The root on the step's dense output, in units of `t`.
  public let time: Double
  /// Whether `g` rose through zero in the direction of integration (else it fell).
  public let isRising: Bool
  /// Whether the integration ended here.
  public let isTerminal: Bool
  /// Whether the event changed the state here.
  public let changesState: Bool

  var endsStep: Bool { isTerminal || changesState }

  /// An event from its parts; `value` is the function whose sign changes are located.
  public init(
    index: Int, name: String, time: Double, isRising: Bool, isTerminal: Bool, changesState: Bool = false
  ) {
    self.index = index
    self.name = name
    self.time = time
    self.isRising = isRising
    self.isTerminal = isTerminal
    self.changesState = changesState
  }
}

/// An event function that gave no number.
public struct EventError: Error, Equatable, CustomStringConvertible {
  /// The event's.
  public let name: String
  /// Where it was asked.
  public let time: Double

  /// An event at one time.
  public init(name: String, time: Double) {
    self.name = name
    self.time = time
  }

  public var description: String { "event '\(name)': the function is NaN at t = \(time)" }
}
