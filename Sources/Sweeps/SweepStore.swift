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
  let pool: DatabasePool

  /// Opens a store to read it, or to go on with what its runs left.
  ///
  /// - Throws: `UsageError` if there is none.
  public convenience init(_ path: String) throws {
    let folder = Self.url(path)
    guard FileManager.default.fileExists(atPath: folder.appending(path: SweepSchema.file).path) else {
      throw UsageError("there is no sweep in '\(path)': it has no \(SweepSchema.file)")
    }
    try self.init(opening: folder)
  }

  /// Opens the store of `plan` in the folder `path`, creating both if need be.
  ///
  /// - Throws: `UsageError` if the store there belongs to another definition, other data or another shard;
  ///   `DatabaseError` if the disk does not play along.
  public convenience init(_ path: String, _ plan: SweepPlan, shard: Shard = .whole) throws {
    let folder = Self.url(path)
    do { try FileCall.makeFolder(folder) } catch let error as AtomicFileError {
      throw UsageError("cannot create '\(path)': \(error.reason)")
    }
    let pool = try Self.alone(in: folder) {
      let file = folder.appending(path: SweepSchema.file)
      if !FileManager.default.fileExists(atPath: file.path),
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path), !names.isEmpty
      {
        throw UsageError("the folder '\(path)' exists and holds no sweep; name another one, or empty it")
      }
      return try Self.open(file)
    }
    try pool.write { db in
      if try db.tableExists("sweep") {
        try Self.compare(db, plan, shard, path)
      } else {
        try SweepSchema.create(db)
        try Self.fill(db, plan, shard)
      }
    }
    try self.init(folder, pool)
  }

  private convenience init(opening folder: URL) throws {
    try self.init(folder, Self.open(folder.appending(path: SweepSchema.file)))
  }

  private init(_ folder: URL, _ pool: DatabasePool) throws {
    self.folder = folder
    self.pool = pool
    let values = try pool.read { db in
      guard try db.tableExists("sweep") else { return [String: String]() }
      return Dictionary(
        uniqueKeysWithValues: try Row.fetchAll(db, sql: "SELECT key, value FROM sweep").map {
          ($0["key"] as String, $0["value"] as String)
        })
    }
    guard values["format"] == SweepSchema.version, let text = values["definition"],
      let shard = values["shard"]
    else {
      throw UsageError(
        "'\(folder.relativePath)' holds a store of format '\(values["format"] ?? "none")'; this program reads \(SweepSchema.version)"
      )
    }
    definition = try SweepDefinition(yaml: text)
    self.shard = shard
  }

  /// The definition and the note on the data that the store was made for.
  var identity: String {
    get throws {
      try pool.read { try String.fetchOne($0, sql: "SELECT value FROM sweep WHERE key = 'definition'") ?? "" }
    }
  }

  private static func url(_ path: String) -> URL {
    URL(filePath: path, directoryHint: .isDirectory).standardizedFileURL
  }

  /// Opening is for one process at a time: a new database's switch to WAL does not wait for another's, whatever the timeout.
  private static func alone<R>(in folder: URL, _ body: () throws -> R) throws -> R {
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

  private static func open(_ file: URL) throws -> DatabasePool {
    var configuration = GRDB.Configuration()
    configuration.busyMode = .timeout(60)
    configuration.prepareDatabase { db in
      // In WAL mode, NORMAL would leave the last commits to the mercy of a power cut.
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    do {
      return try DatabasePool(path: file.path, configuration: configuration)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
      throw UsageError("'\(file.relativePath)' is no SQLite database")
    }
  }

  private static func fill(_ db: Database, _ plan: SweepPlan, _ shard: Shard) throws {
    for (key, value) in [
      ("format", SweepSchema.version), ("definition", plan.identity), ("shard", shard.description),
      ("program", phaseFlowVersion),
    ] {
      try db.execute(sql: "INSERT INTO sweep (key, value) VALUES (?, ?)", arguments: [key, value])
    }
    for run in plan.shard(shard) { try PlannedRun(run).insert(db) }
  }

  private static func compare(_ db: Database, _ plan: SweepPlan, _ shard: Shard, _ path: String) throws {
    let stored = try String.fetchOne(db, sql: "SELECT value FROM sweep WHERE key = 'definition'") ?? ""
    guard stored == plan.identity else {
      throw UsageError(
        """
        the sweep in '\(path)' was started with another definition or other data; name another folder. \
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

/// The lines that are in one text only, in order, `-` before those of the first, `+` before those of the second.
func lineDifference(_ old: String, _ new: String) -> String {
  let (a, b) = (old.split(separator: "\n"), new.split(separator: "\n"))
  return b.difference(from: a).map { change in
    switch change {
    case .remove(let offset, let line, _): (offset, 0, "- \(line)")
    case .insert(let offset, let line, _): (offset, 1, "+ \(line)")
    }
  }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2).joined(separator: "\n")
}
