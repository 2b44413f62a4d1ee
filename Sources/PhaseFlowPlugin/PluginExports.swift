import CPluginABI

/// All that a library brings. Keep it in a constant, and return its ``entry`` from the one function that
/// PhaseFlow looks up:
///
/// ```swift
/// let exports = PluginExports(version: "1.0", [Swish.self])
///
/// @_cdecl("phaseflow_plugin_entry")
/// public func phaseflowPluginEntry() -> UnsafeRawPointer { exports.entry }
/// ```
public final class PluginExports: Sendable {
  private nonisolated(unsafe) let table: UnsafePointer<phaseflow_plugin>

  /// A type that conforms to none of the five protocols is a programmer's mistake and traps.
  public init(version: String = "", _ plugins: [any PluginDescription.Type]) {
    var activations: [UnsafePointer<phaseflow_activation>] = []
    var losses: [UnsafePointer<phaseflow_loss>] = []
    var observers: [UnsafePointer<phaseflow_observer>] = []
    var systems: [UnsafePointer<phaseflow_system>] = []
    var integrators: [UnsafePointer<phaseflow_integrator>] = []
    for plugin in plugins {
      switch plugin {
      case let type as any ActivationPlugin.Type: activations.append(forever(type.table))
      case let type as any LossPlugin.Type: losses.append(forever(type.table))
      case let type as any ObserverPlugin.Type: observers.append(forever(type.table))
      case let type as any SystemPlugin.Type: systems.append(forever(type.table))
      case let type as any IntegratorPlugin.Type: integrators.append(forever(type.table))
      default: preconditionFailure("\(plugin) conforms to none of the protocols of a plug-in")
      }
    }
    var plugin = phaseflow_plugin()
    plugin.struct_size = MemoryLayout<phaseflow_plugin>.size
    plugin.abi_version = PHASEFLOW_ABI_VERSION
    plugin.version = optionalText(version)
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
