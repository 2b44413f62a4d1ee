import Foundation
import GradientFlow
import Studies

/// What `phaseflow validate` takes as flags and as keys of a YAML file.
public struct ValidationSettings: Equatable, Sendable {
  /// A data set's name or file.
  public var data = "four-points"
  /// Identifiers of statements; empty for all.
  public var statement: [String] = []
  /// The ladder of widths `m`; `nil` for those of `widths(for:)`.
  public var widths: [Int]?
  /// Widths of several hidden layers in proportion, the widest of which has `m` units; empty for one hidden layer.
  public var hidden: [Int] = []
  /// Seeds of the Gaussian starts.
  public var seeds: SeedChoice = .count(3)
  /// Places in the phase diagram: NTK; LeCun and He; a place with `kappa' > 1`; w-lazy beyond `gamma = 1`; mean-field;
  /// three condensed ones; a-lazy.
  public var points = [
    PhasePoint(0.5, 0), PhasePoint(0.5, 0.5), PhasePoint(0.5, -0.5), PhasePoint(1.25, 1),
    PhasePoint(1, 0),
    PhasePoint(1.75, 0), PhasePoint(1.75, 0.5), PhasePoint(1.75, -0.5), PhasePoint(1.5, -1),
  ]
  /// The activation's name, with arguments.
  public var activation = "relu"
  /// The integrator's name, with arguments.
  public var integrator = RunConfiguration.defaultIntegrator
  /// Relative tolerance.
  public var rtol = 1e-4
  /// Absolute tolerance.
  public var atol = 1e-7
  /// Antisymmetric initialisation of the runs; the theory needs it for `gamma <= 1/2`.
  public var asi = true
  /// `R` at which runs stop; `nil`: 1e-6 of the risk of the zero function.
  public var stopLoss: Double?
  /// `delta`: statements that hold with probability `1 - delta` are taken with this one.
  public var delta = 0.05
  /// How far a fitted exponent may be from the one of the limit `m -> infinity`, beside its own error.
  public var exponentTolerance = 0.1
  /// Initial states drawn for statements about their distribution.
  public var draws = 400
  /// A run that takes more steps counts as one that did not reach its stop.
  public var maxSteps = 3000
  /// Files of plug-in libraries.
  public var plugin: [String] = []
  /// Runs at the same time; `nil` for as many as there are cores. No result depends on it.
  public var threads: Int?

  /// The default settings.
  public init() {}

  /// The keys of the YAML file; with `--` before them, the flags.
  static let keys = [
    "data", "statement", "widths", "hidden", "seeds", "points", "activation", "integrator", "rtol", "atol",
    "asi",
    "stop-loss", "delta", "exponent-tolerance", "draws", "max-steps", "plugin", "threads",
  ]

  /// - Throws: ``/Studies/UsageError`` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws { self = try StrictYAML.read(file: path) { try Self($0) } }

  /// - Throws: ``/Studies/UsageError``.
  public init(_ tree: SettingTree) throws {
    self.init()
    let reader = try SettingReader(tree, "the settings", keys: Self.keys)
    try reader.read("data", &data)
    try reader.read("statement", &statement)
    widths = try reader.value("widths")
    try reader.read("hidden", &hidden)
    try reader.read("seeds", &seeds)
    try reader.read("points", &points)
    try reader.read("activation", &activation)
    try reader.read("integrator", &integrator)
    try reader.read("rtol", &rtol)
    try reader.read("atol", &atol)
    try reader.read("asi", &asi)
    stopLoss = try reader.value("stop-loss")
    try reader.read("delta", &delta)
    try reader.read("exponent-tolerance", &exponentTolerance)
    try reader.read("draws", &draws)
    try reader.read("max-steps", &maxSteps)
    try reader.read("plugin", &plugin)
    threads = try reader.value("threads")
  }

  /// The complete settings, without what is absent.
  public var tree: SettingTree {
    let values: [(String, SettingTree)] = [
      ("data", data.tree), ("statement", statement.tree), ("widths", widths.tree),
      ("hidden", hidden.isEmpty ? .null : hidden.tree), ("seeds", seeds.tree),
      ("points", points.tree), ("activation", activation.tree), ("integrator", integrator.tree),
      ("rtol", rtol.tree), ("atol", atol.tree), ("asi", asi.tree), ("stop-loss", stopLoss.tree),
      ("delta", delta.tree), ("exponent-tolerance", exponentTolerance.tree), ("draws", draws.tree),
      ("max-steps", maxSteps.tree), ("plugin", plugin.tree), ("threads", threads.tree),
    ]
    return .mapping(values.filter { $0.1 != .null }.map { .init(key: $0.0, value: $0.1) })
  }

  /// The complete settings as YAML.
  public var yaml: String {
    get throws { try StrictYAML.text(tree) }
  }

  /// - Throws: ``/Studies/UsageError``. What only a run can find out, a wrong integrator say, is found when one is made.
  func check() throws {
    func require(_ condition: Bool, _ name: String, _ value: Any, _ expected: String) throws {
      if !condition { throw UsageError("\(name) is \(value); it must be \(expected)") }
    }
    if let widths { try check(widths, require) }
    try require(
      hidden.allSatisfy { $0 > 0 } && hidden.count != 1, "hidden", hidden, "two widths or more, each positive"
    )
    let seeds = seeds.values
    try require(
      !seeds.isEmpty && Set(seeds).count == seeds.count, "seeds", seeds, "at least one seed, all different")
    try require(
      !points.isEmpty && Set(points).count == points.count, "points", points.map(\.label), "different points")
    try require(delta > 0 && delta < 1, "delta", delta, "between 0 and 1")
    try require(
      exponentTolerance >= 0 && exponentTolerance.isFinite, "exponent-tolerance", exponentTolerance,
      "at least 0")
    try require(draws > 0, "draws", draws, "at least 1")
    if let stopLoss { try require(stopLoss > 0 && stopLoss.isFinite, "stop-loss", stopLoss, "positive") }
    if let threads { try require(threads > 0, "threads", threads, "at least 1") }
  }
}

extension ValidationSettings {
  /// The ladder of widths that the whole list of statements takes a few minutes for: wide where a neuron is cheap.
  static func widths(for data: Dataset) -> [Int] {
    switch data.sampleCount * data.inputDimension {
    case ...8: [1000, 2000, 4000, 8000]
    case ...100: [200, 400, 800]
    default: [50, 100, 200]
    }
  }

  /// The places that are taken unless some are given, and the ladder of widths, for so many hidden layers: a linear, the critical and a condensed
  /// place.
  func forDepth(_ data: Dataset) -> ValidationSettings {
    guard hidden.count > 1 else { return self }
    var settings = self
    let half = Double(hidden.count + 1) / 2
    if points == ValidationSettings().points {
      settings.points = [PhasePoint(half - 0.5, 0), PhasePoint(half, 0), PhasePoint(half + 0.5, 0)]
    }
    if widths == nil {
      settings.widths = data.sampleCount * data.inputDimension <= 8 ? [100, 200, 400, 800] : [50, 100, 200]
    }
    return settings
  }

  func with(widths: [Int]) -> ValidationSettings {
    var settings = self
    settings.widths = widths
    return settings
  }

  private func check(_ widths: [Int], _ require: (Bool, String, Any, String) throws -> Void) throws {
    try require(
      !widths.isEmpty && widths.allSatisfy { $0 > 0 }, "widths", widths, "at least one width, each positive")
    try require(Set(widths).count == widths.count, "widths", widths, "different widths")
    try require(
      !asi || !hidden.isEmpty || widths.allSatisfy { $0 % 2 == 0 }, "widths", widths,
      "even with asi, which pairs neurons")
  }
}

/// Seeds: how many, `1, 2, ..., N`, or which.
public enum SeedChoice: SettingValue {
  /// So many, counted from 1.
  case count(Int)
  /// These.
  case list([UInt64])

  /// A number of seeds, or several seeds separated by commas.
  public init?(text: String) {
    if let count = Int(text: text) {
      self = .count(count)
      return
    }
    let seeds = text.split(separator: ",", omittingEmptySubsequences: false).map { UInt64($0) }
    guard seeds.count > 1, !seeds.contains(nil) else { return nil }
    self = .list(seeds.map { $0! })
  }

  /// The seeds.
  public var values: [UInt64] {
    switch self {
    case .count(let count): (0..<UInt64(max(0, count))).map { $0 + 1 }
    case .list(let seeds): seeds
    }
  }

  public static var expected: String { "how many, or a list of seeds" }
  public static var schema: SettingTree { ["type": .list([.text("integer"), .text("array")])] }

  public init?(_ tree: SettingTree) {
    if let count = Int(tree) {
      self = .count(count)
    } else if let seeds = [UInt64](tree) {
      self = .list(seeds)
    } else {
      return nil
    }
  }

  public var tree: SettingTree {
    switch self {
    case .count(let count): count.tree
    case .list(let seeds): seeds.tree
    }
  }
}
