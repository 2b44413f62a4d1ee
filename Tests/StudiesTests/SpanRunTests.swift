import BuiltinPlugins
import Foundation
import GradientFlow
import ODECore
import PluginKit
import Studies
import Testing

/// Runs in the span of the inputs against the same runs in the inputs' own coordinates.
@Suite("A run in the span of its inputs") struct SpanRunTests {
  /// 6 inputs in 41 dimensions, one of them twice.
  private static let data: [String] = (0..<6).map { i in
    let sample = Double(i % 5)
    let x: [Double] = (0..<40).map { j in sin(7 * sample + (3 + sample) * Double(j)) / 4 }
    return (x + [sample / 5]).map { "\($0)" }.joined(separator: ",")
  }

  private func configuration(_ folder: String) throws -> RunConfiguration {
    let file = folder + "/data.csv"
    let header = ((1...40).map { "x\($0)" } + ["y"]).joined(separator: ",")
    try ([header] + Self.data).joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
    var c = RunConfiguration()
    (c.data, c.width, c.gamma, c.seed) = (file, 60, 1.2, 3)
    c.record = "linear:4"
    return c
  }

  @Test("with fixed steps goes the same way to rounding, for every observer", arguments: ["relu", "tanh"])
  func sameRun(activation: String) throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.step, c.tEnd, c.activation) = ("rk4", .value(0.25), 20, activation)
      c.observe = [
        "relative-distance", "loss-decay", "condensation", "conservation", "neuron-bound", "energy",
        "linearization", "gram", "residuals",
      ]
      let (reduced, plain) = (try run(c), try run(c, reduced: false))
      #expect(
        reduced.summary.network?.reducedDimension == 5 && plain.summary.network?.reducedDimension == nil)
      #expect(reduced.summary.statistics.nfev == plain.summary.statistics.nfev)
      try expectSame(reduced, plain, 1e-10)
      for (name, expected) in zip(plain.record.columns, plain.record.values) {
        // (77) holds to the order of the method squared, and no better to a given digit.
        for (x, y) in zip(try #require(reduced.record[name]), expected) {
          #expect(abs(x - y) <= 1e-10 * max(1, abs(y)) || x.isNaN && y.isNaN, "\(name): \(x), \(y)")
        }
      }
      #expect(reduced.tables.keys == plain.tables.keys)
    }
  }

  @Test(
    "with error control agrees to the tolerance",
    arguments: ["dormand-prince", "bogacki-shampine", "rkc", "cvode-adams", "cvode-bdf"])
  func adaptive(integrator: String) throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.activation, c.tEnd, c.rtol, c.atol) = (integrator, "tanh", 20, 1e-9, 1e-11)
      c.observe = ["relative-distance"]
      // Global errors of some hundred steps at 1e-9 each.
      try expectSame(run(c), run(c, reduced: false), integrator == "rkc" ? 1e-5 : 1e-6)
    }
  }

  @Test("follows neurons along kinks to the same end")
  func kinkAware() throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.tEnd, c.rtol, c.gamma) = ("kink-aware", 400, 1e-8, 1.5)
      c.observe = ["relative-distance"]
      try expectSame(run(c), run(c, reduced: false), 1e-6)
    }
  }

  @Test("shows a stranger's observer the network in the inputs' own coordinates")
  func stranger() throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.step, c.tEnd, c.observe) = ("rk4", .value(0.5), 5, ["stranger", "relative-distance"])
      let seen = try [true, false].map { reduce in
        let stranger = Stranger()
        var catalog = try BuiltinPlugins.catalog()
        try catalog.observers.add("stranger", summary: "test") { _ in stranger }
        c.reduceDimension = reduce
        return (stranger, try Run(c, catalog, out: nil).run())
      }
      let (mine, plain) = (seen[0].0, seen[1].0)
      #expect(mine.states.count == 15 && plain.states.count == 15)
      // At the start, the end, ten steps and three records. The start is the same to the bit, and the last state is the run's own.
      #expect(mine.states[0] == plain.states[0])
      #expect(mine.states.last == seen[0].1.state)
      for (x, y) in zip(mine.states.joined(), plain.states.joined()) { #expect(abs(x - y) < 1e-12) }
      for (x, y) in zip(mine.predictions, plain.predictions) { #expect(abs(x - y) < 1e-12) }
    }
  }

  @Test("writes its files in the inputs' own coordinates")
  func files() throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.step, c.tEnd, c.recordNeurons) = ("rk4", .value(0.5), 8, true)
      let outcome = try Run(c, BuiltinPlugins.catalog(), out: folder + "/out").run()
      let shape = NetworkShape(width: 60, inputDimension: 41)
      func read(_ name: String) throws -> [Double] {
        try StateFile.read(URL(filePath: folder + "/out/" + name), shape: shape)
      }
      let start = try GaussianStart(seed: 3).state(for: shape)
      #expect(try read("neurons-initial.npy") == start && read("neurons-00000.npy") == start)
      #expect(try read("neurons-final.npy") == outcome.state && read("neurons-00002.npy") == outcome.state)
      #expect(outcome.state != start)
    }
  }

  @Test("interrupted and resumed gives the same bytes as an uninterrupted one")
  func resumes() throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.tEnd) = ("dormand-prince", 50)
      let whole = try Run(c, BuiltinPlugins.catalog(), out: folder + "/whole").run()
      let cancellation = Cancellation()
      var hooks = RunHooks()
      (hooks.cancellation, hooks.progressInterval) = (cancellation, .zero)
      let half = whole.summary.statistics.accepted / 2
      hooks.progress = { if $0.steps >= half { cancellation.cancel() } }
      let first = try Run(c, BuiltinPlugins.catalog(), out: folder + "/parts").run(hooks)
      #expect(first.summary.returnCode == .interrupted)
      let second = try Run(resuming: folder + "/parts") { _ in try BuiltinPlugins.catalog() }.run()
      #expect(second.state == whole.state)
      for file in ["trajectory.csv", "neurons-final.npy"] {
        #expect(try bytes(folder + "/parts/" + file) == bytes(folder + "/whole/" + file))
      }
    }
  }

  private func run(_ c: RunConfiguration, reduced: Bool = true) throws -> Run.Outcome {
    var c = c
    c.reduceDimension = reduced
    return try Run(c, BuiltinPlugins.catalog(), out: nil).run()
  }

  /// `RD_w`, `R` and the final state, to `tolerance` of their sizes.
  private func expectSame(_ a: Run.Outcome, _ b: Run.Outcome, _ tolerance: Double) throws {
    let x = try #require(a.summary.observers["relative-distance"]?["w"]?.number)
    let y = try #require(b.summary.observers["relative-distance"]?["w"]?.number)
    #expect(abs(x - y) <= tolerance * y && y > 0)
    #expect(
      abs(a.summary.network!.loss - b.summary.network!.loss) <= tolerance * b.summary.network!.initialLoss)
    let scale = b.state.map(abs).max()!
    #expect(zip(a.state, b.state).map { abs($0 - $1) }.max()! <= tolerance * scale)
  }

  /// Says nothing of itself, as an observer that knows nothing of coordinates.
  private final class Stranger: FlowObserver {
    let name = "stranger"
    let watchesSteps = true
    var states: [[Double]] = []
    var predictions: [Double] = []

    func begin(_ s: FlowSnapshot) { look(s) }
    func step(_ s: FlowSnapshot) { look(s) }
    func record(_ s: FlowSnapshot) -> [Double] {
      look(s)
      return []
    }
    func finish(_ s: FlowSnapshot) -> [String: ObservedValue] {
      look(s)
      return [:]
    }
    private func look(_ s: FlowSnapshot) {
      states.append(s.withState { $0.withUnsafeBufferPointer(Array.init) })
      predictions += s.predictions
      #expect(s.inputDimension == 41 && s.w(1, 40) == states.last![s.flow.shape.indexOfW(1, 40)])
    }
  }
}
