/// A value of a configuration file, or of a flag, before anybody has asked for a number or a text.
public enum SettingTree: Hashable, Sendable {
  /// Nothing: `null`, `~`, or an empty value.
  case null
  /// `true` or `false`.
  case flag(Bool)
  /// The digits as they were written, or the fewest that read back as the same number.
  case number(String)
  /// A text.
  case text(String)
  /// Several values.
  case list([SettingTree])
  /// Keys with values, in the order of the file.
  case mapping([Entry])

  /// One key of a mapping.
  public struct Entry: Hashable, Sendable {
    /// The key.
    public let key: String
    /// Its value.
    public let value: SettingTree

    /// A key with its value.
    public init(key: String, value: SettingTree) { (self.key, self.value) = (key, value) }
  }

  /// A number with the fewest digits that read back as the same, without a needless `.0`.
  static func number(_ value: Double) -> SettingTree {
    let text = "\(value)"
    return .number(text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
  }

  var isNumber: Bool { if case .number = self { true } else { false } }

  /// For messages.
  public var description: String {
    switch self {
    case .null: "empty"
    case .flag(let value): "'\(value)'"
    case .number(let text), .text(let text): "'\(text)'"
    case .list, .mapping: "a list or mapping"
    }
  }

  /// A text; also a plug-in's name with its parameters as a mapping, `{softplus: {beta: 20}}` or `{softplus: 20}`.
  public var specification: String? {
    switch self {
    case .text(let text), .number(let text): return text
    case .flag(let value): return "\(value)"
    case .mapping(let entries):
      guard entries.count == 1, let entry = entries.first else { return nil }
      guard case .mapping(let arguments) = entry.value else {
        return entry.value.argument.map { "\(entry.key)(\($0))" }
      }
      let texts = arguments.map { argument in argument.value.argument.map { "\(argument.key): \($0)" } }
      return texts.contains(nil) ? nil : "\(entry.key)(\(texts.map { $0! }.joined(separator: ", ")))"
    case .null, .list: return nil
    }
  }

  private var argument: String? {
    switch self {
    case .text(let text), .number(let text): text
    case .flag(let value): "\(value)"
    case .null, .list, .mapping: nil
    }
  }
}

/// A mapping.
extension SettingTree: ExpressibleByDictionaryLiteral {
  public typealias Key = String
  public typealias Value = SettingTree

  public init(dictionaryLiteral elements: (String, SettingTree)...) {
    self = .mapping(elements.map { Entry(key: $0, value: $1) })
  }
}

extension SettingTree: Codable {
  public init(from decoder: any Decoder) throws {
    if let mapping = try? decoder.container(keyedBy: AnyKey.self) {
      self = .mapping(
        try mapping.allKeys.map {
          Entry(key: $0.stringValue, value: try mapping.decode(SettingTree.self, forKey: $0))
        })
      return
    }
    if var list = try? decoder.unkeyedContainer() {
      var items: [SettingTree] = []
      while !list.isAtEnd { items.append(try list.decode(SettingTree.self)) }
      self = .list(items)
      return
    }
    let scalar = try decoder.singleValueContainer()
    if scalar.decodeNil() {
      self = .null
    } else if let value = try? scalar.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? scalar.decode(Int.self) {
      self = .number("\(value)")
    } else if let value = try? scalar.decode(UInt64.self) {
      self = .number("\(value)")
    } else if let value = try? scalar.decode(Double.self) {
      self = .number(value)
    } else {
      self = .text(try scalar.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .mapping(let entries):
      var container = encoder.container(keyedBy: AnyKey.self)
      for entry in entries { try container.encode(entry.value, forKey: AnyKey(entry.key)) }
    case .list(let items):
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(item) }
    default:
      var container = encoder.singleValueContainer()
      switch self {
      case .flag(let value): try container.encode(value)
      case .number(let text):
        if let value = Int(text) {
          try container.encode(value)
        } else if let value = UInt64(text) {
          try container.encode(value)
        } else {
          try container.encode(Double(text) ?? .nan)
        }
      case .text(let text): try container.encode(text)
      default: try container.encodeNil()
      }
    }
  }
}
