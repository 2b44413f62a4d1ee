import CPluginABI

/// What every kind of plug-in says of itself. Conform to one of ``ActivationPlugin``, ``LossPlugin``,
/// ``ObserverPlugin``, ``SystemPlugin``, ``IntegratorPlugin``.
public protocol Plugin {
  /// What users type: lower-case letters, digits and `-`, first a letter.
  static var name: String { get }
  /// One line for `phaseflow plugins`.
  static var summary: String { get }
  /// Where it comes from: authors, year, doi; empty if there is nothing to cite.
  static var citation: String { get }
  /// What a user may give: `name(beta: 20)`.
  static var parameters: [Parameter] { get }

  /// - Parameter parameters: a value for each of ``parameters``, within its range.
  /// - Throws: whatever says best why these values cannot be.
  init(_ parameters: Parameters) throws
}

extension Plugin {
  public static var citation: String { "" }
  public static var parameters: [Parameter] { [] }
}

/// One number that may follow a plug-in's name.
public struct Parameter: Sendable {
  public let name: String
  public let summary: String
  public let defaultValue: Double
  public let range: ClosedRange<Double>
  public let isInteger: Bool

  /// - Parameter integer: whether only whole numbers are allowed.
  public init(
    _ name: String, _ summary: String = "", default defaultValue: Double,
    in range: ClosedRange<Double> = -Double.infinity...Double.infinity, integer: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.defaultValue = defaultValue
    self.range = range
    isInteger = integer
  }
}

/// The values of a plug-in's parameters.
public struct Parameters: Sendable {
  private let values: [String: Double]

  /// For tests: the defaults, some of them replaced.
  public init(_ declared: [Parameter], _ given: [String: Double] = [:]) {
    values = Dictionary(declared.map { ($0.name, $0.defaultValue) }) { $1 }.merging(given) { $1 }
  }

  init(_ declared: [Parameter], _ pointer: UnsafePointer<Double>) {
    values = Dictionary(declared.enumerated().map { ($1.name, pointer[$0]) }) { $1 }
  }

  /// The value of a declared parameter.
  public subscript(name: String) -> Double {
    guard let value = values[name] else { preconditionFailure("no parameter '\(name)' is declared") }
    return value
  }
}

/// All that a library brings. Keep it in a constant, and return its ``entry`` from the one function that
/// PhaseFlow looks up:
///
/// ```swift
/// let library = PluginLibrary(version: "1.0", [Swish.self])
///
/// @_cdecl("phaseflow_plugin_entry")
/// public func phaseflowPluginEntry() -> UnsafeRawPointer { library.entry }
/// ```
public final class PluginLibrary: Sendable {
  private nonisolated(unsafe) let table: UnsafePointer<phaseflow_plugin>

  /// A type that conforms to none of the five protocols is a programmer's mistake and traps.
  public init(version: String = "", _ plugins: [any Plugin.Type]) {
    var activations: [UnsafePointer<phaseflow_activation>] = []
    var losses: [UnsafePointer<phaseflow_loss>] = []
    var observers: [UnsafePointer<phaseflow_observer>] = []
    var systems: [UnsafePointer<phaseflow_system>] = []
    var integrators: [UnsafePointer<phaseflow_integrator>] = []
    for plugin in plugins {
      switch plugin {
      case let type as any ActivationPlugin.Type: activations.append(forever(describe(type)))
      case let type as any LossPlugin.Type: losses.append(forever(describe(type)))
      case let type as any ObserverPlugin.Type: observers.append(forever(describe(type)))
      case let type as any SystemPlugin.Type: systems.append(forever(describe(type)))
      case let type as any IntegratorPlugin.Type: integrators.append(forever(describe(type)))
      default: preconditionFailure("\(plugin) conforms to none of the protocols of a plug-in")
      }
    }
    var plugin = phaseflow_plugin()
    plugin.struct_size = MemoryLayout<phaseflow_plugin>.size
    plugin.abi_version = PHASEFLOW_ABI_VERSION
    plugin.version = version.isEmpty ? nil : forever(version)
    (plugin.activation_count, plugin.activations) = list(activations)
    (plugin.loss_count, plugin.losses) = list(losses)
    (plugin.observer_count, plugin.observers) = list(observers)
    (plugin.system_count, plugin.systems) = list(systems)
    (plugin.integrator_count, plugin.integrators) = list(integrators)
    table = forever(plugin)
  }

  /// What `phaseflow_plugin_entry` must return.
  public var entry: UnsafeRawPointer { UnsafeRawPointer(table) }
}
