/// What a user writes for a plug-in: `name`, `name(key: value, ...)`, `name:value,...` or `name:key=value,...`.
public struct PluginSpecification: Equatable, Sendable {
  /// The plug-in's name.
  public let name: String
  /// What stands in the parentheses or after the colon.
  public let arguments: String

  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` for parentheses that do not match.
  public init(_ text: String) throws {
    let text = text[...].trimmed
    guard let start = text.firstIndex(where: { $0 == ":" || $0 == "(" }) else {
      (name, arguments) = (text, "")
      return
    }
    name = text[..<start].trimmed
    let rest = text[text.index(after: start)...]
    if text[start] == ":" {
      arguments = rest.trimmed
      return
    }
    guard rest.last == ")" else {
      throw PluginError.badArgument(
        plugin: name, argument: text, expected: "a closing parenthesis at the end")
    }
    arguments = rest.dropLast().trimmed
  }

  /// The specifications in `list`, separated by commas outside parentheses.
  public static func split(_ list: String) -> [String] {
    var (parts, depth) = ([""], 0)
    for character in list {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth <= 0 {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.map { $0[...].trimmed }.filter { !$0.isEmpty }
  }
}

extension Substring {
  /// Without white space at either end; a combining mark on a space is none.
  var trimmed: String {
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(scalars[first...last])
  }
}
