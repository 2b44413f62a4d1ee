import Foundation
import GRDB
import Studies

/// The open database of a store. Reading never changes a store, and needs no right to write: a store may lie on
/// read-only media, belong to another user, or be of an older format.
final class StoreFile: Sendable {
  /// Seconds to wait for another process's lock; tests whose locks fail wait less.
  @TaskLocal static var patience = 60.0

  let database: any DatabaseWriter
  /// What SQLite is to be told to open the same file again, as a reader.
  let address: String
  /// The folder of a copy, removed with this object.
  private let copy: URL?

  private init(_ database: any DatabaseWriter, _ address: String, copy: URL? = nil) {
    (self.database, self.address, self.copy) = (database, address, copy)
  }

  deinit {
    guard let copy else { return }
    try? database.close()
    try? FileManager.default.removeItem(at: copy)
  }

  /// Opens a store, or makes an empty database, to work on it.
  ///
  /// - Throws: `UsageError` if this user may not write there.
  static func writing(_ file: URL) throws -> StoreFile {
    let folder = file.deletingLastPathComponent()
    if let reason = reasonNotToWrite(file) {
      let isThere = FileManager.default.fileExists(atPath: file.path)
      throw UsageError(
        "cannot write in the sweep's folder '\(folder.relativePath)': \(reason)"
          + (isThere ? "; the store can still be read, by 'sweep show', 'export' and 'report --out'" : ""))
    }
    return try StoreError.naming(folder) {
      StoreFile(try DatabasePool(path: file.path, configuration: configuration()), file.path)
    }
  }

  /// Opens a store to read it.
  ///
  /// - Throws: `UsageError` for a store of a newer format; ``StoreError``.
  static func reading(_ file: URL) throws -> StoreFile {
    let folder = file.deletingLastPathComponent()
    return try StoreError.naming(folder) {
      let source = try open(toRead: file)
      let format = try source.database.read(SweepSchema.format)
      try SweepSchema.check(format, folder)
      return format == SweepSchema.version ? source : try source.migratedCopy()
    }
  }

  private static func open(toRead file: URL) throws -> StoreFile {
    if reasonNotToWrite(file) == nil {
      return StoreFile(try DatabasePool(path: file.path, configuration: configuration()), file.path)
    }
    var readOnly = configuration()
    readOnly.readonly = true
    let log = (try? FileManager.default.attributesOfItem(atPath: file.path + "-wal")[.size] as? Int) ?? 0
    if log == 0 {
      // Without a log nothing is missing from the file, and SQLite need not make one where it cannot.
      let path = file.path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)!
      let address = "file:\(path.replacing("?", with: "%3f").replacing("#", with: "%23"))?immutable=1"
      if let source = try? openNow(address, readOnly) { return source }
    } else if let source = try? openNow(file.path, readOnly) {
      // Its writer's index of the log is there, and may be shared.
      return source
    }
    return try fileCopy(of: file)
  }

  /// GRDB opens lazily what it can; one read shows whether that can be done.
  private static func openNow(_ address: String, _ configuration: GRDB.Configuration) throws -> StoreFile {
    let queue = try DatabaseQueue(path: address, configuration: configuration)
    _ = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
    return StoreFile(queue, address)
  }

  /// A log that its writer left behind where no index of it can be made.
  private static func fileCopy(of file: URL) throws -> StoreFile {
    let folder = try newFolder()
    do {
      let target = folder.appending(path: SweepSchema.file)
      for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file.path + suffix) {
        try UsageError.copying(file.path + suffix, to: target.path + suffix)
      }
      let queue = try DatabaseQueue(path: target.path, configuration: configuration())
      return StoreFile(queue, target.path, copy: folder)
    } catch {
      try? FileManager.default.removeItem(at: folder)
      throw error
    }
  }

  /// The same contents in this program's format.
  private func migratedCopy() throws -> StoreFile {
    let folder = try Self.newFolder()
    do {
      let file = folder.appending(path: SweepSchema.file)
      let queue = try DatabaseQueue(path: file.path, configuration: Self.configuration())
      try database.backup(to: queue)
      try queue.write(SweepSchema.migrate)
      return StoreFile(queue, file.path, copy: folder)
    } catch {
      try? FileManager.default.removeItem(at: folder)
      throw error
    }
  }

  private static func newFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "phaseflow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  private static func configuration() -> GRDB.Configuration {
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(patience)
    configuration.prepareDatabase { db in
      // In WAL mode, NORMAL would leave the last commits to the mercy of a power cut.
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }

  /// The system's words; `nil` if the file, or a new one, can be written, and a log beside it.
  private static func reasonNotToWrite(_ file: URL) -> String? {
    for path in [file.path, file.path + "-wal", file.path + "-shm", file.deletingLastPathComponent().path]
    where FileManager.default.fileExists(atPath: path) {
      // As the process's effective user may.
      if faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) != 0 { return String(cString: strerror(errno)) }
    }
    return nil
  }
}

extension UsageError {
  fileprivate static func copying(_ source: String, to target: String) throws {
    do {
      try FileManager.default.copyItem(atPath: source, toPath: target)
    } catch {
      throw UsageError(
        "cannot copy '\(source)' to read it: \(error.localizedDescription); copy the sweep's folder to where you may write"
      )
    }
  }
}
