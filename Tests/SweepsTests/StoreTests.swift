import BuiltinPlugins
import Foundation
import GRDB
import GradientFlow
import Studies
import Testing

@testable import Sweeps

@Suite("The store") struct StoreTests {
  @Test("keeps what an unbroken sweep gave, whatever the workers, stops and claims of the dead on the way")
  func deterministic() throws {
    let plan = try plan()
    let whole = try withFolder { folder in
      let store = try SweepStore(folder, plan)
      try run(store, plan, workers: 1)
      return try contents(store)
    }
    #expect(whole.count > 8)
    let broken = try withFolder { folder in
      // Three runs by a process that then dies in the fourth.
      let dead = ProcessIdentity(
        owner: "dead", machine: ProcessIdentity.current().machine, host: "here", pid: 1 << 22, started: 1)
      let store = try SweepStore(folder, plan)
      for i in 0..<4 {
        guard case .run(let id) = try store.claim(dead) else { throw CancellationError() }
        if i == 3 { break }
        let outcome = try Run(plan.runs[id - 1].configuration, try .builtin, out: nil).run()
        try store.finish(RunOutput(id, outcome, plan.definition.keep), dead)
      }
      #expect(try store.counts().done == 3)
      let again = try SweepStore(folder, plan)
      try run(again, plan)
      #expect(try again.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM claim") } == 0)
      return try contents(again)
    }
    #expect(broken == whole)
  }

  @Test("goes on inside a long run, from its checkpoint, to the same bytes")
  func checkpoints() throws {
    // Half a second, in which the driver looks for a stop a hundred times.
    let plan = try plan(
      """
      base: {data: four-points, asi: true, gamma: 1.75, width: 60000, rtol: 1.0e-7}
      keep: {curves: 1000, weights: true}
      accuracy: {sample: 0}
      """)
    let whole = try withFolder { folder in
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      return try contents(store)
    }
    try withFolder { folder in
      let store = try SweepStore(folder, plan)
      let place = store.checkpoints(of: 1)
      var options = SweepScheduler.Options()
      options.checkpointInterval = .milliseconds(5)
      options.progress = { [cancellation = options.cancellation] _ in
        if FileManager.default.fileExists(atPath: place.appending(path: "checkpoint.json").path) {
          cancellation.cancel()
        }
      }
      try SweepScheduler(store, plan, BuiltinPlugins.catalog(), options).run()
      #expect(try store.counts().done == 0, "the run was over before it could be stopped")
      let again = try Run(plan.runs[0].configuration, try .builtin, checkpoints: place.path)
      #expect(!again.startsOver)
      try run(store, plan)
      #expect(try contents(store) == whole)
      #expect(!FileManager.default.fileExists(atPath: place.deletingLastPathComponent().path))
    }
  }

  @Test("a damaged checkpoint, or one of another run, is not gone on from")
  func damagedCheckpoint() throws {
    try withFolder { folder in
      let plan = try plan()
      let store = try SweepStore(folder, plan)
      let place = store.checkpoints(of: 1)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try Data("{".utf8).write(to: place.appending(path: "checkpoint.json"))
      let run = try Run(plan.runs[0].configuration, try .builtin, checkpoints: place.path)
      #expect(run.startsOver)
      var hooks = RunHooks()
      hooks.checkpointInterval = .zero
      _ = try run.run(hooks)
      #expect(try !Run(plan.runs[0].configuration, try .builtin, checkpoints: place.path).startsOver)
      // Another seed is another start.
      var other = plan.runs[0].configuration
      other.seed += 1
      #expect(try Run(other, try .builtin, checkpoints: place.path).startsOver)
    }
  }

  @Test("gives a run to one process only, and a dead one's to the next")
  func claims() throws {
    try withFolder { folder in
      let plan = try plan()
      let store = try SweepStore(folder, plan)
      let (me, other) = (ProcessIdentity.current(), ProcessIdentity.current())
      var given: [Int] = []
      for i in 0..<plan.runs.count {
        guard case .run(let id) = try store.claim(i % 2 == 0 ? me : other) else { throw CancellationError() }
        given.append(id)
      }
      #expect(given.sorted() == plan.runs.map(\.id))
      // Longest first.
      #expect(plan.runs[given[0] - 1].cost == plan.runs.map(\.cost).max())
      #expect(try store.claim(me) == .wait)
      // A claim that was lost keeps nothing.
      try store.releaseClaims(me)
      #expect(try !store.finish(RunOutput(given[0], failure: "x"), me))
      #expect(try store.counts().done == 0)
      #expect(try store.claim(other) == .run(given[0]))
    }
  }

  @Test("knows a dead process of this machine at once, one of another machine by its silence")
  func dead() throws {
    try withFolder { folder in
      let store = try SweepStore(folder, plan())
      let me = ProcessIdentity.current()
      let away = ProcessIdentity(owner: "away", machine: "another", host: "h", pid: 1, started: 1)
      guard case .run(let id) = try store.claim(away) else { throw CancellationError() }
      #expect(try store.claim(me) != .run(id))
      try store.write {
        try $0.execute(sql: "UPDATE claim SET heartbeat = heartbeat - 1000 WHERE owner = 'away'")
      }
      #expect(try store.claim(me) == .run(id))
      // The number of this process, but not its start: the number was given away again.
      #expect(!ProcessIdentity.isAlive(pid: me.pid, started: me.started - 1))
      #expect(ProcessIdentity.isAlive(pid: me.pid, started: me.started))
    }
  }

  @Test("refuses another definition and shows what differs")
  func otherDefinition() throws {
    try withFolder { folder in
      _ = try SweepStore(folder, plan())
      let other = try plan(smallSweep.replacingOccurrences(of: "[20, 60]", with: "[20, 80]"))
      let error = #expect(throws: UsageError.self) { try SweepStore(folder, other) }
      let text = error?.description ?? ""
      #expect(text.contains("-   width: [20, 60]") && text.contains("+   width: [20, 80]"), "\(text)")
      #expect(!text.contains("seed: [1]"))
    }
  }

  @Test("refuses data that have changed")
  func otherData() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let csv = folder + "/d.csv"
      let yaml = "base: {data: \(csv), t-end: 1}\naxes: {width: [4]}\naccuracy: {sample: 0}"
      try "x,y\n0,1\n1,2\n".write(toFile: csv, atomically: true, encoding: .utf8)
      _ = try SweepStore(folder + "/s", plan(yaml))
      _ = try SweepStore(folder + "/s", plan(yaml))
      try "x,y\n0,1\n1,3\n".write(toFile: csv, atomically: true, encoding: .utf8)
      let error = #expect(throws: UsageError.self) { try SweepStore(folder + "/s", plan(yaml)) }
      #expect(error?.description.contains("SHA-256") == true)
    }
  }

  @Test("a full disk fails the write, and what was there stays")
  func fullDisk() throws {
    try withFolder { folder in
      let plan = try plan()
      let store = try SweepStore(folder, plan)
      try store.writeWithoutTransaction { db in
        let pages = try Int.fetchOne(db, sql: "PRAGMA page_count")!
        try db.execute(sql: "PRAGMA max_page_count = \(pages + 4)")
      }
      let error = #expect(throws: StoreError.self) { try run(store, plan) }
      #expect(error?.code == .SQLITE_FULL)
      let done = try store.counts().done
      #expect(done < plan.runs.count)
      let again = try SweepStore(folder, plan)
      #expect(try again.counts().done == done)
      #expect(try again.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") } == "ok")
      try run(again, plan)
      #expect(try again.counts().done == plan.runs.count)
    }
  }

  @Test("keeps arrays that say the same as the run alone")
  func arrays() throws {
    try withFolder { folder in
      let plan = try plan()
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      let row = try store.row(2)
      let configuration = try RunConfiguration(yaml: row.configuration)
      let outcome = try Run(configuration, try .builtin, out: nil).run()
      let weights = try #require(try store.weights(of: 2))
      #expect(weights == StateFile.array(outcome.state.span, shape: outcome.experiment.network!.flow.shape))
      #expect(try store.curves(of: 2)["rdW"] == outcome.record["rdW"])
      #expect(try store.curves(of: 2)["rdW"]?.last == row.result?.final(.w))
      let neurons = try #require(try store.neurons(of: 2, final: true))
      #expect(neurons.total == 120 && (15...30).contains(neurons.amplitude.count))
      // The first neuron is among them: A = |a| |w| from the weights.
      let (a, w) = (weights.values[0], weights.values[1...2])
      #expect(abs(neurons.amplitude[0] - abs(a) * (w[1] * w[1] + w[2] * w[2]).squareRoot()) < 1e-15)
      #expect(neurons.orientation[0] == atan2(w[2], w[1]))
      // The loss at the end says how far f is from the data, y = x^2 at x = 1/2: grid point 334 or so.
      let fit = try #require(try store.fit(of: 2))
      let nearest = fit.x.indices.min { abs(fit.x[$0] - 0.5) < abs(fit.x[$1] - 0.5) }!
      #expect(abs(fit.f[nearest] - 0.25) < 0.01)
    }
  }
}
