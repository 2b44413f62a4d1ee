import BuiltinPlugins
import CFaultySQLite
import Figures
import Files
import Foundation
import GRDB
import PluginKit
import Studies
import Testing

@testable import Sweeps

/// Each system call of SQLite's fails, once and once for good.
@Suite("A call that fails", .serialized) struct FaultInjectionTests {
  @Test(
    "in a sweep loses at most what was in flight: started again it gives the same store",
    arguments: [false, true])
  func sweep(sticks: Bool) throws {
    let whole = try withMemoryFolder { folder in
      try start(folder + "/s")
      return try storeContents(folder + "/s")
    }
    var broken = 0
    for k in Self.places {
      let isOver = try withMemoryFolder { folder in
        let out = folder + "/s"
        let calls = try faulty(folder, k, sticks) { try? start(out) }
        if calls < k { return true }
        broken += 1
        try bury(out)
        try start(out)
        #expect(try storeContents(out) == whole, "call \(k)")
        return false
      }
      if isOver { break }
    }
    #expect(broken > 100)
  }

  @Test("in a merge leaves a store that the same merge completes", arguments: [false, true])
  func merge(sticks: Bool) throws {
    try withMemoryFolder { folder in
      try start(folder + "/a", shard: "1/2")
      try start(folder + "/b", shard: "2/2")
      let parts = [folder + "/a", folder + "/b"]
      func merge(_ out: String) throws {
        _ = try SweepMerge(parts).write(to: out) { _ in try BuiltinPlugins.catalog() }
      }
      try merge(folder + "/whole")
      let whole = try storeContents(folder + "/whole")
      var broken = 0
      for k in Self.places {
        let out = folder + "/m"
        try? FileManager.default.removeItem(atPath: out)
        let calls = try faulty(out, k, sticks) { try? merge(out) }
        if calls < k { break }
        broken += 1
        try merge(out)
        #expect(try storeContents(out) == whole, "call \(k)")
      }
      #expect(broken > 100)
    }
  }

  /// More than a sweep makes: the loops end at the first call that is not made.
  private static let places = 1...20_000

  private static let yaml = """
    base: {data: four-points, rtol: 0.01, observe: [relative-distance], record: endpoints, t-end: 2}
    axes: {gamma: [1], gamma-prime: [0], width: [4], seed: [1, 2]}
    keep: {weights: true}
    accuracy: {sample: 0}
    """

  private func start(_ out: String, shard: String = "1/1") throws {
    let plan = try plan(Self.yaml)
    let store = try SweepStore(out, plan, shard: Shard(shard))
    try run(store, plan, workers: 1)
    try store.file.database.close()
  }

  private func storeContents(_ out: String) throws -> [String] {
    let store = try SweepStore(out)
    defer { try? store.file.database.close() }
    return try contents(store)
  }

  /// What the process could not take back. In life it is gone, and its claims with it; here it is this one.
  private func bury(_ out: String) throws {
    let file = out + "/" + SweepSchema.file
    guard FileManager.default.fileExists(atPath: file) else { return }
    let queue = try DatabaseQueue(path: file)
    try queue.write { db in
      if try db.tableExists("claim") { try db.execute(sql: "DELETE FROM claim") }
    }
    try queue.close()
  }

  /// Runs `body` while the `k`-th call on the files of `folder` fails; returns how many it made.
  private func faulty(_ folder: String, _ k: Int, _ sticks: Bool, _ body: () -> Void?) throws -> Int {
    try #require(cfaulty_arm(folder, k, k % 2 == 0 ? ENOSPC : EIO, sticks ? 1 : 0) == 0)
    // SQLite takes some locks that fail for busy ones.
    _ = StoreFile.$patience.withValue(0.05) { body() }
    return cfaulty_disarm()
  }

  /// A folder that costs no disk, where there is such a place.
  private func withMemoryFolder<T>(_ body: (String) throws -> T) throws -> T {
    let place = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = "\(place)/faults-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}
