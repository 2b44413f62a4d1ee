import Foundation
import PluginKit
import Studies
import Yams

extension SweepDefinition {
  /// Reads a definition from a file.
  ///
  /// - Throws: `UsageError` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw UsageError(
        "'\(path)' is neither a preset (\(Self.presetNames.joined(separator: ", "))) nor a readable file")
    }
    do {
      try self.init(yaml: text)
    } catch let error as UsageError {
      throw UsageError("\(path): \(error.description)")
    }
  }

  /// Reads a definition from YAML text.
  ///
  /// - Throws: `UsageError`.
  public init(yaml text: String) throws {
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch { throw UsageError("not valid YAML: \(error)") }
    let reader = try NodeReader(
      node, "a sweep", keys: ["figure", "base", "axes", "asi-width", "horizon", "keep", "accuracy"])
    self.init()
    figure = try reader.string("figure")
    if let base = reader["base"] {
      do { self.base = try RunConfiguration(yaml: Yams.serialize(node: base)) } catch let error as UsageError
      {
        throw UsageError("base: \(error.description)")
      }
    }
    try readAxes(reader["axes"])
    if let text = try reader.string("asi-width") {
      guard let value = ASIWidth(rawValue: text) else {
        throw UsageError("asi-width is '\(text)'; it must be 'total' or 'copy'")
      }
      asiWidth = value
    }
    horizon = try reader.number("horizon") ?? horizon
    try readKept(reader["keep"])
    try readAccuracy(reader["accuracy"])
    try check()
  }

  private mutating func readAxes(_ node: Node?) throws {
    let keys = ["gamma", "gamma-prime", "width", "seed", "beta2-exponent"]
    let others = RunConfiguration.CodingKeys.allCases.map(\.rawValue).filter { !keys.contains($0) }
    let reader = try NodeReader(node, "axes", keys: keys + others)
    gamma = try reader.axis("gamma")?.numbers("gamma") ?? base.gamma.map { [$0] } ?? []
    gammaPrime = try reader.axis("gamma-prime")?.numbers("gamma-prime") ?? base.gammaPrime.map { [$0] } ?? []
    width = try reader.axis("width")?.integers("width") ?? [base.width]
    seed = try reader.axis("seed")?.integers("seed").map { UInt64($0) } ?? [base.seed]
    betaExponent = try reader.axis("beta2-exponent")?.numbers("beta2-exponent") ?? []
    self.others = try reader.keys.filter { !keys.contains($0) }.map {
      Axis(key: $0, values: try reader.axis($0)!.texts)
    }
  }

  private mutating func readKept(_ node: Node?) throws {
    let reader = try NodeReader(node, "keep", keys: ["curves", "neurons", "weights", "fit"])
    keep.curves = try reader.integer("curves") ?? keep.curves
    keep.neurons = try reader.integer("neurons") ?? keep.neurons
    keep.weights = try reader.flag("weights") ?? keep.weights
    keep.fit = try reader.flag("fit") ?? keep.fit
  }

  private mutating func readAccuracy(_ node: Node?) throws {
    let reader = try NodeReader(node, "accuracy", keys: ["sample", "factor"])
    accuracy.sample = try reader.integer("sample") ?? accuracy.sample
    accuracy.factor = try reader.number("factor") ?? accuracy.factor
  }

  func check() throws {
    guard accuracy.factor > 0, accuracy.factor < 1 else {
      throw UsageError("accuracy: factor is \(accuracy.factor); it must lie between 0 and 1")
    }
    guard horizon >= 0, horizon.isFinite else {
      throw UsageError("horizon is \(horizon); it must be at least 0, and 0 means none")
    }
    guard width.allSatisfy({ $0 > 0 }) else { throw UsageError("axes: every width must be at least 1") }
    guard asiWidth == .total || base.asi || others.contains(where: { $0.key == "asi" }) else {
      throw UsageError("asi-width: copy needs an antisymmetric start; write 'asi: true' under 'base'")
    }
    if gamma.isEmpty != gammaPrime.isEmpty || gamma.isEmpty && !betaExponent.isEmpty
      || base.alpha != nil && !gamma.isEmpty
    {
      throw UsageError(
        "give either gamma and gamma-prime, or all of alpha, beta1 and beta2 under 'base' without gamma axes")
    }
    if let figure, !Self.presetNames.contains(figure) {
      let near = nearMisses(of: figure, among: Self.presetNames)
      throw UsageError(
        "figure is '\(figure)'; it must be one of \((near.isEmpty ? Self.presetNames : near).joined(separator: ", "))"
      )
    }
  }
}
