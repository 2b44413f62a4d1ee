import Networks
import ODECore

/// Every plug-in a program can use, by kind and name. It is passed around; there is no global one.
public struct PluginCatalog {
  /// `sigma` by name.
  public var activations = PluginTable<any Activation>(kind: "activation")
  /// `l(f, y)` by name.
  public var losses = PluginTable<any Loss>(kind: "loss")
  /// What moves the parameters of a network.
  public var dynamics = PluginTable<any Dynamics>(kind: "dynamics")
  /// What watches a run.
  public var observers = PluginTable<any Observer>(kind: "observer")
  /// Methods, made from a run's ``IntegratorSettings``.
  public var integrators = PluginTable<(IntegratorSettings) throws -> any Integrator>(
    kind: "integrator")
  /// Samples; a file's name is one, too.
  public var datasets = PluginTable<Dataset>(kind: "data set")
  /// Differential equations other than the flow, with start and span of time.
  public var systems = PluginTable<SystemModel>(kind: "system")

  /// A catalog without plug-ins.
  public init() {}

  /// Adds all that `plugin` brings, or nothing if that throws.
  public mutating func register(_ plugin: any PluginFamily.Type) throws {
    var extended = self
    let information = plugin.information
    extended.setOrigin(information.name + (information.version.isEmpty ? "" : " \(information.version)"))
    try plugin.register(in: &extended)
    extended.setOrigin("")
    self = extended
  }

  /// Names who brings what is added next.
  mutating func setOrigin(_ origin: String) {
    activations.origin = origin
    losses.origin = origin
    dynamics.origin = origin
    observers.origin = origin
    integrators.origin = origin
    datasets.origin = origin
    systems.origin = origin
  }
}

/// A family of plug-ins: a type that adds its entries to a catalog.
public protocol PluginFamily {
  /// What to call it in `phaseflow plugins`.
  static var information: PluginInformation { get }

  /// Adds the family's plug-ins.
  static func register(in catalog: inout PluginCatalog) throws
}

extension PluginFamily {
  /// The type's name and no version.
  public static var information: PluginInformation { PluginInformation(name: "\(Self.self)") }
}

/// What a family of plug-ins is called.
public struct PluginInformation: Equatable, Sendable {
  /// Of the family.
  public let name: String
  /// Its version, empty if it has none.
  public let version: String

  /// A family's name and version.
  public init(name: String, version: String = "") {
    self.name = name
    self.version = version
  }
}

/// What a user can say about any integrator.
public struct IntegratorSettings: Equatable, Sendable {
  /// Relative tolerance.
  public var rtol: Double
  /// Absolute tolerance.
  public var atol: Double
  /// Absolute tolerances by component, in place of ``atol``.
  public var atols: [Double]?
  /// The first step is no longer; the run's limits keep it for every method, and one that can takes it for its first choice.
  public var initialStep: Double?
  /// No step is longer; the run's limits keep it for every method.
  public var maxStep: Double?
  /// For fixed-step methods; `nil`: a stated fraction of the stability limit, updated along the run.
  public var fixedStep: Double?
  /// For fixed-step methods: a factor on the step, however that is chosen.
  public var stepScale = 1.0
  /// Threads for operations on the state; `nil`: as many cores as its length pays for. No result depends on it.
  public var threads: Int?

  /// Both tolerances, and the step of methods with fixed steps.
  public init(rtol: Double, atol: Double, fixedStep: Double? = nil) {
    self.rtol = rtol
    self.atol = atol
    self.fixedStep = fixedStep
  }
}
