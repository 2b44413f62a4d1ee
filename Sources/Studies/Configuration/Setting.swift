import PluginKit

/// One key of a run: its name in YAML files and, with `--` before it, on the command line; its type, range, default and
/// help. ``RunSettings`` declares them all; flags, files, help, labels, replay and schema follow from that.
public struct Setting<Value: SettingValue>: Sendable {
  /// Which runs have it.
  public enum Audience: Sendable {
    /// All runs, those of networks, those of systems.
    case all, networks, systems
  }

  /// The name in YAML files; the flag without `--`.
  public let key: String
  /// Which runs have it.
  public let audience: Audience
  /// One sentence for `--help`.
  public let help: String
  /// What stands for the value in `--help`; `nil` for the key.
  public let valueName: String?
  /// What a shell completes the value with.
  public let completion: SettingCompletion
  /// Of a list: whether its flag may be given several times, once for each element, which may hold commas. Else
  /// commas separate them, outside parentheses, and `none` is the empty list.
  public let isRepeated: Bool
  /// What a value must be, and whether it is.
  let range: Range
  private let ofNetworks: Value
  private let ofSystems: Value

  /// The values that are allowed.
  public struct Range: Sendable {
    /// `it must be ...`.
    let expected: String
    let contains: @Sendable (Value) -> Bool
    /// The JSON Schema keywords that say the same, as far as there are any.
    let keywords: [SettingTree.Entry]

    init(
      _ expected: String, _ keywords: KeyValuePairs<String, Double> = [:],
      _ contains: @escaping @Sendable (Value) -> Bool
    ) {
      self.expected = expected
      self.contains = contains
      self.keywords = keywords.map { .init(key: $0.key, value: .number($0.value)) }
    }

    /// No limits.
    static var any: Range { Range("anything") { _ in true } }
  }

  init(
    _ key: String, _ defaultValue: Value, systems: Value? = nil, for audience: Audience = .all,
    range: Range = .any, value valueName: String? = nil, completion: SettingCompletion = .none,
    isRepeated: Bool = false, _ help: String
  ) {
    self.key = key
    self.audience = audience
    self.help = help
    self.valueName = valueName
    self.completion = completion
    self.range = range
    self.isRepeated = isRepeated
    (ofNetworks, ofSystems) = (defaultValue, systems ?? defaultValue)
  }

  func defaultValue(ofSystem: Bool) -> Value { ofSystem ? ofSystems : ofNetworks }
}

/// What a shell completes a value with.
public enum SettingCompletion: Sendable {
  /// With nothing.
  case none
  /// The names of one kind of plug-in.
  case plugins(String)
  /// With files that have one of these extensions; all, if there are none.
  case files([String])
  /// With one of these words.
  case words([String])
}

/// A ``Setting`` whatever its type.
public protocol AnySetting: Sendable {
  /// See ``Setting/key``.
  var key: String { get }
  /// See ``Setting/help``.
  var help: String { get }
  /// See ``Setting/valueName``.
  var valueName: String? { get }
  /// See ``Setting/completion``.
  var completion: SettingCompletion { get }
  /// Whether runs of networks, and of systems, have it.
  var isOfNetworks: Bool { get }
  /// Whether runs of systems have it.
  var isOfSystems: Bool { get }
  /// Whether its flag takes no value: `--asi`, `--no-asi`.
  var isFlag: Bool { get }
  /// Whether its flag may be given several times.
  var isRepeated: Bool { get }
  /// The JSON Schema of its value.
  var schema: SettingTree { get }
  /// The default as a file would have it.
  func defaultTree(ofSystem: Bool) -> SettingTree

  /// The tree of the value that `tree`, from a file, stands for.
  ///
  /// - Throws: ``UsageError`` naming the key, the value and what it must be.
  func value(of tree: SettingTree) throws -> SettingTree
  /// The same of the word after a flag.
  func value(ofFlag text: String) throws -> SettingTree
  /// - Throws: ``UsageError`` if the value is out of range.
  func check(_ tree: SettingTree) throws
}

extension Setting: AnySetting {
  public var isOfNetworks: Bool { audience != .systems }
  public var isOfSystems: Bool { audience != .networks }
  public var isFlag: Bool { Value.self == Bool.self }
  public func defaultTree(ofSystem: Bool) -> SettingTree { defaultValue(ofSystem: ofSystem).tree }

  public var schema: SettingTree {
    guard case .mapping(let entries) = Value.schema else { return Value.schema }
    let value = defaultTree(ofSystem: false)
    return .mapping(
      entries + range.keywords + [.init(key: "description", value: .text(help))]
        + (value == .null || value != defaultTree(ofSystem: true)
          ? [] : [.init(key: "default", value: value)]))
  }

  public func value(of tree: SettingTree) throws -> SettingTree {
    guard let value = Value(split(tree)) else {
      throw UsageError("key '\(key)' cannot be \(tree.description); it must be \(Value.expected)")
    }
    return value.tree
  }

  public func value(ofFlag text: String) throws -> SettingTree {
    if isList { return try self.value(of: .text(text)) }
    guard let value = Value(text: text) else {
      throw UsageError("--\(key) is '\(text)'; it must be \(Value.expected)")
    }
    return value.tree
  }

  private var isList: Bool { Value.self == [String].self || isListOfNumbers }
  private var isListOfNumbers: Bool { Value.self == [Double].self || Value.self == [Int].self }

  /// One text in place of a list, as a list; `none` is an empty one.
  private func split(_ tree: SettingTree) -> SettingTree {
    guard isList else { return tree }
    switch tree {
    case .number where isListOfNumbers: return .list([tree])
    case .text(let text) where isListOfNumbers:
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      return .list(parts.map { .number($0.trimmingCharacters(in: .whitespaces)) })
    case .text(let text):
      return split(.list((isRepeated ? [text] : PluginSpecification.split(text)).map(SettingTree.text)))
    case .list(let items): return .list(isRepeated ? items : items.filter { $0 != .text("none") })
    default: return tree
    }
  }

  public func check(_ tree: SettingTree) throws {
    guard let value = Value(tree), !range.contains(value) else { return }
    if tree == .text("") || tree == .list([.text("")]) { throw UsageError("\(key) is empty; give a name") }
    throw UsageError("\(key) is \(tree.specification ?? tree.description); it must be \(range.expected)")
  }
}
