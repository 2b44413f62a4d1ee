import Foundation
import ODECore
import PluginKit

/// A configuration made concrete: what is integrated, the integrator, the observers.
public struct Experiment {
  /// Complete: the end that applies is filled in, paths are absolute.
  public let configuration: RunConfiguration
  /// What is integrated.
  public let subject: any Subject
  /// The method, with the run's tolerances.
  public let integrator: any Integrator
  /// The same at a tenth of the tolerances, if the error is to be estimated.
  private let tighter: (any Integrator)?
  /// In the order of `observe`.
  public let observers: [any Observer]
  /// When rows are recorded.
  public let saving: SaveTimes
  /// The columns of the record.
  public let columns: [String]

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
    try configuration.check()
    let subject: any Subject =
      configuration.isOfSystem
      ? try SystemSubject(&configuration, catalog) : try configuration.network(completing: catalog)
    self.subject = subject
    let problem = subject.problem
    saving = try RecordTimes.parse(configuration.record, subject)
    let given = configuration.componentAtol.count
    let sensitivities = problem.system as? SensitivitySystem
    let count = sensitivities?.base.dimension ?? problem.system.dimension
    guard given == 0 || given == count else {
      throw UsageError("component-atol has \(given) numbers; the system has \(count) components")
    }
    integrator = try configuration.makeIntegrator(
      catalog, stepScale: stepScale, scales: sensitivities?.variations.map(\.scale) ?? [])
    if configuration.globalError {
      guard integrator.isAdaptive else {
        throw UsageError("global-error: '\(configuration.integrator)' has no tolerance to tighten")
      }
      var tight = configuration
      (tight.rtol, tight.atol) = (tight.rtol / 10, tight.atol / 10)
      tight.componentAtol = tight.componentAtol.map { $0 / 10 }
      tighter = try tight.makeIntegrator(
        catalog, stepScale: stepScale, scales: sensitivities?.variations.map(\.scale) ?? [])
    } else {
      tighter = nil
    }
    if case .value = configuration.step, integrator.isAdaptive {
      throw UsageError(
        "step is given, but '\(configuration.integrator)' chooses its steps itself; leave it out, or use euler, rk4 or verlet"
      )
    }
    if let reason = integrator.refusal(of: problem) {
      throw UsageError("integrator '\(configuration.integrator)': \(reason)")
    }
    _ = try configuration.positiveComponents(of: problem)
    if configuration.observe.contains("test"), !configuration.isOfSystem {
      guard configuration.testData != nil else { throw UsageError("the observer 'test' needs test-data") }
      // The subject's own, since it has the data.
      configuration.observe.removeAll { $0 == "test" }
    }
    var observers = try configuration.observe.map {
      try catalog.observers.make($0).specialised(for: problem.ambient)
    }
    if !configuration.gives("observe") {
      // Of those that nobody has asked for only the ones that can.
      observers.removeAll { $0.refusal(of: problem.shown(to: $0)) != nil }
      configuration.observe = observers.map(\.name)
    }
    self.observers = observers
    columns = try (subject.columns + observers).columns(watching: problem)
    self.configuration = configuration.withAbsolutePaths
  }

  /// What is integrated.
  public var problem: ODEProblem { subject.problem }

  /// Bytes that a run is expected to hold: its states, and the method's matrices.
  package var estimatedMemory: Double { subject.estimatedMemory + integrator.matrixMemory(for: problem) }

  /// The network, if it is one.
  public var network: NetworkSubject? { subject as? NetworkSubject }

  /// The network of any kind, if it is one.
  package var trained: (any TrainedNetwork)? { subject as? any TrainedNetwork }

  /// From a drift of an invariant by so many tolerances on a solution has a remark.
  static let driftFactor = 20.0

  /// Integrates with the run's limits, watched by `observers` alone.
  func integrate(
    _ observers: [any Observer], _ cancellation: Cancellation?,
    _ prepare: (inout IntegrationOptions) -> Void = { _ in }
  ) throws -> Solution {
    try integrate(with: integrator, observers, cancellation, prepare)
  }

  /// The error of the end of `solution`; `nil` unless it was asked for and the run came to its end.
  func globalError(of solution: Solution, _ cancellation: Cancellation?) throws -> GlobalErrorEstimate? {
    guard let tighter, solution.returnCode.isSuccess else { return nil }
    return GlobalErrorEstimate(solution, try integrate(with: tighter, [], cancellation) { _ in }, problem)
  }

  private func integrate(
    with integrator: any Integrator, _ observers: [any Observer], _ cancellation: Cancellation?,
    _ prepare: (inout IntegrationOptions) -> Void
  ) throws -> Solution {
    var options = IntegrationOptions()
    options.keepsStates = false
    options.maxSteps = configuration.maxSteps
    options.cancellation = cancellation
    options.restTolerance = configuration.restTolerance
    options.stopsAtRest = configuration.stopAtRest
    options.maxStep = configuration.maxStep ?? .infinity
    options.initialStep = configuration.initialStep
    options.positive = try configuration.positiveComponents(of: problem)
    if integrator.isAdaptive { options.invariantTolerance = Self.driftFactor * configuration.rtol }
    prepare(&options)
    return try ODECore.integrate(
      problem, with: integrator, observers: observers, saving: saving, options: options)
  }
}

extension RunConfiguration {
  /// - Throws: ``UsageError`` for a name that is none of the components'.
  func positiveComponents(of problem: ODEProblem) throws -> [Int] {
    if self.positive.isEmpty { return [] }
    guard self.sensitivity.isEmpty else {
      throw UsageError(
        "positive is given with sensitivity; sensitivities may have any sign, give one of them")
    }
    let indices = 0..<problem.system.dimension
    if self.positive == ["all"] { return Array(indices) }
    return try self.positive.map { name in
      guard let i = indices.first(where: { problem.componentName($0) == name }) else {
        throw UsageError(
          "positive: the system has no component '\(name)'; it has \(indices.prefix(20).map(problem.componentName).joined(separator: ", "))"
        )
      }
      return i
    }
  }

  /// A hundredth of what an integrator is allowed in one step.
  var restTolerance: Double { 0.01 * self.rtol }

  /// - Parameter scales: of the parameters whose sensitivities follow the components: their tolerances are divided by them.
  func makeIntegrator(
    _ catalog: PluginCatalog, stepScale: Double, scales: [Double] = []
  ) throws -> any Integrator {
    var settings = IntegratorSettings(rtol: self.rtol, atol: self.atol)
    if case .value(let h) = self.step { settings.fixedStep = h }
    settings.threads = self.threads
    if !self.componentAtol.isEmpty {
      let atols = self.componentAtol
      settings.atols = atols + scales.flatMap { scale in atols.map { $0 / scale } }
    }
    (settings.maxStep, settings.initialStep) = (self.maxStep, self.initialStep)
    settings.stepScale = stepScale
    return try catalog.integrators.make(self.integrator)(settings)
  }

  /// - Throws: ``UsageError`` for a value out of its range, and for a key that this kind of run does not have.
  package func check() throws {
    try checkAudience()
    for setting in RunSettings.all {
      if let value = tree(setting) { try setting.check(value) }
    }
  }

  /// Sets `rtol`, keeping the ratio of `atol` to it.
  mutating func setTolerance(_ value: Double) {
    self.atol *= value / self.rtol
    self.rtol = value
  }
}
