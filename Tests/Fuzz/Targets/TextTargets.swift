import BuiltinPlugins
import Foundation
import ODECore
import PluginKit
import Studies
import Sweeps
import Validation

extension FuzzTarget {
  static let runYAML = FuzzTarget(
    "run-yaml",
    words: RunSettings.all.map(\.key) + [
      "relu", "tanh", "softplus(beta: 20)", "swish:1.5", "lorenz", "robertson", "van-der-pol", "euler", "rk4",
      "rkc",
      "dormand-prince", "cvode-adams", "cvode-bdf", "radau", "rodas", "exponential", "verlet", "dop853",
      "kink-aware",
      "linear:0.5", "geometric:20", "steps:10", "times:0.5,1", "endpoints", "huber:1", "he", "e-et-al:1",
      "original",
    ],
    seeds: { runs.map { Array($0.utf8) } },
    read: { input in
      guard let complete = try integrateBriefly(RunConfiguration(yaml: text(input))) else { return }
      try keepsItsText(complete.yaml) { try RunConfiguration(yaml: $0).yaml }
    })

  static let sweepYAML = FuzzTarget(
    "sweep-yaml",
    words: RunSettings.all.map(\.key) + [
      "axes", "base", "keep", "accuracy", "asi-width", "horizon", "copy", "total", "from", "to", "count",
      "curves",
      "neurons", "weights", "fit", "sample", "factor", "beta2-exponent", "{from: 0, to: 1, count: 3}",
    ],
    seeds: { sweeps.map { Array($0.utf8) } },
    read: { input in
      let definition = try SweepDefinition(yaml: text(input))
      try keepsItsText(try definition.yaml) { try SweepDefinition(yaml: $0).yaml }
      guard isOfSmallData(definition.base), definition.width.allSatisfy({ $0 <= 512 }),
        !definition.others.contains(where: { ["data", "width"].contains($0.key) })
      else { return }
      // A plan of a hundred thousand runs is sound, and slow.
      let values = definition.others.reduce(
        max(1, definition.gamma.count) * max(1, definition.gammaPrime.count)
          * max(1, definition.betaExponent.count)
      ) { $0.multipliedReportingOverflow(by: $1.values.count).partialValue }
      guard (0...64).contains(values), definition.width.count * definition.seed.count <= 64 else { return }
      _ = try SweepPlan(definition, BuiltinPlugins.catalog())
    })

  static let validationYAML = FuzzTarget(
    "validation-yaml",
    words: [
      "points", "widths", "seeds", "delta", "draws", "stop-loss", "exponent-tolerance", "threads", "data",
      "activation",
      "integrator", "rtol", "atol", "asi",
    ],
    seeds: {
      [
        Array(try ValidationSettings(StrictYAML.tree("{}")).yaml.utf8),
        Array("points: [[0.5, 0], [1.75, 0]]\nseeds: 3\n".utf8),
      ]
    },
    read: { input in
      let settings = try ValidationSettings(StrictYAML.tree(text(input)))
      try keepsItsText(try settings.yaml) { try ValidationSettings(StrictYAML.tree($0)).yaml }
    })

  static let pluginNames = FuzzTarget(
    "plugin-names",
    words: [
      "relu", "leaky-relu", "softplus", "swish", "tanh", "mse", "huber", "condensation", "rkc", "fraction",
      "threshold",
      "share", "beta", "norm", "max", "euler", "times", "auto", "exponential", "heat", "lorenz",
    ],
    seeds: {
      [
        "relu", "leaky-relu:0.1", "softplus(beta: 20)", "softplus:beta=20", "swish:1.5", "huber:1",
        "condensation(threshold: 4, share: 0.02)", "rkc(norm: max, rho: power)", "euler(fraction: 0.9)",
        "heavy-ball(epsilon: 2)",
        "lorenz",
        "four-points", "a=./lib.so(rate: 0.5)", "van-der-pol:5",
      ].map { Array($0.utf8) }
    },
    read: { input in
      let name = text(input)
      let catalog = try BuiltinPlugins.catalog()
      _ = PluginLibrary.parts(of: name)
      _ = PluginSpecification.split(name)
      _ = try? Shard(name)
      _ = try? catalog.activations.make(name)
      _ = try? catalog.losses.make(name)
      _ = try? catalog.dynamics.make(name)
      _ = try? catalog.observers.make(name)
      _ = try? catalog.integrators.make(name)(IntegratorSettings(rtol: 1e-3, atol: 1e-6))
      if isOfSmallSystem(name) { _ = try? catalog.systems.make(name) }
      _ = try PluginSpecification(name)
    })

  static func text(_ input: [UInt8]) -> String { String(decoding: input, as: UTF8.self) }

  /// What is written reads back as the same text.
  private static func keepsItsText(_ yaml: String, _ read: (String) throws -> String) throws {
    let again: String
    do { again = try read(yaml) } catch {
      throw BrokenPromise("what was written cannot be read: \(error)\n\(yaml)")
    }
    if again != yaml { throw BrokenPromise("read back it is another:\n\(yaml)\n---\n\(again)") }
  }

  /// Data that are at hand, and no others: mutations shall not read the machine's files for minutes.
  static func isOfSmallData(_ configuration: RunConfiguration) -> Bool {
    (configuration.isOfSystem || configuration.width <= 512) && !configuration.data.hasPrefix("fashion")
      && configuration.plugin.isEmpty
  }

  /// No digits that could make a system of millions of unknowns.
  static func isOfSmallSystem(_ name: String) -> Bool {
    name.count(where: \.isNumber) <= 3 && !name.contains("e+") && !name.contains("/")
  }

  /// Some steps of a small run, ended after a second.
  ///
  /// - Returns: what would be written as its `config.yaml`; `nil` if the run is none to be tried here.
  @discardableResult
  static func integrateBriefly(_ given: RunConfiguration) throws -> RunConfiguration? {
    var configuration = given
    guard isOfSmallData(configuration), isOfSmallSystem(configuration.system ?? "") else {
      try configuration.check()
      return nil
    }
    configuration.maxSteps = min(configuration.maxSteps, 20)
    if (configuration.threads ?? 1) > 4 { configuration.threads = 2 }
    let run = try Run(configuration, BuiltinPlugins.catalog(), out: nil)
    guard run.experiment.problem.system.dimension <= 4096 else { return nil }
    _ = try run.run(briefly())
    return run.experiment.configuration
  }

  /// Ends a run after a second; with checkpoints after each step.
  static func briefly() -> RunHooks {
    var hooks = RunHooks()
    let cancellation = Cancellation()
    hooks.cancellation = cancellation
    hooks.checkpointInterval = .zero
    DispatchQueue.global().asyncAfter(deadline: .now() + 1) { cancellation.cancel() }
    return hooks
  }

  private static let runs = [
    "data: four-points\nwidth: 20\ngamma: 1.75\ngamma-prime: 0\nasi: true\nseed: 3\nstop-loss: 1e-3\nrtol: 0.01\natol: 1e-05\n",
    "width: 10\nactivation: {softplus: {beta: 20}}\nloss: huber:1\nintegrator: 'rkc(norm: max, rho: power)'\nt-end: 10\nobserve: [energy, conservation]\nrecord: linear:0.5\n",
    "system: lorenz\nt-end: 0.5\nintegrator: dormand-prince\nrecord: times:0.1,0.25\nmax-step: 0.1\ninitial-step: 1e-3\n",
    "system: robertson\nt-end: 1\ncomponent-atol: [1e-8, 1e-12, 1e-8]\nintegrator: cvode-bdf\n",
    "system: van-der-pol:5\nt-end: 1\nintegrator: radau\nrecord: steps:10\nrecord-components: [u]\n",
    "width: 8\nalpha: 2\nbeta1: 1\nbeta2: 0.5\ngamma: ~\ngamma-prime: ~\nmodel: original\nt-end: 1\nintegrator: euler\nstep: 0.01\nmax-steps: 7\n",
    "width: 12\ninitialization: he\ngamma: null\ngamma-prime: null\nt-end: 2\nobserve: none\nreduce-dimension: false\nstop-at-rest: false\nthreads: 2\nscaling-width: ~\n",
    "width: 16\ndata: bench-points\nintegrator: exponential\nt-end: 3\nrecord: geometric:5\nobserve: ['condensation(threshold: 4, share: 0.02)', loss-decay]\n",
  ]

  private static let sweeps = [
    "base: {data: four-points, asi: true, rtol: 0.01, observe: [relative-distance], record: steps}\naxes:\n  gamma: [0.5, 1.75]\n  gamma-prime: [-0.3, 0]\n  width: [20, 60]\nasi-width: copy\nkeep: {neurons: 30, weights: true, fit: true}\naccuracy: {sample: 2}\n",
    "base:\n  data: four-points\naxes:\n  gamma: {from: 0.5, to: 2, count: 4}\n  gamma-prime: 0\n  width: [10]\n  seed: [1, 2, 3]\n  activation: [relu, \"leaky-relu:0.1\"]\nhorizon: 1e6\naccuracy: {sample: 0, factor: 0.01}\n",
    "base: {alpha: 1, beta1: 1, beta2: 1, t-end: 1}\naxes: {width: [8], seed: 1}\n",
    "axes: {gamma: [1], gamma-prime: [0], width: [10], beta2-exponent: [0, 0.5]}\nkeep: {curves: 0, neurons: 0}\n",
  ]
}
