import BuiltinPlugins
import PluginKit

/// The built-in plug-ins and those of `libraries`, files with plug-ins to load.
func makeCatalog(libraries: [String]) throws -> PluginCatalog {
  var catalog = try BuiltinPlugins.catalog()
  for file in libraries { try PluginLibrary(file).register(in: &catalog) }
  return catalog
}
