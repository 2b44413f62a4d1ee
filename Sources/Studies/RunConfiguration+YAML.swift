import Foundation
import PluginKit
import Yams

extension RunConfiguration {
  /// Reads a configuration file.
  ///
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw UsageError("cannot read the configuration '\(path)'")
    }
    do {
      try self.init(yaml: text)
    } catch let error as UsageError {
      throw UsageError("\(path): \(error.description)")
    }
  }

  /// Reads a configuration from YAML text; what it does not mention keeps its default.
  public init(yaml text: String) throws {
    self = try decodeConfiguration(
      Self.self, yaml: quotingSpecifications(text), keys: CodingKeys.allCases.map(\.rawValue),
      ifEmpty: RunConfiguration())
  }

  /// The complete configuration as YAML.
  public var yaml: String {
    get throws { try YAMLEncoder().encode(self) }
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

/// A configuration from YAML text, whose keys must be among `keys`.
///
/// - Parameter empty: what a text without anything in it means; `nil`: that is an error.
/// - Throws: ``UsageError``.
func decodeConfiguration<C: Decodable>(
  _ type: C.Type, yaml text: String, keys known: [String], ifEmpty empty: C? = nil
) throws -> C {
  let node: Node?
  do {
    node = try Yams.compose(yaml: text)
  } catch {
    throw UsageError("not valid YAML: \(error)")
  }
  if node == nil, let empty { return empty }
  guard let mapping = node?.mapping else {
    throw UsageError("a configuration is a mapping of keys to values, like 'gamma: 1.75'")
  }
  for key in mapping.keys {
    guard let name = key.string, known.contains(name) else {
      let name = key.string ?? "?"
      let near = nearMisses(of: name, among: known)
      throw UsageError(
        "unknown key '\(name)'"
          + (near.isEmpty ? "" : "; did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"))
    }
  }
  do {
    return try YAMLDecoder().decode(C.self, from: text)
  } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
    DecodingError.valueNotFound(_, let context)
  {
    let key = context.codingPath.first?.stringValue ?? "?"
    let value = mapping[Node(key)]?.string ?? "that value"
    throw UsageError("key '\(key)' cannot be '\(value)'")
  }
}
