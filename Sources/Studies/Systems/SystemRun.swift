import Foundation
import GradientFlow
import Logging
import ODECore
import PluginKit

/// One integration of a system from a configuration to a summary, and to a folder if one is asked for.
public struct SystemRun {
  /// What a run gave.
  public struct Outcome {
    public let summary: SystemSummary
    public let state: [Double]
    public let experiment: SystemExperiment
    /// The folder written, if any.
    public let folder: URL?
  }

  public let experiment: SystemExperiment
  private let folder: OutputFolder?
  /// Whether a resumed run begins at its start again, having no checkpoint.
  public let startsOver: Bool
  private let checkpoint: Checkpoint?
  private let resumption: Resumption?
  private let storage: StateStorage

  /// A new run, writing to the new folder `out` if that is given.
  ///
  /// - Throws: ``UsageError`` if anything in the configuration cannot be.
  public init(_ configuration: SystemConfiguration, _ catalog: PluginCatalog, out: String?) throws {
    folder = try out.map { try OutputFolder(new: $0) }
    experiment = try SystemExperiment(configuration, catalog)
    storage = .vector(experiment.model.initialState.count)
    (checkpoint, resumption, startsOver) = (nil, nil, false)
  }

  /// Goes on with the unfinished run whose folder is, or was to be, `path`.
  ///
  /// - Parameter anew: starts over even if there is a checkpoint.
  /// - Throws: ``UsageError`` if there is no such run, if it is still going on, or if its start or plug-ins changed; an
  ///   error that names the file if its checkpoint is damaged.
  public init(
    resuming path: String, anew: Bool = false, _ makeCatalog: (SystemConfiguration) throws -> PluginCatalog
  ) throws {
    let folder = try OutputFolder(resuming: path)
    var configuration = try SystemConfiguration(yamlFile: folder.url("config.yaml").path)
    if configuration.initialState != nil, folder.has("state-initial.npy") {
      configuration.initialState = folder.url("state-initial.npy").path
    }
    experiment = try SystemExperiment(configuration, makeCatalog(configuration))
    storage = .vector(experiment.model.initialState.count)
    let files = anew ? nil : try CheckpointFiles.read(in: folder)
    if let files { try RunInputs(experiment).requireUnchanged(since: files.inputs) }
    checkpoint = try files?.checkpoint(storage, in: folder)
    resumption = try files?.resumption(experiment.problem.initialState, in: folder)
    startsOver = files == nil
    self.folder = folder
  }

  /// Whether the unfinished or interrupted run of `path` is one of a system.
  public static func isKept(in path: String) -> Bool {
    OutputFolder.candidates(path).contains {
      SystemConfiguration.describes(yamlFile: $0.appending(path: "config.yaml").path)
    }
  }

  /// Integrates.
  ///
  /// - Throws: errors of plug-ins and of the file system. A failed integration is a summary with a return code.
  public func run(_ hooks: RunHooks = RunHooks()) throws -> Outcome {
    let recorder = SystemRecorder(experiment.model, experiment.observers, resumption: resumption)
    var options = IntegrationOptions()
    options.keepsStates = false
    options.maxSteps = experiment.configuration.maxSteps
    options.cancellation = hooks.cancellation
    options.resume = checkpoint
    if let progress = hooks.progress {
      options.progress = { progress(RunProgress($0, from: experiment.problem.initialTime)) }
      options.progressInterval = hooks.progressInterval
    }
    if let folder {
      try folder.create()
      let writer = CheckpointWriter(folder, storage, try RunInputs(experiment))
      if checkpoint == nil { try begin(folder) }
      options.checkpointInterval = hooks.checkpointInterval
      options.checkpoint = { try writer.write($0, recorder) }
    }
    let solution = try integrate(
      experiment.problem, with: experiment.integrator, observers: [recorder],
      saving: experiment.saving, options: options)
    let summary = SystemSummary(experiment, solution, recorder)
    if let folder { try finish(folder, recorder, solution, summary) }
    return Outcome(
      summary: summary, state: solution.state, experiment: experiment, folder: folder?.destination)
  }

  private func begin(_ folder: OutputFolder) throws {
    if !folder.has("config.yaml") { try folder.write(experiment.configuration.yaml, to: "config.yaml") }
    try storage.write(experiment.problem.initialState.span, to: folder.url("state-initial.npy"))
  }

  private func finish(
    _ folder: OutputFolder, _ recorder: SystemRecorder, _ solution: Solution, _ summary: SystemSummary
  ) throws {
    try folder.write(recorder.csv, to: "trajectory.csv")
    try folder.write(try summary.json + "\n", to: "summary.json")
    try storage.write(solution.state.span, to: folder.url("state-final.npy"))
    if summary.returnCode != .interrupted { CheckpointFiles.remove(in: folder) }
    do {
      try SystemFigures(folder: folder.working).draw()
    } catch {
      // The numbers are there; 'phaseflow plot' can draw them later.
      Logger(label: "phaseflow").warning("no pictures: \(error)")
    }
    try folder.complete()
  }
}

extension Solution {
  /// How the run ended; for one that failed with what `parts` say of themselves.
  func message(blaming parts: [Any]) -> String {
    let faults = returnCode.isSuccess ? [] : parts.compactMap { ($0 as? any FaultReporting)?.fault }
    return ([message] + faults).joined(separator: "; ")
  }
}
