import Files
import Foundation
import PluginKit
import Yams

/// The reader and writer of all configuration files: those of runs, sweeps and validations.
///
/// Numbers are decimal, `true` and `false` are the truth values, everything else is a text: YAML 1.2's core schema
/// without octal and hexadecimal numbers, so that `0100` is a hundred. What is written reads back as the same.
public enum StrictYAML {
  /// Reads the file at `path` and makes something of it.
  ///
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public static func read<T>(file path: String, _ make: (SettingTree) throws -> T) throws -> T {
    let data: Data
    do { data = try AtomicFile.read(URL(filePath: path)) } catch let error as AtomicFileError {
      throw UsageError("cannot read the configuration '\(path)': \(error.reason)")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw UsageError("the configuration '\(path)' is not text in UTF-8")
    }
    do {
      return try make(tree(text))
    } catch let error as UsageError {
      throw UsageError("\(path): \(error.description)")
    }
  }

  /// Reads `T` from the YAML file at `path`.
  ///
  /// - Parameter expected: what the value of a key has to be, for messages.
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public static func read<T: Decodable>(_ type: T.Type, file path: String) throws -> T {
    try read(file: path) { try decode(type, $0) }
  }

  /// The value of YAML text; an empty text is an empty mapping.
  ///
  /// - Throws: ``UsageError``.
  public static func tree(_ text: String) throws -> SettingTree {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw UsageError("not valid YAML: \(error)\(hint(text) ?? "")")
    }
    return try node.map(tree) ?? .mapping([])
  }

  /// A tree as a value of any type; a strict type tells unknown keys by ``Swift/Decoder/strictContainer(_:)``.
  ///
  /// - Throws: ``UsageError``.
  public static func decode<T: Decodable>(_ type: T.Type, _ tree: SettingTree) throws -> T {
    guard case .mapping = tree else {
      throw UsageError("a configuration is a mapping of keys to values, like 'gamma: 1.75'")
    }
    let encoder = JSONEncoder()
    let decoder = JSONDecoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: ".inf", negativeInfinity: "-.inf", nan: ".nan")
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: ".inf", negativeInfinity: "-.inf", nan: ".nan")
    do {
      return try decoder.decode(type, from: encoder.encode(tree))
    } catch DecodingError.typeMismatch(_, let context), DecodingError.dataCorrupted(let context),
      DecodingError.valueNotFound(_, let context)
    {
      let path = context.codingPath.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ": ")
      throw UsageError(
        "key '\(path)' cannot be \(tree[context.codingPath]?.description ?? "that"): \(context.debugDescription)")
    } catch DecodingError.keyNotFound(let key, let context) {
      let path = (context.codingPath.map(\.stringValue) + [key.stringValue]).joined(separator: ": ")
      throw UsageError("key '\(path)' is missing")
    }
  }

  /// The YAML text of a tree.
  public static func text(_ tree: SettingTree) throws -> String { try Yams.serialize(node: node(tree)) }

  /// The YAML text of `value`, a mapping with `keys` in this order; by way of JSON, which keeps every digit.
  public static func encode(_ value: some Encodable, keys: [String]) throws -> String {
    let tree = try JSONDecoder().decode(SettingTree.self, from: JSONEncoder().encode(value))
    guard case .mapping(let entries) = tree else { return try text(tree) }
    return try text(.mapping(keys.compactMap { key in entries.first { $0.key == key } }))
  }

  private static func tree(_ node: Node) throws -> SettingTree {
    switch node {
    case .mapping(let mapping):
      var entries: [SettingTree.Entry] = []
      for (key, value) in mapping {
        guard let name = key.string else { throw UsageError("a key must be a word") }
        if name.contains("("), let hint = hint(name) { throw UsageError("not valid YAML\(hint)") }
        if entries.contains(where: { $0.key == name }) { throw UsageError("the key '\(name)' stands there twice") }
        entries.append(.init(key: name, value: try tree(value)))
      }
      return .mapping(entries)
    case .sequence(let items): return .list(try items.map(tree))
    case .scalar(let scalar):
      if scalar.style != .plain && scalar.style != .any { return .text(scalar.string) }
      return plain(scalar.string)
    case .alias: throw UsageError("an alias of YAML is not understood here")
    }
  }

  private static func plain(_ text: String) -> SettingTree {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .flag(true)
    case "false", "False", "FALSE": return .flag(false)
    case ".inf", "+.inf", ".Inf", ".INF": return .number("inf")
    case "-.inf", "-.Inf", "-.INF": return .number("-inf")
    case ".nan", ".NaN", ".NAN": return .number("nan")
    default: break
    }
    guard text.wholeMatch(of: /[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?/) != nil else { return .text(text) }
    return .number(text.hasPrefix("+") ? String(text.dropFirst()) : text)
  }

  /// A plug-in with its parameters in parentheses, which YAML takes for a mapping.
  private static func hint(_ text: String) -> String? {
    guard let match = text.firstMatch(of: /([a-z][a-z0-9.-]*)\([^()"'\n]*:?/) else { return nil }
    return
      "; '\(match.1)(...: ...)' needs quotation marks around it, or write \(match.1):KEY=VALUE, or a mapping {\(match.1): {KEY: VALUE}}"
  }

  private static func node(_ tree: SettingTree) -> Node {
    switch tree {
    case .null: Node("null", Tag(.null))
    case .flag(let value): Node("\(value)", Tag(.bool))
    case .number(let text): Node(yamlNumber(text), Tag(text.contains(where: { ".en".contains($0) }) ? .float : .int))
    case .text(let text): plain(text) == .text(text) ? .scalar(text.represented()) : Node(text, Tag(.str), .singleQuoted)
    case .list(let items): Node(items.map(node))
    case .mapping(let entries): Node(entries.map { (Node($0.key), node($0.value)) })
    }
  }

  /// An exponent gets its point, without which other readers of YAML (1.1) see a text.
  private static func yamlNumber(_ text: String) -> String {
    switch text {
    case "inf", "-inf", "nan": return text.replacing("inf", with: ".inf").replacing("nan", with: ".nan")
    default: break
    }
    guard !text.contains("."), let e = text.firstIndex(of: "e") else { return text }
    return text[..<e] + ".0" + text[e...]
  }
}

extension SettingTree {
  /// What stands at the end of `path`.
  fileprivate subscript(path: [any CodingKey]) -> SettingTree? {
    path.reduce(self) { (tree: SettingTree?, key) in
      switch tree {
      case .mapping(let entries)?: entries.first { $0.key == key.stringValue }?.value
      case .list(let items)?: key.intValue.flatMap { items.indices.contains($0) ? items[$0] : nil }
      default: nil
      }
    }
  }
}

extension Decoder {
  /// The container of a type whose keys are all known: any other key is an error with near misses.
  ///
  /// - Throws: ``UsageError``.
  public func strictContainer<Key: CodingKey & CaseIterable>(
    _ type: Key.Type
  ) throws -> KeyedDecodingContainer<Key> {
    let known = Key.allCases.map(\.stringValue)
    if case .mapping(let entries) = try SettingTree(from: self) {
      for entry in entries where !known.contains(entry.key) {
        let place = codingPath.isEmpty ? "" : codingPath.map(\.stringValue).joined(separator: ": ") + ": "
        throw UsageError(place + UsageError.unknownKey(entry.key, among: known).description)
      }
    }
    return try container(keyedBy: type)
  }
}

extension UsageError {
  /// With near misses, if there are any.
  static func unknownKey(_ name: String, among keys: [String]) -> UsageError {
    let near = nearMisses(of: name, among: keys)
    return UsageError(
      "unknown key '\(name)'; "
        + (near.isEmpty
          ? "known are \(keys.prefix(6).joined(separator: ", "))\(keys.count > 6 ? ", ..." : "")"
          : "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"))
  }
}
