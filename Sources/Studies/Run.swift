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
    public let experiment: Experiment
    /// The folder written, if any.
    public let folder: URL?
    /// What observers wrote as tables of their own, by `OBSERVER-TABLE`.
    public let tables: [String: ObservedTable]
    let csv: String
    /// In the coordinates that were integrated.
    package let integratedState: [Double]

    /// The final state, laid out as ``/GradientFlow/NetworkShape`` says; made anew each time if the run was integrated
    /// in other coordinates.
    public var state: [Double] { experiment.representation.ambient(integratedState) }

    /// `trajectory.csv` by column.
    public var trajectory: [String: [Double]] { Trajectory.columns(csv) }
  }

  public let experiment: Experiment
  /// Whether a resumed run begins at its start again, having no checkpoint.
  public let startsOver: Bool
  private let folder: OutputFolder?
  private let checkpoint: Checkpoint?
  private let resumption: Resumption?
  private let catalog: PluginCatalog
  /// Whether ``folder`` holds checkpoints and no results.
  private var keepsOnlyCheckpoints = false

  /// A new run, writing to the new folder `out` if that is given.
  ///
  /// - Throws: ``UsageError`` or a plug-in's error if anything in the configuration cannot be.
  public init(_ configuration: RunConfiguration, _ catalog: PluginCatalog, out: String?) throws {
    try configuration.checkRecordTimes()
    folder = try out.map { try OutputFolder(new: $0) }
    experiment = try Experiment(configuration, catalog)
    (checkpoint, resumption, startsOver) = (nil, nil, false)
    self.catalog = catalog
  }

  /// Goes on with the unfinished run whose folder is, or was to be, `path`.
  ///
  /// A run killed before its first checkpoint starts over.
  ///
  /// - Parameter anew: starts over even if there is a checkpoint.
  /// - Throws: ``UsageError`` if there is no such run, if it is still going on, or if its data, start or plug-ins
  ///   changed; an error that names the file if its checkpoint is damaged.
  public init(
    resuming path: String, anew: Bool = false, _ makeCatalog: (RunConfiguration) throws -> PluginCatalog
  ) throws {
    let folder = try OutputFolder(resuming: path)
    var configuration = try RunConfiguration(yamlFile: folder.url("config.yaml").path)
    if configuration.initialState != nil, folder.has(Self.initialStateFile) {
      configuration.initialState = folder.url(Self.initialStateFile).path
    }
    catalog = try makeCatalog(configuration)
    experiment = try Experiment(configuration, catalog)
    let files = anew ? nil : try CheckpointFiles.read(in: folder)
    if let files { try RunInputs(experiment).requireUnchanged(since: files.inputs, data: configuration.data) }
    checkpoint = try files?.checkpoint(.neurons(experiment.integratedFlow.shape), in: folder)
    resumption = try files?.resumption(experiment.problem.initialState, in: folder)
    startsOver = files == nil
    self.folder = folder
  }

  /// A run of which nothing but checkpoints is written, to the folder `path`, from the first interval of checkpoints on.
  /// It goes on from the one there, and starts over if that is of another run, or damaged.
  ///
  /// A checkpoint that cannot be written does not end the run. The folder is the caller's to remove.
  ///
  /// - Throws: ``UsageError`` or a plug-in's error if anything in the configuration cannot be.
  package init(_ configuration: RunConfiguration, _ catalog: PluginCatalog, checkpoints path: String) throws {
    experiment = try Experiment(configuration, catalog)
    self.catalog = catalog
    keepsOnlyCheckpoints = true
    let folder = OutputFolder(temporary: path)
    self.folder = folder
    let experiment = experiment
    let kept = try? CheckpointFiles.read(in: folder).map { files in
      try RunInputs(experiment).requireUnchanged(since: files.inputs)
      return (
        try files.checkpoint(.neurons(experiment.integratedFlow.shape), in: folder),
        try files.resumption(experiment.problem.initialState, in: folder)
      )
    }
    (checkpoint, resumption) = (kept?.0, kept?.1)
    startsOver = kept == nil
  }

  /// Integrates.
  ///
  /// - Parameter hooks: cancellation, progress and the interval of checkpoints.
  /// - Throws: ``UnfinishedRun`` if a plug-in fails or results cannot be written; ``UsageError`` if the folder
  ///   cannot be made. A failed integration is a summary with a return code.
  public func run(_ hooks: RunHooks = RunHooks()) throws -> Outcome {
    guard let folder, !keepsOnlyCheckpoints else { return try integrateAndWrite(hooks) }
    try folder.create()
    do {
      return try integrateAndWrite(hooks)
    } catch let error as UnfinishedRun {
      throw error
    } catch {
      throw unfinished(error, nil, in: folder)
    }
  }

  private func integrateAndWrite(_ hooks: RunHooks) throws -> Outcome {
    let recorder = FlowRecorder(experiment, resumption: resumption)
    var options = IntegrationOptions()
    options.keepsStates = false
    options.maxSteps = experiment.configuration.maxSteps
    let cancellation = hooks.cancellation ?? Cancellation()
    options.cancellation = cancellation
    options.restTolerance = experiment.configuration.restTolerance
    options.stopsAtRest = experiment.configuration.stopAtRest
    options.resume = checkpoint
    if let progress = hooks.progress {
      options.progress = { progress(RunProgress($0, experiment, recorded: recorder.lastLoss)) }
      options.progressInterval = hooks.progressInterval
    }
    var failure: (any Error)?
    if keepsOnlyCheckpoints {
      keepCheckpoints(of: recorder, hooks, &options)
    } else if let folder {
      let writer = CheckpointWriter(
        folder, .neurons(experiment.integratedFlow.shape), try RunInputs(experiment))
      if checkpoint == nil { try begin(folder) }
      options.checkpointInterval = hooks.checkpointInterval
      options.checkpoint = {
        if failure != nil { return }
        do {
          try writer.write($0, recorder)
        } catch {
          // Ends the run in order, with a summary of where it was.
          failure = error
          cancellation.cancel()
        }
      }
      if experiment.configuration.recordNeurons {
        recorder.onRecord = { index, y in
          try write(y, to: folder.url("neurons-\(Self.padded(index)).npy"))
        }
      }
    }

    let solution = try integrate(
      experiment.problem, with: experiment.integrator, observers: [recorder],
      saving: experiment.saving, options: options)

    let loss = experiment.integratedFlow.risk(solution.state.span)
    let summary = RunSummary(experiment, solution, loss: loss, recorder, message: failure.map { "\($0)" })
    if let folder, !keepsOnlyCheckpoints {
      do {
        if let failure { throw failure }
        try finish(folder, recorder, solution, summary)
      } catch {
        throw unfinished(error, summary, in: folder)
      }
    }
    return Outcome(
      summary: summary, experiment: experiment,
      folder: keepsOnlyCheckpoints ? nil : folder?.destination,
      tables: Dictionary(recorder.tables.map { ($0.name, $0.table) }, uniquingKeysWith: { $1 }),
      csv: recorder.csv, integratedState: solution.state)
  }

  /// Short runs, also when they are interrupted, write nothing.
  private func keepCheckpoints(
    of recorder: FlowRecorder, _ hooks: RunHooks, _ options: inout IntegrationOptions
  ) {
    let folder = folder!
    let first = ContinuousClock.now + hooks.checkpointInterval
    var writer: CheckpointWriter?
    options.checkpointInterval = hooks.checkpointInterval
    options.checkpoint = { checkpoint in
      if ContinuousClock.now < first { return }
      try? {
        if writer == nil {
          let inputs = try RunInputs(experiment)
          try folder.create()
          writer = CheckpointWriter(folder, .neurons(experiment.integratedFlow.shape), inputs)
        }
        try writer!.write(checkpoint, recorder)
      }()
    }
  }

  private func begin(_ folder: OutputFolder) throws {
    folder.sweep { !["config.yaml", Self.initialStateFile].contains($0) }
    // A run that starts over keeps the file it was resumed by.
    if !folder.has("config.yaml") { try folder.write(experiment.configuration.yaml, to: "config.yaml") }
    try StateFile.write(
      experiment.initialState.span, shape: experiment.flow.shape, to: folder.url(Self.initialStateFile))
  }

  /// Writes the integrated state `y` in the inputs' own coordinates.
  private func write(_ y: Span<Double>, to url: URL) throws {
    let shape = experiment.flow.shape
    try experiment.representation.withAmbient(y, scratch: StateVector(count: shape.stateLength)) {
      try StateFile.write($0, shape: shape, to: url)
    }
  }

  private func finish(
    _ folder: OutputFolder, _ recorder: FlowRecorder, _ solution: Solution, _ summary: RunSummary
  ) throws {
    try folder.write(recorder.csv, to: "trajectory.csv")
    try folder.write(try summary.json + "\n", to: "summary.json")
    try write(solution.state.span, to: folder.url("neurons-final.npy"))
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

  /// What to say of a run that `cause` ended. A folder that holds nothing of use yet is removed.
  private func unfinished(_ cause: any Error, _ summary: RunSummary?, in folder: OutputFolder)
    -> UnfinishedRun
  {
    let remains: String
    if let files = try? CheckpointFiles.read(in: folder) {
      remains =
        "the state at t = \(files.time) is kept in '\(folder.working.path)'; once that is mended, go on with "
        + "'phaseflow run --resume \(folder.destination.path)'"
    } else if folder.has("summary.json") {
      remains = "the results are in '\(folder.working.path)'"
    } else {
      folder.discard()
      remains = "there was no checkpoint yet, so nothing of the run is kept"
    }
    return UnfinishedRun(cause: cause, summary: summary, remains: remains)
  }

  static let initialStateFile = "neurons-initial.npy"

  private static func padded(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}

/// What a caller can hang on a run.
public struct RunHooks {
  /// Set it to end the run after the current step; the folder can be resumed.
  public var cancellation: Cancellation?
  /// Called every ``progressInterval`` while the run goes on.
  public var progress: ((RunProgress) -> Void)?
  /// Wall-clock time between two calls of ``progress``, at least.
  public var progressInterval = Duration.milliseconds(200)
  /// Wall-clock time between two checkpoints of a run with a folder, at least; a killed run loses no more.
  public var checkpointInterval = Duration.seconds(10)

  public init() {}
}

/// How far a run is, for a progress bar.
public struct RunProgress {
  public let time: Double
  /// `R`; `nil` for a system that is no network.
  public let loss: Double?
  public let steps: Int
  /// From 0 to 1: of the way to the stop in `log R`, or to the end in `t`, whichever is further.
  public let fraction: Double

  /// - Parameter recorded: `R` at the last recorded time, for runs whose every step does not ask for it.
  init(_ progress: IntegrationProgress, _ experiment: Experiment, recorded: Double?) {
    time = progress.time
    let loss =
      experiment.configuration.stopLoss == nil
      ? recorded ?? experiment.initialLoss : experiment.currentLoss.value
    steps = progress.statistics.accepted
    let byTime = progress.finalTime.isFinite ? progress.time / progress.finalTime : 0
    var byLoss = 0.0
    if let stop = experiment.configuration.stopLoss {
      byLoss = log(experiment.initialLoss / loss) / log(experiment.initialLoss / stop)
    }
    self.loss = loss
    fraction = min(1, max(0, byTime, byLoss))
  }

  /// For a run that only its end time ends.
  init(_ progress: IntegrationProgress, from start: Double) {
    time = progress.time
    loss = nil
    steps = progress.statistics.accepted
    let span = progress.finalTime - start
    fraction = span.isFinite ? min(1, max(0, (progress.time - start) / span)) : 0
  }
}

extension ObservedTable {
  var csv: String {
    ([columns.joined(separator: ",")] + rows.map { $0.map { "\($0)" }.joined(separator: ",") })
      .joined(separator: "\n") + "\n"
  }
}
