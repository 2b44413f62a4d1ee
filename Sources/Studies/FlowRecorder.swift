import GradientFlow
import ODECore

/// Turns what the driver reports into what flow observers see, and collects the trajectory's rows.
final class FlowRecorder: Observer, TrajectoryRecorder {
  let columns: [String]
  /// The rows of `trajectory.csv` so far, without the header.
  private(set) var rows: [String] = []
  /// What each observer said at the end, by its name.
  private(set) var results: [String: [String: ObservedValue]] = [:]
  /// `R` at the last recorded time.
  private(set) var lastLoss: Double?
  /// Called at each recorded time with the row's index and the integrated state.
  var onRecord: ((Int, Span<Double>) throws -> Void)?

  private let views: NetworkViews
  private let observers: [any FlowObserver]
  private let stepWatchers: [any FlowObserver]
  private let resumption: Resumption?

  init(_ experiment: Experiment, resumption: Resumption?) {
    views = NetworkViews(experiment)
    observers = experiment.observers
    stepWatchers = observers.filter(\.watchesSteps)
    self.resumption = resumption
    columns = Self.columns(of: observers)
    rows = resumption?.rows ?? []
  }

  static func columns(of observers: [any FlowObserver]) -> [String] {
    ["time", "loss"] + observers.flatMap(\.columns)
  }

  var memories: [String: [Double]] {
    Dictionary(uniqueKeysWithValues: observers.map { ($0.name, $0.memory) })
  }

  func start(_ t: Double, _ y: Span<Double>) throws {
    guard let resumption else {
      return try views.with(t, y, for: observers) { _, view in
        for observer in observers { try observer.begin(view(observer)) }
      }
    }
    try views.with(0, resumption.initialState.span, for: observers) { _, view in
      for observer in observers {
        try observer.begin(view(observer))
        if let memory = resumption.memories[observer.name] { observer.memory = memory }
      }
    }
  }

  func step(_ step: AcceptedStep, _ y: Span<Double>) throws {
    if stepWatchers.isEmpty { return }
    try views.with(step.time, y, for: stepWatchers) { _, view in
      for observer in stepWatchers { try observer.step(view(observer)) }
    }
  }

  func save(_ t: Double, _ y: Span<Double>) throws {
    try views.with(t, y, for: observers) { s, view in
      lastLoss = s.loss
      var row = [t, s.loss]
      for observer in observers {
        row += try ObserverContractError.checked(
          observer.record(view(observer)), observer.name, observer.columns)
      }
      rows.append(row.map { "\($0)" }.joined(separator: ","))
    }
    try onRecord?(rows.count - 1, y)
  }

  func finish(_ t: Double, _ y: Span<Double>, _ returnCode: ReturnCode) throws {
    try views.with(t, y, for: observers) { _, view in
      for observer in observers { results[observer.name] = try observer.finish(view(observer)) }
    }
  }

  var header: String { columns.joined(separator: ",") }

  var tables: [(name: String, table: ObservedTable)] {
    observers.flatMap { o in o.tables.map { ("\(o.name)-\($0.name)", $0) } }
  }
}

/// An observer that returned another number of values than it has columns.
struct ObserverContractError: Error, CustomStringConvertible {
  let observer: String
  let expected: Int
  let got: Int
  var description: String {
    "observer '\(observer)' announced \(expected) columns and recorded \(got) values"
  }

  /// `values`, if there is one for each of the observer's columns.
  static func checked(_ values: [Double], _ observer: String, _ columns: [String]) throws -> [Double] {
    guard values.count == columns.count else {
      throw ObserverContractError(observer: observer, expected: columns.count, got: values.count)
    }
    return values
  }
}
