/// What can be wrong with the use of a plug-in.
public enum PluginError: Error, Equatable, CustomStringConvertible {
  /// A plug-in of this name is there already; `origin` says from where.
  case duplicate(kind: String, name: String, origin: String)
  /// There is no plug-in of this name; `nearMisses` are names much like it.
  case unknown(kind: String, name: String, nearMisses: [String], known: [String])
  /// A name that a command line could not hold.
  case badName(kind: String, name: String)
  /// An argument that the plug-in does not take.
  case badArgument(plugin: String, argument: String, expected: String)

  public var description: String {
    switch self {
    case .duplicate(let kind, let name, let origin):
      "there is already a plug-in named '\(name)' for \(kind)" + (origin.isEmpty ? "" : ", from \(origin)")
        + "; take another name"
    case .unknown(let kind, let name, let nearMisses, let known):
      "unknown \(kind) '\(name)'; "
        + (nearMisses.isEmpty
          ? "known are \(known.joined(separator: ", "))"
          : "did you mean \(nearMisses.map { "'\($0)'" }.joined(separator: " or "))?")
    case .badName(let kind, let name):
      "'\(name)' cannot be the name of a plug-in for \(kind): it must not be empty and must hold no "
        + "white space and none of : , = / ( )"
    case .badArgument(let plugin, let argument, let expected):
      "'\(plugin)' got '\(argument)', expected \(expected)"
    }
  }
}
