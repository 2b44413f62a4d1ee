import Foundation
import GradientFlow
import PluginKit
import Studies
import UntrustedNumbers

/// Turns a definition into its runs.
struct PlanBuilder {
  private let definition: SweepDefinition
  private let catalog: PluginCatalog
  private var datasets: [String: Dataset] = [:]
  /// The coordinates that runs on a data set are integrated in, if they are not the inputs' own.
  private var coordinates: [String: SpanCoordinates] = [:]
  /// What is known of each data set, in order of first use.
  private(set) var dataNotes: [String] = []

  init(_ definition: SweepDefinition, _ catalog: PluginCatalog) {
    self.definition = definition
    self.catalog = catalog
  }

  mutating func runs() throws -> [SweepRun] {
    var runs: [SweepRun] = []
    for others in Self.combinations(definition.others) {
      let base = try configuration(with: others)
      let data = try dataset(base.data)
      let first = runs.count
      for b in Self.orNil(definition.betaExponent) {
        for gammaPrime in Self.orNil(definition.gammaPrime) {
          for gamma in Self.orNil(definition.gamma) {
            for width in definition.width {
              for seed in definition.seed {
                runs.append(
                  try run(runs.count + 1, base, data, others, b, gamma, gammaPrime, width, seed))
              }
            }
          }
        }
      }
      guard try checkOne(of: runs[first...]) else { continue }
      for i in first..<runs.count {
        let dimension = (coordinates[base.data]?.inputs ?? data.inputs).dimension
        runs[i].memory +=
          TwoLayerFlow.residualMemory(
            width: runs[i].configuration.width, inputDimension: dimension, sampleCount: data.sampleCount
          ).flow
      }
    }
    return runs
  }

  private func run(
    _ id: Int, _ base: RunConfiguration, _ data: Dataset, _ others: [(key: String, value: String)],
    _ b: Double?, _ gamma: Double?, _ gammaPrime: Double?, _ m: Int, _ seed: UInt64
  ) throws -> SweepRun {
    var c = base
    c.seed = seed
    let copies = definition.asiWidth == .copy && base.asi ? 2 : 1
    c.width = copies * m
    if let gamma, let gammaPrime {
      setScaling(&c, gamma, gammaPrime, b, m)
    }
    if c.tEnd == nil, definition.horizon > 0 { try setHorizon(&c, data) }
    try c.check()
    try c.requireTwoLayers()
    try c.checkNetwork()
    let span = c.reduceDimension ? coordinates[c.data] : nil
    return SweepRun(
      id: id, gamma: gamma, gammaPrime: gammaPrime, width: m, seed: seed, betaExponent: b,
      others: others.map { "\($0.key)=\($0.value)" }, checks: nil, configuration: c,
      cost: Double(c.width) * Double(data.sampleCount)
        * Double((span?.inputs ?? data.inputs).dimension),
      memory: NetworkSubject.estimatedMemory(c.width, data.inputs, span))
  }

  /// See ``SweepDefinition/horizon``. A run with an end of its own needs to be told the loss to stop at, too: that of
  /// the data's authors, else 1e-4 of that of `f = 0`.
  private func setHorizon(_ c: inout RunConfiguration, _ data: Dataset) throws {
    let (kappa, unit, isSquared) = try UsageError.preparing {
      let model = try c.originalModel(inputDimension: data.inputDimension)
      return (
        try c.scaling(of: model, for: catalog.activations.make(c.activation)).kappa,
        // Of the time in which the run is integrated.
        try c.integratedModel(model)?.time(fromNormalized: 1) ?? 1,
        try catalog.losses.make(c.loss).isSquared
      )
    }
    guard isSquared else { return }
    let n = Double(data.sampleCount)
    let pull = (0..<data.sampleCount).reduce(0) { sum, i in
      sum + abs(data.targets[i]) * data.input(i).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let end = unit * definition.horizon * n / (kappa * pull)
    guard end.isFinite else { return }
    c.tEnd = end
    c.stopLoss =
      c.stopLoss ?? data.customaryStopLoss ?? 1e-4 * data.targets.reduce(0) { $0 + $1 * $1 } / (2 * n)
  }

  /// `kappa = m^-gamma`, `kappa' = m^-gamma'` (14), or the original model's factors that give them (8).
  private func setScaling(
    _ c: inout RunConfiguration, _ gamma: Double, _ gammaPrime: Double, _ b: Double?, _ m: Int
  ) {
    if let b {
      let (kappa, kappaPrime) = (pow(Double(m), -gamma), pow(Double(m), -gammaPrime))
      let beta2 = pow(Double(m), -b)
      (c.gamma, c.gammaPrime) = (nil, nil)
      (c.alpha, c.beta1, c.beta2) = (kappaPrime * beta2 * beta2 / kappa, kappaPrime * beta2, beta2)
    } else {
      (c.gamma, c.gammaPrime) = (gamma, gammaPrime)
      c.scalingWidth = c.width == m ? nil : m
    }
  }

  private func configuration(with others: [(key: String, value: String)]) throws -> RunConfiguration {
    if others.isEmpty { return definition.base }
    var given = RunConfiguration()
    for (key, value) in others { try given.set(key, SweepDefinition.scalar(value)) }
    return definition.base.overlaid(by: given).withAbsolutePaths
  }

  private mutating func dataset(_ name: String) throws -> Dataset {
    if let known = datasets[name] { return known }
    let data = try UsageError.preparing { try catalog.datasets.make(name) }
    datasets[name] = data
    coordinates[name] = try UsageError.preparing { try SpanCoordinates(data.inputs).ifItPays }
    dataNotes.append(
      "data \(name): n = \(data.sampleCount), d = \(data.inputDimension), "
        + "SHA-256 \(Digest.sha256(data))")
    return data
  }

  /// Makes the cheapest of `runs`, which differ in numbers only, without starting it.
  ///
  /// - Returns: whether the method holds matrices of the samples.
  private func checkOne(of runs: ArraySlice<SweepRun>) throws -> Bool {
    guard let run = runs.min(by: { $0.cost < $1.cost }) else { return false }
    let experiment = try Experiment(run.configuration, catalog)
    let largest = runs.max { $0.memory < $1.memory }!
    guard largest.memory <= Double(ProcessInfo.processInfo.physicalMemory) else {
      throw UsageError(
        "width \(largest.width) needs about \(Int(saturating: largest.memory / 1e9)) GB of memory, more than this machine has"
      )
    }
    return experiment.integrator.matrixMemory(for: experiment.problem) > 0
  }

  private static func orNil<T>(_ values: [T]) -> [T?] { values.isEmpty ? [nil] : values }

  private static func combinations(
    _ axes: [SweepDefinition.GridAxis]
  ) -> [[(key: String, value: String)]] {
    axes.reduce([[]]) { rows, axis in
      rows.flatMap { row in axis.values.map { row + [(axis.key, $0)] } }
    }
  }
}
