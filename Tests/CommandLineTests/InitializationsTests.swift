import Foundation
import Testing

@Suite("phaseflow initializations") struct InitializationsTests {
  let phaseflow = Program(name: "phaseflow")

  private struct Line: Decodable {
    let name: String
    let alpha, beta1, beta2, kappa, kappaPrime, gammaLimit, gammaPrimeLimit: Double
  }

  /// Table 1 of the paper at m = 400, d = 4, worked out by hand.
  @Test("gives the rows of Table 1")
  func tableOne() throws {
    let result = try phaseflow(
      "initializations", "--width", "400", "--dimension", "4", "--json", "e-et-al:m^-1")
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let lines = try JSONDecoder().decode([Line].self, from: Data(result.output.utf8))
    func check(
      _ name: String, alpha: Double, _ beta1: Double, _ beta2: Double, place: (Double, Double)
    ) throws {
      let line = try #require(lines.first { $0.name == name }, "\(name) of \(lines.map(\.name))")
      for (value, expected) in [
        (line.alpha, alpha), (line.beta1, beta1), (line.beta2, beta2),
        (line.kappa, beta1 * beta2 / alpha), (line.kappaPrime, beta1 / beta2),
      ] {
        #expect(abs(value - expected) < 1e-12 * expected, "\(name)")
      }
      #expect(line.gammaLimit == place.0 && line.gammaPrimeLimit == place.1, "\(name)")
    }
    try check("lecun", alpha: 1, 0.05, 0.5, place: (0.5, 0.5))
    try check("he", alpha: 1, 0.005.squareRoot(), 0.5.squareRoot(), place: (0.5, 0.5))
    try check("xavier", alpha: 1, (2.0 / 401).squareRoot(), (2.0 / 404).squareRoot(), place: (1, 0))
    try check("ntk", alpha: 20, 1, 1, place: (0.5, 0))
    try check("mean-field", alpha: 400, 1, 1, place: (1, 0))
    try check("e-et-al:m^-1.0", alpha: 1, 1.0 / 400, 1, place: (1, 1))
  }

  @Test("names, kappa and the region are in the table")
  func table() throws {
    let result = try phaseflow("initializations")
    let lines = result.output.split(separator: "\n")
    #expect(result.exitCode == 0 && lines.first == "m = 1000, d = 2")
    let meanField = try #require(lines.first { $0.hasPrefix("mean-field") })
    #expect(meanField.contains("0.001") && meanField.contains("(1, 0)") && meanField.contains("critical"))
  }

  @Test(
    "wrong usage exits with 2 and says what would be right",
    arguments: [
      (["--width", "1"], "at least 2"), (["--dimension", "0"], "at least 1"), (["lecunn"], "lecun"),
      (["e-et-al:x"], "e-et-al"),
    ])
  func usage(arguments: [String], word: String) throws {
    let result = try phaseflow.run(["initializations"] + arguments)
    #expect(result.exitCode == 2 && result.output.isEmpty && result.errors.contains(word), "\(result.errors)")
  }
}
