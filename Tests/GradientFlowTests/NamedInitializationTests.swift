import ActivationsPlugins
import Foundation
import GradientFlow
import Testing

@Suite("The initialisations of Table 1")
struct NamedInitializationTests {
  /// The columns kappa and kappa' of the paper's Table 1, as printed there, and gamma, gamma'.
  private let table: [(String, (Double, Double) -> Double, (Double, Double) -> Double, Double, Double)] = [
    ("lecun", { m, d in (1 / (m * d)).squareRoot() }, { m, d in (d / m).squareRoot() }, 0.5, 0.5),
    ("he", { m, d in (4 / (m * d)).squareRoot() }, { m, d in (d / m).squareRoot() }, 0.5, 0.5),
    (
      "xavier", { m, d in (4 / ((m + 1) * (m + d))).squareRoot() },
      { m, d in ((m + d) / (m + 1)).squareRoot() }, 1, 0
    ),
    ("ntk", { m, _ in (1 / m).squareRoot() }, { _, _ in 1 }, 0.5, 0),
    ("mean-field", { m, _ in 1 / m }, { _, _ in 1 }, 1, 0),
    ("e-et-al:0.01", { _, _ in 0.01 }, { _, _ in 0.01 }, 0, 0),
    ("e-et-al:m^-1.5", { m, _ in pow(m, -1.5) }, { m, _ in pow(m, -1.5) }, 1.5, 1.5),
  ]

  @Test("have the table's kappa and kappa'")
  func scalings() throws {
    for (name, kappa, kappaPrime, _, _) in table {
      for (m, d) in [(1000, 2), (40, 785)] {
        let scaling = try NamedInitialization(name).model(width: m, inputDimension: d).scaling(for: ReLU())
        let expected = (kappa(Double(m), Double(d)), kappaPrime(Double(m), Double(d)))
        #expect(abs(scaling.kappa - expected.0) < 1e-15 * expected.0 * 4, "\(name)")
        #expect(abs(scaling.kappaPrime - expected.1) < 1e-15 * expected.1 * 4, "\(name)")
      }
    }
  }

  @Test("tend to the table's place in the phase diagram")
  func places() throws {
    for (name, _, _, gamma, gammaPrime) in table {
      let initialization = try NamedInitialization(name)
      #expect(initialization.place.gamma == gamma && initialization.place.gammaPrime == gammaPrime, "\(name)")
      let m = 1 << 60
      let exponents = try initialization.model(width: m, inputDimension: 3).scaling(for: ReLU())
        .exponents(width: m)
      // Factors that do not depend on m, at most 100, over log m = 41.6.
      #expect(abs(exponents.gamma - gamma) < 0.12 && abs(exponents.gammaPrime - gammaPrime) < 0.12, "\(name)")
    }
  }

  @Test("are called by their names and nothing else")
  func names() throws {
    for initialization in NamedInitialization.plain + [.eEtAl(.constant(0.01)), .eEtAl(.power(-0.5))] {
      #expect(try NamedInitialization(initialization.name) == initialization)
    }
    for wrong in ["He", "kaiming", "", "he:2"] {
      #expect(throws: NamedInitializationError.unknown(wrong)) { try NamedInitialization(wrong) }
    }
    for wrong in ["", "0", "-1", "nan", "m^", "m^x", "inf"] {
      #expect(throws: NamedInitializationError.beta(wrong)) { try NamedInitialization("e-et-al:" + wrong) }
    }
    #expect(throws: NamedInitializationError.beta("")) { try NamedInitialization("e-et-al") }
  }
}
