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
  /// What to call the components of `y`; `nil`: nobody has named them.
  public let componentNames: [String]?
  /// What exact solutions keep; `nil`: nobody has said.
  public let invariants: Invariants?
  /// Where `f` may jump: no step crosses one.
  public let discontinuities: Discontinuities
  /// The way back to the problem's own coordinates, if it is integrated in fewer.
  public let reduction: (any CoordinateReduction)?
  /// What moves the state, where it is not ``system``, see ``moved(by:rest:)``.
  public internal(set) var mover: (any ODESystem)?
  /// In an array, since a structure cannot hold itself.
  private var positionsStorage: [ODEProblem] = []
  /// The problem whose state is the first part of this one's, and which observers are shown, see ``moved(by:rest:)``.
  public internal(set) var positions: ODEProblem? {
    get { positionsStorage.first }
    set { positionsStorage = newValue.map { [$0] } ?? [] }
  }

  /// - Throws: ``ODEProblemError`` if the state has the wrong length or holds a value that is not
  ///   finite, if there are not as many names as components, or if the times are not usable.
  public init(
    _ system: any ODESystem, from initialTime: Double = 0, to finalTime: Double,
    initialState: [Double], events: [Event] = [], componentNames: [String]? = nil,
    invariants: Invariants? = nil, discontinuities: Discontinuities = .none,
    reduction: (any CoordinateReduction)? = nil
  ) throws {
    guard initialState.count == system.dimension else {
      throw ODEProblemError.wrongStateLength(expected: system.dimension, got: initialState.count)
    }
    if let bad = initialState.firstIndex(where: { !$0.isFinite }) {
      throw ODEProblemError.nonFiniteState(index: bad, value: initialState[bad])
    }
    if let componentNames, componentNames.count != system.dimension {
      throw ODEProblemError.wrongNameCount(expected: system.dimension, got: componentNames.count)
    }
    guard initialTime.isFinite, !finalTime.isNaN, finalTime != initialTime else {
      throw ODEProblemError.unusableTimes(from: initialTime, to: finalTime)
    }
    self.system = system
    self.initialTime = initialTime
    self.finalTime = finalTime
    self.initialState = initialState
    self.events = events
    self.componentNames = componentNames
    self.invariants = invariants
    self.discontinuities = discontinuities
    self.reduction = reduction
  }

  /// The same problem, started at a checkpoint.
  func resumed(at checkpoint: Checkpoint) throws -> ODEProblem {
    try restarted(at: checkpoint.time, checkpoint.state)
  }

  /// The same problem, started at another point.
  ///
  /// - Throws: ``ODEProblemError``.
  public func restarted(at t: Double, _ y: [Double]) throws -> ODEProblem {
    var problem = try ODEProblem(
      system, from: t, to: finalTime, initialState: y, events: events, componentNames: componentNames,
      invariants: invariants, discontinuities: discontinuities, reduction: reduction)
    (problem.mover, problem.positions) = (mover, positions)
    return problem
  }

  /// The name of `y_i`, `i` from 0: `y0`, `y1`, ... where nobody has named them.
  public func componentName(_ i: Int) -> String { componentNames?[i] ?? "y\(i)" }

  /// `+1` when time runs forwards, `-1` backwards.
  public var direction: Double { finalTime > initialTime ? 1 : -1 }
}

/// Why an ``ODEProblem`` could not be posed.
public enum ODEProblemError: Error, Equatable, CustomStringConvertible {
  /// The initial state does not have the system's dimension.
  case wrongStateLength(expected: Int, got: Int)
  /// A component of the initial state is NaN or infinite.
  case nonFiniteState(index: Int, value: Double)
  /// There is not one name for each component.
  case wrongNameCount(expected: Int, got: Int)
  /// The start is not finite, or the end is NaN or the start itself.
  case unusableTimes(from: Double, to: Double)

  public var description: String {
    switch self {
    case .wrongStateLength(let expected, let got):
      "the initial state has \(got) elements, the system \(expected)"
    case .nonFiniteState(let index, let value):
      "element \(index) of the initial state is \(value); every element must be finite"
    case .wrongNameCount(let expected, let got):
      "there are \(got) names for the \(expected) components of the state"
    case .unusableTimes(let from, let to):
      "cannot integrate from t = \(from) to t = \(to): the start must be finite and differ from the end"
    }
  }
}
