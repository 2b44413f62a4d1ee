/// What follows a plug-in's name: `name:value,key=value`.
///
/// Values without a key are numbered from 0. A factory reads what it knows; what nobody has read is
/// an error, raised by ``PluginTable/make(_:)``.
public final class PluginArguments {
  public let plugin: String
  private var values: [String: String] = [:]
  private var unread: [String] = []

  /// Parses the text after the colon.
  public init(plugin: String, text: String) throws {
    self.plugin = plugin
    if text.isEmpty { return }
    var position = 0
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      let (key, value) = pair.count == 2 ? (pair[0], pair[1]) : (String(position), String(part))
      if pair.count != 2 { position += 1 }
      guard !value.isEmpty, values.updateValue(value, forKey: key) == nil else {
        throw PluginError.badArgument(
          plugin: plugin, argument: String(part), expected: "each value once, and not empty")
      }
      unread.append(key)
    }
  }

  /// The text of `key`, or of the value at `position` if it came without a key.
  public func text(_ key: String, position: Int? = nil) -> String? {
    for candidate in [key, position.map(String.init)].compactMap({ $0 }) {
      if let value = values[candidate] {
        unread.removeAll { $0 == candidate }
        return value
      }
    }
    return nil
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
        expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// - Throws: ``PluginError/badArgument(plugin:argument:expected:)`` if it is no whole number in `range`.
  public func integer(
    _ key: String, position: Int? = nil, default fallback: Int, in range: ClosedRange<Int>
  ) throws -> Int {
    guard let text = text(key, position: position) else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw PluginError.badArgument(
        plugin: plugin, argument: "\(key)=\(text)",
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func requireAllRead() throws {
    if let key = unread.first {
      throw PluginError.badArgument(
        plugin: plugin, argument: "\(key)=\(values[key]!)", expected: "nothing of that name")
    }
  }
}
