import BuiltinPlugins
import Foundation
import GRDB
import PluginKit
import Studies

@testable import Sweeps

/// A scan that takes a fraction of a second: 2 x 2 cells, two widths, two checks.
let smallSweep = """
  base: {data: four-points, asi: true, rtol: 0.01, observe: [relative-distance], record: steps}
  axes:
    gamma: [0.5, 1.75]
    gamma-prime: [-0.3, 0]
    width: [20, 60]
  asi-width: copy
  keep: {neurons: 30, weights: true, fit: true}
  accuracy: {sample: 2}
  """

func plan(_ yaml: String = smallSweep) throws -> SweepPlan {
  try SweepPlan(SweepDefinition(yaml: yaml), BuiltinPlugins.catalog())
}

func run(_ store: SweepStore, _ plan: SweepPlan, workers: Int = 2) throws {
  var options = SweepScheduler.Options()
  options.workers = workers
  try SweepScheduler(store, plan, BuiltinPlugins.catalog(), options).run()
}

/// All that does not depend on chance, as text.
func contents(_ store: SweepStore) throws -> [String] {
  try store.read { db in
    try (["sweep", "run"] + SweepSchema.resultTables.filter { $0 != "timing" }).flatMap { table in
      try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1, 2").map { row in
        table + row.map { "|\($0)=\($1)" }.joined()
          // A blob's description is its length only.
          + row.compactMap { (_, value) in
            Data.fromDatabaseValue(value).map { "#\($0.base64EncodedString())" }
          }
          .joined()
      }
    }
  }
}

/// Calls `body` with the path of a folder that does not exist yet.
func withFolder<T>(_ body: (String) throws -> T) throws -> T {
  let folder = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

extension PluginCatalog {
  static var builtin: PluginCatalog { get throws { try BuiltinPlugins.catalog() } }
}
