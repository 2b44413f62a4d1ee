import BuiltinPlugins
import Foundation
import ODECore
import PluginKit
import Studies
import Testing

@Suite("A run under other dynamics") struct DynamicsRunTests {
  private func configuration(_ dynamics: String, _ integrator: String = "auto") -> RunConfiguration {
    var c = RunConfiguration()
    (c.width, c.gamma, c.seed, c.activation, c.tEnd) = (40, 0.8, 3, "tanh", 12)
    (c.dynamics, c.integrator) = (dynamics, integrator)
    return c
  }

  private func run(_ c: RunConfiguration, out: String? = nil, _ hooks: RunHooks = RunHooks()) throws
    -> Run.Outcome
  { try Run(c, BuiltinPlugins.catalog(), out: out).run(hooks) }

  @Test("says so, and is watched by what holds under them")
  func observers() throws {
    for dynamics in ["weight-decay:0.1", "heavy-ball(epsilon: 0.5)", "nesterov"] {
      let outcome = try run(configuration(dynamics))
      #expect(outcome.summary.returnCode == .success)
      #expect(
        outcome.summary.network?.dynamics?.hasPrefix(dynamics.prefix { $0.isLetter || $0 == "-" }) == true)
      #expect(Set(outcome.summary.observers.keys) == ["relative-distance", "condensation", "energy"])
      #expect(outcome.summary.observers["energy"]?["monotone"] == .flag(true))
      #expect(outcome.record.columns.last == "energy")
      // The parameters alone, in the inputs' own coordinates.
      #expect(outcome.state.count == 40 * 3)
      var asked = configuration(dynamics)
      asked.observe = ["conservation"]
      let error = #expect(throws: (any Error).self) { try Run(asked, BuiltinPlugins.catalog(), out: nil) }
      #expect(error.map { "\($0)" }?.contains("this run has other dynamics") == true)
    }
    #expect(try run(configuration("gradient-flow")).summary.network?.dynamics == nil)
  }

  /// At a minimum of `R + (rate/2) |theta|^2` nothing changes however long one waits; weights that shrink to nothing leave `R = |y|^2/(2n)`, 0.0158 on
  /// the four points.
  @Test("with weight decay ends at rest, where one without end does", arguments: [[], [20, 15]], [1e-4, 1])
  func restsUnderDecay(_ hidden: [Int], _ rate: Double) throws {
    var c = configuration("weight-decay:\(rate)")
    if !hidden.isEmpty { (c.width, c.hidden) = (RunConfiguration().width, hidden) }
    (c.tEnd, c.rtol, c.observe) = (.infinity, 1e-6, [])
    let rest = try run(c)
    #expect(rest.summary.returnCode == .stationary)
    c.tEnd = 100 / rate
    c.stopAtRest = false
    let late = try run(c)
    #expect(late.summary.returnCode == .success)
    func loss(_ outcome: Run.Outcome) throws -> Double {
      try #require(outcome.summary.network?.loss ?? outcome.summary.deep?.loss)
    }
    let (loss, other) = (try loss(rest), try loss(late))
    #expect(abs(loss - other) < 1e-4 * other)
    let nothing = (2 * 0.25 * 0.25 + 2 / 1296.0) / 8
    #expect(rate < 1 ? loss < 0.9 * nothing : abs(loss - nothing) < 1e-6 * nothing)
    c = configuration("heavy-ball:1")
    c.tEnd = .infinity
    #expect(throws: UsageError.self) { try Run(c, BuiltinPlugins.catalog(), out: nil).run() }
  }

  @Test(
    "interrupted and resumed gives the same bytes, velocities included",
    arguments: [
      ("heavy-ball:0.5", "dormand-prince"), ("nesterov", "rk4"), ("weight-decay:0.1", "dop853"),
      ("heavy-ball:0.5", "gradient-descent:0.01"), ("nesterov", "gradient-descent:0.01"),
      ("gradient-flow", "gradient-descent:0.01,0.9"), ("heavy-ball:0.5", "auto"),
    ], [0, 2])
  func resumes(_ pair: (String, String), _ layers: Int) throws {
    try withTemporaryFolder { folder in
      var c = configuration(pair.0, pair.1)
      if layers == 2 { (c.width, c.hidden) = (RunConfiguration().width, [9, 7]) }
      let whole = try run(c, out: folder + "/whole")
      let cancellation = Cancellation()
      var hooks = RunHooks()
      hooks.cancellation = cancellation
      hooks.progressInterval = .zero
      let half = whole.summary.statistics.accepted / 2
      hooks.progress = { if $0.steps >= half { cancellation.cancel() } }
      #expect(try run(c, out: folder + "/parts", hooks).summary.returnCode == .interrupted)
      let second = try Run(resuming: folder + "/parts") { _ in try BuiltinPlugins.catalog() }.run()
      #expect(second.state.map(\.bitPattern) == whole.state.map(\.bitPattern))
      func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder + name)) }
      #expect(try bytes("/parts/trajectory.csv") == bytes("/whole/trajectory.csv"))
      for key in ["maxRise", "monotone"] {
        #expect(second.summary.observers["energy"]?[key] == whole.summary.observers["energy"]?[key])
      }
    }
  }

  // Weight decay in normalised variables is the plain penalty of the original model, with rate T lambda: `WeightDecay`.
  @Test("with weight decay is the same for the original and the normalised model")
  func originalModel() throws {
    var c = RunConfiguration()
    (c.width, c.gamma, c.gammaPrime, c.seed, c.activation) = (40, nil, nil, 3, "relu")
    let (alpha, beta1, beta2) = (2.0, 0.5, 0.3)
    (c.alpha, c.beta1, c.beta2, c.rtol, c.atol) = (alpha, beta1, beta2, 1e-9, 1e-11)
    (c.observe, c.integrator) = (["relative-distance"], "dormand-prince")
    func distances(_ model: IntegratedModel, _ end: Double, _ rate: Double) throws -> [String: ObservedValue]
    {
      (c.model, c.tEnd, c.dynamics) = (model, end, "weight-decay:\(rate)")
      return try #require(run(c).summary.observers["relative-distance"])
    }
    let unit = beta1 * beta2
    let normalized = try distances(.normalized, 10, 0.05)
    // T = beta1 beta2 is the unit of time, t = T tbar.
    let original = try distances(.original, 10 * unit, 0.05 / unit)
    // All of theta has another weight in each model.
    for part in ["w", "a"] {
      guard case .number(let x)? = normalized[part], case .number(let y)? = original[part] else {
        Issue.record("\(part) is missing")
        continue
      }
      #expect(x > 0.1 && abs(x / y - 1) < 1e-6, "\(part): \(x), \(y)")
    }
  }

  @Test("is refused, in one sentence, where it would have no end or no method")
  func refusals() throws {
    var endless = configuration("weight-decay:0.1")
    endless.tEnd = nil
    func message(_ c: RunConfiguration) -> String {
      let error = #expect(throws: (any Error).self) { try Run(c, BuiltinPlugins.catalog(), out: nil) }
      return error.map { "\($0)" } ?? ""
    }
    #expect(message(endless).contains("or stop-loss"))
    #expect(message(configuration("heavy-ball", "kink-aware")).contains("gradient flow"))
    #expect(message(configuration("heavy-ball:0.001", "gradient-descent:0.1")).contains("negative momentum"))
    #expect(message(configuration("heavy-bal")).contains("heavy-ball"))
    #expect(message(configuration("heavy-ball(epsilon: 0)")).contains("above 0"))
  }

  @Test("is compared with gradient descent by one comparison")
  func comparison() throws {
    for dynamics in ["gradient-flow", "heavy-ball:0.5"] {
      let comparison = try Comparison(
        configuration(dynamics), integrators: ["dormand-prince", "euler", "gradient-descent:0.01"],
        rtols: [1e-3, 1e-5])
      let outcome = try comparison.run(BuiltinPlugins.catalog())
      let errors = outcome.entries.map { $0.errors[1] ?? .nan }
      #expect(outcome.entries.count == 6 && errors.allSatisfy { $0 < 0.1 })
      // Half the step, half the error, and the pair far below both.
      #expect(abs(errors[2] / errors[3] - 2) < 0.2 && abs(errors[4] / errors[5] - 2) < 0.2, "\(errors)")
      #expect(errors[1] < 0.01 * errors[3])
    }
  }
}
