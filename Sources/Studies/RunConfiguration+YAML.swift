import Foundation
import GradientFlow
import PluginKit
import Yams

extension RunConfiguration {
  /// Reads a configuration file.
  ///
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws {
    let data: Data
    do { data = try AtomicFile.read(URL(filePath: path)) } catch let error as AtomicFileError {
      throw UsageError("cannot read the configuration '\(path)': \(error.reason)")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UsageError("the configuration '\(path)' is not text in UTF-8")
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
      let value = mapping[Node(key)]?.scalar.map { "'\($0.string)'" } ?? "a list or mapping"
      let expected = CodingKeys(rawValue: key).map { "; it must be \($0.expected)" } ?? ""
      throw UsageError("key '\(key)' cannot be \(value)\(expected)")
    }
  }

  /// The complete configuration as YAML, each number in the shortest form that reads back as the same.
  public var yaml: String {
    get throws {
      var node = try Yams.compose(yaml: YAMLEncoder().encode(self))!
      for key in node.mapping!.keys { node.mapping![key]!.shortenNumber() }
      return try Yams.serialize(node: node)
    }
  }

  /// The values that are no lists, by key, as they stand in the YAML file.
  var scalars: [String: String] {
    let mapping = (try? Yams.compose(yaml: yaml))?.mapping ?? [:]
    return Dictionary(
      uniqueKeysWithValues: mapping.compactMap { key, value in value.scalar.map { (key.string!, $0.string) } }
    )
  }
}

extension Node {
  /// The encoder writes numbers with 17 digits. An exponent gets its point, without which other readers of YAML
  /// (1.1) see a text.
  fileprivate mutating func shortenNumber() {
    guard case .scalar(var scalar) = self, tag == Tag(.float), let value = float else { return }
    var digits = "\(value)"
    if value.isFinite, let e = digits.firstIndex(of: "e"), !digits.contains(".") {
      digits.insert(contentsOf: ".0", at: e)
    }
    if value.isFinite { scalar.string = digits }
    self = .scalar(scalar)
  }
}
