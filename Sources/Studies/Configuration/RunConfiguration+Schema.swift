extension RunConfiguration {
  /// The JSON Schema of a run's YAML file, from which an editor completes keys and knows their values.
  public static var schema: SettingTree {
    [
      "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
      "title": .text("A run of PhaseFlow"),
      "type": .text("object"),
      "properties": .mapping(RunSettings.all.map { .init(key: $0.key, value: $0.schema) }),
      "additionalProperties": .flag(false),
    ]
  }
}
