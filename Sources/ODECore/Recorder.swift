/// Shows the observers what happens, each in the coordinates that it wants, and keeps the record.
final class Recorder {
  private(set) var record: Record
  /// What each observer said at the end, by its name.
  private(set) var observed: [String: [String: ObservedValue]] = [:]

  private let observers: [any Observer]
  private let stepWatchers: [any Observer]
  /// The numbers of columns that the observers announced.
  private let counts: [Int]
  /// The integrated problem.
  private let problem: ODEProblem
  /// Its whole state, if observers are shown a part of it: the positions of a motion.
  private let motion: Moment?
  /// The problem that is watched, in the coordinates that are integrated.
  private let moment: Moment
  private let reduction: (any CoordinateReduction)?
  /// The problem in its own coordinates, if these are others.
  private let full: Moment?
  /// Made when first needed.
  private lazy var lifted = StateVector(count: full!.problem.system.dimension)
  private let mostRows: Int?
  private let checkpoint: Checkpoint?

  /// - Throws: ``ObserverError``.
  init(
    _ problem: ODEProblem, _ observers: [any Observer], mostRows: Int?, resume checkpoint: Checkpoint?
  ) throws {
    let columns = try observers.columns(watching: problem)
    self.observers = observers
    stepWatchers = observers.filter(\.watchesSteps)
    counts = observers.map(\.columns.count)
    self.problem = problem
    motion = problem.positions.map { _ in Moment(problem) }
    moment = Moment(problem.watched, of: motion)
    reduction = problem.watched.reduction
    full = reduction == nil ? nil : Moment(problem.ambient, of: motion)
    self.mostRows = mostRows
    self.checkpoint = checkpoint
    record = checkpoint?.record.flatMap { $0.columns == columns ? $0 : nil } ?? Record(columns: columns)
  }

  var memories: [String: [Double]] {
    Dictionary(
      observers.filter { !$0.name.isEmpty }.map { ($0.name, $0.memory) }, uniquingKeysWith: { $1 })
  }

  /// Shows the problem's own start.
  func begin() throws {
    let problem = problem
    try show(problem.initialTime, problem.initialState.span, observers) { try $0.begin($1) }
    guard let checkpoint else { return }
    for observer in observers {
      if let memory = checkpoint.memories[observer.name] { observer.memory = memory }
    }
  }

  /// Whether anyone is to be shown the steps.
  var watchesSteps: Bool { !stepWatchers.isEmpty }

  func step(
    from previousTime: Double, to t: Double, _ y: Span<Double>, _ state: any IntegratorState
  ) throws {
    let statistics = state.statistics
    motion?.setStep(state, statistics, nil)
    moment.setStep(state, statistics, nil)
    full?.setStep(state, statistics, reduction)
    try show(t, y, stepWatchers, previousTime: previousTime) { try $0.step($1) }
    motion?.setStep(nil, statistics, nil)
    moment.setStep(nil, statistics, nil)
    full?.setStep(nil, statistics, nil)
  }

  func event(_ crossing: EventCrossing, _ y: Span<Double>) throws {
    try show(crossing.time, y, observers) { try $0.event(crossing, $1) }
  }

  func save(_ t: Double, _ y: Span<Double>) throws {
    if observers.isEmpty { return }
    var row = [t]
    row.reserveCapacity(record.columns.count)
    var i = 0
    try show(t, y, observers) { observer, moment in
      let values = try observer.record(moment)
      guard values.count == counts[i] else {
        throw ObserverError.wrongCount(observer: observer.name, expected: counts[i], got: values.count)
      }
      row += values
      i += 1
    }
    if let mostRows { record.append(row, most: mostRows) } else { record.append(row) }
  }

  func finish(_ t: Double, _ y: Span<Double>, _ code: ReturnCode) throws {
    try show(t, y, observers, returnCode: code) { observer, moment in
      let values = try observer.finish(moment)
      if !observer.name.isEmpty { observed[observer.name] = values }
    }
  }

  /// Of every observer that has any, by its name.
  var tables: [(observer: String, table: ObservedTable)] {
    observers.flatMap { observer in observer.tables.map { (observer.name, $0) } }
  }

  private func show(
    _ t: Double, _ y: Span<Double>, _ observers: [any Observer], previousTime: Double? = nil,
    returnCode: ReturnCode? = nil, _ body: (any Observer, Moment) throws -> Void
  ) throws {
    guard let motion else {
      return try showPositions(t, y, observers, previousTime: previousTime, returnCode: returnCode, body)
    }
    let count = moment.problem.system.dimension
    try motion.show(t, y, previousTime: previousTime, returnCode: returnCode) { _ in
      try showPositions(
        t, y.extracting(0..<count), observers, previousTime: previousTime, returnCode: returnCode, body)
    }
  }

  private func showPositions(
    _ t: Double, _ y: Span<Double>, _ observers: [any Observer], previousTime: Double?,
    returnCode: ReturnCode?, _ body: (any Observer, Moment) throws -> Void
  ) throws {
    try moment.show(t, y, previousTime: previousTime, returnCode: returnCode) { reduced in
      guard let full, let reduction, !observers.allSatisfy(\.acceptsReducedCoordinates) else {
        for observer in observers { try body(observer, reduced) }
        return
      }
      reduction.lift(y, into: lifted)
      try lifted.withSpan {
        try full.show(t, $0, previousTime: previousTime, returnCode: returnCode) { full in
          for observer in observers {
            try body(observer, observer.acceptsReducedCoordinates ? reduced : full)
          }
        }
      }
    }
  }
}

extension Array where Element == any Observer {
  /// The columns of the record that these observers make of `problem`: `time`, then their own.
  ///
  /// - Throws: ``ObserverError`` if one cannot watch it, or two have a name or a column in common.
  public func columns(watching problem: ODEProblem) throws -> [String] {
    for observer in self {
      if let reason = observer.refusal(of: problem.shown(to: observer)) {
        throw ObserverError.refused(observer: observer.name, reason: reason)
      }
    }
    if let twice = map(\.name).filter({ !$0.isEmpty }).firstRepeated { throw ObserverError.sameName(twice) }
    let columns = ["time"] + flatMap(\.columns)
    if let twice = columns.firstRepeated { throw ObserverError.sameColumn(twice) }
    return columns
  }
}

extension Array where Element: Hashable {
  /// The first element that came before.
  package var firstRepeated: Element? {
    var seen: Set<Element> = []
    return first { !seen.insert($0).inserted }
  }
}
