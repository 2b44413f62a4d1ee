import Foundation
import GradientFlow
import ODECore

/// A checkpoint on disk: `checkpoint.json`, replaced atomically, names the state file that belongs to
/// it, so a kill at any moment leaves a consistent pair.
struct CheckpointFiles: Codable {
  static let name = "checkpoint.json"

  let time: Double
  let restart: Restart
  let statistics: Statistics
  let stateFile: String
  /// How many rows of `trajectory.csv` the checkpoint covers.
  let rows: Int
  let memories: [String: [Double]]

  static func write(
    _ checkpoint: Checkpoint, _ recorder: any TrajectoryRecorder, _ storage: StateStorage,
    in folder: OutputFolder
  ) throws {
    let previous = try? read(in: folder)
    let stateFile = "checkpoint-\(checkpoint.statistics.accepted).npy"
    try storage.write(checkpoint.state.span, to: folder.url(stateFile))
    try folder.write(recorder.csv, to: "trajectory.csv")
    let files = CheckpointFiles(
      time: checkpoint.time, restart: checkpoint.restart, statistics: checkpoint.statistics,
      stateFile: stateFile, rows: recorder.rows.count, memories: recorder.memories)
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write(try encoder.encode(files), to: folder.url(name))
    if let old = previous?.stateFile, old != stateFile { folder.remove(old) }
  }

  static func read(in folder: OutputFolder) throws -> CheckpointFiles {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(CheckpointFiles.self, from: Data(contentsOf: folder.url(name)))
  }

  static func remove(in folder: OutputFolder) {
    if let files = try? read(in: folder) { folder.remove(files.stateFile) }
    folder.remove(name)
  }

  /// What the driver needs to go on.
  func checkpoint(_ storage: StateStorage, in folder: OutputFolder) throws -> Checkpoint {
    Checkpoint(
      time: time, state: try storage.read(folder.url(stateFile)), restart: restart,
      statistics: statistics)
  }

  /// What the recorder needs to go on.
  func resumption(_ storage: StateStorage, in folder: OutputFolder) throws -> Resumption {
    let lines = try String(contentsOf: folder.url("trajectory.csv"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
    return Resumption(
      initialState: try storage.read(folder.url("\(storage.prefix)-initial.npy")),
      rows: Array(lines.dropFirst().prefix(rows)), memories: memories)
  }
}
