import Foundation

/// What follows a plug-in's name: `name(key: value)`, `name:value` or `name:key=value`, several separated by
/// commas.
///
/// Values without a key are numbered from 0 and mean the declared parameters in their order. A plug-in with
/// declared ``PluginParameter``s gets arguments that were checked against them; one without reads what it knows,
/// and what nobody has read is an error, raised by ``PluginTable/make(_:)``.
public final class PluginArguments {
  /// The plug-in's name.
  public let plugin: String
  let parameters: [PluginParameter]
  private var parts: [Part] = []

  private struct Part {
    /// As the user wrote it.
    let text: String
    /// `nil` for a value without a key.
    let key: String?
    /// Its number among those without a key.
    let position: Int?
    let value: String
    var isRead = false
  }

  /// Parses what stands after the colon or in the parentheses.
  ///
  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` for an empty value or key, a key given
  ///   twice, and whatever contradicts `parameters`, if there are any.
  public init(plugin: String, text: String, parameters: [PluginParameter] = []) throws {
    self.plugin = plugin
    self.parameters = parameters
    if !text.isEmpty { try parse(text) }
    if !parameters.isEmpty { try check() }
  }

  private func parse(_ text: String) throws {
    var position = 0
    // Undeclared values may be files, whose names may hold anything.
    let words =
      parameters.isEmpty
      ? Self.splitFiles(text)
      : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for part in words.map({ $0[...] }) {
      var separator = part.firstIndex { $0 == "=" || $0 == ":" && !parameters.isEmpty }
      if let end = separator, parameters.isEmpty, !part[..<end].trimmed.isEmpty,
        !isPluginName(part[..<end].trimmed) || FileManager.default.fileExists(atPath: part.trimmed)
      {
        separator = nil
      }
      let key = separator.map { part[..<$0].trimmed }
      let written = separator.map { part[part.index(after: $0)...] } ?? part
      let isFile = parameters.isEmpty && FileManager.default.fileExists(atPath: String(written))
      let value = isFile ? String(written) : written.trimmed
      guard !value.isEmpty, key != "", key == nil || !parts.contains(where: { $0.key == key }) else {
        throw bad(part.trimmed, "each value once, and not empty")
      }
      parts.append(
        Part(text: part.trimmed, key: key, position: key == nil ? position : nil, value: value))
      if key == nil { position += 1 }
    }
  }

  /// What commas separate, but for those within the name of a file that is there.
  public static func splitFiles(_ text: String) -> [String] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var files: [String] = []
    var i = 0
    while i < parts.count {
      var end = i + 1
      for j in (i + 1..<parts.count).reversed() {
        let joined = parts[i...j].joined(separator: ",")
        if FileManager.default.fileExists(atPath: joined) {
          end = j + 1
          break
        }
      }
      files.append(parts[i..<end].joined(separator: ","))
      i = end
    }
    return files
  }

  private func check() throws {
    for part in parts {
      guard
        let parameter = parameters.first(where: { $0.name == part.key }) ?? part.position.flatMap(declared)
      else {
        let known = parameters.map { "'\($0.name)'" }.joined(separator: ", ")
        throw bad(part.text, part.key == nil ? "no further value" : "one of its parameters \(known)")
      }
      let byKey = parts.filter { $0.key == parameter.name }.count
      guard part.key != nil || byKey == 0 else { throw bad(part.text, "'\(parameter.name)' only once") }
      guard parameter.accepts(part.value) else {
        throw bad("\(parameter.name)=\(part.value)", parameter.expectation)
      }
    }
    for parameter in parameters where parameter.isRequired && value(of: parameter.name) == nil {
      throw bad("", "'\(parameter.name)', \(parameter.expectation): \(plugin)(\(parameter.name): ...)")
    }
  }

  private func declared(at position: Int) -> PluginParameter? {
    parameters.indices.contains(position) ? parameters[position] : nil
  }

  private func bad(_ argument: String, _ expected: String) -> PluginError {
    .badArgument(plugin: plugin, argument: argument, expected: expected)
  }

  /// What the user gave for a declared parameter, or its default; `nil` if there is neither.
  public func value(of name: String) -> String? {
    guard let index = parameters.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("\(plugin) declares no parameter '\(name)'")
    }
    return text(name, position: index) ?? parameters[index].defaultValue
  }

  /// A declared number that has a default or is required.
  public func number(_ name: String) -> Double { Double(value(of: name)!)! }
  /// A declared number that may be left out.
  public func optionalNumber(_ name: String) -> Double? { value(of: name).flatMap(Double.init) }
  /// A declared whole number that has a default or is required.
  public func integer(_ name: String) -> Int { Int(value(of: name)!)! }
  /// What the chosen word of a declared choice stands for; `values` has an entry for each.
  public func choice<Value>(_ name: String, _ values: [String: Value]) -> Value { values[value(of: name)!]! }

  /// The text of `key`, or of the value at `position` if it came without a key.
  public func text(_ key: String, position: Int? = nil) -> String? {
    let index =
      parts.firstIndex { $0.key == key }
      ?? position.flatMap { position in parts.firstIndex { $0.position == position } }
    guard let index else { return nil }
    parts[index].isRead = true
    return parts[index].value
  }

  /// A number of a plug-in that declares no parameters.
  ///
  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` if it is no finite number in `range`.
  public func number(
    _ key: String, position: Int? = nil, default fallback: Double,
    in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) throws -> Double {
    guard let text = text(key, position: position) else { return fallback }
    guard let value = Double(text), range.contains(value) else {
      let isAny = range.upperBound == .greatestFiniteMagnitude && range.lowerBound == -range.upperBound
      throw bad(
        "\(key)=\(text)",
        isAny ? "a finite number" : "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A whole number of a plug-in that declares no parameters.
  ///
  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` if it is no whole number in `range`.
  public func integer(
    _ key: String, position: Int? = nil, default fallback: Int, in range: ClosedRange<Int>
  ) throws -> Int {
    try integer(key, position: position, in: range) ?? fallback
  }

  /// `nil` if it was not given.
  ///
  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` if it is no whole number in `range`.
  public func integer(_ key: String, position: Int? = nil, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = text(key, position: position) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw bad("\(key)=\(text)", "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Called by ``PluginTable/make(_:)`` at the end; a factory that is going to do much calls it before.
  ///
  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` if an argument was not read.
  public func requireAllRead() throws {
    guard parameters.isEmpty, let part = parts.first(where: { !$0.isRead }) else { return }
    throw bad(part.text, part.key == nil ? "no further value" : "no argument of that name")
  }
}
