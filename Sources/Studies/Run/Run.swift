import Files
import Foundation
import Logging
import ODECore
import PluginKit

/// One integration from a configuration to a summary, and to a folder if one is asked for.
public struct Run {
  /// What a run gave.
  public struct Outcome {
    /// As `summary.json` has it.
    public let summary: RunSummary
    /// What was run.
    public let experiment: Experiment
    /// The folder written, if any.
    public let folder: URL?
    /// The recorded columns.
    public let record: Record
    /// What observers wrote as tables of their own, by `OBSERVER-TABLE`.
    public let tables: [String: ObservedTable]
    /// In the coordinates that were integrated.
    package let integratedState: [Double]

    /// The final state in the problem's own coordinates; made anew each time if the run was integrated in others.
    public var state: [Double] { experiment.subject.ambient(integratedState) }

    /// Draws the run's pictures into `folder`, which exists, and returns the PNGs.
    ///
    /// - Throws: `FigureError`.
    public func draw(in folder: URL) throws -> [URL] {
      try FinishedRun(experiment, record, state: integratedState, summary).draw(in: folder)
    }
  }

  /// What is to be run.
  public let experiment: Experiment
  /// Whether a resumed run begins at its start again, having no checkpoint.
  public let startsOver: Bool
  private let folder: OutputFolder?
  private let checkpoint: Checkpoint?
  /// Whether ``folder`` holds checkpoints and no results.
  private let keepsOnlyCheckpoints: Bool

  /// A new run, writing to the new folder `out` if that is given.
  ///
  /// - Throws: ``UsageError`` or a plug-in's error if anything in the configuration cannot be.
  public init(_ configuration: RunConfiguration, _ catalog: PluginCatalog, out: String?) throws {
    folder = try out.map { try OutputFolder(new: $0) }
    experiment = try Experiment(configuration, catalog)
    (checkpoint, startsOver, keepsOnlyCheckpoints) = (nil, false, false)
  }

  /// Continues the unfinished run in the folder `path`.
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
    if configuration.initialState != nil {
      let kept = RunFolder.initialStates.map(folder.url).first {
        FileManager.default.fileExists(atPath: $0.path)
      }
      if let kept { configuration.initialState = kept.path }
    }
    experiment = try Experiment(configuration, makeCatalog(configuration))
    let files = anew ? nil : try CheckpointFiles.read(in: folder)
    if let files {
      let name = configuration.isOfSystem ? "" : configuration.data
      try RunInputs(experiment).requireUnchanged(since: files.inputs, data: name)
    }
    checkpoint = try files?.checkpoint(of: experiment, in: folder)
    startsOver = files == nil
    keepsOnlyCheckpoints = false
    self.folder = folder
  }

  /// A run that writes nothing but checkpoints, to the folder `path`, from the first interval of checkpoints on. It
  /// continues from the one there, and starts over if that is of another run, or damaged.
  ///
  /// A checkpoint that cannot be written does not end the run. The folder is the caller's to remove.
  ///
  /// - Throws: ``UsageError`` or a plug-in's error if anything in the configuration cannot be.
  package init(_ configuration: RunConfiguration, _ catalog: PluginCatalog, checkpoints path: String) throws {
    let experiment = try Experiment(configuration, catalog)
    let folder = OutputFolder(temporary: path)
    checkpoint = try? CheckpointFiles.read(in: folder).map { files in
      try RunInputs(experiment).requireUnchanged(since: files.inputs)
      return try files.checkpoint(of: experiment, in: folder)
    }
    startsOver = checkpoint == nil
    keepsOnlyCheckpoints = true
    (self.experiment, self.folder) = (experiment, folder)
  }

  /// Integrates.
  ///
  /// - Parameter hooks: cancellation, progress and the interval of checkpoints.
  /// - Throws: ``UnfinishedRun`` if results cannot be written; ``UsageError`` if the folder cannot be made. A failed
  ///   integration, also by an error of a plug-in or an observer, is a summary with a return code.
  public func run(_ hooks: RunHooks = RunHooks()) throws -> Outcome {
    guard let folder, !keepsOnlyCheckpoints else { return try integrate(hooks, into: nil) }
    try folder.create()
    do {
      return try integrate(hooks, into: RunFolder(folder, experiment))
    } catch let error as UnfinishedRun {
      throw error
    } catch {
      throw RunFolder(folder, experiment).unfinished(error, nil)
    }
  }

  private func integrate(_ hooks: RunHooks, into folder: RunFolder?) throws -> Outcome {
    let cancellation = hooks.cancellation ?? Cancellation()
    var failure: (any Error)?
    var salvaged: Solution?
    var observers = experiment.subject.columns + experiment.observers
    if checkpoint == nil { try folder?.begin() }
    if let folder, !experiment.configuration.isOfSystem, experiment.configuration.recordNeurons {
      observers.append(StateWriter(folder, from: checkpoint?.record?.rowCount ?? 0))
    }
    let writer = try folder.map { CheckpointWriter($0.folder, experiment, try RunInputs(experiment)) }
    let solution: Solution
    do {
      solution = try experiment.integrate(observers, cancellation) { options in
        options.resume = checkpoint
        options.salvage = { salvaged = $0 }
        options.checkpointInterval = hooks.checkpointInterval
        if let progress = hooks.progress {
          options.progress = { progress(RunProgress($0, experiment.subject)) }
          options.progressInterval = hooks.progressInterval
        }
        if keepsOnlyCheckpoints {
          options.checkpoint = checkpointKeeper(hooks)
        } else if let writer {
          options.checkpoint = {
            if failure != nil { return }
            do {
              try writer.write($0)
            } catch {
              // Ends the run in order, with a summary of where it was.
              failure = error
              cancellation.cancel()
            }
          }
        }
      }
    } catch {
      // What cannot be written is told as it is; what a plug-in said ends the run with what there is.
      guard let salvaged, !(error is AtomicFileError) else { throw error }
      solution = salvaged
    }
    let summary = RunSummary(
      experiment, solution, message: failure.map { "\($0)" },
      globalError: try experiment.globalError(of: solution, cancellation))
    if let folder {
      do {
        if let failure { throw failure }
        try folder.finish(solution, summary)
      } catch {
        throw folder.unfinished(error, summary)
      }
    }
    return Outcome(
      summary: summary, experiment: experiment, folder: folder?.folder.destination, record: solution.record,
      tables: Dictionary(
        solution.tables.map { ("\($0.observer)-\($0.table.name)", $0.table) }, uniquingKeysWith: { $1 }),
      integratedState: solution.state)
  }

  /// Writes no checkpoint of short runs, also when they are interrupted.
  private func checkpointKeeper(_ hooks: RunHooks) -> (Checkpoint) -> Void {
    let folder = folder!
    let first = ContinuousClock.now + hooks.checkpointInterval
    var writer: CheckpointWriter?
    return { checkpoint in
      if ContinuousClock.now < first { return }
      try? {
        if writer == nil {
          let inputs = try RunInputs(experiment)
          try folder.create()
          writer = CheckpointWriter(folder, experiment, inputs)
        }
        try writer!.write(checkpoint)
      }()
    }
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

  /// Nothing is watched, and nothing ends the run early.
  public init() {}
}

/// How far a run is, for a progress bar.
public struct RunProgress {
  /// Where the integration is.
  public let time: Double
  /// `R`; `nil` for a system that is no network.
  public let loss: Double?
  /// Steps accepted, those before a resumption included.
  public let steps: Int
  /// From 0 to 1: of the way to the stop in `log R`, or to the end in `t`, whichever is further.
  public let fraction: Double

  init(_ progress: IntegrationProgress, _ subject: any Subject) {
    time = progress.time
    steps = progress.statistics.accepted
    (loss, fraction) = subject.progress(progress)
  }
}
