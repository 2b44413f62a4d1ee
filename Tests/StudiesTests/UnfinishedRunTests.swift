import BuiltinPlugins
import Foundation
import GradientFlow
import ODECore
import Studies
import Testing

@Suite("An unfinished run") struct UnfinishedRunTests {
  @Test(
    "goes on with the data and the start that it began with, and with no others",
    arguments: ["data", "start"])
  func changedInputs(what: String) throws {
    try withInterruptedRun { folder in
      let file = folder + (what == "data" ? "/data.csv" : "/r/neurons-initial.npy")
      let sound = try bytes(file)
      var changed = sound
      // A digit of the last target; a mantissa's lowest byte of the last weight.
      changed[changed.count - (what == "data" ? 2 : 8)] ^= 1
      try changed.write(to: URL(filePath: file))
      let before = try contents(folder)
      let error = #expect(throws: UsageError.self) { _ = try resume(folder) }
      #expect(
        error?.description.contains(what == "data" ? "data.csv' changed" : "initial state changed") == true)
      #expect(try contents(folder) == before)

      try sound.write(to: URL(filePath: file))
      #expect(try resume(folder).run().summary.returnCode == .success)
    }
  }

  @Test(
    "with a damaged checkpoint is refused, and starts over only when asked to",
    arguments: ["checkpoint.json", "checkpoint-*.npy", "trajectory.csv"])
  func damaged(pattern: String) throws {
    try withInterruptedRun { folder in
      let prefix = pattern.prefix { $0 != "*" }
      let name = try #require(try contents(folder + "/r").first { $0.hasPrefix(prefix) })
      let file = URL(filePath: folder + "/r/" + name)
      try Data(contentsOf: file).prefix(40).write(to: file)
      let error = #expect(throws: (any Error).self) { _ = try resume(folder) }
      #expect("\(error!)".contains(name) && "\(error!)".contains("--start-over"))
      #expect(!(error is UsageError))

      let anew = try Run(resuming: folder + "/r", anew: true) { _ in try BuiltinPlugins.catalog() }
      let outcome = try anew.run()
      let whole = try Run(configuration(folder), BuiltinPlugins.catalog(), out: nil).run()
      #expect(outcome.state == whole.state)
      #expect(outcome.summary.statistics.accepted == whole.summary.statistics.accepted)
    }
  }

  @Test("that was killed before anything of it was written is no obstacle")
  func empty() throws {
    try withTemporaryFolder { folder in
      let part = folder + "/r.part"
      try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
      try Data("half".utf8).write(to: URL(filePath: part + "/.config.yaml.1"))
      let configuration = try RunConfiguration(yaml: "system: lorenz\nt-end: 0.5\n")
      let outcome = try Run(configuration, BuiltinPlugins.catalog(), out: folder + "/r").run()
      #expect(outcome.summary.returnCode == .success)
      #expect(try contents(folder + "/r").allSatisfy { !$0.hasPrefix(".") })

      // Something of a user's is.
      try FileManager.default.createDirectory(atPath: folder + "/s.part", withIntermediateDirectories: true)
      try Data("mine".utf8).write(to: URL(filePath: folder + "/s.part/notes"))
      #expect(throws: UsageError.self) {
        try Run(configuration, BuiltinPlugins.catalog(), out: folder + "/s")
      }
    }
  }

  @Test("that is still going on is left alone")
  func alive() throws {
    try withTemporaryFolder { folder in
      var hooks = RunHooks()
      hooks.progressInterval = .zero
      var refusals: [String] = []
      hooks.progress = { _ in
        guard refusals.isEmpty else { return }
        for attempt in [
          { _ = try resume(folder) },
          { _ = try Run(configuration(folder), BuiltinPlugins.catalog(), out: folder + "/r") },
        ] {
          do { try attempt() } catch { refusals.append("\(error)") }
        }
      }
      _ = try Run(configuration(folder), BuiltinPlugins.catalog(), out: folder + "/r").run(hooks)
      #expect(
        refusals.count == 2 && refusals.allSatisfy { $0.contains("as process \(getpid());") }, "\(refusals)")
      #expect(try !contents(folder + "/r").contains("run.lock"))
    }
  }

  @Test("is cleared of what a killed process left half-written")
  func strays() throws {
    try withInterruptedRun { folder in
      let strays = [".checkpoint.json.1234.tmp", ".loss.1234", "checkpoint-1.npy"]
      for name in strays { try Data([1]).write(to: URL(filePath: folder + "/r/" + name)) }
      _ = try resume(folder).run()
      #expect(try contents(folder + "/r").filter { strays.contains($0) || $0.hasPrefix("checkpoint") } == [])
    }
  }

  @Test("whose run is complete has nothing to resume")
  func complete() throws {
    try withInterruptedRun { folder in
      _ = try resume(folder).run()
      let error = #expect(throws: UsageError.self) { _ = try resume(folder) }
      #expect(error?.description.contains("complete") == true)
    }
  }

  private func configuration(_ folder: String) throws -> RunConfiguration {
    try "x,y\n-1,0.2\n0,0.5\n1,0.3\n".write(toFile: folder + "/data.csv", atomically: true, encoding: .utf8)
    let shape = NetworkShape(width: 20, inputDimension: 2)
    let start = (0..<shape.stateLength).map { sin(Double($0)) }
    try StateFile.write(start.span, shape: shape, to: URL(filePath: folder + "/start.npy"))
    var c = RunConfiguration()
    (c.data, c.initialState, c.width) = (folder + "/data.csv", folder + "/start.npy", shape.width)
    (c.tEnd, c.integrator) = (5, "dormand-prince")
    return c
  }

  private func resume(_ folder: String) throws -> Run {
    try Run(resuming: folder + "/r") { _ in try BuiltinPlugins.catalog() }
  }

  // Not radau: its iteration begins at the polynomial of the step before, which no checkpoint keeps.
  @Test(
    "counts what a run that was never stopped counts, and gives its state",
    arguments: [
      "auto", "dormand-prince", "bogacki-shampine", "dop853", "rkc", "rodas", "exponential", "euler",
      "rk4",
    ])
  func counts(integrator: String) throws {
    try withTemporaryFolder { folder in
      let isFixed = ["euler", "rk4"].contains(integrator)
      let configuration = try RunConfiguration(
        yaml: "system: lorenz\nt-end: 0.5\nintegrator: \(integrator)\n" + (isFixed ? "step: 0.01\n" : "")
      )
      let whole = try Run(configuration, BuiltinPlugins.catalog(), out: nil).run()
      var hooks = RunHooks()
      let cancellation = Cancellation()
      hooks.cancellation = cancellation
      hooks.progressInterval = .zero
      hooks.progress = { if $0.steps >= 5 { cancellation.cancel() } }
      let half = try Run(configuration, BuiltinPlugins.catalog(), out: folder + "/r").run(hooks)
      try #require(half.summary.returnCode == .interrupted)
      let resumed = try resume(folder).run()
      #expect(resumed.state == whole.state)
      var (counts, expected) = (resumed.summary.statistics, whole.summary.statistics)
      (counts.wallSeconds, expected.wallSeconds) = (0, 0)
      #expect(counts == expected)
    }
  }

  /// Calls `body` with a folder that holds `data.csv` and the run `r`, interrupted half-way.
  private func withInterruptedRun(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let cancellation = Cancellation()
      var hooks = RunHooks()
      hooks.cancellation = cancellation
      hooks.progressInterval = .zero
      hooks.progress = { if $0.time > 2.5 { cancellation.cancel() } }
      let half = try Run(configuration(folder), BuiltinPlugins.catalog(), out: folder + "/r").run(hooks)
      try #require(half.summary.returnCode == .interrupted)
      try body(folder)
    }
  }

  private func contents(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }
}
