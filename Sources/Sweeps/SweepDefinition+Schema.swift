import Studies

extension SweepDefinition {
  /// The JSON Schema of a sweep's YAML file.
  public static var schema: SettingTree {
    let networks = RunSettings.all.filter(\.isOfNetworks)
    let others = networks.filter { !axisKeys.contains($0.key) }.map(\.key)
    let empty = SweepDefinition()
    func object(_ properties: [(String, SettingTree)]) -> SettingTree {
      [
        "type": .text("object"),
        "properties": .mapping(properties.map { .init(key: $0.0, value: $0.1) }),
        "additionalProperties": .flag(false),
      ]
    }
    func value<Value: SettingValue>(_ standard: Value, _ help: String) -> SettingTree {
      guard case .mapping(let entries) = Value.schema else { return Value.schema }
      return .mapping(
        entries + [
          .init(key: "description", value: .text(help)), .init(key: "default", value: standard.tree),
        ])
    }
    let range = object([("from", Double.schema), ("to", Double.schema), ("count", Int.schema)])
    let axis: SettingTree = [
      "anyOf": .list([["type": .text("array")], ["type": .list([.text("number"), .text("string")])], range])
    ]
    return [
      "$schema": .text("https://json-schema.org/draft/2020-12/schema"),
      "title": .text("A sweep of PhaseFlow"),
      "type": .text("object"),
      "properties": [
        "figure": ["enum": .list(presetNames.map(SettingTree.text))],
        "base": object(networks.map { ($0.key, $0.schema) }),
        "axes": object((axisKeys + others).map { ($0, axis) }),
        "mobility-direction": value(
          empty.mobilityDirection,
          "Which layers' mobility exponents gamma-prime raises: one factor for each layer of weights, sum 0."),
        "asi-width": value(empty.asiWidth, "What a width counts with an antisymmetric start."),
        "horizon": value(
          empty.horizon,
          "Where a run that never reaches its loss ends, in units of its fastest growth; 0: never."),
        "keep": object([
          ("curves", value(empty.keep.curves, "Rows kept of each run's curves.")),
          ("neurons", value(empty.keep.neurons, "Neurons of which orientation and amplitude are kept.")),
          ("weights", value(empty.keep.weights, "Whether all weights are kept.")),
          ("fit", value(empty.keep.fit, "Whether the learned function is kept.")),
        ]),
        "accuracy": object([
          ("sample", value(empty.accuracy.sample, "How many runs are done again at a tighter tolerance.")),
          ("factor", value(empty.accuracy.factor, "The factor on rtol and atol of these.")),
        ]),
      ],
      "additionalProperties": .flag(false),
    ]
  }
}
