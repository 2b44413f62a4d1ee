extension RunConfiguration {
  /// Reads a configuration file.
  ///
  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws { self = try StrictYAML.read(file: path) { try Self($0) } }

  /// Reads a configuration from YAML text; what it does not mention keeps its default.
  ///
  /// - Throws: ``UsageError``.
  public init(yaml text: String) throws { try self.init(StrictYAML.tree(text)) }

  /// The complete configuration as YAML.
  public var yaml: String {
    get throws { try StrictYAML.text(tree) }
  }
}
