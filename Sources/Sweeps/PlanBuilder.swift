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
      let base = try definition.base(with: others).withAbsolutePaths
      let data = try UsageError.preparing { try NetworkData(base, catalog) { try dataset($0) } }
      var matrices: [Double] = []
      let first = runs.count
      for b in Self.orNil(definition.betaExponent) {
        for gammaPrime in Self.orNil(definition.gammaPrime) {
          for gamma in Self.orNil(definition.gamma) {
            for width in definition.width {
              for seed in definition.seed {
                let place = Place(others: others, b: b, gamma: gamma, gammaPrime: gammaPrime, m: width)
                let (run, outline) = try run(runs.count + 1, base, data, place, seed)
                runs.append(run)
                matrices.append(outline.residualMemory)
              }
            }
          }
        }
      }
      guard try checkOne(of: runs[first...]) else { continue }
      for i in first..<runs.count { runs[i].memory += matrices[i - first] }
    }
    return runs
  }

  /// The coordinates of a run, but for its seed.
  private struct Place {
    let others: [String]
    let b: Double?
    let gamma: Double?
    let gammaPrime: Double?
    let m: Int
  }

  private func run(
    _ id: Int, _ base: RunConfiguration, _ data: NetworkData, _ place: Place, _ seed: UInt64
  ) throws -> (SweepRun, NetworkOutline) {
    var c = base
    c.seed = seed
    try setWidth(&c, place.m)
    if let gamma = place.gamma, let gammaPrime = place.gammaPrime {
      if c.isDeep(data) {
        try setDeepScaling(&c, data, gamma, gammaPrime, place)
      } else {
        guard c.mobilityExponents.isEmpty else {
          throw UsageError(
            "mobility-exponents are for several hidden layers; give gamma-prime for two layers")
        }
        setScaling(&c, gamma, gammaPrime, place.b, place.m)
      }
    }
    let span = coordinates[base.data]
    let outline = try UsageError.preparing { try NetworkOutline(c, data, span, catalog) }
    if c.tEnd == nil, definition.horizon > 0, let end = outline.end(afterGrowths: definition.horizon),
      end.isFinite
    {
      // A run with an end of its own needs to be told the loss to stop at, too.
      c.tEnd = end
      c.stopLoss = c.stopLoss ?? outline.stopLoss
    }
    try c.check()
    let run = SweepRun(
      id: id, gamma: place.gamma, gammaPrime: place.gammaPrime, width: place.m, seed: seed,
      betaExponent: place.b, others: place.others, checks: nil, configuration: c, cost: outline.cost,
      memory: outline.memory)
    return (run, outline)
  }

  /// `m` units in the widest hidden layer, twice as many for two copies, and the others in proportion.
  private func setWidth(_ c: inout RunConfiguration, _ m: Int) throws {
    let copies = definition.asiWidth == .copy && c.asi ? 2 : 1
    guard c.hidden.count > 1 else {
      if !c.hidden.isEmpty { c.hidden = [] }
      c.width = copies * m
      return
    }
    let widest = Double(c.hidden.max()!)
    c.hidden = c.hidden.map {
      copies * max(1, Int(saturating: (Double(m) * (Double($0) / widest)).rounded()))
    }
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

  /// `kappa = m^-gamma`, `mu_l = m^g_l` with `g` on the line of ``SweepDefinition/mobilityDirection``.
  private func setDeepScaling(
    _ c: inout RunConfiguration, _ data: NetworkData, _ gamma: Double, _ gammaPrime: Double, _ place: Place
  ) throws {
    guard place.b == nil else {
      throw UsageError("axes: beta2-exponent is for networks with two layers and one output")
    }
    let layers = max(c.hidden.count, 1) + 1
    guard [0, layers].contains(definition.mobilityDirection.count) else {
      throw UsageError(
        "mobility-direction has \(definition.mobilityDirection.count) numbers for the \(layers) layers of weights"
      )
    }
    let origin = c.mobilityExponents
    guard [0, layers].contains(origin.count) else {
      throw UsageError("mobility-exponents has \(origin.count) numbers for the \(layers) layers of weights")
    }
    (c.gamma, c.gammaPrime) = (gamma, 0)
    if gammaPrime != 0 {
      c.mobilityExponents = definition.mobilityDirection(layers: layers).enumerated().map { l, slope in
        (origin.isEmpty ? 0 : origin[l]) + gammaPrime * slope
      }
    }
    let widest = c.hidden.max() ?? c.width
    c.scalingWidth = widest == place.m ? nil : place.m
  }

  private mutating func dataset(_ name: String) throws -> Dataset {
    if let known = datasets[name] { return known }
    let data = try UsageError.preparing { try catalog.datasets.make(name) }
    datasets[name] = data
    coordinates[name] = try UsageError.preparing { try SpanCoordinates.ifWorthwhile(data.inputs) }
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

  /// Every combination of the axes' values, as `key=value`.
  private static func combinations(_ axes: [SweepDefinition.GridAxis]) -> [[String]] {
    axes.reduce([[]]) { rows, axis in
      rows.flatMap { row in axis.values.map { row + ["\(axis.key)=\($0)"] } }
    }
  }
}
