extension PluginArguments {
  /// A positive finite number, or `nil` if it is not given.
  public func positive(_ key: String) throws -> Double? {
    let value = try number(key, default: 0, in: Double.leastNormalMagnitude...Double.greatestFiniteMagnitude)
    return value == 0 ? nil : value
  }

  /// One of a few named values.
  public func choice<Value>(
    _ key: String, among values: [String: Value], default fallback: Value
  ) throws -> Value {
    guard let text = text(key) else { return fallback }
    guard let value = values[text] else {
      throw PluginError.badArgument(
        plugin: plugin, argument: "\(key)=\(text)",
        expected: values.keys.sorted().joined(separator: ", "))
    }
    return value
  }
}
