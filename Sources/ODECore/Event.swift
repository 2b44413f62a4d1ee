/// A scalar function `g(t, y)` whose sign changes are located along the solution.
///
/// A root is looked for in each accepted step, on the step's dense output; two roots of one
/// event within one step cancel and are not seen. A root exactly at the start is no event. Where `g`
/// reaches zero at the end of a step, that is the event; if it stays there, there is no other.
public struct Event {
  /// Which sign changes count, in the direction of integration.
  public enum Direction: String, Sendable, CaseIterable {
    /// From negative to positive.
    case rising
    /// From positive to negative.
    case falling
    case any
  }

  /// As it appears in messages and records.
  public let name: String
  /// Which of its sign changes count.
  public let direction: Direction
  /// Whether the integration ends at the event, with ``ReturnCode/stopped``.
  public let isTerminal: Bool
  /// `g(t, y)`.
  public let function: (Double, Span<Double>) throws -> Double

  /// - Parameter function: `g(t, y)`; what it throws ends the integration and is rethrown as it is, and NaN ends it with
  ///   ``EventError``.
  public init(
    _ name: String, direction: Direction = .any, isTerminal: Bool = false,
    _ function: @escaping (Double, Span<Double>) throws -> Double
  ) {
    self.name = name
    self.direction = direction
    self.isTerminal = isTerminal
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

  public init(index: Int, name: String, time: Double, isRising: Bool, isTerminal: Bool) {
    self.index = index
    self.name = name
    self.time = time
    self.isRising = isRising
    self.isTerminal = isTerminal
  }
}

/// An event function that gave no number.
public struct EventError: Error, Equatable, CustomStringConvertible {
  /// The event's.
  public let name: String
  /// Where it was asked.
  public let time: Double

  public init(name: String, time: Double) {
    self.name = name
    self.time = time
  }

  public var description: String { "event '\(name)': the function is NaN at t = \(time)" }
}
