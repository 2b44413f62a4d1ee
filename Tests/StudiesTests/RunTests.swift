import BuiltinPlugins
import Foundation
import GradientFlow
import ODECore
import Studies
import Testing

@Suite("A run") struct RunTests {
  /// One entry of `flow_trajectories.json`, made by Tests/Oracles/flow_trajectories.py.
  struct Oracle: Decodable, CustomTestStringConvertible {
    let data: String
    let width: Int
    let gamma: Double
    let gammaPrime: Double
    let activation: String
    let seed: UInt64
    let tEnd: Double
    let rdW: Double
    let loss: Double
    let f: [Double]
    /// The relative difference of two of SciPy's methods in RD_w.
    let uncertainty: Double

    var testDescription: String { "\(activation) on \(data), gamma \(gamma), gamma' \(gammaPrime)" }

    static func all() throws -> [Oracle] {
      let url = Bundle.module.url(
        forResource: "flow_trajectories", withExtension: "json", subdirectory: "Fixtures")!
      return try JSONDecoder().decode([Oracle].self, from: Data(contentsOf: url))
    }

    var configuration: RunConfiguration {
      var c = RunConfiguration()
      (c.data, c.width, c.gamma, c.gammaPrime) = (data, width, gamma, gammaPrime)
      (c.activation, c.seed, c.tEnd) = (activation, seed, tEnd)
      return c
    }
  }

  @Test(
    "agrees with SciPy, start and data included", arguments: try Oracle.all(),
    [
      "dormand-prince", "bogacki-shampine", "cvode-adams", "cvode-bdf",
    ])
  func agreesWithSciPy(oracle: Oracle, integrator: String) throws {
    var c = oracle.configuration
    c.integrator = integrator
    // On smooth flows the global error is of the size of the tolerance times a modest factor; ReLU's
    // kinks cost both programs digits, so there the oracle's own uncertainty is the measure.
    let smooth = oracle.activation != "relu"
    (c.rtol, c.atol) = smooth ? (1e-8, 1e-11) : (1e-5, 1e-8)
    let outcome = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    #expect(outcome.summary.returnCode == .success)
    let rd = try distance(outcome)
    #expect(abs(rd - oracle.rdW) <= (smooth ? 2e-6 : max(1e-3, 3 * oracle.uncertainty)) * oracle.rdW)
    let f = outcome.experiment.network!.flow.forward(outcome.state.span).predictions
    let scale = oracle.f.map(abs).max()!
    for (got, expected) in zip(f, oracle.f) {
      #expect(abs(got - expected) <= (smooth ? 2e-6 : 2e-3) * scale)
    }
  }

  @Test(
    "with fixed steps agrees with SciPy to the order of the method",
    arguments: [
      ("euler", 2e-2), ("rk4", 1e-3),
    ])
  func fixedStepsAgree(integrator: String, tolerance: Double) throws {
    let oracle = try Oracle.all()[2]
    var c = oracle.configuration
    c.integrator = integrator
    let outcome = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    let rd = try distance(outcome)
    #expect(abs(rd - oracle.rdW) <= tolerance * oracle.rdW)
  }

  @Test("gives the same bytes twice, and the same steps with other observers")
  func isReproducible() throws {
    try withTemporaryFolder { folder in
      var c = RunConfiguration()
      (c.width, c.gamma, c.stopLoss) = (200, 1.2, 1e-4)
      let a = try Run(c, BuiltinPlugins.catalog(), out: folder + "/a").run()
      let b = try Run(c, BuiltinPlugins.catalog(), out: folder + "/b").run()
      let same = try bytes(folder + "/a/trajectory.csv") == bytes(folder + "/b/trajectory.csv")
      #expect(same)
      #expect(a.state == b.state)
      c.observe = []
      let bare = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
      #expect(bare.state == a.state)
      #expect(bare.summary.statistics.accepted == a.summary.statistics.accepted)
      #expect(bare.summary.statistics.nfev == a.summary.statistics.nfev)
    }
  }

  @Test("replays from the config.yaml it wrote")
  func replays() throws {
    try withTemporaryFolder { folder in
      var c = RunConfiguration()
      (c.width, c.asi, c.seed, c.tEnd, c.activation) = (64, true, 5, 3, "leaky-relu:0.1")
      _ = try Run(c, BuiltinPlugins.catalog(), out: folder + "/a").run()
      let replayed = try RunConfiguration(yamlFile: folder + "/a/config.yaml")
      #expect(replayed == c)
      _ = try Run(replayed, BuiltinPlugins.catalog(), out: folder + "/b").run()
      let same = try bytes(folder + "/a/trajectory.csv") == bytes(folder + "/b/trajectory.csv")
      #expect(same)
    }
  }

  @Test(
    "interrupted and resumed gives the same bytes as an uninterrupted one",
    arguments: ["dormand-prince", "rk4", "euler", "bogacki-shampine"])
  func resumes(integrator: String) throws {
    try withTemporaryFolder { folder in
      var c = RunConfiguration()
      (c.width, c.gamma, c.stopLoss, c.integrator) = (100, 1.3, 1e-4, integrator)
      let whole = try Run(c, BuiltinPlugins.catalog(), out: folder + "/whole").run()

      let cancellation = Cancellation()
      var hooks = RunHooks()
      hooks.cancellation = cancellation
      hooks.progressInterval = .zero
      let half = whole.summary.statistics.accepted / 2
      hooks.progress = { if $0.steps >= half { cancellation.cancel() } }
      let first = try Run(c, BuiltinPlugins.catalog(), out: folder + "/parts").run(hooks)
      #expect(first.summary.returnCode == .interrupted)
      #expect(first.summary.exitCode == 130)
      #expect(first.summary.statistics.accepted == half)

      let second = try Run(resuming: folder + "/parts") { _ in try BuiltinPlugins.catalog() }.run()
      #expect(second.state == whole.state)
      #expect(
        try bytes(folder + "/parts/trajectory.csv") == bytes(folder + "/whole/trajectory.csv"))
      // As text, since a NaN differs from itself.
      #expect(
        "\(second.summary.observers.sorted { $0.key < $1.key }.map { $0.value.sorted { $0.key < $1.key } })"
          == "\(whole.summary.observers.sorted { $0.key < $1.key }.map { $0.value.sorted { $0.key < $1.key } })"
      )
      #expect(second.summary.statistics.accepted == whole.summary.statistics.accepted)
    }
  }

  @Test("by 'auto' says which method it took, and goes on with it", arguments: ["relu", "tanh"])
  func automatic(activation: String) throws {
    try withTemporaryFolder { folder in
      var c = RunConfiguration()
      (c.width, c.gamma, c.stopLoss, c.activation) = (100, 1, 1e-4, activation)
      let whole = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
      let choice = try #require(whole.summary.integratorChoice)
      let method = choice.prefix { $0 != ":" }
      #expect(method == (activation == "relu" ? "kink-aware" : "cvode-bdf"))

      let cancellation = Cancellation()
      var hooks = RunHooks()
      hooks.cancellation = cancellation
      hooks.progressInterval = .zero
      let half = whole.summary.statistics.accepted / 2
      hooks.progress = { if $0.steps >= half { cancellation.cancel() } }
      _ = try Run(c, BuiltinPlugins.catalog(), out: folder + "/parts").run(hooks)
      let second = try Run(resuming: folder + "/parts") { _ in try BuiltinPlugins.catalog() }.run()
      #expect(second.summary.integratorChoice?.prefix { $0 != ":" } == method)
      #expect(second.summary.returnCode == .stopped)
      // A multistep method starts anew and takes other steps, so agreement is up to the tolerance of 1e-4.
      let (one, two) = (try distance(whole), try distance(second))
      #expect(abs(one - two) <= 1e-3 * one)
    }
  }

  @Test("by an integrator that cannot do it is refused before anything is written")
  func refused() throws {
    try withTemporaryFolder { folder in
      var c = RunConfiguration()
      (c.width, c.integrator, c.activation) = (10, "kink-aware", "tanh")
      let error = #expect(throws: UsageError.self) {
        _ = try Run(c, BuiltinPlugins.catalog(), out: folder + "/a")
      }
      let message = try #require(error).description
      #expect(message.contains("piecewise-linear activation; 'tanh' is not"))
      let written = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(written.isEmpty)
      c.activation = "hard-tanh"
      c.tEnd = 1
      let summary = try Run(c, BuiltinPlugins.catalog(), out: nil).run().summary
      #expect(summary.returnCode == .success)
    }
  }

  @Test("that blows up keeps what it had and says so")
  func keepsAFailedRun() throws {
    try withTemporaryFolder { folder in
      var c = RunConfiguration()
      (c.width, c.integrator, c.step, c.tEnd) = (50, "euler", .value(1e3), 1e6)
      // Linear, so that no neuron can die on the way and end the explosion.
      (c.gamma, c.record, c.activation) = (0.5, "steps", "identity")
      let outcome = try Run(c, BuiltinPlugins.catalog(), out: folder + "/bad").run()
      #expect(outcome.summary.returnCode == .nonFinite)
      #expect(outcome.summary.exitCode == 1)
      #expect(
        try String(contentsOfFile: folder + "/bad/trajectory.csv", encoding: .utf8).split(separator: "\n")
          .count > 2)
      #expect(
        try StateFile.read(URL(filePath: folder + "/bad/neurons-final.npy")).state.allSatisfy(\.isFinite))
    }
  }

  @Test("in the original model's factors is the run of the normalised one")
  func originalModel() throws {
    var c = RunConfiguration()
    (c.width, c.tEnd) = (50, 2)
    let normalised = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    // beta1 = beta2 = 0.5 and alpha = 0.25 m give kappa = 1/m, kappa' = 1 (8).
    (c.gamma, c.gammaPrime, c.alpha, c.beta1, c.beta2) = (nil, nil, 12.5, 0.5, 0.5)
    let original = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    let (d1, d2) = (try distance(original), try distance(normalised))
    #expect(abs(d1 - d2) <= 1e-12 * d2)
    #expect(original.summary.network?.originalTime == 0.5)
  }

  @Test("by a row of Table 1 is the run with that row's factors, and says where it stands")
  func namedInitialization() throws {
    var c = try RunConfiguration(yaml: "{initialization: he, width: 50, t-end: 0.5}")
    #expect(try RunConfiguration(yaml: c.yaml) == c)
    let named = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    // He: alpha = 1, beta1 = sqrt(2/m), beta2 = sqrt(2/d), d = 2 with the bias.
    (c.initialization, c.alpha, c.beta1, c.beta2) = (nil, 1, 0.2, 1)
    let factors = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    #expect(named.state == factors.state)
    let summary = named.summary.network?.originalModel
    #expect(summary?.initialization == "he" && summary?.gammaLimit == 0.5 && summary?.gammaPrimeLimit == 0.5)
    // kappa = kappa' = 0.2 = 50^-0.4114.
    #expect(abs((summary?.gamma ?? 0) - log(5) / log(50)) < 1e-14)
    #expect(factors.summary.network?.originalModel?.gammaLimit == nil)
  }

  private func distance(_ outcome: Run.Outcome) throws -> Double {
    try #require(outcome.summary.observers["relative-distance"]?["w"]?.number)
  }
}

/// Calls `body` with a new folder, removed afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "phaseflow-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }
