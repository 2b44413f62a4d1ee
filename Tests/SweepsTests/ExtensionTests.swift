import Foundation
import GRDB
import Studies
import Testing

@testable import Sweeps

/// The expected contents are always those of a store that was made with the larger definition in one go.
@Suite("A sweep that is extended") struct ExtensionTests {
  /// More gamma before, between and after, a width, a seed, and an axis that was not there.
  private static let larger = [
    ("gamma", "gamma: [0.5, 1.75]", "gamma: [0.25, 0.5, 1, 1.75, 2]"),
    ("width", "width: [20, 60]", "width: [10, 20, 60]"),
    ("seed", "width: [20, 60]", "width: [20, 60]\n  seed: [3, 1]"),
    ("new axis", "width: [20, 60]", "width: [20, 60]\n  max-steps: [20000000, 2]"),
    ("more checks", "sample: 2", "sample: 5"),
  ]

  private func plan(_ change: (String, String, String)) throws -> SweepPlan {
    // An axis takes the place of the base's own value, so that the old runs are among the new.
    let text = smallSweep.replacingOccurrences(of: change.1, with: change.2)
    return try Sweeps.SweepPlan(SweepDefinition(yaml: text), .builtin)
  }

  @Test("is the store made in one go, and no run is done twice", arguments: larger.indices)
  func equal(index: Int) throws {
    try withFolder { folder in
      let (small, large) = (try SweepsTests.plan(), try plan(Self.larger[index]))
      let whole = try SweepStore(folder + "/whole", large)
      try run(whole, large)
      let first = try SweepStore(folder + "/grown", small)
      try run(first, small)
      let before = try finished(first)
      let grown = try SweepStore(extending: folder + "/grown", large)
      let kept = try grown.counts().done
      // All scan runs; of the checks those that are in the new sample.
      #expect(kept >= small.runs.count { $0.checks == nil })
      try run(grown, large)
      #expect(try contents(grown) == contents(whole))
      #expect(
        try withoutSeconds(SweepExport.csv(grown.rows())) == withoutSeconds(SweepExport.csv(whole.rows())))
      // Done once: when each was finished did not change.
      let after = try finished(grown)
      let scan = try grown.rows().filter { $0.checks == nil }
      for row in scan {
        if let moment = before[row.configuration] { #expect(after[row.configuration] == moment) }
      }
      #expect(scan.count { before[$0.configuration] != nil } == small.runs.count { $0.checks == nil })
    }
  }

  @Test("may be unfinished, and goes on inside a run from its checkpoint under the new number")
  func unfinished() throws {
    try withFolder { folder in
      let (small, large) = (try SweepsTests.plan(), try plan(Self.larger[0]))
      let whole = try SweepStore(folder + "/whole", large)
      try run(whole, large)
      let store = try SweepStore(folder + "/grown", small)
      let me = ProcessIdentity(
        owner: "dead", machine: ProcessIdentity.current().machine, host: "here", pid: 1 << 22, started: 1)
      for _ in 0..<3 {
        guard case .run(let id) = try store.claim(me) else { throw CancellationError() }
        let outcome = try Run(small.runs[id - 1].configuration, try .builtin, out: nil).run()
        try store.finish(RunOutput(id, outcome, small.definition.keep), me)
      }
      guard case .run(let id) = try store.claim(me) else { throw CancellationError() }
      var hooks = RunHooks()
      hooks.checkpointInterval = .zero
      _ = try Run(small.runs[id - 1].configuration, try .builtin, checkpoints: store.checkpoints(of: id).path)
        .run(
          hooks)
      let grown = try SweepStore(extending: folder + "/grown", large)
      let moved = try #require(large.runs.first { $0.configuration == small.runs[id - 1].configuration })
      #expect(moved.id != id)
      let resumed = try Run(
        moved.configuration, try .builtin, checkpoints: grown.checkpoints(of: moved.id).path)
      #expect(!resumed.startsOver)
      try run(grown, large)
      #expect(try contents(grown) == contents(whole))
    }
  }

  @Test(
    "what may not change is refused, says why, and changes nothing",
    arguments: [
      ("width: [20, 60]", "width: [20, 80]", "run 2 "), ("rtol: 0.01", "rtol: 0.001", "+   rtol"),
      ("fit: true", "fit: false", "'keep' differs"), ("neurons: 30", "neurons: 31", "'keep' differs"),
      ("data: four-points", "data: bench-points", "no longer part"),
    ])
  func refused(old: String, new: String, words: String) throws {
    try withFolder { folder in
      let small = try SweepsTests.plan()
      let store = try SweepStore(folder, small)
      try run(store, small)
      let before = try contents(store)
      let error = #expect(throws: UsageError.self) {
        try SweepStore(extending: folder, plan(("", old, new)))
      }
      #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
      #expect(try contents(store) == before)
    }
  }

  @Test("waits for nobody: a store that another process is at work on is refused with its number")
  func inUse() throws {
    try withFolder { folder in
      let small = try SweepsTests.plan()
      let store = try SweepStore(folder, small)
      _ = try store.claim(.current())
      let error = #expect(throws: UsageError.self) {
        try SweepStore(extending: folder, plan(Self.larger[0]))
      }
      #expect(error?.description.contains("process \(getpid())") == true)
      try store.releaseClaims(.current())
    }
  }

  @Test("a process that opened it before does no run under an old number")
  func overtaken() throws {
    try withFolder { folder in
      let store = try SweepStore(folder, SweepsTests.plan())
      _ = try SweepStore(extending: folder, plan(Self.larger[0]))
      #expect(throws: UsageError.self) { try store.claim(.current()) }
    }
  }

  @Test("without --extend the refusal says that it can be extended, a sweep that is none is refused")
  func hint() throws {
    try withFolder { folder in
      _ = try SweepStore(folder, SweepsTests.plan())
      let error = #expect(throws: UsageError.self) { try SweepStore(folder, plan(Self.larger[0])) }
      #expect(error?.description.contains("--extend") == true)
      #expect(throws: UsageError.self) { try SweepStore(extending: folder + "/none", plan(Self.larger[0])) }
      let shards = try SweepStore(folder + "/shard", SweepsTests.plan(), shard: Shard("1/2"))
      let other = #expect(throws: UsageError.self) {
        try SweepStore(extending: shards.folder.path, plan(Self.larger[0]))
      }
      #expect(other?.description.contains("shard 1/2") == true)
    }
  }

  /// When each configuration was finished; checks have another tolerance, so all differ.
  private func finished(_ store: SweepStore) throws -> [String: String] {
    try store.read { db in
      let rows = try Row.fetchAll(
        db,
        sql: "SELECT configuration, provenance, pid, wall_seconds FROM run JOIN timing ON timing.run = run.id"
      )
      return Dictionary(
        rows.map { ($0[0] as String, "\($0[1] as String) \($0[2] as Int) \($0[3] as Double)") },
        uniquingKeysWith: { $1 })
    }
  }

  private func withoutSeconds(_ table: String) -> [String] {
    let lines = table.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let column = lines[0].firstIndex(of: "wall_seconds")!
    return lines.map {
      $0.enumerated().filter { $0.offset != column }.map { String($0.element) }.joined(separator: ",")
    }
  }
}
