import Foundation
import GradientFlow
import Logging
import ODECore
import PluginKit

/// One integration from a configuration to a summary, and to a folder if one is asked for.
public struct Run {
  /// What a run gave.
  public struct Outcome {
    public let summary: RunSummary
    /// The final state, laid out as ``NetworkShape`` says.
    public let state: [Double]
    public let experiment: Experiment
    /// The folder written, if any.
    public let folder: URL?
    /// What observers wrote as tables of their own, by `OBSERVER-TABLE`.
    public let tables: [String: ObservedTable]
    let csv: String

    /// `trajectory.csv` by column.
    public var trajectory: [String: [Double]] { Trajectory.columns(csv) }
  }

  public let experiment: Experiment
  private let folder: OutputFolder?
  private let resumed: CheckpointFiles?
  private let startsOver: Bool
  private let catalog: PluginCatalog

  /// A new run, writing to the new folder `out` if that is given.
  ///
  /// - Throws: ``UsageError`` or a plug-in's error if anything in the configuration cannot be.
  public init(_ configuration: RunConfiguration, _ catalog: PluginCatalog, out: String?) throws {
    try configuration.checkRecordTimes()
    folder = try out.map { try OutputFolder(new: $0) }
    experiment = try Experiment(configuration, catalog)
    resumed = nil
    startsOver = true
    self.catalog = catalog
  }

  /// Goes on with the unfinished run whose folder is, or was to be, `path`.
  ///
  /// A run killed before its first checkpoint starts over.
  public init(resuming path: String, _ makeCatalog: (RunConfiguration) throws -> PluginCatalog) throws {
    let folder = try OutputFolder(resuming: path)
    var configuration = try RunConfiguration(yamlFile: folder.url("config.yaml").path)
    if configuration.initialState != nil {
      configuration.initialState = folder.url("neurons-initial.npy").path
    }
    catalog = try makeCatalog(configuration)
    experiment = try Experiment(configuration, catalog)
    resumed = try? CheckpointFiles.read(in: folder)
    startsOver = resumed == nil
    self.folder = folder
  }

  /// Integrates.
  ///
  /// - Parameter hooks: cancellation, progress and the interval of checkpoints.
  /// - Throws: errors of plug-ins and of the file system. A failed integration is a summary with a
  ///   return code.
  public func run(_ hooks: RunHooks = RunHooks()) throws -> Outcome {
    let shape = experiment.flow.shape
    let recorder = FlowRecorder(
      experiment.flow, experiment.observers,
      resumption: try resumed.map { try $0.resumption(shape, in: folder!) })
    var options = IntegrationOptions()
    options.keepsStates = false
    options.maxSteps = experiment.configuration.maxSteps
    options.cancellation = hooks.cancellation
    options.restTolerance = experiment.configuration.restTolerance
    options.stopsAtRest = experiment.configuration.stopAtRest
    options.resume = try resumed.map { try $0.checkpoint(shape, in: folder!) }
    if let progress = hooks.progress {
      options.progress = { progress(RunProgress($0, experiment, recorded: recorder.lastLoss)) }
      options.progressInterval = hooks.progressInterval
    }
    if let folder {
      if startsOver { try begin(folder, shape) }
      options.checkpointInterval = hooks.checkpointInterval
      options.checkpoint = { try CheckpointFiles.write($0, recorder, shape, in: folder) }
      if experiment.configuration.recordNeurons {
        recorder.onRecord = { index, y in
          try StateFile.write(y, shape: shape, to: folder.url("neurons-\(Self.padded(index)).npy"))
        }
      }
    }

    let solution = try integrate(
      experiment.problem, with: experiment.integrator, observers: [recorder],
      saving: experiment.saving, options: options)

    let loss = experiment.flow.risk(solution.state.span)
    let summary = RunSummary(experiment, solution, loss: loss, recorder)
    if let folder { try finish(folder, recorder, solution, summary) }
    return Outcome(
      summary: summary, state: solution.state, experiment: experiment, folder: folder?.destination,
      tables: Dictionary(recorder.tables.map { ($0.name, $0.table) }, uniquingKeysWith: { $1 }),
      csv: recorder.csv)
  }

  private func begin(_ folder: OutputFolder, _ shape: NetworkShape) throws {
    try folder.create()
    try folder.write(experiment.configuration.yaml, to: "config.yaml")
    try StateFile.write(
      experiment.problem.initialState.span, shape: shape, to: folder.url("neurons-initial.npy"))
  }

  private func finish(
    _ folder: OutputFolder, _ recorder: FlowRecorder, _ solution: Solution, _ summary: RunSummary
  ) throws {
    let shape = experiment.flow.shape
    try folder.write(recorder.csv, to: "trajectory.csv")
    try folder.write(try summary.json + "\n", to: "summary.json")
    try StateFile.write(solution.state.span, shape: shape, to: folder.url("neurons-final.npy"))
    for (name, table) in recorder.tables { try folder.write(table.csv, to: "\(name).csv") }
    if summary.returnCode != .interrupted { CheckpointFiles.remove(in: folder) }
    do {
      try RunFigures(folder: folder.working, catalog).draw()
    } catch {
      // The numbers are there; 'phaseflow plot' can draw them later.
      Logger(label: "phaseflow").warning("no pictures: \(error)")
    }
    try folder.complete()
  }

  private static func padded(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

/// What a caller can hang on a run.
public struct RunHooks {
  public var cancellation: Cancellation?
  public var progress: ((RunProgress) -> Void)?
  public var progressInterval = Duration.milliseconds(200)
  public var checkpointInterval = Duration.seconds(10)

  public init() {}
}

/// How far a run is, for a progress bar.
public struct RunProgress {
  public let time: Double
  public let loss: Double
  public let steps: Int
  /// From 0 to 1: of the way to the stop in `log R`, or to the end in `t`, whichever is further.
  public let fraction: Double

  /// - Parameter recorded: `R` at the last recorded time, for runs whose every step does not ask for it.
  init(_ progress: IntegrationProgress, _ experiment: Experiment, recorded: Double?) {
    time = progress.time
    loss =
      experiment.configuration.stopLoss == nil
      ? recorded ?? experiment.initialLoss : experiment.currentLoss.value
    steps = progress.statistics.accepted
    let byTime = progress.finalTime.isFinite ? progress.time / progress.finalTime : 0
    var byLoss = 0.0
    if let stop = experiment.configuration.stopLoss {
      byLoss = log(experiment.initialLoss / loss) / log(experiment.initialLoss / stop)
    }
    fraction = min(1, max(0, byTime, byLoss))
  }
}

extension ObservedTable {
  var csv: String {
    ([columns.joined(separator: ",")] + rows.map { $0.map { "\($0)" }.joined(separator: ",") })
      .joined(separator: "\n") + "\n"
  }
}
