/// Everything that decides a run: what `phaseflow run` takes as flags and as keys of a YAML file.
///
/// Its properties are the settings of ``RunSettings``: `configuration.width`, `configuration.stopLoss`. A configuration
/// written to `config.yaml` replays the run.
@dynamicMemberLookup
public struct RunConfiguration: Sendable {
  /// What differs from the defaults, or was given all the same.
  private var values: [String: SettingTree] = [:]

  /// The integrator of a run that names none.
  public static let defaultIntegrator = "auto"
  /// Of a network.
  public static let defaultObservers = [
    "relative-distance", "loss-decay", "condensation", "conservation", "energy",
  ]
  /// Of a system; those that cannot watch it are left out.
  public static let defaultSystemObservers = ["extremes", "steps", "invariants"]

  /// Four points, 1000 neurons, critical scaling.
  public init() {}

  /// A run of a system: its name with parameters, or the file of a plug-in library that brings exactly one.
  public init(system: String) { self.system = system }

  /// The value of a setting: what was given, else its default.
  public subscript<Value>(dynamicMember path: KeyPath<RunSettings, Setting<Value>>) -> Value {
    get {
      let setting = RunSettings.declared[keyPath: path]
      return values[setting.key].flatMap { Value($0) } ?? setting.defaultValue(ofSystem: isOfSystem)
    }
    set { values[RunSettings.declared[keyPath: path].key] = newValue.tree }
  }

  /// Whether it is a system that is run, and not a network.
  public var isOfSystem: Bool { givesValue("system") }

  /// Whether `key` was given, be it with its default.
  public func gives(_ key: String) -> Bool { values[key] != nil }

  /// Whether `key` was given, and not only taken away.
  func givesValue(_ key: String) -> Bool { values[key].map { $0 != .null } ?? false }

  /// Whether nothing was given.
  public var isDefault: Bool { values.isEmpty }

  /// The value of a key, whatever its type; `nil` for a key that this kind of run does not have.
  func tree(_ setting: any AnySetting) -> SettingTree? {
    guard isOfSystem ? setting.isOfSystems : setting.isOfNetworks else { return nil }
    return values[setting.key] ?? setting.defaultTree(ofSystem: isOfSystem)
  }

  /// The settings whose values are not their defaults, with these values.
  package var changed: [(setting: any AnySetting, value: SettingTree)] {
    RunSettings.all.compactMap { setting in
      guard let value = tree(setting), value != .null, value != setting.defaultTree(ofSystem: isOfSystem)
      else {
        return nil
      }
      return (setting, value)
    }
  }

  /// Gives `key` a value, as a file does.
  ///
  /// - Throws: ``UsageError`` for an unknown key, with near misses, and for a value of another kind.
  public mutating func set(_ key: String, _ tree: SettingTree) throws {
    values[key] = try Self.setting(key).value(of: tree)
  }

  /// Gives `key` the value that the word after its flag means; of a repeated flag one more.
  ///
  /// - Throws: ``UsageError``.
  public mutating func set(_ key: String, flag text: String) throws {
    values[key] = try Self.setting(key).value(ofFlag: text)
  }

  private static func setting(_ key: String) throws -> any AnySetting {
    guard let setting = RunSettings.byKey[key] else {
      throw UsageError.unknownKey(key, among: RunSettings.all.map(\.key))
    }
    return setting
  }

  /// What `other` gives in place of this configuration's own. A scaling that `other` gives replaces this one's, in
  /// whichever way that is given.
  public func overlaid(by other: RunConfiguration) -> RunConfiguration {
    var result = self
    let givesExponents = other.gives("gamma") || other.gives("gamma-prime")
    let givesFactors = Self.factors.contains(where: other.gives)
    let givesName = other.gives("initialization")
    func forget(_ keys: [String]) { for key in keys { result.values[key] = nil } }
    if givesExponents || givesName { forget(Self.factors) }
    if givesExponents || givesFactors { forget(["initialization"]) }
    if givesFactors || givesName { forget(["gamma", "gamma-prime", "mobility-exponents", "scaling-width"]) }
    for (key, value) in other.values { result.values[key] = value }
    result.settleScaling()
    return result
  }

  /// The keys of the original model's factors.
  private static let factors = ["alpha", "beta1", "beta2", "betas"]

  /// Without a value of their own `gamma` and `gamma'` are absent where the original model's factors are given.
  mutating func settleScaling() {
    let isOriginal = (Self.factors + ["initialization"]).contains {
      givesValue($0) && values[$0] != .list([])
    }
    guard isOriginal else { return }
    for key in ["gamma", "gamma-prime"] where values[key] == nil { values[key] = .null }
  }
}

/// Two configurations are equal if they decide the same run: it does not matter whether a default was given.
extension RunConfiguration: Hashable {
  public static func == (a: Self, b: Self) -> Bool { a.tree == b.tree }
  public func hash(into hasher: inout Hasher) { hasher.combine(tree) }
}

/// The model whose variables and time a run's are.
public enum IntegratedModel: String, SettingValue, CaseIterable {
  /// (9)-(13).
  case normalized
  /// (1)-(6), for a run that is given by the original model's factors.
  case original
}

/// The step of a fixed-step method.
public enum StepChoice: SettingValue {
  /// A stated fraction of the stability limit, updated along the run.
  case automatic
  /// A step of this size.
  case value(Double)

  public static var expected: String { "'auto' or a number" }
  public static var schema: SettingTree {
    ["type": .list([.text("number"), .text("string")])]
  }

  public init?(_ tree: SettingTree) {
    switch tree {
    case .text(let text), .number(let text): self.init(text: text)
    default: return nil
    }
  }

  /// `auto` or a number.
  public init?(text: String) {
    if text == "auto" {
      self = .automatic
    } else if let value = Double(text) {
      self = .value(value)
    } else {
      return nil
    }
  }

  public var tree: SettingTree {
    switch self {
    case .automatic: .text("auto")
    case .value(let value): .number(value)
    }
  }

  var isUsable: Bool { if case .value(let h) = self { h > 0 && h.isFinite } else { true } }
}
