import ODECore

/// An initial value problem that a user can run by name: a system with its start, and what to call its parts.
///
/// ```swift
/// try catalog.systems.add("decay", summary: "y' = -y") { _ in
///   try SystemModel(
///     name: "decay", ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }, initialState: [1],
///     finalTime: 10)
/// }
/// ```
public struct SystemModel {
  /// With parameters, if there are any: `lorenz:10,28,2.66`.
  public let name: String
  /// The right-hand side.
  public let system: any ODESystem
  /// `N` names, the columns of `trajectory.csv`.
  public let componentNames: [String]
  /// `t_0`.
  public let initialTime: Double
  /// `y(t_0)`.
  public let initialState: [Double]
  /// Where a run ends unless the user says otherwise; `nil`: the user must.
  public let finalTime: Double?
  /// What is located along a run.
  public let events: [Event]
  /// What exact solutions keep, if it is known.
  public let invariants: Invariants?
  /// Where `f` may jump.
  public let discontinuities: Discontinuities
  /// What is known of the solution from elsewhere; a run that ends there says its error.
  public let known: KnownSolution?
  /// What sensitivities can be taken with respect to, beside the start.
  public var parameters: [SystemParameter] = []

  /// - Parameter componentNames: `nil` for `y0, y1, ...`.
  /// - Throws: ``SystemModelError`` if there are not as many names or values as unknowns, or names that no
  ///   CSV file can hold.
  public init(
    name: String, _ system: any ODESystem, initialState: [Double], from initialTime: Double = 0,
    finalTime: Double? = nil, componentNames: [String]? = nil, events: [Event] = [],
    invariants: Invariants? = nil, discontinuities: Discontinuities = .none, known: KnownSolution? = nil
  ) throws {
    let names = componentNames ?? (0..<system.dimension).map { "y\($0)" }
    func require(_ condition: Bool, _ problem: @autoclosure () -> String) throws {
      if !condition { throw SystemModelError(system: name, problem: problem()) }
    }
    let count = system.dimension
    try require(count > 0, "it has \(count) unknowns; there must be at least one")
    try require(names.count == count, "\(count) unknowns and \(names.count) names")
    try require(initialState.count == count, "\(count) unknowns and a start of \(initialState.count) numbers")
    if let problem = unusableColumn(names) { try require(false, problem) }
    try require(
      Set(names).count == count && !names.contains("time"), "the columns \(names) are not different")
    if let bad = initialState.firstIndex(where: { !$0.isFinite }) {
      try require(false, "\(names[bad]) is \(initialState[bad]) at the start; it must be finite")
    }
    try require(initialTime.isFinite, "the initial time is \(initialTime)")
    self.name = name
    self.system = system
    self.componentNames = names
    self.initialTime = initialTime
    self.initialState = initialState
    self.finalTime = finalTime
    self.events = events
    self.invariants = invariants
    self.discontinuities = discontinuities
    self.known = known
  }

  /// The problem of a run to `finalTime`, from the model's own start unless another is given.
  ///
  /// - Throws: `ODEProblemError`.
  public func problem(to finalTime: Double, initialState: [Double]? = nil) throws -> ODEProblem {
    try ODEProblem(
      system, from: initialTime, to: finalTime, initialState: initialState ?? self.initialState,
      events: events, componentNames: componentNames, invariants: invariants,
      discontinuities: discontinuities)
  }
}

/// A system that contradicts itself.
public struct SystemModelError: Error, Equatable, CustomStringConvertible {
  /// The system's name.
  public let system: String
  /// Why it cannot be integrated.
  public let problem: String
  public var description: String { "system '\(system)': \(problem)" }
}
