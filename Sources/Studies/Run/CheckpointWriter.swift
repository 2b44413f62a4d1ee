import Files
import Foundation
import ODECore

/// Writes a run's checkpoints, one in place of the other. `trajectory.csv` only grows; a record whose older rows make
/// room for new ones is written whole, beside the state.
final class CheckpointWriter {
  private let folder: OutputFolder
  private let experiment: Experiment
  private let inputs: RunInputs
  private var trajectory: GrowingFile
  /// Rows in it; `nil` before the header is written.
  private var rows: Int?

  /// - Parameter folder: exists.
  init(_ folder: OutputFolder, _ experiment: Experiment, _ inputs: RunInputs) {
    (self.folder, self.experiment, self.inputs) = (folder, experiment, inputs)
    trajectory = GrowingFile(folder.url(Self.trajectory))
  }

  private static let trajectory = "trajectory.csv"

  /// - Throws: ``/Files/AtomicFileError``; the checkpoint before is then still whole.
  func write(_ checkpoint: Checkpoint) throws {
    let record = checkpoint.record!
    let name = "checkpoint-\(checkpoint.statistics.accepted)"
    try experiment.subject.integratedStorage.write(checkpoint.state.span, to: folder.url(name + ".npy"))
    var rowsFile = Self.trajectory
    if record.ordinals.isEmpty {
      try extendTrajectory(record)
    } else {
      rowsFile = name + ".csv"
      try folder.write(CSVText.table(record), to: rowsFile)
    }
    try CheckpointFiles(
      time: checkpoint.time, restart: checkpoint.restart, statistics: checkpoint.statistics,
      stateFile: name + ".npy", rowsFile: rowsFile, rows: record.rowCount, ordinals: record.ordinals,
      memories: checkpoint.memories, inputs: inputs
    ).write(in: folder)
  }

  private func extendTrajectory(_ record: Record) throws {
    var text = rows == nil ? CSVText.line(record.columns) + "\n" : ""
    for i in (rows ?? 0)..<record.rowCount { text += CSVText.line(record.row(i)) + "\n" }
    try trajectory.flush(Data(text.utf8))
    rows = record.rowCount
  }
}
