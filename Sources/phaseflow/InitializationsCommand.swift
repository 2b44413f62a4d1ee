import ArgumentParser
import Foundation
import GradientFlow
import Studies

struct InitializationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "initializations",
    abstract: "Lists the initializations of the paper's Table 1 that 'run --initialization' takes.",
    discussion: """
      For each name: the factors of the original model f = (1/alpha) sum a sigma(w.x), a ~ N(0, beta1^2),
      w ~ N(0, beta2^2 I); kappa = beta1 beta2 / alpha and kappa' = beta1 / beta2 for a 1-homogeneous activation
      such as relu; their exponents at this width, kappa = m^-gamma, and in the limit of infinite width.

      Example:  phaseflow initializations --width 1000 --dimension 785 e-et-al:m^-1.5
      """)

  @Argument(help: "Names besides those without a parameter: e-et-al:BETA or e-et-al:m^EXPONENT.")
  var names: [String] = []
  @Option(parsing: .unconditional, help: .init("Number of neurons.", valueName: "m"))
  var width = 1000
  @Option(
    parsing: .unconditional, help: .init("Inputs, the bias coordinate included.", valueName: "d"))
  var dimension = 2
  @Flag(help: "Print one JSON array.")
  var json = false

  func run() throws {
    guard width > 1 else { throw UsageError("--width is \(width); it must be at least 2") }
    guard dimension > 0 else { throw UsageError("--dimension is \(dimension); it must be at least 1") }
    let rows = try UsageError.preparing {
      try
        (NamedInitialization.plain + (names.isEmpty ? ["e-et-al:m^-1"] : names).map(NamedInitialization.init))
        .map { try InitializationLine($0, width: width, dimension: dimension) }
    }
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try Console.show(String(decoding: try encoder.encode(rows), as: UTF8.self))
    } else {
      try Console.show("m = \(width), d = \(dimension)")
      try Console.show(InitializationLine.header)
      for row in rows { try Console.show(row.text) }
    }
  }
}

/// One row of the table.
struct InitializationLine: Encodable {
  let name: String
  let alpha, beta1, beta2, kappa, kappaPrime: Double
  /// At this width.
  let gamma, gammaPrime: Double
  let gammaLimit, gammaPrimeLimit: Double
  let region: PhaseRegion

  init(_ initialization: NamedInitialization, width m: Int, dimension d: Int) throws {
    let model = try initialization.model(width: m, inputDimension: d)
    // (8); 1-homogeneous.
    let scaling = try Scaling(
      kappa: model.beta1 * model.beta2 / model.alpha, kappaPrime: model.beta1 / model.beta2)
    name = initialization.name
    (alpha, beta1, beta2) = (model.alpha, model.beta1, model.beta2)
    (kappa, kappaPrime) = (scaling.kappa, scaling.kappaPrime)
    (gamma, gammaPrime) = scaling.exponents(width: m)
    (gammaLimit, gammaPrimeLimit) = initialization.place
    region = PhaseRegion(gamma: gammaLimit, gammaPrime: gammaPrimeLimit)
  }

  static let header = columns(
    ["name", "alpha", "beta1", "beta2", "kappa", "kappa'", "gamma", "gamma'", "limit", "region"])

  var text: String {
    func short(_ x: Double) -> String { String(format: "%.4g", x) }
    return Self.columns(
      [name] + [alpha, beta1, beta2, kappa, kappaPrime, gamma, gammaPrime].map(short)
        + ["(\(short(gammaLimit)), \(short(gammaPrimeLimit)))", region.rawValue])
  }

  private static func columns(_ texts: [String]) -> String {
    zip(texts, [14, 10, 10, 10, 10, 10, 8, 8, 12, 10]).map { text, width in
      text.padding(toLength: max(width, text.count + 1), withPad: " ", startingAt: 0)
    }.joined()
  }
}
