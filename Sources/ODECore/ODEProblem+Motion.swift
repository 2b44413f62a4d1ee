/// Motions with more unknowns than are watched: positions, and velocities beyond.
extension ODEProblem {
  /// The problem in which `system` moves this one's state. Its state is that of this problem, the positions, followed by `rest`.
  ///
  /// Observers are shown the positions, in this problem's own terms, and ask ``Moment/motion`` for the rest. Events see the
  /// positions only; one that changes the state traps.
  ///
  /// - Throws: ``ODEProblemError``.
  public func moved(by system: any ODESystem, rest: [Double] = []) throws -> ODEProblem {
    let count = self.system.dimension
    var problem = try ODEProblem(
      system, from: initialTime, to: finalTime, initialState: initialState + rest,
      events: events.map { $0.ofFirst(count, mayReturn: !rest.isEmpty) }, discontinuities: discontinuities)
    var positions = self
    positions.mover = system
    problem.positions = positions
    return problem
  }

  /// The problem that `observer` is shown: that of the positions, in coordinates that it accepts.
  public func shown(to observer: any Observer) -> ODEProblem {
    observer.acceptsReducedCoordinates ? watched : ambient
  }

  /// The problem of the positions; itself where there is nothing else.
  public var watched: ODEProblem { positions ?? self }

  /// ``watched`` in the problem's own coordinates.
  public var ambient: ODEProblem {
    let watched = watched
    guard var own = watched.reduction?.full else { return watched }
    own.mover = watched.mover
    return own
  }

  /// What of a state of this problem belongs to ``ambient``.
  public func ambientState(_ state: [Double]) -> [Double] {
    let watched = watched
    let positions = positions == nil ? state : Array(state.prefix(watched.system.dimension))
    guard let reduction = watched.reduction else { return positions }
    let result = StateVector(count: reduction.full.system.dimension)
    reduction.lift(positions.span, into: result)
    return result.array
  }
}

extension Event {
  /// The same event of a state of which it sees the first `count` numbers.
  ///
  /// - Parameter mayReturn: whether inertia may take a function back over zero that only falls otherwise.
  fileprivate func ofFirst(_ count: Int, mayReturn: Bool) -> Event {
    precondition(change == nil, "what a change of positions does to velocities is not known")
    return Event(
      name, meaning: meaning, direction: direction, isTerminal: isTerminal, occurrences: occurrences,
      searchesInside: searchesInside || mayReturn
    ) { [function] in try function($0, $1.extracting(0..<count)) }
  }
}
