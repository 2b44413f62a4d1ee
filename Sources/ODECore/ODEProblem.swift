/// A system, its start and the interval of integration.
public struct ODEProblem {
  /// `f` of `y' = f(t, y)`.
  public let system: any ODESystem
  /// `t_0`.
  public let initialTime: Double
  /// `t_end`; may lie before ``initialTime`` (integration runs backwards) and may be infinite if
  /// an event ends the run.
  public let finalTime: Double
  /// `y(t_0)`, ``ODESystem/dimension`` elements.
  public let initialState: [Double]
  /// Looked for along the solution; indices count in ``EventCrossing/index``.
  public let events: [Event]

  /// - Throws: ``ODEProblemError`` if the state has the wrong length or holds a value that is not
  ///   finite, or if the times are not usable.
  public init(
    _ system: any ODESystem, from initialTime: Double = 0, to finalTime: Double,
    initialState: [Double], events: [Event] = []
  ) throws {
    guard initialState.count == system.dimension else {
      throw ODEProblemError.wrongStateLength(expected: system.dimension, got: initialState.count)
    }
    if let bad = initialState.firstIndex(where: { !$0.isFinite }) {
      throw ODEProblemError.nonFiniteState(index: bad, value: initialState[bad])
    }
    guard initialTime.isFinite, !finalTime.isNaN, finalTime != initialTime else {
      throw ODEProblemError.unusableTimes(from: initialTime, to: finalTime)
    }
    self.system = system
    self.initialTime = initialTime
    self.finalTime = finalTime
    self.initialState = initialState
    self.events = events
  }

  /// The same problem, started at a checkpoint.
  func resumed(at checkpoint: Checkpoint) throws -> ODEProblem {
    try ODEProblem(
      system, from: checkpoint.time, to: finalTime, initialState: checkpoint.state, events: events)
  }

  /// `+1` when time runs forwards, `-1` backwards.
  public var direction: Double { finalTime > initialTime ? 1 : -1 }
}

/// Why an ``ODEProblem`` could not be posed.
public enum ODEProblemError: Error, Equatable, CustomStringConvertible {
  case wrongStateLength(expected: Int, got: Int)
  case nonFiniteState(index: Int, value: Double)
  case unusableTimes(from: Double, to: Double)

  public var description: String {
    switch self {
    case .wrongStateLength(let expected, let got):
      "the initial state has \(got) elements, the system \(expected)"
    case .nonFiniteState(let index, let value):
      "element \(index) of the initial state is \(value); every element must be finite"
    case .unusableTimes(let from, let to):
      "cannot integrate from t = \(from) to t = \(to): the start must be finite and differ from the end"
    }
  }
}
