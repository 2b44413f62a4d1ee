import Foundation
import GRDB
import Studies

/// How the runs of a store become part of a larger sweep: those that both have keep their results under their new numbers.
struct SweepExtension {
  /// The new number of each run that stays.
  private(set) var moves: [Int: Int] = [:]
  private let plan: SweepPlan

  /// - Throws: `UsageError` if `plan` is not the store's sweep and more.
  init(_ db: Database, _ plan: SweepPlan, _ path: String) throws {
    self.plan = plan
    try Self.checkWhole(db, path)
    let stored = try String.fetchOne(db, sql: "SELECT value FROM sweep WHERE key = 'definition'") ?? ""
    try Self.checkConstants(stored, plan, path)
    var places = Dictionary(grouping: try plan.runs.map(PlannedRun.init), by: RunKey.init)
      .mapValues { $0.map(\.id)[...] }
    for run in try PlannedRun.fetchAll(db, sql: "SELECT * FROM run ORDER BY id") {
      if let new = places[RunKey(run)]?.popFirst() {
        moves[run.id] = new
      } else if run.checks == nil {
        throw UsageError(
          """
          run \(run.id) of the sweep in '\(path)' is not part of the new definition: an extension keeps every run, so gamma, \
          gamma-prime, width, seed and other axes may gain values and lose none, and 'base', 'asi-width' and 'horizon' stay. \
          What differs (- in the store, + now):
          \(lineDifference(stored, plan.identity))
          """)
      }
    }
  }

  /// Gives the store the plan's runs and numbers. Checks of accuracy that are not among the plan's are dropped.
  func apply(_ db: Database) throws {
    // Those of the dead.
    try db.execute(sql: "DELETE FROM claim")
    // Children are renumbered before or after their parents: only the end must fit.
    try db.execute(
      sql: "PRAGMA defer_foreign_keys = ON; CREATE TEMP TABLE move (old INTEGER PRIMARY KEY, new INTEGER)")
    for (old, new) in moves {
      try db.execute(sql: "INSERT INTO move (old, new) VALUES (?, ?)", arguments: [old, new])
    }
    for table in SweepSchema.resultTables {
      // By way of negative numbers, since a new number may still be another run's.
      try db.execute(
        sql: """
          DELETE FROM \(table) WHERE run NOT IN (SELECT old FROM move);
          UPDATE \(table) SET run = -(SELECT new FROM move WHERE old = run);
          UPDATE \(table) SET run = -run;
          """)
    }
    try db.execute(sql: "DROP TABLE move; DELETE FROM run")
    for run in plan.runs { try PlannedRun(run).insert(db) }
    try db.execute(sql: "UPDATE sweep SET value = ? WHERE key = 'definition'", arguments: [plan.identity])
  }

  private static func checkWhole(_ db: Database, _ path: String) throws {
    let part = try String.fetchOne(db, sql: "SELECT value FROM sweep WHERE key = 'shard'") ?? ""
    guard part == Shard.whole.description else {
      throw UsageError(
        "the store in '\(path)' is shard \(part) of its sweep; merge the shards, and extend the whole")
    }
    if let claim = try SweepStore.liveClaims(db, .current()).first {
      throw UsageError(
        "process \(claim["pid"] as Int) on \(claim["host"] as String) is working on the sweep in '\(path)'; extend it when that "
          + "has ended, or end it with 'kill \(claim["pid"] as Int)'")
    }
  }

  /// What no run shows.
  private static func checkConstants(_ stored: String, _ plan: SweepPlan, _ path: String) throws {
    let old = try SweepDefinition(yaml: stored)
    guard old.keep == plan.definition.keep else {
      throw UsageError(
        "'keep' differs from that of the sweep in '\(path)': what was kept of its runs cannot be changed afterwards; leave it as it was"
      )
    }
    func notes(_ text: String) -> [Substring] {
      text.split(separator: "\n").filter { $0.hasPrefix("# data") }
    }
    let now = Set(notes(plan.identity))
    guard let lost = notes(stored).first(where: { !now.contains($0) }) else { return }
    let name = lost.prefix { $0 != ":" }
    throw UsageError(
      """
      the data of the sweep in '\(path)' have changed, or are no longer part of it: what its runs were done with is
      \(lost)
      \(now.first { $0.hasPrefix(name + ":") }.map { "and now there is\n\($0)" } ?? "and the new definition has none of it")
      """)
  }
}

/// What makes two runs of two definitions the same run.
private struct RunKey: Hashable {
  let configuration: String
  let isCheck: Bool

  init(_ run: PlannedRun) {
    configuration = run.configuration
    isCheck = run.checks != nil
  }
}

extension SweepStore {
  /// Opens the store in the folder `path` and adds the runs of `plan` that it does not have. The store is then what it would be
  /// had its sweep begun with this plan, but for the moments at which its runs were done.
  ///
  /// - Throws: `UsageError` if there is none, if `plan` lacks one of its runs, keeps other things of them or has other data, or if
  ///   another process is at work on it; nothing has changed then. ``StoreError``.
  public convenience init(extending path: String, _ plan: SweepPlan) throws {
    let folder = Self.url(path)
    let location = folder.appending(path: SweepSchema.file)
    guard FileManager.default.fileExists(atPath: location.path) else {
      throw UsageError("there is no sweep to extend in '\(path)'; leave out --extend to start one")
    }
    let file = try Self.alone(in: folder) { try StoreFile.writing(location) }
    let moves = try StoreError.naming(folder) {
      try file.database.write { db in
        try SweepSchema.check(SweepSchema.format(db), folder)
        try SweepSchema.migrate(db)
        let step = try SweepExtension(db, plan, path)
        try step.apply(db)
        return step.moves
      }
    }
    try self.init(folder, file)
    renumberCheckpoints(moves)
  }

  /// Should this be interrupted, a run finds no checkpoint, or another run's, which it does not take.
  private func renumberCheckpoints(_ moves: [Int: Int]) {
    for (from, to) in [("run-", "moved-"), ("moved-", "run-")] {
      for (old, new) in moves where old != new {
        let place = checkpoints(of: old).deletingLastPathComponent()
        let number = from == "run-" ? old : new
        rename(place.appending(path: "\(from)\(number)").path, place.appending(path: "\(to)\(new)").path)
      }
    }
  }
}
