import Foundation
import GradientFlow
import ODECore
import PluginKit

/// A ``SystemConfiguration`` made concrete: the system, its start, the integrator, the observers.
public struct SystemExperiment {
  /// Complete: the end that applies is filled in.
  public let configuration: SystemConfiguration
  public let model: SystemModel
  public let problem: ODEProblem
  public let integrator: any Integrator
  public let observers: [any SystemObserver]
  public let saving: SaveTimes

  /// - Throws: ``UsageError`` for anything in the configuration that cannot be.
  public init(
    _ configuration: SystemConfiguration, _ catalog: PluginCatalog, stepScale: Double = 1
  ) throws {
    self = try UsageError.preparing {
      try SystemExperiment(preparing: configuration, catalog, stepScale)
    }
  }

  private init(
    preparing configuration: SystemConfiguration, _ catalog: PluginCatalog, _ stepScale: Double
  ) throws {
    var configuration = configuration
    try configuration.checkNumbers()
    let model = try catalog.systems.make(configuration.system)
    guard let end = configuration.tEnd ?? model.finalTime else {
      throw UsageError("the system '\(model.name)' says nothing of its end: give t-end")
    }
    configuration.tEnd = end
    let start = try configuration.initialState.map {
      try StateStorage.vector(model.initialState.count).read(URL(filePath: $0))
    }
    problem = try ODEProblem(
      model.system, from: model.initialTime, to: end, initialState: start ?? model.initialState,
      events: model.events)
    guard end.isFinite || model.events.contains(where: \.isTerminal) else {
      throw UsageError("t-end is \(end), and no event of '\(model.name)' ends a run")
    }
    self.model = model
    saving = try Self.saveTimes(configuration.record, problem)
    var settings = configuration.integratorSettings
    settings.stepScale = stepScale
    integrator = try catalog.integrators.make(configuration.integrator)(settings)
    if case .value = configuration.step, integrator.isAdaptive {
      throw UsageError(
        "step is given, but '\(configuration.integrator)' chooses its steps itself; leave it out")
    }
    observers = try configuration.observe.map(catalog.systemObservers.make)
    if let twice = repeated(observers.map(\.name)) { throw UsageError("observer '\(twice)' is named twice") }
    if let twice = repeated(SystemRecorder.columns(of: model, observers)) {
      throw UsageError("two columns are called '\(twice)'")
    }
    // Whoever replays or resumes the run may do so from another folder.
    configuration.plugin = configuration.plugin.map(absolutePath)
    configuration.initialState = configuration.initialState.map(absolutePath)
    self.configuration = configuration
  }

  private static func saveTimes(_ record: String?, _ problem: ODEProblem) throws -> SaveTimes {
    let span = abs(problem.finalTime - problem.initialTime)
    guard let record else { return span.isFinite ? .linear(spacing: span / 4000) : .everyStep }
    // The relative speed at the start stands for the fastest rate.
    let start = StateVector(problem.initialState)
    let slope = StateVector(count: start.count)
    try start.withSpan { y in
      try slope.withMutableSpan { try problem.system.derivative(problem.initialTime, y, into: &$0) }
    }
    func size(_ v: StateVector) -> Double { v.array.reduce(0) { max($0, abs($1)) } }
    let rate = size(slope) / max(size(start), .leastNormalMagnitude)
    return try RecordTimes.parse(record, rate: rate.isFinite ? rate : 0)
  }

  /// Integrates with one observer and nothing kept besides.
  func integrate(_ observer: any Observer, _ cancellation: Cancellation?) throws -> Solution {
    var options = IntegrationOptions()
    options.keepsStates = false
    options.maxSteps = configuration.maxSteps
    options.cancellation = cancellation
    return try ODECore.integrate(
      problem, with: integrator, observers: [observer], saving: saving, options: options)
  }
}

/// A library's reference, `FILE` or `NAME=FILE`, or any other path, with the path made absolute.
func absolutePath(_ reference: String) -> String {
  let (alias, path) = PluginLibrary.parts(of: reference)
  return (alias.map { $0 + "=" } ?? "") + URL(filePath: path).standardizedFileURL.path
}

/// The first of `names` that comes twice.
func repeated(_ names: [String]) -> String? {
  var seen: Set<String> = []
  return names.first { !seen.insert($0).inserted }
}
