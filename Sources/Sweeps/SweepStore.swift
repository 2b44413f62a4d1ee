import Files
import Foundation
import GRDB
import Studies

/// One sweep on disk: `sweep.sqlite` in a folder, with its plan, its results and who is working on what.
///
/// Every result is one transaction that is flushed to the disk, so a kill, a full disk or a power cut
/// loses the runs in flight and nothing else. Several processes on one machine may work on a store at once; over
/// a network file system SQLite's locks cannot be trusted: use shards there.
public final class SweepStore: Sendable {
  /// The folder.
  public let folder: URL
  /// What the sweep scans.
  public let definition: SweepDefinition
  /// The part of the sweep that is done here, `1/1` for all of it.
  public let shard: String
  /// The definition and the note on the data that the store was made for, when it was opened.
  let identity: String
  let file: StoreFile

  /// Opens a store to read it.
  ///
  /// - Throws: `UsageError` if there is none, or one of a newer format; ``StoreError``.
  public convenience init(_ path: String) throws {
    let folder = Self.url(path)
    let file = folder.appending(path: SweepSchema.file)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw UsageError("there is no sweep in '\(path)': it has no \(SweepSchema.file)")
    }
    try self.init(folder, .reading(file))
  }

  /// Opens the store of `plan` in the folder `path`, creating both if need be. One of an older format is brought up to
  /// this program's.
  ///
  /// - Throws: `UsageError` if the store there belongs to another definition, other data or another shard, or if the folder
  ///   cannot be written; ``StoreError`` if the disk does not play along.
  public convenience init(_ path: String, _ plan: SweepPlan, shard: Shard = .whole) throws {
    let folder = Self.url(path)
    do { try FileCall.makeFolder(folder) } catch let error as AtomicFileError {
      throw UsageError("cannot create '\(path)': \(error.reason)")
    }
    let file = try Self.alone(in: folder) {
      let file = folder.appending(path: SweepSchema.file)
      if !FileManager.default.fileExists(atPath: file.path),
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path), !names.isEmpty
      {
        throw UsageError("the folder '\(path)' exists and holds no sweep; name another one, or empty it")
      }
      return try StoreFile.writing(file)
    }
    try StoreError.naming(folder) {
      try file.database.write { db in
        if try db.tableExists("sweep") == false {
          try SweepSchema.create(db)
          try Self.fill(db, plan, shard)
          return
        }
        try SweepSchema.check(SweepSchema.format(db), folder)
        try SweepSchema.migrate(db)
        try Self.compare(db, plan, shard, path)
      }
    }
    try self.init(folder, file)
  }

  init(_ folder: URL, _ file: StoreFile) throws {
    self.folder = folder
    self.file = file
    let values = try StoreError.naming(folder) {
      try file.database.read { db in
        Dictionary(
          uniqueKeysWithValues: try Row.fetchAll(db, sql: "SELECT key, value FROM sweep").map {
            ($0["key"] as String, $0["value"] as String)
          })
      }
    }
    guard let text = values["definition"], let shard = values["shard"] else {
      throw UsageError(
        "the store in '\(folder.relativePath)' is damaged: it does not say what its sweep scans")
    }
    identity = text
    definition = try SweepDefinition(yaml: text)
    self.shard = shard
  }

  /// - Throws: ``StoreError``, and what `body` throws.
  func read<T>(_ body: (Database) throws -> T) throws -> T {
    try StoreError.naming(folder) { try file.database.read(body) }
  }

  /// A transaction.
  ///
  /// - Throws: ``StoreError``, and what `body` throws.
  func write<T>(_ body: (Database) throws -> T) throws -> T {
    try StoreError.naming(folder) { try file.database.write(body) }
  }

  /// - Throws: ``StoreError``, and what `body` throws.
  func writeWithoutTransaction<T>(_ body: (Database) throws -> T) throws -> T {
    try StoreError.naming(folder) { try file.database.writeWithoutTransaction(body) }
  }

  static func url(_ path: String) -> URL {
    URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
  }

  /// Opening is for one process at a time: a new database's switch to WAL does not wait for another's, whatever the timeout.
  static func alone<R>(in folder: URL, _ body: () throws -> R) throws -> R {
    let descriptor = Foundation.open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { close(descriptor) }
    // A file system without locks is no reason to fail. Whoever has this one needs moments, unless it was stopped.
    let patience = ContinuousClock.now + .seconds(60)
    while FileCall.lock(descriptor, of: folder.path) != 0, errno == EWOULDBLOCK {
      guard ContinuousClock.now < patience else {
        throw UsageError(
          "another process has been opening the sweep in '\(folder.relativePath)' for a minute and has not finished; "
            + "see 'fuser \(folder.path)'")
      }
      usleep(10_000)
    }
    return try body()
  }

  private static func fill(_ db: Database, _ plan: SweepPlan, _ shard: Shard) throws {
    for (key, value) in [
      ("format", "\(SweepSchema.version)"), ("definition", plan.identity), ("shard", shard.description),
      ("program", phaseFlowVersion),
    ] {
      try db.execute(sql: "INSERT INTO sweep (key, value) VALUES (?, ?)", arguments: [key, value])
    }
    for run in plan.shard(shard) { try PlannedRun(run).insert(db) }
  }

  static func compare(_ db: Database, _ plan: SweepPlan, _ shard: Shard, _ path: String) throws {
    let stored = try String.fetchOne(db, sql: "SELECT value FROM sweep WHERE key = 'definition'") ?? ""
    guard stored == plan.identity else {
      let isExtension = (try? SweepExtension(db, plan, path)) != nil
      throw UsageError(
        """
        the sweep in '\(path)' was started with another definition or other data; \
        \(isExtension ? "add --extend to add the new runs to it, or " : "")name another folder. \
        What differs (- in the store, + now):
        \(lineDifference(stored, plan.identity))
        """)
    }
    let part = try String.fetchOne(db, sql: "SELECT value FROM sweep WHERE key = 'shard'") ?? ""
    guard part == shard.description else {
      throw UsageError(
        "the store in '\(path)' is shard \(part) of its sweep, not \(shard); name another folder")
    }
  }
}
