import BuiltinPlugins
import Foundation
import GRDB
import PluginKit
import Studies
import Sweeps

extension FuzzTarget {
  /// SQL that somebody's editor runs on a sound store, one statement a line; those that SQLite refuses are skipped.
  static let storeContents = FuzzTarget(
    "store-contents",
    words: [
      "UPDATE", "SET", "WHERE", "DELETE FROM", "run", "result", "curve", "neurons", "weights", "fit", "claim",
      "timing",
      "sweep", "width", "seed", "gamma", "configuration", "data", "columns", "observers", "statistics",
      "NULL", "'x'",
      "x'00'", "x''", "9e999", "-1", "zeroblob(3)", "return_code", "'success'", "moment", "total", "rd_w",
      "others",
      "'time,loss,time'", "heartbeat", "wall_seconds", "threads", "checks", "value", "key", "'definition'",
    ],
    seeds: {
      [
        "UPDATE run SET width = 'x'", "UPDATE run SET gamma = 9e999 WHERE id = 1",
        "UPDATE curve SET columns = 'time,loss,time'", "DELETE FROM result WHERE run = 1",
        "UPDATE curve SET data = x'00'", "UPDATE neurons SET data = zeroblob(128)",
        "UPDATE result SET observers = 'x', rd_w = -1",
        "UPDATE timing SET wall_seconds = 'u', threads = NULL",
        "INSERT INTO run SELECT 77, gamma, gamma_prime, width, seed, beta2_exponent, others, checks, configuration, cost FROM run WHERE id = 1",
        "INSERT INTO claim VALUES (1, 'x', 'm', 'nowhere', 1, 1, 9e12)",
        "UPDATE sweep SET value = '2' WHERE key = 'format'",
        "UPDATE run SET seed = -1, others = x'ff'", "DROP TABLE claim",
        "UPDATE run SET checks = 1, cost = -5",
        "UPDATE fit SET data = (SELECT data FROM weights)", "UPDATE result SET nfev = 1.5, statistics = '[]'",
        "UPDATE sweep SET value = 'axes: {width: [3]}' WHERE key = 'definition'",
      ].map { Array($0.utf8) }
    },
    read: { input in
      try Scratch.with(["st/sweep.sqlite": try template.get()]) { root in
        let folder = root.appending(path: "st", directoryHint: .isDirectory)
        let queue = try DatabaseQueue(path: folder.appending(path: "sweep.sqlite").path)
        try queue.writeWithoutTransaction { db in
          try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
          for line in text(input).split(separator: "\n") where isHarmless(line) {
            try? db.execute(sql: String(line))
          }
        }
        try queue.close()
        try readStore(root, folder)
      }
    })

  static let storeBytes = FuzzTarget(
    "store-bytes", words: ["SQLite format 3", "CREATE TABLE", "axes", "width"],
    seeds: { [try template.get()] },
    read: { input in
      try Scratch.with(["st/sweep.sqlite": input]) { root in
        try readStore(root, root.appending(path: "st", directoryHint: .isDirectory))
      }
    })

  /// No files elsewhere, no endless queries.
  private static func isHarmless(_ statement: Substring) -> Bool {
    let text = statement.uppercased()
    return !["ATTACH", "VACUUM", "RECURSIVE", "PRAGMA"].contains(where: text.contains)
  }

  /// Everything that reads a store.
  private static func readStore(_ root: URL, _ folder: URL) throws {
    let store = try SweepStore(folder.path)
    let catalog = try BuiltinPlugins.catalog()
    var failure: (any Error)?
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { failure = failure ?? error }
    }
    attempt {
      let rows = try store.rows()
      _ = SweepExport.csv(rows)
      _ = try SweepExport.json(rows)
      for row in rows.prefix(4) { _ = try row.text() }
    }
    attempt { _ = try SweepReport(store, catalog).html() }
    attempt {
      let summary = try SweepSummary(store)
      _ = summary.text
      _ = try summary.json
    }
    let definition = store.definition
    guard definition.base.data == "four-points", definition.width.allSatisfy({ $0 <= 64 }),
      definition.width.count * definition.seed.count * max(1, definition.gamma.count) <= 16,
      definition.others.isEmpty, definition.base.plugin.isEmpty
    else { return }
    attempt {
      let plan = try SweepPlan(definition, catalog)
      let opened = try SweepStore(folder.path, plan)
      _ = try SweepScheduler(opened, plan, catalog)
    }
    attempt {
      _ = try SweepMerge([folder.path]).write(to: root.appending(path: "merged").path) { _ in catalog }
    }
    if let failure { throw failure }
  }

  /// A finished store of two runs, in small pages and without a journal.
  private static let template = Result {
    try Scratch.with { root in
      let folder = root.appending(path: "store", directoryHint: .isDirectory)
      let plan = try SweepPlan(
        SweepDefinition(
          yaml: """
            base: {data: four-points, asi: true, rtol: 0.01, observe: [relative-distance, condensation], stop-loss: 1e-2}
            axes: {gamma: [0.5, 1.75], gamma-prime: [0], width: [4]}
            keep: {curves: 6, neurons: 4, weights: true, fit: true}
            accuracy: {sample: 1}
            """), BuiltinPlugins.catalog())
      do {
        var options = SweepScheduler.Options()
        options.workers = 1
        let store = try SweepStore(folder.path, plan)
        try SweepScheduler(store, plan, BuiltinPlugins.catalog(), options).run()
      }
      let small = root.appending(path: "small.sqlite").path
      let queue = try DatabaseQueue(path: folder.appending(path: "sweep.sqlite").path)
      try queue.writeWithoutTransaction { db in
        try db.execute(
          sql: "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; PRAGMA page_size = 512")
        try db.execute(sql: "VACUUM INTO ?", arguments: [small])
      }
      try queue.close()
      return [UInt8](try Data(contentsOf: URL(filePath: small)))
    }
  }
}
