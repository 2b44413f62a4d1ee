/// As a mapping of the keys that this kind of run has to their values; what is absent is left out.
extension RunConfiguration: Codable {
  public init(from decoder: any Decoder) throws { try self.init(SettingTree(from: decoder)) }

  /// - Throws: ``UsageError`` for what is no mapping, an unknown key or a value of another kind.
  public init(_ tree: SettingTree) throws {
    self.init()
    guard case .mapping(let entries) = tree else {
      throw UsageError("a configuration is a mapping of keys to values, like 'gamma: 1.75'")
    }
    for entry in entries { try set(entry.key, entry.value) }
    settleScaling()
  }

  public func encode(to encoder: any Encoder) throws { try tree.encode(to: encoder) }

  /// The complete configuration.
  public var tree: SettingTree {
    .mapping(
      RunSettings.all.compactMap { setting in
        self.tree(setting).flatMap { $0 == .null ? nil : .init(key: setting.key, value: $0) }
      })
  }

  /// - Throws: ``UsageError`` for a key that was given and that this kind of run does not have.
  func checkAudience() throws {
    for setting in RunSettings.all where givesValue(setting.key) && tree(setting) == nil {
      throw UsageError(
        isOfSystem
          ? "\(setting.key) belongs to a network, not to the system '\(self.system ?? "")'; leave it out"
          : "\(setting.key) belongs to a system, not to a network; leave it out, or name the --system")
    }
  }
}
