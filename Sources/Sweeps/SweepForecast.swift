import Foundation
import ODECore
import PluginKit
import Studies

extension SweepPlan {
  /// What is left to do of a shard, and what that is going to take; nothing is written.
  ///
  /// - Parameters:
  ///   - path: the folder of the sweep, which need not exist. Runs that its store has are taken for done.
  ///   - extends: whether the store may be of a smaller sweep.
  ///   - workers: runs at the same time.
  /// - Throws: `UsageError`, ``StoreError``, as starting the sweep would; `CancellationError`.
  public func forecast(
    in path: String, shard: Shard = .whole, extends: Bool = false, workers: Int, _ catalog: PluginCatalog,
    cancellation: Cancellation? = nil
  ) throws -> WorkForecast {
    let file = SweepStore.url(path).appending(path: SweepSchema.file)
    var (finished, measured) = ([String: Int](), (seconds: 0.0, cost: 0.0))
    if FileManager.default.fileExists(atPath: file.path) {
      let store = try SweepStore(path)
      try store.requireSame(self, shard, extends: extends, path)
      for row in try store.rows() where row.result != nil {
        finished[row.configuration, default: 0] += 1
        measured.seconds += row.coreSeconds ?? 0
        measured.cost += row.cost
      }
    } else if extends {
      throw UsageError("there is no sweep to extend in '\(path)'; leave out --extend to start one")
    }
    let mine = self.shard(shard)
    let left = try mine.filter { run in
      let text = try run.configuration.yaml
      guard let count = finished[text], count > 0 else { return true }
      finished[text] = count - 1
      return false
    }
    return try WorkForecast(
      left.map { .init($0.configuration, cost: $0.cost, memory: $0.memory) }, done: mine.count - left.count,
      measured: measured.seconds > 0 ? measured : nil, workers: workers, catalog, cancellation: cancellation)
  }
}

extension SweepStore {
  /// What opening it to go on with `plan` would refuse.
  fileprivate func requireSame(_ plan: SweepPlan, _ shard: Shard, extends: Bool, _ path: String) throws {
    try read { db in
      if extends { _ = try SweepExtension(db, plan, path) } else { try Self.compare(db, plan, shard, path) }
    }
  }
}
