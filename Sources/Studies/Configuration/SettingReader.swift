/// A mapping of a configuration file whose keys are known beforehand.
public struct SettingReader {
  private let place: String
  private let entries: [SettingTree.Entry]

  /// - Parameters:
  ///   - tree: `nil` for a mapping that is not there: it is empty.
  ///   - place: what it is, for messages: `a sweep`, `axes`.
  /// - Throws: ``UsageError`` if `tree` is no mapping, or for a key that is not among `keys`.
  public init(_ tree: SettingTree?, _ place: String, keys: [String]) throws {
    self.place = place
    switch tree {
    case nil, .null?: entries = []
    case .mapping(let entries)?: self.entries = entries
    default: throw UsageError("\(place) must be a mapping of keys to values")
    }
    if let entry = entries.first(where: { !keys.contains($0.key) }) {
      throw UsageError("\(place): \(UsageError.unknownKey(entry.key, among: keys).description)")
    }
  }

  /// In the order of the file.
  public var keys: [String] { entries.map(\.key) }

  /// The value of a key, if the mapping has it.
  public subscript(key: String) -> SettingTree? { entries.first { $0.key == key }?.value }

  /// The value of a key; `nil` if it is not there.
  ///
  /// - Throws: ``UsageError`` if it is of another kind.
  public func value<Value: SettingValue>(_ key: String, _ type: Value.Type = Value.self) throws -> Value? {
    guard let tree = self[key] else { return nil }
    guard let value = Value(tree) else {
      throw UsageError("\(place): \(key) is \(tree.description); it must be \(Value.expected)")
    }
    return value
  }

  /// The same, for a value that has a default.
  public func read<Value: SettingValue>(_ key: String, _ value: inout Value) throws {
    if let found: Value = try self.value(key) { value = found }
  }
}
