import BuiltinPlugins
import Foundation
import ODECore
import PluginKit
import Studies
import Testing

/// What networks' runs can do, runs of systems can, by the same code.
@Suite("A run of a system") struct SystemRunTests {
  struct Fault: Error, CustomStringConvertible { let description = "out of the table" }

  /// `y0' = y1, y1' = -y0`, whose right-hand side may fail after some time.
  private func catalog(failingAt t: Double = .infinity) throws -> PluginCatalog {
    var catalog = try BuiltinPlugins.catalog()
    try catalog.systems.add("oscillator", summary: "test") { _ in
      try SystemModel(
        name: "oscillator",
        ClosureSystem(dimension: 2) { time, y, dy in
          if time > t { throw Fault() }
          (dy[0], dy[1]) = (y[1], -y[0])
        }, initialState: [1, 0], finalTime: 100)
    }
    return catalog
  }

  private func configuration(_ change: (inout RunConfiguration) -> Void = { _ in }) -> RunConfiguration {
    var c = RunConfiguration(system: "oscillator")
    (c.integrator, c.rtol) = ("dormand-prince", 1e-8)
    change(&c)
    return c
  }

  @Test(
    "interrupted and resumed gives the same bytes as an unbroken one",
    arguments: [
      "steps:100", "steps:4000", "steps", "linear:0.7", "geometric:5", "times:3,99.5", "times:99,99.5",
      "endpoints",
    ])
  func resumes(record: String) throws {
    try withTemporaryFolder { folder in
      let c = configuration { $0.record = record }
      let whole = try Run(c, catalog(), out: folder + "/whole").run()
      for share in [0.02, 0.5, 0.9] {
        let cancellation = Cancellation()
        var hooks = RunHooks()
        (hooks.cancellation, hooks.progressInterval, hooks.checkpointInterval) = (cancellation, .zero, .zero)
        let end = Int(share * Double(whole.summary.statistics.accepted))
        hooks.progress = { if $0.steps >= end { cancellation.cancel() } }
        let parts = folder + "/parts-\(share)"
        let first = try Run(c, catalog(), out: parts).run(hooks)
        #expect(first.summary.returnCode == .interrupted)
        let second = try Run(resuming: parts) { _ in try catalog() }.run()
        #expect(second.state == whole.state)
        for file in ["trajectory.csv", "state-final.npy"] {
          #expect(try bytes(parts + "/" + file) == bytes(folder + "/whole/" + file), "\(file), \(share)")
        }
        #expect(second.summary.observers == whole.summary.observers)
      }
    }
  }

  @Test("whose right-hand side fails keeps what it had, and says why")
  func failure() throws {
    try withTemporaryFolder { folder in
      let outcome = try Run(configuration(), catalog(failingAt: 20), out: folder + "/r").run()
      #expect(outcome.summary.returnCode == .failed && outcome.summary.exitCode == 1)
      #expect(outcome.summary.message.contains("out of the table"))
      #expect(outcome.summary.time > 15 && outcome.summary.time <= 20)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/r")
      for file in ["config.yaml", "summary.json", "trajectory.csv", "state-final.npy", "trajectory.png"] {
        #expect(files.contains(file), "\(file)")
      }
      #expect(outcome.record["y0"]!.count > 50)
      // y0 = cos t.
      #expect(abs(outcome.state[0] - cos(outcome.summary.time)) < 1e-6)
    }
  }

  @Test("records the accepted steps, thinned so that no extreme is lost")
  func thinned() throws {
    let all = try Run(configuration { $0.record = "steps" }, catalog(), out: nil).run()
    let steps = all.summary.statistics.accepted
    #expect(all.record.rowCount == steps + 1 && steps > 200)
    let few = try Run(configuration { $0.record = "steps:60" }, catalog(), out: nil).run()
    #expect(few.state == all.state && few.summary.statistics.accepted == steps)
    #expect(few.record.rowCount <= 60 && few.record.rowCount >= 25)
    for name in ["y0", "y1"] {
      #expect(
        few.record[name]!.max() == all.record[name]!.max()
          && few.record[name]!.min() == all.record[name]!.min())
      #expect(
        few.record[name]!.first == all.record[name]!.first && few.record[name]!.last == all.record[name]!.last
      )
    }
    // Every row is a row of the full record, and no tenth of the time is empty.
    #expect(Set(few.record["time"]!).isSubset(of: all.record["time"]!))
    let tenths = Set(few.record["time"]!.map { min(9, Int($0 / 10)) })
    #expect(tenths.count == 10)
  }

  @Test("records only the components that it is asked for")
  func components() throws {
    let c = configuration { $0.recordComponents = ["y1"] }
    let outcome = try Run(c, catalog(), out: nil).run()
    #expect(outcome.record.columns == ["time", "y1"] && outcome.state.count == 2)
    let error = #expect(throws: UsageError.self) {
      try Run(configuration { $0.recordComponents = ["y2"] }, catalog(), out: nil)
    }
    #expect(error?.description.contains("'y2'") == true)
  }

  @Test("can be watched by what watches networks, and the other way round")
  func observers() throws {
    let network = try RunConfiguration(yaml: "{width: 20, t-end: 1, observe: [steps, extremes, energy]}")
    let observed = try Run(network, catalog(), out: nil).run().summary.observers
    #expect(observed["steps"]?["longest"]?.number ?? 0 > 0)
    #expect(observed["extremes"]?["y0.max"]?.number != nil && observed["energy"]?["monotone"]?.flag == true)
    for name in ["energy", "relative-distance", "invariants"] {
      let error = #expect(throws: UsageError.self) {
        try Run(configuration { $0.observe = [name] }, catalog(), out: nil)
      }
      #expect(error?.description.contains("observer '\(name)'") == true)
    }
    // Of the observers that nobody asked for only those that can watch it.
    #expect(try Experiment(configuration(), catalog()).configuration.observe == ["extremes", "steps"])
  }

  @Test("refuses times to record that it never reaches, and takes negative ones")
  func recordTimes() throws {
    let late = #expect(throws: UsageError.self) {
      try Run(configuration { $0.record = "times:0.5,200" }, catalog(), out: nil)
    }
    #expect(late?.description.contains("t = 200.0") == true)
    var early = try catalog()
    try early.systems.add("early", summary: "test") { _ in
      try SystemModel(
        name: "early", ClosureSystem(dimension: 1) { _, _, dy in dy[0] = 1 }, initialState: [0], from: -10,
        finalTime: 0)
    }
    var c = RunConfiguration(system: "early")
    c.record = "times:-5,-2"
    #expect(try Run(c, early, out: nil).run().record["time"] == [-10, -5, -2, 0])
  }

  @Test("is compared by the same comparison as a network")
  func compared() throws {
    let comparison = try Comparison(
      configuration { $0.tEnd = 10 }, integrators: ["dormand-prince", "rk4"], rtols: [1e-4, 1e-6],
      reference: nil)
    #expect(throws: UsageError.self) { try Comparison(configuration(), integrators: [], rtols: [1e-3]) }
    var withStep = comparison
    withStep.configuration.step = .value(0.05)
    let outcome = try withStep.run(catalog())
    #expect(outcome.measures.map(\.key) == ["End", "Path"] && outcome.entries.count == 4)
    // RK4's error constant on the oscillator: h^4 t / 120 = 5.2e-7 at h = 0.05, t = 10.
    let error = try #require(outcome.entries[2].errors[0])
    #expect(error > 2e-7 && error < 2e-6, "\(error)")
    #expect(try outcome.json.contains("\"errorEnd\""))
  }
}
