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
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw UsageError("not valid YAML: \(error)")
    }
    guard let node else {
      self.init()
      return
    }
    guard let mapping = node.mapping else {
      throw UsageError("a configuration is a mapping of keys to values, like 'gamma: 1.75'")
    }
    let known = CodingKeys.allCases.map(\.rawValue)
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
      self = try YAMLDecoder().decode(RunConfiguration.self, from: text)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
      DecodingError.valueNotFound(_, let context)
    {
      let key = context.codingPath.first?.stringValue ?? "?"
      let value = mapping[Node(key)]?.string ?? "that value"
      throw UsageError("key '\(key)' cannot be '\(value)'")
    }
  }

  /// The complete configuration as YAML.
  public var yaml: String {
    get throws { try YAMLEncoder().encode(self) }
  }
}
