import BuiltinPlugins
import PluginKit
import Studies

/// The built-in plug-ins and those of `libraries`, files with plug-ins to load. A crash of this process ends with a
/// sentence from now on, see ``CrashNotice``.
func makeCatalog(libraries: [String]) throws -> PluginCatalog {
  if !libraries.isEmpty { CrashNotice.install(for: libraries) }
  return try loadCatalog(libraries: libraries)
}

/// The same, where somebody else watches for crashes.
func loadCatalog(libraries: [String]) throws -> PluginCatalog {
  var catalog = try BuiltinPlugins.catalog()
  for file in libraries {
    if file.isEmpty { throw UsageError("the name of a plug-in library is empty") }
    try PluginLibrary(file).register(in: &catalog)
  }
  return catalog
}
