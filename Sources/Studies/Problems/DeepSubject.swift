import DeepNetworks
import Foundation
import GradientFlow
import ODECore
import UntrustedNumbers
import PluginKit

/// The gradient flow of a network of any depth, or of several outputs, or other dynamics of it.
public struct DeepSubject: Subject {
  /// Widths, activations, `kappa`.
  public let network: DeepNetwork
  /// The flow with all weights in its state.
  public let flow: ArchitectureFlow
  /// What is integrated in its place, if the changes of large layers are kept as factors.
  public let lowRank: LowRankFlow?
  public let initialState: [Double]
  /// The model before normalisation, if it was given.
  public let originalModel: DeepOriginalModel?
  public let problem: ODEProblem
  /// `R` at the start.
  public let initialLoss: Double
  public let fastestRate: Double
  private let loss = LossColumn()
  private let test: TestWatch?
  private let gauge: LossGauge
  private let stopLoss: Double?
  private let isOriginal: Bool

  /// - Parameter configuration: the stop that applies is filled in.
  /// - Throws: ``UsageError``, errors of plug-ins or of the file of the start.
  init(_ configuration: inout RunConfiguration, _ data: NetworkData, _ catalog: PluginCatalog) throws {
    let widths = configuration.deepWidths(data)
    try configuration.checkDeep(widths)
    let activations = try configuration.deepActivations(widths.count - 2, catalog)
    originalModel = try configuration.deepModel(widths, activations)
    let scaling = try configuration.deepScaling(originalModel, widths)
    isOriginal = configuration.model == .original
    let network = DeepNetwork(
      widths: widths, kappa: scaling.kappa, activations: activations, hasBiases: configuration.bias)
    self.network = network
    let dynamics = try configuration.makeDynamics(catalog)
    let isLowRank =
      configuration.keepsFactors && dynamics.isGradientFlow
      && LowRankFlow.isWorthwhile(network, data.training)
    try Self.checkMemory(widths, isLowRank: isLowRank)
    let start = try configuration.deepStart(network, originalModel)
    initialState = start
    let plain = try ArchitectureFlow(
      architecture: network, mobilities: scaling.mobilities, data: data.training, loss: data.loss,
      threads: configuration.threads)
    let flow = configuration.centred ? try plain.centred(at: start) : plain
    self.flow = flow
    initialLoss = flow.risk(start.span)
    test = try data.test.map { samples in
      let onTest = try ArchitectureFlow(
        architecture: network, mobilities: scaling.mobilities, data: samples, loss: data.loss,
        threads: configuration.threads)
      let flow = configuration.centred ? try onTest.centred(at: start) : onTest
      return TestWatch(samples, training: data.training) { flow.forward($0) }
    }
    guard initialLoss.isFinite else {
      throw UsageError("the loss at the start is \(initialLoss); use smaller weights or another scaling")
    }
    if configuration.stopLoss == nil, configuration.tEnd == nil {
      configuration.stopLoss = data.customaryStopLoss ?? 1e-4 * initialLoss
    }
    stopLoss = configuration.stopLoss
    if let stopLoss, initialLoss <= stopLoss {
      throw UsageError("the loss at the start, \(initialLoss), is not above stop-loss = \(stopLoss)")
    }
    let gauge = LossGauge(initialLoss)
    self.gauge = gauge
    let lowRank =
      isLowRank ? try LowRankFlow(flow, from: start, tolerance: configuration.factorTolerance) : nil
    self.lowRank = lowRank
    let end = configuration.tEnd ?? .infinity
    let full = try ODEProblem(flow, to: end, initialState: start)
    problem = try ODEProblem(
      lowRank as (any ODESystem)? ?? flow, to: end, initialState: lowRank?.initialState ?? start,
      events: stopLoss.map { stop in
        [.stopLoss(stop, gauge) { lowRank?.risk($0) ?? flow.risk($0) }]
      } ?? [],
      reduction: lowRank.map { LowRankLift(flow: $0, full: full) }
    ).under(dynamics)
    fastestRate = try problem.fastestRate(
      orOfFlow: lowRank == nil ? flow.spectralRadius(0, start.span) : flow.largestKernelRate(start.span))
  }

  public var storage: StateStorage { .vector(network.parameterCount) }
  public var integratedStorage: StateStorage { .vector(problem.system.dimension) }
  public var columns: [any Observer] { [loss] + [test].compactMap { $0 } }
  public var parts: [Any] { network.activations + [flow.loss] }
  public var fingerprinted: (data: [Double], coordinates: [Double]?) { (Digest.numbers(flow.data), nil) }

  public func facts(_ configuration: RunConfiguration, _ solution: Solution) -> any SubjectFacts {
    DeepFacts(self, configuration, solution)
  }

  public var pictures: any RunPictures {
    DeepPictures(data: flow.data, isCentred: flow.offsets != nil) { [network] in network }
  }

  public func summaryTime(_ time: Double) -> Double { isOriginal ? time / originalModel!.timeUnit : time }

  public func progress(_ progress: IntegrationProgress) -> (loss: Double?, fraction: Double) {
    LossGauge.progress(
      progress, from: initialLoss, to: stopLoss, now: stopLoss == nil ? loss.last ?? initialLoss : gauge.value
    )
  }

  public func makeTrace() -> any ComparisonTrace {
    lowRank.map { OutputTrace($0) } ?? OutputTrace(flow, initialState)
  }

  public func makeTrace(of state: [Double], at time: Double) throws -> any ComparisonTrace {
    let trace = OutputTrace(flow, initialState)
    _ = Moment(problem.ambient).show(time, state.span) { trace.record($0) }
    return trace
  }

  /// `N` of a network of these widths.
  static func parameterCount(_ widths: [Int], hasBiases: Bool) -> Int {
    zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
      + (hasBiases ? widths.dropFirst(2).dropLast().reduce(0, +) : 0)
  }

  /// A machine without room for a run would only be killed later.
  private static func checkMemory(_ widths: [Int], isLowRank: Bool) throws {
    let (wanted, available) = (
      estimatedMemory(widths, isLowRank: isLowRank), Double(ProcessInfo.processInfo.physicalMemory)
    )
    guard wanted <= available else {
      throw UsageError(
        "a network \(widths.map(String.init).joined(separator: "-")) needs about \(Int(saturating: wanted / 1e9)) GB of "
          + "memory, and the machine has \(Int(saturating: available / 1e9)) GB")
    }
  }

  /// Bytes that a run is expected to hold: an integrator, its observers and the estimate of its fastest rate about twelve states; with factors
  /// the start, a copy and the files' remain.
  static func estimatedMemory(_ widths: [Int], isLowRank: Bool) -> Double {
    (isLowRank ? 5 : 12) * 8 * weightCount(widths)
  }

  /// The weights of a network of these widths, without biases; a number that may be too large for a whole one.
  static func weightCount(_ widths: [Int]) -> Double {
    zip(widths, widths.dropFirst()).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
  }

  public var estimatedMemory: Double {
    Self.estimatedMemory(network.widths, isLowRank: lowRank != nil)
  }
}

/// The way back from factors.
private struct LowRankLift: CoordinateReduction {
  let flow: LowRankFlow
  let full: ODEProblem

  func lift(_ y: Span<Double>, into result: StateVector) { flow.lift(y, into: result) }
}
