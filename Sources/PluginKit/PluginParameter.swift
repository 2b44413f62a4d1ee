/// A parameter of a plug-in, as a user may give it: `name(key: value)`, `name:value` or `name:key=value`.
///
/// What is declared here is checked before the plug-in is made, and listed by `phaseflow plugins`.
public struct PluginParameter: Equatable, Sendable {
  /// What values the parameter takes.
  public enum Kind: Equatable, Sendable {
    /// A finite number in a range.
    case number(ClosedRange<Double>)
    /// A whole number in a range.
    case integer(ClosedRange<Int>)
    /// One of some words.
    case choice([String])
    /// Any text.
    case text
  }

  /// As in `name=value`.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// What it is, in a few words.
  public let summary: String
  /// As a user would write it; `nil` if there is none.
  public let defaultValue: String?
  /// Whether it must be given.
  public let isRequired: Bool

  private init(_ name: String, _ kind: Kind, _ summary: String, _ fallback: String?, required: Bool = false) {
    self.name = name
    self.kind = kind
    self.summary = summary
    defaultValue = fallback
    isRequired = required
  }

  /// A number. Without a default it may be left out, unless it is required.
  public static func number(
    _ name: String, _ summary: String, default fallback: Double? = nil,
    in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude,
    required: Bool = false
  ) -> PluginParameter {
    PluginParameter(name, .number(range), summary, fallback.map(shortText), required: required)
  }

  /// A whole number.
  public static func integer(
    _ name: String, _ summary: String, default fallback: Int? = nil, in range: ClosedRange<Int>,
    required: Bool = false
  ) -> PluginParameter {
    PluginParameter(name, .integer(range), summary, fallback.map(String.init), required: required)
  }

  /// One of `words`, the first unless another default is given.
  public static func choice(
    _ name: String, _ summary: String, _ words: [String], default fallback: String? = nil
  ) -> PluginParameter {
    PluginParameter(name, .choice(words), summary, fallback ?? words.first)
  }

  /// Positive numbers.
  public static let positive = Double.leastNormalMagnitude...Double.greatestFiniteMagnitude

  /// What is allowed, for messages and listings: `a number from 0 to 1`.
  public var expectation: String {
    switch kind {
    case .number(let range):
      "a number" + Self.text(range, Double.greatestFiniteMagnitude, positive: PluginParameter.positive)
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number from \(range.lowerBound) on"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .choice(let words): words.joined(separator: ", ")
    case .text: "a text"
    }
  }

  private static func text(
    _ range: ClosedRange<Double>, _ largest: Double, positive: ClosedRange<Double>
  ) -> String {
    if range == positive { return " above 0" }
    switch (range.lowerBound > -largest, range.upperBound < largest) {
    case (false, false): return ""
    case (true, false): return " from \(shortText(range.lowerBound)) on"
    case (false, true): return " up to \(shortText(range.upperBound))"
    case (true, true): return " from \(shortText(range.lowerBound)) to \(shortText(range.upperBound))"
    }
  }

  /// `default`, or what the user gave, is a value of this parameter.
  func accepts(_ text: String) -> Bool {
    switch kind {
    case .number(let range): Double(text).map(range.contains) ?? false
    case .integer(let range): Int(text).map(range.contains) ?? false
    case .choice(let words): words.contains(text)
    case .text: true
    }
  }
}
