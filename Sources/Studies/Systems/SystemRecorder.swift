import GradientFlow
import ODECore
import PluginKit

/// Turns what the driver reports into what observers of systems see, and collects the trajectory's rows.
final class SystemRecorder: Observer, TrajectoryRecorder {
  private(set) var rows: [String] = []
  /// What each observer said at the end, by its name.
  private(set) var results: [String: [String: ObservedValue]] = [:]

  private let model: SystemModel
  private let observers: [any SystemObserver]
  private let stepWatchers: [any SystemObserver]
  private let resumption: Resumption?

  init(_ model: SystemModel, _ observers: [any SystemObserver], resumption: Resumption?) {
    self.model = model
    self.observers = observers
    stepWatchers = observers.filter(\.watchesSteps)
    self.resumption = resumption
    rows = resumption?.rows ?? []
  }

  static func columns(of model: SystemModel, _ observers: [any SystemObserver]) -> [String] {
    ["time"] + model.componentNames + observers.flatMap(\.columns)
  }

  var memories: [String: [Double]] {
    Dictionary(uniqueKeysWithValues: observers.map { ($0.name, $0.memory) })
  }

  func start(_ t: Double, _ y: Span<Double>) throws {
    guard let resumption else {
      return try SystemPoint.with(model, t, y) { point in
        for observer in observers { try observer.begin(point) }
      }
    }
    try SystemPoint.with(model, model.initialTime, resumption.initialState.span) { point in
      for observer in observers {
        try observer.begin(point)
        if let memory = resumption.memories[observer.name] { observer.memory = memory }
      }
    }
  }

  func step(_ step: AcceptedStep, _ y: Span<Double>) throws {
    if stepWatchers.isEmpty { return }
    try SystemPoint.with(model, step.time, y, previousTime: step.previousTime) { point in
      for observer in stepWatchers { try observer.step(point) }
    }
  }

  func save(_ t: Double, _ y: Span<Double>) throws {
    try SystemPoint.with(model, t, y) { point in
      var row = [t] + [Double](copying: y)
      for observer in observers {
        row += try ObserverContractError.checked(observer.record(point), observer.name, observer.columns)
      }
      rows.append(row.map { "\($0)" }.joined(separator: ","))
    }
  }

  func finish(_ t: Double, _ y: Span<Double>, _ returnCode: ReturnCode) throws {
    try SystemPoint.with(model, t, y) { point in
      for observer in observers { results[observer.name] = try observer.finish(point) }
    }
  }

  var header: String { Self.columns(of: model, observers).joined(separator: ",") }
}
