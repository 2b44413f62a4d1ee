/// What the value of a ``Setting`` can be.
public protocol SettingValue: Hashable, Sendable {
  /// For messages: `a whole number`.
  static var expected: String { get }
  /// The JSON Schema of such a value.
  static var schema: SettingTree { get }

  /// From a configuration file; `nil` if it is of another kind.
  init?(_ tree: SettingTree)
  /// From the word after a flag; `nil` if it is no such value.
  init?(text: String)
  /// The value as a file would have it.
  var tree: SettingTree { get }
}

extension SettingValue {
  static func schema(type: String) -> SettingTree {
    ["type": .text(type)]
  }
}

extension Int: SettingValue {
  public static var expected: String { "a whole number" }
  public static var schema: SettingTree { schema(type: "integer") }
  public init?(_ tree: SettingTree) {
    guard case .number(let text) = tree, let value = Int(text) else { return nil }
    self = value
  }
  public init?(text: String) { self.init(text, radix: 10) }
  public var tree: SettingTree { .number("\(self)") }
}

extension UInt64: SettingValue {
  public static var expected: String { "a whole number, 0 or more" }
  public static var schema: SettingTree {
    ["type": .text("integer"), "minimum": .number("0")]
  }
  public init?(_ tree: SettingTree) {
    guard case .number(let text) = tree, let value = UInt64(text) else { return nil }
    self = value
  }
  public init?(text: String) { self.init(text, radix: 10) }
  public var tree: SettingTree { .number("\(self)") }
}

extension Double: SettingValue {
  public static var expected: String { "a number" }
  public static var schema: SettingTree { schema(type: "number") }
  public init?(_ tree: SettingTree) {
    guard case .number(let text) = tree, let value = Double(text) else { return nil }
    self = value
  }
  public init?(text: String) {
    guard let value = Double(text) else { return nil }
    self = value
  }
  public var tree: SettingTree { .number(self) }
}

extension Bool: SettingValue {
  public static var expected: String { "true or false" }
  public static var schema: SettingTree { schema(type: "boolean") }
  public init?(_ tree: SettingTree) {
    guard case .flag(let value) = tree else { return nil }
    self = value
  }
  public init?(text: String) {
    switch text {
    case "true": self = true
    case "false": self = false
    default: return nil
    }
  }
  public var tree: SettingTree { .flag(self) }
}

extension String: SettingValue {
  public static var expected: String { "a text" }
  public static var schema: SettingTree {
    // A plug-in's parameters may be a mapping.
    ["type": .list([.text("string"), .text("number"), .text("object")])]
  }
  public init?(_ tree: SettingTree) {
    guard let text = tree.specification else { return nil }
    self = text
  }
  public init?(text: String) { self = text }
  public var tree: SettingTree { .text(self) }
}

/// Absent unless given.
extension Optional: SettingValue where Wrapped: SettingValue {
  public static var expected: String { Wrapped.expected }
  public static var schema: SettingTree { Wrapped.schema }
  public init?(_ tree: SettingTree) {
    if tree == .null {
      self = .none
    } else {
      guard let value = Wrapped(tree) else { return nil }
      self = value
    }
  }
  public init?(text: String) {
    guard let value = Wrapped(text: text) else { return nil }
    self = value
  }
  public var tree: SettingTree { map(\.tree) ?? .null }
}

/// A list; what one text means in its place is the setting's own affair.
extension Array: SettingValue where Element: SettingValue {
  public static var expected: String {
    Element.self == String.self
      ? "a list of names, like [a, b]" : "a list, of which each is \(Element.expected)"
  }
  public static var schema: SettingTree {
    ["type": .list([.text("array"), .text("string")]), "items": Element.schema]
  }
  public init?(_ tree: SettingTree) {
    guard case .list(let items) = tree else { return nil }
    let values = items.map { Element($0) }
    if values.contains(where: { $0 == nil }) { return nil }
    self = values.map { $0! }
  }
  public init?(text: String) {
    guard let value = Element(text: text) else { return nil }
    self = [value]
  }
  public var tree: SettingTree { .list(map(\.tree)) }
}

extension SettingValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  public static var expected: String {
    allCases.map { "'\($0.rawValue)'" }.joined(separator: " or ")
  }
  public static var schema: SettingTree {
    ["enum": .list(allCases.map { .text($0.rawValue) })]
  }
  public init?(_ tree: SettingTree) {
    guard case .text(let text) = tree else { return nil }
    self.init(rawValue: text)
  }
  public init?(text: String) { self.init(rawValue: text) }
  /// The case's name.
  public var tree: SettingTree { .text(rawValue) }
}
