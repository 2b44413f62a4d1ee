import ArgumentParser
import Studies
import Validation

/// The flags that are also keys of a settings file. Where a flag is given it wins.
struct ValidateOptions: ParsableArguments {
  @Argument(
    help: "A YAML file whose keys are the names of these flags.",
    completion: .file(extensions: ["yaml", "yml"]))
  var file: String?

  @Option(help: "Data: four-points, bench-points, fashion-mnist[:n], FILE.csv or idx:IMAGES[,LABELS].")
  var data: String?
  @Option(help: "Statements to check, separated by commas; default: all.")
  var statement: String?
  @Option(
    help:
      "Widths m, separated by commas; default: chosen by n d of the data, see docs/validation.md.")
  var widths: String?
  @Option(
    help:
      "Several hidden layers: their widths in proportion, separated by commas (1,1); statements that hold at any depth."
  )
  var hidden: String?
  @Option(help: "How many seeds (1, 2, ...), or which, separated by commas.")
  var seeds: String?
  @Option(
    parsing: .unconditional,
    help: "Points gamma:gamma' of the phase diagram, separated by commas, e.g. 0.5:0,1.75:0.")
  var points: String?
  @Option(help: "Activation of the runs, see 'phaseflow plugins'.")
  var activation: String?
  @Option(help: "Integrator of the runs, see 'phaseflow plugins'; auto picks one.")
  var integrator: String?
  @Option(parsing: .unconditional, help: "Relative tolerance of the runs.")
  var rtol: Double?
  @Option(parsing: .unconditional, help: "Absolute tolerance of the runs.")
  var atol: Double?
  @Flag(inversion: .prefixedNo, help: "Antisymmetric initialisation of the runs.")
  var asi: Bool?
  @Option(
    parsing: .unconditional, help: "Runs end when R falls to this value; default: 1e-6 of the risk of f = 0.")
  var stopLoss: Double?
  @Option(parsing: .unconditional, help: "delta of the statements that hold with probability 1 - delta.")
  var delta: Double?
  @Option(
    parsing: .unconditional,
    help: "Allowed distance of a fitted exponent from its limit, in addition to its own error.")
  var exponentTolerance: Double?
  @Option(help: "Initial states drawn for statements about their distribution.")
  var draws: Int?
  @Option(
    help:
      "A run that takes more steps than this (3000 unless given) counts as one that did not reach its stop.")
  var maxSteps: Int?
  @Option(help: "Load a plug-in library; may be given several times.", completion: .file(extensions: ["so"]))
  var plugin: [String] = []
  @Option(help: "Number of simultaneous runs; default: the number of cores.")
  var threads: Int?

  /// The file's settings, or the default ones, with the flags applied.
  func settings() throws -> ValidationSettings {
    var s = try file.map { try ValidationSettings(yamlFile: $0) } ?? ValidationSettings()
    func set<T>(_ key: WritableKeyPath<ValidationSettings, T>, _ value: T?) {
      if let value { s[keyPath: key] = value }
    }
    set(\.data, data)
    set(\.statement, statement.map(items))
    set(\.widths, try widths.map { .some(try list("widths", $0, "whole numbers") { Int($0) }) })
    set(\.hidden, try hidden.map { try list("hidden", $0, "whole numbers") { Int($0) } })
    if let seeds {
      guard let choice = SeedChoice(text: seeds) else {
        throw UsageError("--seeds is '\(seeds)'; it must be how many, or seeds separated by commas")
      }
      s.seeds = choice
    }
    set(\.points, try points.map { try list("points", $0, "pairs like 0.5:0") { PhasePoint(text: $0) } })
    set(\.activation, activation)
    set(\.integrator, integrator)
    set(\.rtol, rtol)
    set(\.atol, atol)
    set(\.asi, asi)
    set(\.stopLoss, stopLoss.map(Optional.some))
    set(\.delta, delta)
    set(\.exponentTolerance, exponentTolerance)
    set(\.draws, draws)
    set(\.maxSteps, maxSteps)
    if !plugin.isEmpty { s.plugin = plugin }
    set(\.threads, threads.map(Optional.some))
    return s
  }

  private func items(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  private func list<T>(_ name: String, _ text: String, _ kind: String, _ parse: (String) -> T?) throws -> [T]
  {
    try items(text).map { item in
      guard let value = parse(item) else {
        throw UsageError("--\(name) has '\(item)'; it must be \(kind), separated by commas")
      }
      return value
    }
  }
}
