import Yams

extension RunConfiguration {
  /// Reads a configuration file.
  ///
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws {
    self = try StrictYAML.read(Self.self, file: path, keys: Self.keys, expected: Self.expected)
  }

  /// Reads a configuration from YAML text; what it does not mention keeps its default.
  ///
  /// - Throws: ``UsageError``.
  public init(yaml text: String) throws {
    self = try StrictYAML.decode(Self.self, from: text, keys: Self.keys, expected: Self.expected)
  }

  /// The complete configuration as YAML.
  public var yaml: String {
    get throws { try StrictYAML.encode(self, keys: Self.keys) }
  }

  /// The values that are no lists, by key, as they stand in the YAML file.
  var scalars: [String: String] {
    let mapping = (try? Yams.compose(yaml: yaml))?.mapping ?? [:]
    return Dictionary(
      uniqueKeysWithValues: mapping.compactMap { key, value in value.scalar.map { (key.string!, $0.string) } }
    )
  }

  private static var keys: [String] { CodingKeys.allCases.map(\.rawValue) }

  private static func expected(_ key: String) -> String? { CodingKeys(rawValue: key)?.expected }
}
