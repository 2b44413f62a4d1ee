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
  /// How many rows of `trajectory.csv` the checkpoint covers; a killed run may have written more.
  let rows: Int
  let memories: [String: [Double]]
  let inputs: RunInputs

  /// Replaces the checkpoint before; the files that this one names are written already.
  func write(in folder: OutputFolder) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try AtomicFile.write(try encoder.encode(self), to: folder.url(Self.name))
    Self.removeStates(in: folder, except: stateFile)
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
    removeStates(in: folder, except: nil)
  }

  private static func removeStates(in folder: OutputFolder, except kept: String?) {
    folder.sweep { $0.hasPrefix("checkpoint-") && $0.hasSuffix(".npy") && $0 != kept }
  }

  /// What the driver needs to go on.
  ///
  /// - Throws: ``DamagedCheckpoint``.
  func checkpoint(_ storage: StateStorage, in folder: OutputFolder) throws -> Checkpoint {
    let url = folder.url(stateFile)
    let state = try DamagedCheckpoint.naming(url) { try storage.read(url) }
    return Checkpoint(time: time, state: state, restart: restart, statistics: statistics)
  }

  /// What the recorder needs to go on.
  ///
  /// - Throws: ``DamagedCheckpoint``.
  func resumption(_ initialState: [Double], in folder: OutputFolder) throws -> Resumption {
    let url = folder.url("trajectory.csv")
    return try DamagedCheckpoint.naming(url) {
      let lines = String(decoding: try AtomicFile.read(url), as: UTF8.self).split(separator: "\n").map(
        String.init)
      guard lines.count > rows else {
        throw UsageError("it has \(max(0, lines.count - 1)) rows, and the checkpoint covers \(rows)")
      }
      return Resumption(
        initialState: initialState, rows: Array(lines.dropFirst().prefix(rows)), memories: memories)
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
