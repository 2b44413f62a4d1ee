import BuiltinPlugins
import PluginKit

/// The built-in plug-ins and those of `libraries`.
func makeCatalog(libraries: [String]) throws -> PluginCatalog {
  try BuiltinPlugins.catalog()
}
