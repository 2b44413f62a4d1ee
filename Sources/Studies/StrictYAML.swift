import Files
import Foundation
import GradientFlow
import PluginKit
import Yams

/// Decoding of configuration files in which a misspelt key is an error.
public enum StrictYAML {
  /// Reads `T` from the YAML file at `path`.
  ///
  /// - Parameter expected: what the value of a key has to be, for messages.
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public static func read<T: Decodable>(
    _ type: T.Type, file path: String, keys: [String], expected: (String) -> String? = { _ in nil }
  ) throws -> T {
    let data: Data
    do { data = try AtomicFile.read(URL(filePath: path)) } catch let error as AtomicFileError {
      throw UsageError("cannot read the configuration '\(path)': \(error.reason)")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UsageError("the configuration '\(path)' is not text in UTF-8")
    }
    do {
      return try decode(type, from: text, keys: keys, expected: expected)
    } catch let error as UsageError {
      throw UsageError("\(path): \(error.description)")
    }
  }

  /// Reads `T` from YAML text, a mapping all of whose keys are among `keys`; an empty text is an empty mapping.
  ///
  /// - Throws: ``UsageError``.
  public static func decode<T: Decodable>(
    _ type: T.Type, from text: String, keys: [String], expected: (String) -> String? = { _ in nil }
  ) throws -> T {
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
    try requireKnown(mapping, among: keys)
    do {
      return try YAMLDecoder().decode(type, from: text)
    } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
      DecodingError.valueNotFound(_, let context)
    {
      let key = context.codingPath.first?.stringValue ?? "?"
      let value = mapping[Node(key)]?.scalar.map { "'\($0.string)'" } ?? "a list or mapping"
      throw UsageError("key '\(key)' cannot be \(value)\(expected(key).map { "; it must be \($0)" } ?? "")")
    }
  }

  /// - Throws: ``UsageError`` for a key of `mapping` that is not among `keys`.
  package static func requireKnown(_ mapping: Node.Mapping, among keys: [String]) throws {
    for key in mapping.keys {
      let name = key.string ?? "?"
      if keys.contains(name) { continue }
      let near = nearMisses(of: name, among: keys)
      throw UsageError(
        "unknown key '\(name)'; "
          + (near.isEmpty
            ? "known are \(keys.prefix(6).joined(separator: ", "))\(keys.count > 6 ? ", ..." : "")"
            : "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"))
    }
  }

  /// The YAML text of `value`, a mapping with `keys` in this order.
  ///
  /// It goes by way of JSON, whose numbers have the fewest digits that read back as the same; Yams' encoder loses some.
  public static func encode(_ value: some Encodable, keys: [String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let json = String(decoding: try encoder.encode(value), as: UTF8.self)
    let mapping = try Yams.compose(yaml: json)!.mapping!
    return try Yams.serialize(
      node: Node(keys.compactMap { key in mapping[Node(key)].map { (Node(key), $0.withoutJSONStyle) } }))
  }
}

extension Node {
  /// Lists in lines of their own, quotation marks only where they are needed. An exponent gets its point, without
  /// which other readers of YAML (1.1) see a text.
  fileprivate var withoutJSONStyle: Node {
    switch self {
    case .sequence(let items): return Node(items.map(\.withoutJSONStyle))
    case .scalar(var scalar):
      if scalar.style == .doubleQuoted { return .scalar(scalar.string.represented()) }
      if tag == Tag(.float), !scalar.string.contains("."), let e = scalar.string.firstIndex(of: "e") {
        scalar.string.insert(contentsOf: ".0", at: e)
      }
      return .scalar(scalar)
    default: return self
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
