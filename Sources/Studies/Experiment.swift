import Foundation
import GradientFlow
import ODECore
import PluginKit

/// A configuration made concrete: the flow, its start, the integrator, the observers.
public struct Experiment {
  /// Complete: the stop that applies is filled in.
  public let configuration: RunConfiguration
  /// The flow and its start, in the inputs' own coordinates and in those that are integrated.
  public let representation: FlowRepresentation
  /// `kappa` and `kappa'` of the run; those of ``flow`` are others where it is the original model.
  public let scaling: Scaling
  /// The model before normalisation, if its factors or a row of Table 1 were given.
  public let originalModel: OriginalModel?
  /// What is integrated.
  public let problem: ODEProblem
  /// The method, with the run's tolerances.
  public let integrator: any Integrator
  /// In the order of `observe`.
  public let observers: [any FlowObserver]
  /// When rows of the trajectory are recorded.
  public let saving: SaveTimes
  /// `R` at the start.
  public let initialLoss: Double
  /// `R` at the end of the last step.
  let currentLoss: LossGauge

  /// - Throws: ``UsageError`` for anything in the configuration that cannot be.
  public init(
    _ configuration: RunConfiguration, _ catalog: PluginCatalog, stepScale: Double = 1
  ) throws {
    self = try UsageError.preparing {
      try Experiment(preparing: configuration, catalog, stepScale: stepScale)
    }
  }

  private init(
    preparing configuration: RunConfiguration, _ catalog: PluginCatalog, stepScale: Double
  ) throws {
    var configuration = configuration
    try configuration.checkNumbers()
    let data = try catalog.datasets.make(configuration.data)
    let coordinates = configuration.reduceDimension ? try SpanCoordinates(data.inputs).ifItPays : nil
    try Self.checkMemory(configuration.width, data, coordinates)
    let activation = try catalog.activations.make(configuration.activation)
    originalModel = try configuration.originalModel(inputDimension: data.inputDimension)
    scaling = try configuration.scaling(of: originalModel, for: activation)
    let flow = try TwoLayerFlow(
      width: configuration.width, data: data,
      scaling: configuration.integratedModel(originalModel)?.ownScaling ?? scaling,
      activation: activation, loss: catalog.losses.make(configuration.loss),
      threads: configuration.threads)
    representation = try FlowRepresentation(
      of: flow, from: configuration.start(flow.shape, of: originalModel), in: coordinates,
      threads: configuration.threads)
    let (network, start) = (representation.integrated, representation.integratedStart)
    initialLoss = network.risk(start.span)
    guard initialLoss.isFinite else {
      throw UsageError(
        "the loss at the start is \(initialLoss); " + (flow.fault ?? "use smaller weights or another scaling")
      )
    }

    if configuration.stopLoss == nil, configuration.tEnd == nil {
      configuration.stopLoss = data.customaryStopLoss ?? 1e-4 * initialLoss
    }
    if let stop = configuration.stopLoss, initialLoss <= stop {
      throw UsageError("the loss at the start, \(initialLoss), is not above stop-loss = \(stop)")
    }
    let gauge = LossGauge(initialLoss)
    currentLoss = gauge
    problem = try ODEProblem(
      network, to: configuration.tEnd ?? .infinity, initialState: start,
      events: configuration.stopLoss.map { [Self.stopEvent(network, $0, gauge)] } ?? [])
    let rate: Double
    do {
      rate = try network.spectralRadius(0, start.span)
    } catch let error as EigenvalueError {
      // A derivative that is not finite shows in the Gram matrix first, which knows no names.
      throw UsageError(flow.fault.map { "the flow is not finite at the start; \($0)" } ?? "\(error)")
    }
    saving = try RecordTimes.parse(configuration.record, rate: rate)
    var settings = configuration.integratorSettings
    settings.stepScale = stepScale
    integrator = try catalog.integrators.make(configuration.integrator)(settings)
    if case .value = configuration.step, integrator.isAdaptive {
      throw UsageError(
        "step is given, but '\(configuration.integrator)' chooses its steps itself; leave it out, or use euler or rk4"
      )
    }
    if let reason = integrator.refusal(of: problem) {
      throw UsageError("integrator '\(configuration.integrator)': \(reason)")
    }
    observers = try configuration.observe.map(catalog.observers.make)
    if let twice = repeated(observers.map(\.name)) {
      throw UsageError("observer '\(twice)' is named twice")
    }
    if let twice = repeated(FlowRecorder.columns(of: observers)) {
      throw UsageError("two observers record a column '\(twice)'")
    }
    self.configuration = configuration.withAbsolutePaths
  }

  /// The flow in the inputs' own coordinates.
  public var flow: TwoLayerFlow { representation.flow }

  /// The start of ``flow``.
  public var initialState: [Double] { representation.initialState }

  /// The flow that is integrated.
  public var integratedFlow: TwoLayerFlow { representation.integrated }

  /// Integrates with one observer and nothing kept besides.
  func integrate(_ observer: any Observer, _ cancellation: Cancellation?) throws -> Solution {
    var options = IntegrationOptions()
    options.keepsStates = false
    options.maxSteps = configuration.maxSteps
    options.cancellation = cancellation
    options.restTolerance = configuration.restTolerance
    options.stopsAtRest = configuration.stopAtRest
    return try ODECore.integrate(
      problem, with: integrator, observers: [observer], saving: saving, options: options)
  }

  /// A machine without room for a run would only be killed later.
  private static func checkMemory(_ width: Int, _ data: Dataset, _ coordinates: SpanCoordinates?) throws {
    let wanted = estimatedMemory(width, data, coordinates)
    let available = Double(ProcessInfo.processInfo.physicalMemory)
    guard wanted <= available else {
      throw UsageError(
        "width is \(width); with inputs of dimension \(data.inputDimension) that needs about "
          + "\(Int(min(wanted, 1e18) / 1e9)) GB of memory, and the machine has \(Int(available / 1e9)) GB")
    }
  }

  /// Bytes that a run is expected to hold: an integrator and its observers about ten states; with `coordinates`, that
  /// many in these, and three ambient ones (the start, what an observer or a file is given, and a copy).
  package static func estimatedMemory(
    _ width: Int, _ data: Dataset, _ coordinates: SpanCoordinates?
  ) -> Double {
    func state(_ inputs: Inputs) -> Double { 8 * Double(width) * Double(inputs.dimension + 1) }
    return coordinates.map { 3 * state(data.inputs) + 10 * state($0.inputs) } ?? 10 * state(data.inputs)
  }

  private static func stopEvent(_ flow: TwoLayerFlow, _ stop: Double, _ gauge: LossGauge) -> Event {
    // The logarithm is nearly linear in t late in training, which is what the root search likes.
    Event("stop-loss", direction: .falling, isTerminal: true) { _, y in
      gauge.value = flow.risk(y)
      return log(gauge.value / stop)
    }
  }
}

/// The last value of `R` that the run has seen, for progress reports.
final class LossGauge {
  var value: Double
  init(_ value: Double) { self.value = value }
}

extension RunConfiguration {
  private static let mostThreads = 1024

  /// A hundredth of what an integrator is allowed in one step.
  var restTolerance: Double { 0.01 * rtol }

  var integratorSettings: IntegratorSettings {
    var settings = IntegratorSettings(rtol: rtol, atol: atol)
    if case .value(let h) = step { settings.fixedStep = h }
    settings.threads = threads
    return settings
  }

  /// - Throws: ``UsageError`` for a number out of its range.
  package func checkNumbers() throws {
    func require(_ condition: Bool, _ name: String, _ value: some Any, _ expected: String) throws {
      if !condition { throw UsageError("\(name) is \(value); it must be \(expected)") }
    }
    for (name, text) in [
      ("data", data), ("activation", activation), ("loss", loss), ("integrator", integrator),
      ("initial-state", initialState),
    ] + plugin.map({ ("plugin", $0) }) + observe.map({ ("observe", $0) }) {
      if text?.isEmpty == true { throw UsageError("\(name) is empty; give a name") }
    }
    try require(width > 0, "width", width, "at least 1")
    if let gamma { try require(gamma.isFinite, "gamma", gamma, "finite") }
    if let gammaPrime { try require(gammaPrime.isFinite, "gamma-prime", gammaPrime, "finite") }
    if let scalingWidth { try require(scalingWidth > 0, "scaling-width", scalingWidth, "at least 1") }
    if asi, initialState != nil {
      throw UsageError("asi makes a start of its own; leave it out beside initial-state")
    }
    try require(!asi || width % 2 == 0, "width", width, "even with asi, which pairs neurons")
    try require(rtol > 0 && rtol < 1, "rtol", rtol, "between 0 and 1")
    try require(atol >= 0 && atol.isFinite, "atol", atol, "at least 0 and finite")
    if case .value(let h) = step {
      try require(h > 0 && h.isFinite, "step", h, "'auto', or positive and finite")
    }
    if let tEnd { try require(tEnd > 0 && tEnd.isFinite, "t-end", tEnd, "positive and finite") }
    if let stopLoss {
      try require(stopLoss > 0 && stopLoss.isFinite, "stop-loss", stopLoss, "positive and finite")
    }
    try require(maxSteps > 0, "max-steps", maxSteps, "at least 1")
    if let threads {
      try require(
        (1...Self.mostThreads).contains(threads), "threads", threads, "from 1 to \(Self.mostThreads)")
    }
  }

  /// The original model, if its three factors or a row of Table 1 are given.
  package func originalModel(inputDimension d: Int) throws -> OriginalModel? {
    switch (alpha, beta1, beta2, initialization) {
    case (nil, nil, nil, nil): return nil
    case (let alpha?, let beta1?, let beta2?, nil):
      return try OriginalModel(alpha: alpha, beta1: beta1, beta2: beta2)
    case (nil, nil, nil, let name?):
      return try NamedInitialization(name).model(width: width, inputDimension: d)
    default:
      throw UsageError("give all of alpha, beta1 and beta2, or an initialization, not both")
    }
  }

  /// `kappa` and `kappa'`, from gamma and gamma' (14) or from the original model's factors (8).
  /// - Parameter originalModel: what ``originalModel(inputDimension:)`` gives.
  package func scaling(
    of originalModel: OriginalModel?, for activation: any Activation
  ) throws -> Scaling {
    switch (gamma, gammaPrime, originalModel) {
    case (let gamma?, let gammaPrime?, nil):
      return try Scaling(gamma: gamma, gammaPrime: gammaPrime, width: scalingWidth ?? width)
    case (nil, nil, let model?):
      guard scalingWidth == nil else {
        throw UsageError(
          "scaling-width belongs to gamma and gamma-prime; leave it out beside the original model's factors")
      }
      return try model.scaling(for: activation)
    default:
      throw UsageError(
        "give one of: gamma and gamma-prime; all of alpha, beta1 and beta2; an initialization")
    }
  }

  /// `given` if it is the original model that is integrated, else `nil`.
  ///
  /// - Throws: ``UsageError`` if it should be and is not given.
  package func integratedModel(_ given: OriginalModel?) throws -> OriginalModel? {
    guard model == .original else { return nil }
    guard let given else {
      throw UsageError(
        "model is 'original', whose alpha, beta1 and beta2, or initialization, must be given too")
    }
    return given
  }

  fileprivate func start(_ shape: NetworkShape, of model: OriginalModel?) throws -> [Double] {
    if let initialState {
      return try StateFile.read(URL(filePath: initialState), shape: shape)
    }
    let start = try GaussianStart(seed: seed, isAntisymmetric: asi).state(for: shape)
    return try integratedModel(model)?.state(fromNormalized: start, shape: shape) ?? start
  }
}

extension TwoLayerFlow {
  /// What its activation or loss, if from a plug-in library, gave first that was not finite.
  fileprivate var fault: String? {
    let parts: [Any] = [activation, loss]
    return parts.lazy.compactMap { ($0 as? any FaultReporting)?.fault }.first
  }
}
