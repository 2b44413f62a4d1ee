/// Why a plug-in library cannot be used: which file, and what is wrong with it.
public struct PluginLibraryError: Error, Equatable, CustomStringConvertible {
  /// As the user named it.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  /// What is wrong with a library.
  public enum Problem: Equatable, Sendable {
    /// There is no such file.
    case missingFile
    /// The path is that of a folder.
    case isFolder
    /// The loader's own words.
    case notLoadable(reason: String)
    /// It does not export `phaseflow_plugin_entry`.
    case noEntry
    /// Its entry returned NULL.
    case noPlugin
    /// It was built for another version of the interface.
    case abiVersion(built: UInt32, spoken: UInt32)
    /// A structure says a size that cannot be.
    case structSize(item: String, size: Int, expected: Int)
    /// A required pointer is NULL.
    case missing(item: String, field: String)
    /// A name that a command line could not hold.
    case badName(item: String, name: String)
    /// The library brings a name twice, or one that is already there.
    case duplicateName(kind: String, name: String, origin: String)
    /// What a plug-in says depends on its parameters where it must not.
    case inconsistent(item: String, reason: String)
    /// The plug-in's `create` refused its parameters.
    case refused(item: String, reason: String)
    /// `--plugin NAME=FILE` with an unusable name.
    case badAlias(String)
    /// It brings no plug-in.
    case empty
  }

  public var description: String { "plug-in library '\(file)': \(problem)" }
}

extension PluginLibraryError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingFile: "no such file"
    case .isFolder: "this is a folder; name the shared library in it"
    case .notLoadable(let reason): "not a loadable library: \(reason)"
    case .noEntry:
      "it has no function phaseflow_plugin_entry, so it is not a plug-in or does not export that name"
    case .noPlugin: "phaseflow_plugin_entry returned NULL"
    case .abiVersion(let built, let spoken):
      "built for ABI \(built), this program speaks \(spoken); rebuild it with this program's phaseflow_plugin.h"
    case .structSize(let item, let size, let expected):
      "\(item): struct_size is \(size), it must be at least \(expected); was it set to sizeof?"
    case .missing(let item, let field): "\(item): \(field) is NULL, but it is required"
    case .badName(let item, let name):
      "\(item): the name '\(name)' must be lower-case letters, digits and '-', first a letter"
    case .duplicateName(let kind, let name, let origin):
      "there is already a plug-in named '\(name)' for \(kind), from \(origin); rename one, or load this file "
        + "under a name of its own, --plugin NAME=FILE, and ask for 'NAME.\(name)'"
    case .badAlias(let alias):
      "'\(alias)' before the '=' must be lower-case letters, digits and '-', first a letter"
    case .inconsistent(let item, let reason): "\(item): \(reason)"
    case .refused(let item, let reason): "\(item) refuses its parameters: \(reason)"
    case .empty: "it contains no plug-in"
    }
  }
}
