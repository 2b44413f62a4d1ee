import Files
import Foundation
import Logging
import ODECore

/// What a run writes to its folder, and when.
struct RunFolder {
  let folder: OutputFolder
  private let experiment: Experiment

  init(_ folder: OutputFolder, _ experiment: Experiment) {
    (self.folder, self.experiment) = (folder, experiment)
  }

  /// The names that an initial state can have.
  static let initialStates = ["neurons-initial.npy", "state-initial.npy"]

  private var prefix: String { experiment.subject.storage.prefix }

  /// At the start of a run, also of one that starts over.
  func begin() throws {
    folder.removeFiles { !(["config.yaml"] + Self.initialStates).contains($0) }
    // A run that starts over keeps the file it was resumed by.
    if !folder.has("config.yaml") { try folder.write(experiment.configuration.yaml, to: "config.yaml") }
    try experiment.subject.storage.write(
      experiment.subject.initialState.span, to: folder.url("\(prefix)-initial.npy"))
  }

  /// The results under their final name, then the pictures.
  func finish(_ solution: Solution, _ summary: RunSummary) throws {
    let subject = experiment.subject
    try folder.write(CSVText.table(solution.record), to: "trajectory.csv")
    try subject.storage.write(
      subject.ambient(solution.state).span, to: folder.url("\(prefix)-final.npy"))
    for (observer, table) in solution.tables {
      try folder.write(CSVText.table(table.columns, table.rows), to: "\(observer)-\(table.name).csv")
    }
    // Last, since it says that the others are there.
    try folder.write(try summary.json + "\n", to: "summary.json")
    try folder.complete {
      // Not before: a run that is stopped in between still has what it can be resumed from.
      if ![.interrupted, .failed].contains(summary.returnCode) { CheckpointFiles.remove(in: folder) }
    }
    do {
      try FinishedRun(experiment, solution.record, state: solution.state, summary).draw(
        in: folder.destination)
    } catch {
      // The numbers are there; 'phaseflow plot' can draw them later.
      Logger(label: "phaseflow").warning("no pictures: \(error)")
    }
  }

  /// What to say of a run that `cause` ended. A folder that holds nothing of use yet is removed.
  func unfinished(_ cause: any Error, _ summary: RunSummary?) -> UnfinishedRun {
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
}

/// Writes the state at every recorded time.
final class StateWriter: Observer {
  private let folder: OutputFolder
  private let storage: StateStorage
  private var count: Int

  /// - Parameter count: how many were written before.
  init(_ folder: RunFolder, from count: Int) {
    (self.folder, storage, self.count) = (folder.folder, folder.storage, count)
  }

  func record(_ moment: Moment) throws -> [Double] {
    let digits = String(count)
    let name = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    try moment.withState { try storage.write($0, to: folder.url("\(storage.prefix)-\(name).npy")) }
    count += 1
    return []
  }
}

extension RunFolder {
  fileprivate var storage: StateStorage { experiment.subject.storage }
}

extension CSVText {
  /// The text of `trajectory.csv`.
  static func table(_ record: Record) -> String {
    table(record.columns, (0..<record.rowCount).lazy.map(record.row))
  }
}
