import BuiltinPlugins
import Studies
import Testing

@testable import Validation

@Suite("Validation: starts") struct StartTests {
  @Test("Proposition 16, Lemma 9 and Lemma 10 hold")
  func hold() throws {
    let settings = smallSettings { $0.statement = ["proposition-16", "lemma-9", "lemma-10"] }
    let report = try Validation(settings, BuiltinPlugins.catalog()).run()
    #expect(report.entries.map(\.result.verdict) == [.holds, .holds, .holds])
    #expect(report.runs == 0)
  }

  @Test("claims that are too strong come out as failed")
  func wrong() throws {
    #expect(try judge(NormStatement(rate: 0.5)).verdict == .fails)
    #expect(try judge(LargestEntryStatement(strictness: 0.7)).verdict == .fails)
    #expect(try judge(InitialRiskStatement(strictness: 1e-9)).verdict == .fails)
  }

  /// SciPy: Tests/Oracles/validation_tails.py.
  @Test(
    "the binomial tail is SciPy's",
    arguments: [
      (5, 400, 0.01, 0.3711614203293928), (20, 400, 0.05, 0.5320300507088195),
      (31, 400, 0.05, 0.011436998186688776),
      (1, 10, 1e-4, 0.0009995501199790025),
    ])
  func binomial(successes: Int, draws: Int, probability: Double, expected: Double) {
    let chance = BinomialTest(successes: successes, draws: draws, probability: probability).chance
    // Logarithms of factorials up to 400! (about 2000) are rounded to 1e-13 or so.
    #expect(abs(chance / expected - 1) < 1e-11)
    #expect(BinomialTest(successes: 0, draws: draws, probability: probability).chance == 1)
  }

  /// The chance that `|X|^2/N` of `N` normal numbers is outside [1/2, 3/2], by SciPy's chi-square distribution.
  @Test(
    "the Chernoff bound of Proposition 16 lies above the exact chance",
    arguments: [
      (1, 0.7411712397328899), (5, 0.4095347624795443), (20, 0.10168171800561468),
      (100, 0.0009108853476016346),
      (300, 4.356904515146479e-08),
    ])
  func chernoff(entries: Int, exact: Double) {
    #expect(NormStatement().probability(entries: entries) >= exact)
  }
}
