import StatisticalInference
import Testing

@Suite("Binomial tests") struct BinomialTestTests {
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
}
