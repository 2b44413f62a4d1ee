import Foundation
import GRDB
import Studies

extension SweepStore {
  /// After so many seconds without a sign of life a claim from another machine counts as dead.
  static let lease = 120.0

  /// A clock on another machine may be ahead of ours by so many seconds; a claim from further ahead counts as dead.
  static let clockSkew = 3600.0

  /// What there is to do.
  enum Claim: Equatable {
    case run(Int)
    /// Everything is done or being done by somebody.
    case wait
    case finished
  }

  /// Who is at runs that are not done.
  struct Holder: Hashable {
    let host: String
    let pid: Int
    /// Of the last sign of life, by the holder's own clock.
    let heartbeat: Date
  }

  /// Takes the dearest run that nobody has done or is doing.
  func claim(_ me: ProcessIdentity) throws -> Claim {
    try lightly { db in
      let now = try String.fetchOne(db, sql: "SELECT value FROM sweep WHERE key = 'definition'")
      guard now == identity else {
        throw UsageError(
          "the sweep in '\(folder.relativePath)' was extended by another process; start again with its new definition"
        )
      }
      try Self.dropDeadClaims(db, me)
      let open = "NOT EXISTS (SELECT 1 FROM result WHERE result.run = run.id)"
      let next = try Int.fetchOne(
        db,
        sql: """
          SELECT id FROM run WHERE \(open) AND NOT EXISTS (SELECT 1 FROM claim WHERE claim.run = run.id)
          ORDER BY cost DESC, id LIMIT 1
          """)
      if let next {
        try db.execute(
          sql: """
            INSERT INTO claim (run, owner, machine, host, pid, started, heartbeat) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [next, me.owner, me.machine, me.host, me.pid, me.started, Date().timeIntervalSince1970])
        return .run(next)
      }
      let isOpen = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE \(open))") ?? false
      return isOpen ? .wait : .finished
    }
  }

  /// Who is at the runs that `me` waits for.
  func holders(_ me: ProcessIdentity) throws -> [Holder] {
    try read { db in
      try Row.fetchAll(
        db,
        sql:
          "SELECT host, pid, max(heartbeat) AS last FROM claim WHERE owner <> ? GROUP BY host, pid ORDER BY host, pid",
        arguments: [me.owner]
      ).map { row in
        Holder(
          host: try row.decode(String.self, forColumn: "host"),
          pid: try row.decode(Int.self, forColumn: "pid"),
          heartbeat: Date(timeIntervalSince1970: try row.decode(Double.self, forColumn: "last")))
      }
    }
  }

  /// Says that the owner of these claims lives.
  func renewClaims(_ me: ProcessIdentity) throws {
    try lightly { db in
      try db.execute(
        sql: "UPDATE claim SET heartbeat = ? WHERE owner = ?",
        arguments: [Date().timeIntervalSince1970, me.owner])
    }
  }

  /// Gives back what was claimed and not done.
  func releaseClaims(_ me: ProcessIdentity) throws {
    try lightly { db in try db.execute(sql: "DELETE FROM claim WHERE owner = ?", arguments: [me.owner]) }
  }

  /// Keeps what a run gave, all of it or nothing, and ends the claim.
  ///
  /// - Returns: whether the claim was still ours; if not, another process does the run, and nothing is kept.
  @discardableResult
  func finish(_ output: RunOutput, _ me: ProcessIdentity) throws -> Bool {
    try write { db in
      try db.execute(
        sql: "DELETE FROM claim WHERE run = ? AND owner = ?", arguments: [output.record.run, me.owner])
      guard db.changesCount == 1 else { return false }
      try Self.insert(db, output, me)
      return true
    }
  }

  /// How far the sweep is.
  struct Counts {
    let done: Int
    let failed: Int
    let costLeft: Double
  }

  func counts() throws -> Counts {
    try read { db in
      let row = try Row.fetchOne(
        db,
        sql: """
          SELECT count(result.run) AS done, total(run.cost) FILTER (WHERE result.run IS NULL) AS cost_left,
            count(*) FILTER (WHERE return_code NOT IN (\(SweepResult.successes))) AS failed
          FROM run LEFT JOIN result ON result.run = run.id
          """)!
      return Counts(
        done: try row.decode(Int.self, forColumn: "done"),
        failed: try row.decode(Int.self, forColumn: "failed"),
        costLeft: try row.decode(Double.self, forColumn: "cost_left"))
    }
  }

  /// Forgets the failed runs, so that they are done again.
  ///
  /// - Throws: ``StoreError``.
  public func forgetFailures() throws {
    try write {
      try $0.execute(sql: "DELETE FROM result WHERE return_code NOT IN (\(SweepResult.successes))")
    }
  }

  private static func insert(_ db: Database, _ output: RunOutput, _ me: ProcessIdentity) throws {
    let run = output.record.run
    try output.record.insert(db)
    // What an editor that knows no foreign keys left of a result it removed.
    for table in SweepSchema.resultTables.dropFirst() {
      try db.execute(sql: "DELETE FROM \(table) WHERE run = ?", arguments: [run])
    }
    try db.execute(
      sql:
        "INSERT INTO timing (run, wall_seconds, threads, finished, host, pid, provenance) VALUES (?, ?, ?, ?, ?, ?, ?)",
      arguments: [
        run, output.wallSeconds, output.threads, output.provenance.date, me.host, me.pid,
        JSONText.compact(output.provenance),
      ])
    if let (columns, data) = output.curve {
      try db.execute(
        sql: "INSERT INTO curve (run, columns, data) VALUES (?, ?, ?)", arguments: [run, columns, data])
    }
    for (moment, total, data) in output.neurons {
      try db.execute(
        sql: "INSERT INTO neurons (run, moment, total, data) VALUES (?, ?, ?, ?)",
        arguments: [run, moment, total, data])
    }
    if let data = output.weights {
      try db.execute(sql: "INSERT INTO weights (run, data) VALUES (?, ?)", arguments: [run, data])
    }
    if let data = output.fit {
      try db.execute(sql: "INSERT INTO fit (run, data) VALUES (?, ?)", arguments: [run, data])
    }
  }

  private static func dropDeadClaims(_ db: Database, _ me: ProcessIdentity) throws {
    for claim in try Row.fetchAll(db, sql: "SELECT * FROM claim WHERE owner <> ?", arguments: [me.owner])
    where !isAlive(claim, me) {
      let run = try claim.decode(Int.self, forColumn: "run")
      try db.execute(sql: "DELETE FROM claim WHERE run = ?", arguments: [run])
    }
  }

  /// The claims of processes that live, this one among them.
  static func liveClaims(_ db: Database, _ me: ProcessIdentity) throws -> [Row] {
    try Row.fetchAll(db, sql: "SELECT * FROM claim").filter { isAlive($0, me) }
  }

  private static func isAlive(_ claim: Row, _ me: ProcessIdentity) -> Bool {
    guard let machine = String.fromDatabaseValue(claim["machine"]),
      let pid = Int32.fromDatabaseValue(claim["pid"]),
      let started = Int.fromDatabaseValue(claim["started"]),
      let heartbeat = Double.fromDatabaseValue(claim["heartbeat"])
    else {
      // No claim that this program writes.
      return false
    }
    if machine == me.machine { return ProcessIdentity.isAlive(pid: pid, started: started) }
    let now = Date().timeIntervalSince1970
    return heartbeat > now - lease && heartbeat < now + clockSkew
  }

  /// A transaction that a power cut may undo: it says only who is at work.
  private func lightly<T>(_ body: (Database) throws -> T) throws -> T {
    try writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      defer { try? db.execute(sql: "PRAGMA synchronous = FULL") }
      var value: T?
      try db.inTransaction(.immediate) {
        value = try body(db)
        return .commit
      }
      return value!
    }
  }
}
