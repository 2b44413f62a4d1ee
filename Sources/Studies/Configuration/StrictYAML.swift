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

  /// The value of YAML text; an empty text is an empty mapping.
  ///
  /// - Throws: ``UsageError``.
  public static func tree(_ text: String) throws -> SettingTree {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw UsageError("not valid YAML: \(reason(error))\(hint(text) ?? "")")
    }
    return try node.map(tree) ?? .mapping([])
  }

  /// The YAML text of a tree.
  public static func text(_ tree: SettingTree) throws -> String { try Yams.serialize(node: node(tree)) }

  private static func tree(_ node: Node) throws -> SettingTree {
    switch node {
    case .mapping(let mapping):
      var entries: [SettingTree.Entry] = []
      for (key, value) in mapping {
        guard let name = key.string else { throw UsageError("a key must be a word") }
        if name.contains("("), let hint = hint(name) { throw UsageError("not valid YAML\(hint)") }
        if entries.contains(where: { $0.key == name }) {
          throw UsageError("the key '\(name)' is given twice")
        }
        entries.append(.init(key: name, value: try tree(value)))
      }
      return .mapping(entries)
    case .sequence(let items): return .list(try items.map(tree))
    case .scalar(let scalar):
      if scalar.style != .plain && scalar.style != .any { return .text(scalar.string) }
      return plain(scalar.string)
    case .alias: throw UsageError("YAML aliases are not supported here; write the value out")
    }
  }

  private static let digits = Set("0123456789+-.eE".utf8)

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
    guard text.utf8.allSatisfy(digits.contains), Double(text) != nil else { return .text(text) }
    return .number(text.hasPrefix("+") ? String(text.dropFirst()) : text)
  }

  /// Without the line itself, which the library's own text shows: it looks for it for ever behind a byte order mark.
  private static func reason(_ error: any Error) -> String {
    func text(_ context: YamlError.Context?, _ problem: String, _ mark: Mark) -> String {
      (context.map { "\($0.text) in line \($0.mark.line), column \($0.mark.column): " } ?? "")
        + "\(problem) in line \(mark.line), column \(mark.column)"
    }
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _): return text(context, problem, mark)
    case .parser(let context, let problem, let mark, _): return text(context, problem, mark)
    case .composer(let context, let problem, let mark, _): return text(context, problem, mark)
    case .reader(let problem, let offset, _, _):
      return problem + (offset.map { " at character \($0 + 1)" } ?? "")
    case .duplicatedKeysInMapping(let keys, let context):
      return text(context, "the key '\(keys.joined(separator: "', '"))' is given twice", context.mark)
    default: return "\(error)"
    }
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
    case .number(let text):
      Node(yamlNumber(text), Tag(text.contains(where: { ".en".contains($0) }) ? .float : .int))
    case .text(let text):
      plain(text) == .text(text) ? .scalar(text.represented()) : Node(text, Tag(.str), .singleQuoted)
    case .list(let items): Node(items.map(node), .implicit, items.allSatisfy(\.isNumber) ? .flow : .any)
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

extension UsageError {
  /// With near misses, if there are any.
  public static func unknownKey(_ name: String, among keys: [String]) -> UsageError {
    let near = nearMisses(of: name, among: keys)
    return UsageError(
      "unknown key '\(name)'; "
        + (near.isEmpty
          ? "known are \(keys.prefix(6).joined(separator: ", "))\(keys.count > 6 ? ", ..." : "")"
          : "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"))
  }
}
