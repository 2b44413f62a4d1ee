import ActivationsPlugins
import DatasetsPlugins
import DynamicsPlugins
import IntegratorsPlugins
import LossesPlugins
import ObserversPlugins
import PluginKit
import SystemsPlugins

/// Every plug-in that comes with PhaseFlow.
public enum BuiltinPlugins: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.register(ActivationsPlugin.self)
    try catalog.register(LossesPlugin.self)
    try catalog.register(DynamicsPlugin.self)
    try catalog.register(ObserversPlugin.self)
    try catalog.register(IntegratorsPlugin.self)
    try catalog.register(DatasetsPlugin.self)
    try catalog.register(SystemsPlugin.self)
  }

  /// A catalog with all of them and nothing else.
  public static func catalog() throws -> PluginCatalog {
    var catalog = PluginCatalog()
    try catalog.register(BuiltinPlugins.self)
    return catalog
  }
}
