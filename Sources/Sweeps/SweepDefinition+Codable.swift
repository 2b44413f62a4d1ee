import Foundation
import PluginKit
import Studies
import UntrustedNumbers

extension SweepDefinition: Codable {
  public init(from decoder: any Decoder) throws { try self.init(SettingTree(from: decoder)) }
  public func encode(to encoder: any Encoder) throws { try tree.encode(to: encoder) }

  /// Reads a definition from a file.
  ///
  /// - Throws: `UsageError` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw UsageError(
        "'\(path)' is neither a preset (\(Self.presetNames.joined(separator: ", "))) nor a readable file")
    }
    self = try StrictYAML.read(file: path) { try Self($0) }
  }

  /// Reads a definition from YAML text.
  ///
  /// - Throws: `UsageError`.
  public init(yaml text: String) throws { try self.init(StrictYAML.tree(text)) }

  /// The complete definition, always the same text for the same definition; ``init(yaml:)`` reads it back.
  public var yaml: String {
    get throws { try StrictYAML.text(tree) }
  }

  /// - Throws: `UsageError`.
  public init(_ tree: SettingTree) throws {
    self.init()
    let reader = try SettingReader(tree, "a sweep", keys: Self.keys)
    figure = try reader.value("figure")
    if let base = reader["base"] {
      do {
        self.base = try RunConfiguration(base)
      } catch let error as UsageError {
        throw UsageError("base: \(error.description)")
      }
    }
    try readAxes(reader["axes"])
    try reader.read("mobility-direction", &mobilityDirection)
    try reader.read("asi-width", &asiWidth)
    try reader.read("horizon", &horizon)
    let kept = try SettingReader(reader["keep"], "keep", keys: ["curves", "neurons", "weights", "fit"])
    try kept.read("curves", &keep.curves)
    try kept.read("neurons", &keep.neurons)
    try kept.read("weights", &keep.weights)
    try kept.read("fit", &keep.fit)
    let checks = try SettingReader(reader["accuracy"], "accuracy", keys: ["sample", "factor"])
    try checks.read("sample", &accuracy.sample)
    try checks.read("factor", &accuracy.factor)
    try check()
  }

  /// The complete definition; of the base those keys that no axis sets.
  public var tree: SettingTree {
    var entries = figure.map { [SettingTree.Entry(key: "figure", value: .text($0))] } ?? []
    func add(_ key: String, _ value: SettingTree) { entries.append(.init(key: key, value: value)) }
    let varied = Set(["gamma", "gamma-prime", "width", "seed"] + others.map(\.key))
    if case .mapping(let base) = base.tree {
      add("base", .mapping(base.filter { !varied.contains($0.key) }))
    }
    add("axes", axesTree)
    if !mobilityDirection.isEmpty { add("mobility-direction", mobilityDirection.tree) }
    add("asi-width", asiWidth.tree)
    add("horizon", horizon.tree)
    add(
      "keep",
      [
        "curves": keep.curves.tree, "neurons": keep.neurons.tree, "weights": keep.weights.tree,
        "fit": keep.fit.tree,
      ])
    add("accuracy", ["sample": accuracy.sample.tree, "factor": accuracy.factor.tree])
    return .mapping(entries)
  }

  private var axesTree: SettingTree {
    var axes: [(String, [SettingTree])] = [
      ("gamma", gamma.map(\.tree)), ("gamma-prime", gammaPrime.map(\.tree)), ("width", width.map(\.tree)),
      ("seed", seed.map(\.tree)), ("beta2-exponent", betaExponent.map(\.tree)),
    ]
    for axis in others { axes.append((axis.key, axis.values.map(Self.scalar))) }
    return .mapping(axes.filter { !$0.1.isEmpty }.map { .init(key: $0.0, value: .list($0.1)) })
  }

  /// A value of an axis as it would be read from a file.
  static func scalar(_ text: String) -> SettingTree {
    switch try? StrictYAML.tree(text) {
    case .number(let number)?: .number(number)
    case .flag(let flag)?: .flag(flag)
    // A text that reads like a mapping is one that stood in quotation marks.
    default: .text(text)
    }
  }

  static let keys = [
    "figure", "base", "axes", "mobility-direction", "asi-width", "horizon", "keep", "accuracy",
  ]
  static let axisKeys = ["gamma", "gamma-prime", "width", "seed", "beta2-exponent"]

  private mutating func readAxes(_ tree: SettingTree?) throws {
    let others = RunSettings.all.filter(\.isOfNetworks).map(\.key).filter { !Self.axisKeys.contains($0) }
    let reader = try SettingReader(tree, "axes", keys: Self.axisKeys + others)
    func axis(_ key: String) throws -> AxisValues? { try reader[key].map { try AxisValues($0, key) } }
    gamma = try axis("gamma")?.numbers("gamma") ?? base.gamma.map { [$0] } ?? []
    gammaPrime = try axis("gamma-prime")?.numbers("gamma-prime") ?? base.gammaPrime.map { [$0] } ?? []
    width = try axis("width")?.integers("width") ?? [base.hidden.max() ?? base.width]
    guard base.seed <= UInt64(Int.max) else {
      throw UsageError("base: seed is \(base.seed); a sweep's seeds are at most \(Int.max)")
    }
    seed = try axis("seed")?.integers("seed").map { UInt64($0) } ?? [base.seed]
    betaExponent = try axis("beta2-exponent")?.numbers("beta2-exponent") ?? []
    self.others = try reader.keys.filter { !Self.axisKeys.contains($0) }.map {
      GridAxis(key: $0, values: try AxisValues(reader[$0]!, $0).texts)
    }
  }

  func check() throws {
    if base.isOfSystem { throw UsageError("base: a sweep runs networks; leave out 'system'") }
    guard accuracy.factor > 0, accuracy.factor < 1 else {
      throw UsageError("accuracy: factor is \(accuracy.factor); it must lie between 0 and 1")
    }
    guard keep.curves >= 0, keep.neurons >= 0 else {
      throw UsageError("keep: curves and neurons must be at least 0")
    }
    guard accuracy.sample >= 0 else { throw UsageError("accuracy: sample must be at least 0") }
    guard horizon >= 0, horizon.isFinite else {
      throw UsageError("horizon is \(horizon); it must be at least 0, and 0 means none")
    }
    guard width.allSatisfy({ $0 > 0 }) else { throw UsageError("axes: every width must be at least 1") }
    guard asiWidth == .total || base.asi || others.contains(where: { $0.key == "asi" }) else {
      throw UsageError("asi-width: copy needs an antisymmetric start; write 'asi: true' under 'base'")
    }
    if asiWidth == .copy, width.contains(where: { $0 > Int.max / 2 }) {
      throw UsageError("axes: a width is too large for two copies of it")
    }
    let counts =
      [gamma.count, gammaPrime.count, betaExponent.count].map { max(1, $0) } + [width.count, seed.count]
      + others.map(\.values.count)
    guard let runs = UntrustedNumber.product(counts), runs <= AxisValues.most else {
      throw UsageError("axes: the sweep has more than \(AxisValues.most) runs; give fewer values")
    }
    guard mobilityDirection.allSatisfy(\.isFinite), abs(mobilityDirection.reduce(0, +)) <= 1e-12 else {
      throw UsageError(
        "mobility-direction must be finite numbers, one for each layer of weights, whose sum is 0")
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
