import Studies
import Yams

extension SweepDefinition {
  /// The complete definition, always the same text for the same definition; ``init(yaml:)`` reads it back.
  public var yaml: String {
    get throws {
      var root: [(Node, Node)] = []
      if let figure { root.append((Node("figure"), Node(figure))) }
      root.append((Node("base"), try baseNode()))
      root.append((Node("axes"), axesNode()))
      root.append((Node("asi-width"), Node(asiWidth.rawValue)))
      root.append(
        (
          Node("keep"),
          mapping([
            ("curves", "\(keep.curves)"), ("neurons", "\(keep.neurons)"), ("weights", "\(keep.weights)"),
            ("fit", "\(keep.fit)"),
          ])
        ))
      root.append(
        (
          Node("accuracy"),
          mapping([("sample", "\(accuracy.sample)"), ("factor", "\(accuracy.factor)")])
        ))
      return try Yams.serialize(node: Node(root))
    }
  }

  /// Without the keys that an axis sets.
  private func baseNode() throws -> Node {
    let node = try Yams.compose(yaml: base.yaml)
    let varied = Set(["gamma", "gamma-prime", "width", "seed"] + others.map(\.key))
    return Node(
      (node?.mapping ?? [:]).filter { !varied.contains($0.key.string ?? "") }.map { ($0.key, $0.value) })
  }

  private func axesNode() -> Node {
    let axes: [(String, [String])] =
      [
        ("gamma", gamma.map { "\($0)" }), ("gamma-prime", gammaPrime.map { "\($0)" }),
        ("width", width.map { "\($0)" }), ("seed", seed.map { "\($0)" }),
        ("beta2-exponent", betaExponent.map { "\($0)" }),
      ] + others.map { ($0.key, $0.values) }
    return Node(
      axes.filter { !$0.1.isEmpty }.map { key, values in
        (Node(key), Node(values.map { Node($0) }, .implicit, .flow))
      })
  }

  private func mapping(_ pairs: [(String, String)]) -> Node {
    Node(pairs.map { (Node($0.0), Node($0.1)) })
  }
}
