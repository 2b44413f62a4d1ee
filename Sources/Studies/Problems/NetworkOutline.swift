import DeepNetworks
import Foundation
import GradientFlow
import PluginKit

/// What is known of a network's run before it is made: what the plan of many runs needs.
package struct NetworkOutline {
  /// The time in which the run is integrated, of a unit of the normalised model's.
  private let timeUnit: Double
  /// `r n = kappa m^((L-2)/2) sum_i |y_i| |x_i|`; `nil` for another loss than the squared one.
  private let pull: Double?
  private let sampleCount: Double
  /// The loss to stop at where a run has an end, too: that of the data's authors, else 1e-4 of that of `f = 0`.
  package let stopLoss: Double
  /// The work of an evaluation, in products; only ratios mean anything.
  package let cost: Double
  /// Bytes that the run is expected to hold.
  package let memory: Double
  /// Bytes of the matrices of a method that works in the space of residuals.
  package let residualMemory: Double

  /// - Parameter coordinates: those in which a network of two layers is integrated, if they are not the inputs' own.
  /// - Throws: ``UsageError`` for what the keys must not say together, errors of plug-ins.
  package init(
    _ c: RunConfiguration, _ data: NetworkData, _ coordinates: SpanCoordinates?, _ catalog: PluginCatalog
  ) throws {
    self = try c.isDeep(data) ? Self(deep: c, data, catalog) : Self(twoLayers: c, data, coordinates, catalog)
  }

  private init(
    twoLayers c: RunConfiguration, _ data: NetworkData, _ coordinates: SpanCoordinates?,
    _ catalog: PluginCatalog
  ) throws {
    let samples = data.training
    try c.checkNetwork()
    let model = try c.originalModel(inputDimension: data.inputDimension)
    let activation = try catalog.activations.make(c.activation)
    let kappa = try c.scaling(of: model, for: activation).kappa
    let integrated = try c.integratedModel(model)
    timeUnit = activation.homogeneity == nil ? 1 : integrated?.time(fromNormalized: 1) ?? 1
    (pull, sampleCount) = (data.pull(kappa, amplification: 1), Double(samples.sampleCount))
    stopLoss = data.stopLoss
    let span = c.reduceDimension ? coordinates : nil
    let dimension = (span?.inputs ?? samples.inputs).dimension
    cost = Double(c.width) * Double(samples.sampleCount) * Double(dimension)
    memory = NetworkSubject.estimatedMemory(c.width, samples.inputs, span)
    residualMemory =
      TwoLayerFlow.residualMemory(
        width: c.width, inputDimension: (coordinates?.inputs ?? samples.inputs).dimension,
        sampleCount: samples.sampleCount
      ).flow
  }

  private init(deep c: RunConfiguration, _ data: NetworkData, _ catalog: PluginCatalog) throws {
    let widths = c.deepWidths(data)
    try c.checkDeep(widths)
    let activations = try c.deepActivations(widths.count - 2, catalog)
    let model = try c.deepModel(widths, activations)
    let scaling = try c.deepScaling(model, widths)
    let network = DeepNetwork(
      widths: widths, kappa: scaling.kappa, activations: activations, hasBiases: c.bias)
    let isLowRank = c.keepsFactors && LowRankFlow.isWorthwhile(network, data.training)
    let kappa = model.flatMap { try? $0.scaling.kappa } ?? scaling.kappa
    timeUnit = c.model == .original ? model!.timeUnit : 1
    let widest = Double(widths.dropFirst().dropLast().max()!)
    pull = data.pull(kappa, amplification: pow(widest, Double(widths.count - 3) / 2))
    sampleCount = Double(data.training.sampleCount)
    stopLoss = data.stopLoss
    cost = Double(data.training.sampleCount) * DeepSubject.weightCount(widths)
    memory = DeepSubject.estimatedMemory(widths, isLowRank: isLowRank)
    residualMemory =
      isLowRank
      ? 0
      : ArchitectureFlow.residualMemory(
        dimension: network.parameterCount, count: data.training.targets.count
      ).flow
  }

  /// `horizon / r` in the time of integration, with `r = (kappa/n) m^((L-2)/2) sum_i |y_i| |x_i|`, the largest rate at which a neuron
  /// can grow from a start with `f = 0` and equal mobilities: the layers between amplify by `m^(1/2)` each. `nil` for another loss than the
  /// squared one.
  package func end(afterGrowths horizon: Double) -> Double? {
    pull.map { timeUnit * horizon * sampleCount / $0 }
  }
}

extension NetworkData {
  /// `r n`, see ``NetworkOutline/end(afterGrowths:)``; several outputs are added up.
  fileprivate func pull(_ kappa: Double, amplification: Double) -> Double? {
    guard loss.isSquared else { return nil }
    let c = training.outputCount
    let pull = (0..<training.sampleCount).reduce(0) { sum, i in
      sum + training.targets[i * c..<(i + 1) * c].reduce(0) { $0 + abs($1) }
        * training.input(i).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    return kappa * pull * amplification
  }

  /// See ``NetworkOutline/stopLoss``; of the squared loss.
  fileprivate var stopLoss: Double {
    customaryStopLoss
      ?? 1e-4 * training.targets.reduce(0) { $0 + $1 * $1 } / (2 * Double(training.sampleCount))
  }
}
