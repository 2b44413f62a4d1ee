import Files
import Foundation
import ODECore
import GradientFlow

/// The folder of one run. It is filled as `NAME.part` and gets its name when it is complete, so that a
/// folder without the suffix is always whole. While it is being filled it belongs to this process.
public final class OutputFolder {
  /// The folder to be.
  public let destination: URL
  /// Where files are written now.
  public private(set) var working: URL
  private var lock: FolderLock?

  /// Names a new folder; nothing is created before ``create()``.
  ///
  /// - Throws: ``UsageError`` if it exists, or if an unfinished run is there.
  public init(new path: String) throws {
    if path.isEmpty { throw UsageError("the name of the output folder is empty; name a new folder") }
    destination = Self.url(path)
    working = Self.working(for: destination)
    if FileManager.default.fileExists(atPath: destination.path) {
      throw UsageError("the output folder '\(path)' exists; name another one, or remove it")
    }
    if FileManager.default.fileExists(atPath: working.path) {
      // If it is still going on, that is the thing to say.
      let found = try FolderLock(working)
      let isRun = has("config.yaml")
      let names = try? FileManager.default.contentsOfDirectory(atPath: working.path)
      if names?.allSatisfy({ $0 == FolderLock.name || $0.hasPrefix(".") }) == true {
        // Killed before anything of it was written.
        lock = found
        return
      }
      throw UsageError(
        has("comparison.json")
          ? "an unfinished comparison is in '\(working.path)'; resume it with 'phaseflow compare --resume \(path)', or remove it"
          : isRun
            ? "an unfinished run is in '\(working.path)'; go on with 'phaseflow run --resume \(path)', or remove it"
            : "what was not finished is in '\(working.path)'; remove it, or name another folder")
    }
  }

  /// A new folder, or an unfinished one that `isBegun` says to go on with; nothing changes before ``create()``.
  ///
  /// - Throws: ``UsageError`` if the finished one exists, if what is unfinished is something else, or if another process is at it.
  public init(continuing path: String, isBegun: (URL) -> Bool) throws {
    if path.isEmpty { throw UsageError("the name of the output folder is empty; name a new folder") }
    let named = Self.url(path)
    (destination, working) = (named, Self.working(for: named))
    if FileManager.default.fileExists(atPath: named.path) || !isBegun(working) {
      _ = try OutputFolder(new: path)
    } else {
      lock = try FolderLock(working)
    }
  }

  /// A folder for what lives only as long as a run; nothing is created before ``create()``, which is to be called once.
  init(temporary path: String) {
    destination = Self.url(path)
    working = destination
  }

  /// Finds the folder of an unfinished run to look at it, be its process alive or not; `nil` if there is none.
  init?(watching path: String) {
    let named = Self.url(path)
    destination = named.pathExtension == "part" ? Self.url(named.deletingPathExtension().path) : named
    working = Self.working(for: destination)
    guard has("config.yaml") else { return nil }
  }

  /// Finds the folder of a run that was killed or interrupted; nothing in it changes before ``create()``.
  ///
  /// The unfinished folder's own name, `NAME.part`, means the run too.
  ///
  /// - Throws: ``UsageError`` if there is none, or if its process is alive.
  init(resuming path: String) throws {
    if path.isEmpty { throw UsageError("the name of the folder to resume is empty") }
    let named = Self.url(path)
    destination =
      named.pathExtension == "part"
      ? Self.url(named.deletingPathExtension().path) : named
    working = Self.working(for: destination)
    if !FileManager.default.fileExists(atPath: working.path) { working = destination }
    guard working != destination || has(CheckpointFiles.name) || Self.wasInterrupted(destination) else {
      let isDone = has("summary.json")
      throw UsageError(
        isDone
          ? "the run in '\(path)' is complete; there is nothing to resume"
          : "there is no run to resume in '\(path)'")
    }
    lock = try FolderLock(working)
  }

  /// Finds the folder of a comparison, complete or not.
  ///
  /// - Throws: ``UsageError`` if there is none, or if its process is alive.
  init(resumingComparison path: String) throws {
    let named = Self.url(path)
    destination = named.pathExtension == "part" ? Self.url(named.deletingPathExtension().path) : named
    working = Self.working(for: destination)
    if !FileManager.default.fileExists(atPath: working.path) { working = destination }
    guard !path.isEmpty, has("comparison.json"), has("config.yaml") else {
      throw UsageError("there is no comparison to resume in '\(path)'")
    }
    lock = try FolderLock(working)
  }

  /// Whether `path` holds a run that came to its end, so that at most its pictures are missing.
  public static func isComplete(_ path: String) -> Bool {
    let folder = url(path)
    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder.appending(path: name).path)
    }
    return has("summary.json") && !has(CheckpointFiles.name) && !wasInterrupted(folder)
      && !FileManager.default.fileExists(atPath: working(for: folder).path)
  }

  /// Within the first step there is no checkpoint yet.
  private static func wasInterrupted(_ folder: URL) -> Bool {
    struct End: Decodable { let returnCode: ReturnCode }
    let end = try? JSONDecoder().decode(
      End.self, from: AtomicFile.read(folder.appending(path: "summary.json")))
    return end?.returnCode == .interrupted
  }

  /// Makes a new folder, or an interrupted run's one, which has its final name already, unfinished again. What
  /// a killed process left half-written is removed.
  ///
  /// - Throws: ``UsageError`` if that cannot be.
  public func create() throws {
    if lock == nil {
      do { try FileCall.makeFolder(working) } catch let error as AtomicFileError {
        throw UsageError("cannot create the folder '\(working.path)': \(error.reason)")
      }
      lock = try FolderLock(working)
    } else if working == destination {
      try rename(to: Self.working(for: destination))
    }
    removeFiles { $0.hasPrefix(".") }
  }

  func url(_ name: String) -> URL { working.appending(path: name) }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: url(name).path) }

  /// Writes a whole file or nothing.
  public func write(_ text: String, to name: String) throws {
    try AtomicFile.write(Data(text.utf8), to: url(name))
  }

  func remove(_ name: String) { try? FileCall.remove(url(name)) }

  /// Removes the files whose names are `unwanted`.
  func removeFiles(_ unwanted: (String) -> Bool) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: working.path)) ?? []
    for name in names where name != FolderLock.name && unwanted(name) { remove(name) }
  }

  /// Removes the folder and all in it.
  public func discard() { try? FileCall.remove(working) }

  /// Makes the folder, lets `body` fill it, and gives it its name; after an error nothing is left.
  func fill(_ body: (URL) throws -> Void) throws {
    try create()
    do {
      try body(working)
      try complete()
    } catch {
      discard()
      throw error
    }
  }

  /// Gives the folder its name.
  ///
  /// - Parameter cleanUp: what is to be done then, while it still belongs to this process.
  public func complete(_ cleanUp: () -> Void = {}) throws {
    try rename(to: destination)
    cleanUp()
    lock = nil
  }

  private func rename(to place: URL) throws {
    do {
      try AtomicFile.rename(working, to: place)
    } catch {
      // The name may be there although it could not be flushed.
      if FileManager.default.fileExists(atPath: place.path) { working = place }
      throw error
    }
    working = place
  }

  private static func url(_ path: String) -> URL {
    URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
  }

  static func working(for destination: URL) -> URL {
    destination.deletingLastPathComponent()
      .appending(path: destination.lastPathComponent + ".part", directoryHint: .isDirectory)
  }
}
