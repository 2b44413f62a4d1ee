import Foundation
import GradientFlow

/// The folder of one run. It is filled as `NAME.part` and gets its name when it is complete, so that a
/// folder without the suffix is always whole.
public struct OutputFolder {
  /// The folder to be.
  public let destination: URL
  /// Where files are written now.
  public let working: URL

  /// Names a new folder; nothing is created before ``create()``.
  ///
  /// - Throws: ``UsageError`` if it exists, or if an unfinished run is there.
  public init(new path: String) throws {
    destination = Self.url(path)
    working = Self.working(for: destination)
    if FileManager.default.fileExists(atPath: destination.path) {
      throw UsageError("the output folder '\(path)' exists; name another one, or remove it")
    }
    if FileManager.default.fileExists(atPath: working.path) {
      throw UsageError(
        "an unfinished run is in '\(working.path)'; go on with 'phaseflow run --resume \(path)', or remove it"
      )
    }
  }

  /// Finds the folder of a run that was killed or interrupted.
  ///
  /// The unfinished folder's own name, `NAME.part`, means the run too.
  init(resuming path: String) throws {
    let named = Self.url(path)
    destination =
      named.pathExtension == "part"
      ? Self.url(named.deletingPathExtension().path) : named
    working = Self.working(for: destination)
    let files = FileManager.default
    if files.fileExists(atPath: working.path) { return }
    guard files.fileExists(atPath: destination.appending(path: CheckpointFiles.name).path) else {
      throw UsageError("there is no run to resume in '\(path)'")
    }
    // An interrupted run has its final name already; it becomes unfinished again.
    try files.moveItem(at: destination, to: working)
  }

  /// The unfinished folder of a run and its final one, for any name of either.
  static func candidates(_ path: String) -> [URL] {
    let named = url(path)
    return [named, working(for: named)]
  }

  /// Makes the working folder.
  ///
  /// - Throws: ``UsageError`` if that cannot be.
  public func create() throws {
    do {
      try FileManager.default.createDirectory(at: working, withIntermediateDirectories: true)
    } catch {
      throw UsageError("cannot create '\(working.path)': \(error.localizedDescription)")
    }
  }

  func url(_ name: String) -> URL { working.appending(path: name) }

  /// Writes a whole file or nothing.
  public func write(_ text: String, to name: String) throws {
    try AtomicFile.write(Data(text.utf8), to: url(name))
  }

  func remove(_ name: String) { try? FileManager.default.removeItem(at: url(name)) }

  /// Gives the folder its name.
  public func complete() throws { try FileManager.default.moveItem(at: working, to: destination) }

  private static func url(_ path: String) -> URL {
    URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
  }

  private static func working(for destination: URL) -> URL {
    destination.deletingLastPathComponent()
      .appending(path: destination.lastPathComponent + ".part", directoryHint: .isDirectory)
  }
}
