import PluginKit
import Yams

/// Decoding of configuration files in which a misspelt key is an error.
public enum StrictYAML {
  /// Reads `T` from the YAML file at `path`.
  ///
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public static func read<T: Decodable>(_ type: T.Type, file path: String, keys: [String]) throws -> T {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw UsageError("cannot read the configuration '\(path)'")
    }
    do {
      return try decode(type, from: text, keys: keys)
    } catch let error as UsageError {
      throw UsageError("\(path): \(error.description)")
    }
  }

  /// Reads `T` from YAML text, a mapping all of whose keys are among `keys`; an empty text is an empty mapping.
  ///
  /// - Throws: ``UsageError``.
  public static func decode<T: Decodable>(_ type: T.Type, from text: String, keys: [String]) throws -> T {
    let text = quotingSpecifications(text)
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw UsageError("not valid YAML: \(error)")
    }
    guard let node else { return try YAMLDecoder().decode(type, from: "{}") }
    guard let mapping = node.mapping else {
      throw UsageError("a configuration is a mapping of keys to values, like 'gamma: 1.75'")
    }
    for key in mapping.keys {
      let name = key.string ?? "?"
      if keys.contains(name) { continue }
      let near = nearMisses(of: name, among: keys)
      throw UsageError(
        "unknown key '\(name)'"
          + (near.isEmpty ? "" : "; did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"))
    }
    do {
      return try YAMLDecoder().decode(type, from: text)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
      DecodingError.valueNotFound(_, let context)
    {
      let key = context.codingPath.first?.stringValue ?? "?"
      let value = mapping[Node(key)]?.string ?? "that value"
      throw UsageError("key '\(key)' cannot be '\(value)'")
    }
  }
}

/// `text` with quotes around values like `softplus(beta: 20)`, in which YAML would see a mapping.
func quotingSpecifications(_ text: String) -> String {
  let value = /^(\s*(?:[a-z0-9-]+:|-)\s+)([a-z][a-z0-9.-]*\([^()"']*\))\s*(#.*)?$/
  return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    guard let match = try? value.wholeMatch(in: line) else { return String(line) }
    return "\(match.1)\"\(match.2)\" \(match.3 ?? "")"
  }.joined(separator: "\n")
}
