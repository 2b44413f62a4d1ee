import GradientFlow
import ODECore

/// Every plug-in a program can use, by kind and name. It is passed around; there is no global one.
public struct PluginCatalog {
  public var activations = PluginTable<any Activation>(kind: "activation")
  public var losses = PluginTable<any Loss>(kind: "loss")
  public var observers = PluginTable<any FlowObserver>(kind: "observer")
  public var integrators = PluginTable<(IntegratorSettings) throws -> any Integrator>(
    kind: "integrator")
  public var datasets = PluginTable<Dataset>(kind: "data set")

  public init() {}

  /// Adds all that `plugin` brings, or nothing if that throws.
  public mutating func register(_ plugin: any Plugin.Type) throws {
    var extended = self
    try plugin.register(in: &extended)
    self = extended
  }
}

/// A unit of extension: a type that adds its entries to a catalog.
public protocol Plugin {
  static func register(in catalog: inout PluginCatalog) throws
}

/// What a user can say about any integrator.
public struct IntegratorSettings: Equatable, Sendable {
  /// Relative tolerance.
  public var rtol: Double
  /// Absolute tolerance.
  public var atol: Double
  /// For fixed-step methods; `nil`: a stated fraction of the stability limit, updated along the run.
  public var fixedStep: Double?
  /// For fixed-step methods: a factor on the step, however that is chosen.
  public var stepScale = 1.0
  /// Threads for operations on the state; `nil`: as many cores as its length pays for. No result depends on it.
  public var threads: Int?

  public init(rtol: Double, atol: Double, fixedStep: Double? = nil) {
    self.rtol = rtol
    self.atol = atol
    self.fixedStep = fixedStep
  }
}
