import Files
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
  /// `trajectory.csv`, or a file that belongs to this checkpoint alone.
  let rowsFile: String
  /// How many of its rows the checkpoint covers; a killed run may have written more.
  let rows: Int
  /// The record's ``/ODECore/Record/ordinals``.
  let ordinals: [Int]
  let memories: [String: [Double]]
  let inputs: RunInputs

  /// Replaces the checkpoint before; the files that this one names are written already.
  func write(in folder: OutputFolder) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write(try encoder.encode(self), to: folder.url(Self.name))
    Self.removeOthers(in: folder, except: [stateFile, rowsFile])
  }

  /// `nil` if there is none yet.
  ///
  /// - Throws: ``DamagedCheckpoint``.
  static func read(in folder: OutputFolder) throws -> CheckpointFiles? {
    guard folder.has(name) else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let url = folder.url(name)
    return try DamagedCheckpoint.naming(url) {
      try decoder.decode(CheckpointFiles.self, from: AtomicFile.read(url))
    }
  }

  static func remove(in folder: OutputFolder) {
    folder.remove(name)
    // What it names must be there as long as it is.
    if !folder.has(name) { removeOthers(in: folder, except: []) }
  }

  private static func removeOthers(in folder: OutputFolder, except kept: [String]) {
    folder.removeFiles { $0.hasPrefix("checkpoint-") && !kept.contains($0) }
  }

  /// What the driver needs to go on.
  ///
  /// - Throws: ``DamagedCheckpoint``.
  func checkpoint(of experiment: Experiment, in folder: OutputFolder) throws -> Checkpoint {
    let url = folder.url(stateFile)
    let state = try DamagedCheckpoint.naming(url) { try experiment.subject.integratedStorage.read(url) }
    return Checkpoint(
      time: time, state: state, restart: restart, statistics: statistics,
      record: try record(experiment.columns, in: folder), memories: memories)
  }

  /// The rows that the checkpoint covers.
  private func record(_ columns: [String], in folder: OutputFolder) throws -> Record {
    let url = folder.url(rowsFile)
    return try DamagedCheckpoint.naming(url) {
      let table = try CSVTable(String(decoding: try AtomicFile.read(url), as: UTF8.self), most: rows)
      guard table.columns == columns else { throw UsageError("its columns are \(table.columns)") }
      guard table.rowCount == rows else {
        throw UsageError("it has \(table.rowCount) rows, and the checkpoint covers \(rows)")
      }
      guard ordinals.isEmpty || ordinals.count == rows else {
        throw UsageError("the checkpoint counts \(ordinals.count) rows in place of \(rows)")
      }
      return Record(columns: columns, values: table.values, ordinals: ordinals)
    }
  }
}

/// A file of an unfinished run that cannot be read back.
struct DamagedCheckpoint: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String {
    "the checkpoint is damaged, '\(path)': \(reason); put back a sound copy, or begin anew by adding --start-over"
  }

  static func naming<T>(_ url: URL, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as AtomicFileError {
      throw DamagedCheckpoint(path: url.path, reason: error.reason)
    } catch let DecodingError.keyNotFound(key, _) {
      throw DamagedCheckpoint(path: url.path, reason: "there is no '\(key.stringValue)' in it")
    } catch is DecodingError {
      throw DamagedCheckpoint(path: url.path, reason: "it is not the JSON that this program writes")
    } catch {
      throw DamagedCheckpoint(path: url.path, reason: "\(error)")
    }
  }
}
