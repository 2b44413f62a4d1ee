import Foundation
import PluginKit
import Yams

/// Everything that decides a run of a system of one's own: flags and keys of a YAML file with a key `system`.
public struct SystemConfiguration: Codable, Equatable, Sendable {
  /// A system's name with parameters, or the file of a plug-in library that brings exactly one.
  public var system: String
  /// The method, a name of the catalogue with its arguments.
  public var integrator = RunConfiguration.defaultIntegrator
  /// Relative tolerance.
  public var rtol = 1e-6
  /// Absolute tolerance.
  public var atol = 1e-9
  /// For fixed-step methods.
  public var step = StepChoice.automatic
  /// The run ends at this time; `nil`: where the system says.
  public var tEnd: Double?
  /// Observers of systems, names of the catalogue; empty for none.
  public var observe = SystemConfiguration.defaultObservers
  /// An `.npy` file with the start, shape `[N]`; `nil`: the system's own.
  public var initialState: String?
  /// Plug-in libraries to load.
  public var plugin: [String] = []
  /// When rows of `trajectory.csv` are written, as ``RunConfiguration/record`` says; `nil`: 4000 times, evenly.
  public var record: String?
  /// The run ends with `maxSteps` after this many accepted steps.
  public var maxSteps = 20_000_000

  public static let defaultObservers = ["extremes", "steps", "invariants"]

  public init(system: String) { self.system = system }

  /// The keys of the YAML file; with `--` before them, the flags.
  public enum CodingKeys: String, CodingKey, CaseIterable {
    case system, integrator, rtol, atol, step
    case tEnd = "t-end"
    case observe
    case initialState = "initial-state"
    case plugin, record
    case maxSteps = "max-steps"
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(system: try values.decode(String.self, forKey: .system))
    func read<T: Decodable>(_ key: CodingKeys, _ value: inout T) throws {
      if let found = try values.decodeIfPresent(T.self, forKey: key) { value = found }
    }
    func read<T: Decodable>(_ key: CodingKeys, _ value: inout T?) throws {
      if let found = try values.decodeIfPresent(T.self, forKey: key) { value = found }
    }
    try read(.integrator, &integrator)
    try read(.rtol, &rtol)
    try read(.atol, &atol)
    try read(.step, &step)
    try read(.tEnd, &tEnd)
    try read(.observe, &observe)
    try read(.initialState, &initialState)
    try read(.plugin, &plugin)
    try read(.record, &record)
    try read(.maxSteps, &maxSteps)
  }

  /// Replaces a library's file in ``system`` by the name of the one system in it, and adds the file to ``plugin``.
  ///
  /// - Throws: `PluginLibraryError`; ``UsageError`` if the library brings none or several.
  public mutating func resolveFile() throws {
    let name = system.prefix { $0 != "(" && $0 != ":" }
    let path = PluginLibrary.parts(of: String(name)).path
    guard path.hasSuffix(".so") || path.contains("/") else { return }
    let names = try PluginLibrary(String(name)).systemNames
    guard names.count == 1 else {
      throw UsageError(
        names.isEmpty
          ? "the library '\(path)' brings no system"
          : "the library '\(path)' brings several systems; name one: --plugin \(name) --system "
            + names.joined(separator: "|"))
    }
    if !plugin.contains(String(name)) { plugin.append(String(name)) }
    system = names[0] + system.dropFirst(name.count)
  }

  var integratorSettings: IntegratorSettings {
    var settings = IntegratorSettings(rtol: rtol, atol: atol)
    if case .value(let h) = step { settings.fixedStep = h }
    return settings
  }

  func checkNumbers() throws {
    func require(_ condition: Bool, _ name: String, _ value: some Any, _ expected: String) throws {
      if !condition { throw UsageError("\(name) is \(value); it must be \(expected)") }
    }
    try require(rtol > 0 && rtol < 1, "rtol", rtol, "between 0 and 1")
    try require(atol >= 0 && atol.isFinite, "atol", atol, "at least 0 and finite")
    if case .value(let h) = step { try require(h > 0 && h.isFinite, "step", h, "'auto' or positive") }
    try require(maxSteps > 0, "max-steps", maxSteps, "at least 1")
    if let tEnd { try require(!tEnd.isNaN, "t-end", tEnd, "a number") }
  }

  /// Sets `rtol`, keeping the ratio of `atol` to it.
  mutating func setTolerance(_ value: Double) {
    atol *= value / rtol
    rtol = value
  }
}

extension SystemConfiguration {
  /// Whether a configuration file is one of a system: it has a key `system`.
  public static func describes(yamlFile path: String) -> Bool {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
    return (try? Yams.compose(yaml: quotingSpecifications(text)))?.mapping?["system"] != nil
  }

  /// - Throws: ``UsageError`` naming the file and what is wrong in it.
  public init(yamlFile path: String) throws {
    self = try StrictYAML.read(Self.self, file: path, keys: CodingKeys.allCases.map(\.rawValue))
  }

  /// The complete configuration as YAML.
  public var yaml: String {
    get throws { try YAMLEncoder().encode(self) }
  }
}
