import Yams

extension RunConfiguration {
  /// Reads a configuration file.
  ///
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws {
    self = try StrictYAML.read(Self.self, file: path, keys: CodingKeys.allCases.map(\.rawValue))
  }

  /// Reads a configuration from YAML text; what it does not mention keeps its default.
  ///
  /// - Throws: ``UsageError``.
  public init(yaml text: String) throws {
    self = try StrictYAML.decode(Self.self, from: text, keys: CodingKeys.allCases.map(\.rawValue))
  }

  /// The complete configuration as YAML.
  public var yaml: String {
    get throws { try YAMLEncoder().encode(self) }
  }
}
