import Foundation
import DeepNetworks
import GradientFlow
import ODECore
import PluginKit
import UntrustedNumbers

/// A network's gradient flow, or other dynamics of it: data, scaling, start, and the coordinates that are integrated.
public struct NetworkSubject: Subject {
  /// The flow and its start, in the inputs' own coordinates and in those that are integrated.
  public let representation: FlowRepresentation
  /// `kappa` and `kappa'` of the run; those of ``flow`` are others where it is the original model.
  public let scaling: Scaling
  /// The model before normalisation, if its factors or a row of Table 1 were given.
  public let originalModel: OriginalModel?
  public let problem: ODEProblem
  /// `R` at the start.
  public let initialLoss: Double
  public let fastestRate: Double
  public let estimatedMemory: Double
  private let loss = LossColumn()
  private let test: TestWatch?
  private let gauge: LossGauge
  private let stopLoss: Double?
  private let isOriginal: Bool
  /// Held for the other runs that begin with it.
  private let start: SharedStart

  /// - Parameter configuration: the stop that applies is filled in.
  /// - Throws: ``UsageError``, errors of plug-ins or of the file of the start.
  init(_ configuration: inout RunConfiguration, _ data: NetworkData, _ catalog: PluginCatalog) throws {
    try configuration.checkNetwork()
    let inputs = data.training.inputs
    let dynamics = try configuration.makeDynamics(catalog)
    let coordinates =
      configuration.reduceDimension && dynamics.movesAlongForces
      ? try SpanCoordinates.ifWorthwhile(inputs) : nil
    estimatedMemory = Self.estimatedMemory(configuration.width, inputs, coordinates)
    try Self.checkMemory(estimatedMemory, configuration.width, inputs)
    let activation = try catalog.activations.make(configuration.activation)
    originalModel = try configuration.originalModel(inputDimension: data.inputDimension)
    scaling = try configuration.scaling(of: originalModel, for: activation)
    isOriginal = configuration.model == .original
    let network = Network(
      width: configuration.width, inputDimension: data.inputDimension,
      scaling: try configuration.integratedModel(originalModel)?.ownScaling ?? scaling, activation: activation
    )
    let path = configuration.mixedPrecision ? FlowPath.mixed : nil
    let flow = try TwoLayerFlow(
      network: network, data: data.training, loss: data.loss, threads: configuration.threads,
      path: coordinates == nil ? path : nil)
    start = try configuration.start(flow.shape, of: originalModel)
    let representation = try FlowRepresentation(
      of: flow, from: start.state, in: coordinates,
      threads: configuration.threads, path: path)
    self.representation = representation
    let (integrated, integratedStart) = (representation.integrated, representation.integratedStart)
    initialLoss = integrated.risk(integratedStart.span)
    guard initialLoss.isFinite else {
      if let crash = flow.crash { throw crash }
      throw UsageError(
        "the loss at the start is \(initialLoss); " + (flow.fault ?? "use smaller weights or another scaling")
      )
    }
    if configuration.stopLoss == nil, configuration.tEnd == nil {
      configuration.stopLoss = data.customaryStopLoss ?? 1e-4 * initialLoss
    }
    stopLoss = configuration.stopLoss
    if let stopLoss, initialLoss <= stopLoss {
      throw UsageError("the loss at the start, \(initialLoss), is not above stop-loss = \(stopLoss)")
    }
    test = try data.test.map { samples in
      let onTest = try TwoLayerFlow(
        network: network, data: samples, loss: data.loss, threads: configuration.threads)
      return TestWatch(samples, training: data.training) { onTest.forward($0) }
    }
    let gauge = LossGauge(initialLoss)
    self.gauge = gauge
    let end = configuration.tEnd ?? .infinity
    problem = try ODEProblem(
      integrated, to: end, initialState: integratedStart,
      events: stopLoss.map { stop in [.stopLoss(stop, gauge) { integrated.risk($0) }] } ?? [],
      reduction: try representation.isReduced ? SpanLift(representation, to: end) : nil
    ).under(dynamics)
    do {
      fastestRate = try problem.fastestRate(orOfFlow: integrated.spectralRadius(0, integratedStart.span))
    } catch let error as EigenvalueError {
      if let crash = flow.crash { throw crash }
      // A derivative that is not finite shows in the Gram matrix first, which knows no names.
      throw UsageError(flow.fault.map { "the flow is not finite at the start; \($0)" } ?? "\(error)")
    }
  }

  /// The flow in the inputs' own coordinates.
  public var flow: TwoLayerFlow { representation.flow }
  /// The start of ``flow``.
  public var initialState: [Double] { representation.initialState }
  /// The flow that is integrated.
  public var integratedFlow: TwoLayerFlow { representation.integrated }

  public var storage: StateStorage { .neurons(flow.shape) }
  public var integratedStorage: StateStorage {
    problem.positions == nil ? .neurons(integratedFlow.shape) : .vector(problem.system.dimension)
  }
  public var columns: [any Observer] { [loss] + [test].compactMap { $0 } }
  public var parts: [Any] { [flow.activation, flow.loss] }
  public var fingerprinted: (data: [Double], coordinates: [Double]?) {
    (Digest.numbers(flow.data), representation.reduction?.inputs.values)
  }

  public func facts(_ configuration: RunConfiguration, _ solution: Solution) -> any SubjectFacts {
    NetworkFacts(self, configuration, solution)
  }

  public var pictures: any RunPictures {
    NetworkPictures(data: flow.data, shape: flow.shape) { [network = flow.network] in network }
  }

  public func summaryTime(_ time: Double) -> Double {
    isOriginal ? originalModel!.normalizedTime(from: time) : time
  }

  public func progress(_ progress: IntegrationProgress) -> (loss: Double?, fraction: Double) {
    // The stop's event has seen every step; without it the last record has.
    LossGauge.progress(
      progress, from: initialLoss, to: stopLoss, now: stopLoss == nil ? loss.last ?? initialLoss : gauge.value
    )
  }

  public func makeTrace() -> any ComparisonTrace {
    OutputTrace(integratedFlow, representation.integratedStart, isReduced: representation.isReduced)
  }

  public func makeTrace(of state: [Double], at time: Double) throws -> any ComparisonTrace {
    let trace = OutputTrace(flow, initialState, isReduced: false)
    _ = Moment(problem.ambient).show(time, state.span) { trace.record($0) }
    return trace
  }

  /// A machine without room for a run would only be killed later.
  private static func checkMemory(_ wanted: Double, _ width: Int, _ data: Inputs) throws {
    let available = Double(ProcessInfo.processInfo.physicalMemory)
    guard wanted <= available else {
      throw UsageError(
        "width is \(width); with inputs of dimension \(data.dimension) that needs about "
          + "\(Int(saturating: wanted / 1e9)) GB of memory, and the machine has \(Int(saturating: available / 1e9)) GB"
      )
    }
  }

  /// Bytes that a run is expected to hold: an integrator and its observers about ten states; with `coordinates`, that
  /// many in these, and three ambient ones (the start, what an observer or a file is given, and a copy).
  package static func estimatedMemory(
    _ width: Int, _ data: Inputs, _ coordinates: SpanCoordinates?
  ) -> Double {
    func state(_ inputs: Inputs) -> Double { 8 * Double(width) * Double(inputs.dimension + 1) }
    return coordinates.map { 3 * state(data) + 10 * state($0.inputs) } ?? 10 * state(data)
  }
}

/// The way back from the span of the inputs.
private struct SpanLift: CoordinateReduction {
  private let representation: FlowRepresentation
  let full: ODEProblem

  init(_ representation: FlowRepresentation, to end: Double) throws {
    self.representation = representation
    full = try ODEProblem(representation.flow, to: end, initialState: representation.initialState)
  }

  func lift(_ y: Span<Double>, into result: StateVector) { representation.lift(y, into: result) }
}

/// The column `loss`.
final class LossColumn: Observer {
  let columns = ["loss"]
  let acceptsReducedCoordinates = true
  /// At the last recorded time.
  private(set) var last: Double?

  func record(_ moment: Moment) -> [Double] {
    let loss = moment.flow?.loss ?? moment.architecture!.loss
    last = loss
    return [loss]
  }
}

/// The last value of `R` that the run has seen, for progress reports.
final class LossGauge {
  var value: Double
  init(_ value: Double) { self.value = value }

  /// The loss, and the share of the way to the end in `t` or to the stop in `log R`, whichever is further.
  static func progress(
    _ progress: IntegrationProgress, from start: Double, to stop: Double?, now: Double
  ) -> (loss: Double?, fraction: Double) {
    let byTime = progress.finalTime.isFinite ? progress.time / progress.finalTime : 0
    let byLoss = stop.map { log(start / now) / log(start / $0) } ?? 0
    return (now, min(1, max(0, byTime, byLoss)))
  }
}

extension TwoLayerFlow {
  /// What its activation or loss, if from a plug-in library, gave first that was not finite.
  fileprivate var fault: String? {
    let parts: [Any] = [activation, loss]
    return parts.lazy.compactMap { ($0 as? any FaultReporting)?.fault }.first
  }

  /// Likewise what ended it.
  fileprivate var crash: PluginCrash? {
    let parts: [Any] = [activation, loss]
    return parts.lazy.compactMap { ($0 as? any FaultReporting)?.crash }.first
  }
}
