import Files
import Foundation
import GradientFlow
import ODECore

/// Writes a run's checkpoints, one in place of the other; `trajectory.csv` only grows.
final class CheckpointWriter {
  private let folder: OutputFolder
  private let storage: StateStorage
  private let inputs: RunInputs
  private var trajectory: GrowingFile
  /// Rows in it; `nil` before the header is written.
  private var rows: Int?

  /// - Parameter folder: exists.
  init(_ folder: OutputFolder, _ storage: StateStorage, _ inputs: RunInputs) {
    (self.folder, self.storage, self.inputs) = (folder, storage, inputs)
    trajectory = GrowingFile(folder.url("trajectory.csv"))
  }

  /// - Throws: ``/Files/AtomicFileError``; the checkpoint before is then still whole.
  func write(_ checkpoint: Checkpoint, _ recorder: any TrajectoryRecorder) throws {
    let stateFile = "checkpoint-\(checkpoint.statistics.accepted).npy"
    try storage.write(checkpoint.state.span, to: folder.url(stateFile))
    try extendTrajectory(recorder)
    try CheckpointFiles(
      time: checkpoint.time, restart: checkpoint.restart, statistics: checkpoint.statistics,
      stateFile: stateFile, rows: recorder.rows.count, memories: recorder.memories, inputs: inputs
    ).write(in: folder)
  }

  private func extendTrajectory(_ recorder: any TrajectoryRecorder) throws {
    var text = rows == nil ? recorder.header + "\n" : ""
    for row in recorder.rows.dropFirst(rows ?? 0) { text += row + "\n" }
    try trajectory.flush(Data(text.utf8))
    rows = recorder.rows.count
  }
}
