import Foundation
import GRDB
import PluginKit
import Studies
import Testing

@testable import Sweeps

@Suite("Shards") struct MergeTests {
  @Test("are a partition of the runs, and merged they are the whole")
  func merge() throws {
    let plan = try plan()
    try withFolder { folder in
      let whole = try SweepStore(folder + "/whole", plan)
      try run(whole, plan)
      var parts: [String] = []
      var ids: [Int] = []
      for i in 1...3 {
        parts.append("\(folder)/part\(i)")
        let part = try SweepStore(parts[i - 1], plan, shard: Shard("\(i)/3"))
        try run(part, plan)
        ids += try part.rows().map(\.id)
      }
      #expect(ids.sorted() == plan.runs.map(\.id))
      let first = try SweepMerge(Array(parts.prefix(2))).write(to: folder + "/merged") { _ in try .builtin }
      #expect(first.done < first.total)
      // Once more with all of them: what is there already is no duplicate.
      let merged = try SweepMerge(parts).write(to: folder + "/merged") { _ in try .builtin }
      #expect(merged == (plan.runs.count, plan.runs.count))
      #expect(try contents(SweepStore(folder + "/merged")) == contents(whole))
    }
  }

  @Test("of another definition, or with another result, are refused and nothing is merged")
  func refused() throws {
    let plan = try plan()
    try withFolder { folder in
      let (a, b, c) = (folder + "/a", folder + "/b", folder + "/c")
      try run(SweepStore(a, plan, shard: Shard("1/2")), plan)
      let other = try Sweeps.SweepPlan(
        SweepDefinition(yaml: smallSweep + "\nfigure: figure-4"), try .builtin)
      _ = try SweepStore(b, other)
      let error = #expect(throws: UsageError.self) { try SweepMerge([a, b]) }
      #expect(error?.description.contains("+ figure") == true)
      let wrong = try SweepStore(c, plan, shard: Shard("1/2"))
      try run(wrong, plan)
      try wrong.write {
        try $0.execute(sql: "UPDATE result SET rd_w = 2 * rd_w WHERE run = (SELECT max(run) FROM result)")
      }
      #expect(throws: UsageError.self) {
        try SweepMerge([a, c]).write(to: folder + "/d") { _ in try .builtin }
      }
      #expect(try SweepStore(folder + "/d").counts().done == 0)
    }
  }

  @Test("a shard's name must make sense", arguments: ["0/3", "4/3", "3", "1/0", "a/b", "1/2/3", ""])
  func names(text: String) { #expect(throws: UsageError.self) { try Shard(text) } }
}
