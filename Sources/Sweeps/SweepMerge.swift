import Foundation
import GRDB
import PluginKit
import Studies

/// The results of several stores of one sweep, brought into one.
public struct SweepMerge {
  private let sources: [SweepStore]

  /// - Throws: `UsageError` if a store is missing or belongs to another sweep than the first.
  public init(_ paths: [String]) throws {
    sources = try paths.map { try SweepStore($0) }
    let first = sources[0].identity
    for (path, source) in zip(paths, sources).dropFirst() {
      let other = source.identity
      guard other == first else {
        throw UsageError(
          """
          '\(path)' is of another sweep than '\(paths[0])'. What differs (- in '\(paths[0])', + in '\(path)'):
          \(lineDifference(first, other))
          """)
      }
    }
  }

  /// Adds what the store in `out` does not have yet, all or nothing; the store is made if need be.
  ///
  /// - Returns: how many runs the whole has, and how many of them are done.
  /// - Throws: `UsageError` if `out` holds another sweep, or results that differ from those to be merged, which runs of
  ///   one program on one kind of processor never do.
  public func write(
    to out: String, _ catalog: ([String]) throws -> PluginCatalog
  ) throws -> (total: Int, done: Int) {
    let definition = sources[0].definition
    let plan = try SweepPlan(definition, catalog(definition.base.plugin))
    let target = try SweepStore(out, plan)
    guard !sources.contains(where: { $0.folder == target.folder }) else {
      throw UsageError("'\(out)' is one of the stores to merge; name another folder")
    }
    try target.writeWithoutTransaction { db in
      for (i, source) in sources.enumerated() {
        try db.execute(
          sql: "ATTACH DATABASE ? AS source\(i)",
          arguments: [source.file.address])
      }
      try db.inTransaction(.immediate) {
        for i in sources.indices {
          try StoreDamage.naming(sources[i].folder) { try copy(db, "source\(i)", sources[i], out) }
        }
        return .commit
      }
    }
    let counts = try target.counts()
    return (plan.runs.count, counts.done)
  }

  private func copy(_ db: Database, _ source: String, _ store: SweepStore, _ out: String) throws {
    let conflict = try Int.fetchOne(
      db,
      sql: """
        SELECT a.run FROM main.result a JOIN \(source).result b ON a.run = b.run
        WHERE a.return_code <> b.return_code OR a.rd_w IS NOT b.rd_w OR a.observers <> b.observers LIMIT 1
        """)
    if let conflict {
      throw UsageError(
        "run \(conflict) has one result in '\(store.folder.relativePath)' and another in '\(out)' or a store before it"
      )
    }
    try db.execute(
      sql: "CREATE TEMP TABLE fresh AS SELECT run FROM \(source).result EXCEPT SELECT run FROM main.result")
    for table in SweepSchema.resultTables {
      try db.execute(
        sql: "INSERT INTO main.\(table) SELECT * FROM \(source).\(table) WHERE run IN (SELECT run FROM fresh)"
      )
    }
    try db.execute(sql: "DROP TABLE fresh")
  }
}
