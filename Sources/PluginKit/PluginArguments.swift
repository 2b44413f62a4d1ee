/// What follows a plug-in's name: `name:value,key=value`.
///
/// Values without a key are numbered from 0. A factory reads what it knows; what nobody has read is
/// an error, raised by ``PluginTable/make(_:)``.
public final class PluginArguments {
  public let plugin: String
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

  /// Parses the text after the colon.
  ///
  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` for an empty value or key, or a key given twice.
  public init(plugin: String, text: String) throws {
    self.plugin = plugin
    if text.isEmpty { return }
    var position = 0
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let key = pair.count == 2 ? String(pair[0]) : nil
      let value = String(pair.last!)
      guard !value.isEmpty, key != "", key == nil || !parts.contains(where: { $0.key == key }) else {
        throw PluginError.badArgument(
          plugin: plugin, argument: String(part), expected: "each value once, and not empty")
      }
      parts.append(
        Part(text: String(part), key: key, position: key == nil ? position : nil, value: value))
      if key == nil { position += 1 }
    }
  }

  /// The text of `key`, or of the value at `position` if it came without a key.
  public func text(_ key: String, position: Int? = nil) -> String? {
    let index =
      parts.firstIndex { $0.key == key }
      ?? position.flatMap { position in parts.firstIndex { $0.position == position } }
    guard let index else { return nil }
    parts[index].isRead = true
    return parts[index].value
  }

  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` if it is no finite number in `range`.
  public func number(
    _ key: String, position: Int? = nil, default fallback: Double,
    in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) throws -> Double {
    guard let text = text(key, position: position) else { return fallback }
    guard let value = Double(text), range.contains(value) else {
      throw PluginError.badArgument(
        plugin: plugin, argument: "\(key)=\(text)",
        expected: range.upperBound == .greatestFiniteMagnitude && range.lowerBound == -range.upperBound
          ? "a finite number" : "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

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
      throw PluginError.badArgument(
        plugin: plugin, argument: "\(key)=\(text)",
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Called by ``PluginTable/make(_:)`` at the end; a factory that is going to do much calls it before.
  ///
  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` if an argument was not read.
  public func requireAllRead() throws {
    guard let part = parts.first(where: { !$0.isRead }) else { return }
    throw PluginError.badArgument(
      plugin: plugin, argument: part.text,
      expected: part.key == nil ? "no further value" : "no argument of that name")
  }
}
