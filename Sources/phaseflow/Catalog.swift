import BuiltinPlugins
import PluginKit
import Studies

/// The built-in plug-ins and those of `libraries`, files with plug-ins to load.
func makeCatalog(libraries: [String]) throws -> PluginCatalog {
  var catalog = try BuiltinPlugins.catalog()
  for file in libraries {
    if file.isEmpty { throw UsageError("the name of a plug-in library is empty") }
    try PluginLibrary(file).register(in: &catalog)
  }
  return catalog
}
