import StatisticalInference
import Testing

/// Expected values: Tests/Oracles/power_law.py (SciPy's `linregress` and `t.ppf`), unless a comment says otherwise.
@Suite("Power laws") struct PowerLawFitTests {
  @Test("slope, errors and interval are those of SciPy")
  func regression() throws {
    let widths = [1000.0, 2000, 4000, 8000, 16000]
    let fit = try PowerLawFit(
      x: widths + widths, y: [0.31, 0.22, 0.16, 0.109, 0.08, 0.3, 0.215, 0.15, 0.112, 0.077])
    // Both sides round sums of ten terms of size 10: 1e-12 is far above that.
    #expect(abs(fit.exponent - -0.4893235118327649) < 1e-12)
    #expect(abs(try #require(fit.exponentError) - 0.007207302891203828) < 1e-12)
    #expect(abs(fit.logPrefactor - 2.193329044827597) < 1e-12)
    #expect(abs(try #require(fit.logPrefactorError) - 0.0601937806517328) < 1e-12)
    #expect(abs(fit.rSquared - 0.9982674320766435) < 1e-12)
    let interval = try #require(fit.confidenceInterval())
    // The quantile is good to 1e-11 relative.
    #expect(abs(interval.lowerBound - -0.5059435821035498) < 1e-10)
    #expect(abs(interval.upperBound - -0.4727034415619799) < 1e-10)
  }

  @Test("an exact power law is found; its errors are rounding")
  func exact() throws {
    let x = [1.0, 10, 100, 1000]
    let fit = try PowerLawFit(x: x, y: x.map { 3 / ($0 * $0.squareRoot()) })
    #expect(abs(fit.exponent + 1.5) < 1e-14)
    #expect(abs(fit.value(at: 50) * 50 * 50.0.squareRoot() - 3) < 1e-13)
    #expect(try #require(fit.exponentError) < 1e-14)
  }

  @Test("two points give a slope without an error")
  func twoPoints() throws {
    let fit = try PowerLawFit(x: [1, 2], y: [1, 8])
    #expect(abs(fit.exponent - 3) < 1e-14)
    #expect(fit.exponentError == nil && fit.confidenceInterval() == nil)
  }

  @Test("what has no logarithm, or only one x, is refused")
  func refusals() {
    #expect(throws: PowerLawFitError.notPositive(name: "y", index: 1, value: 0)) {
      try PowerLawFit(x: [1, 2], y: [1, 0])
    }
    #expect(throws: PowerLawFitError.tooFewPoints) { try PowerLawFit(x: [2, 2, 2], y: [1, 2, 3]) }
    #expect(throws: PowerLawFitError.tooFewPoints) { try PowerLawFit(x: [], y: []) }
  }

  @Test(
    "Student's t is SciPy's",
    arguments: [
      (1, [0.32491969623290634, 12.706204736174694, 636.6192487687897]),
      (2, [0.2886751345948128, 4.302652729749462, 31.599054576445365]),
      (3, [0.2766706623326898, 3.1824463052837078, 12.923978636687961]),
      (4, [0.2707222947075976, 2.7764451051977934, 8.610301581379522]),
      (7, [0.2631668613520229, 2.364624251592784, 5.407882520861828]),
      (30, [0.2556053649519128, 2.0422724563012378, 3.6459586350420627]),
    ])
  func studentT(degreesOfFreedom: Int, expected: [Double]) {
    for (p, t) in zip([0.6, 0.975, 0.9995], expected) {
      let found = StudentT.quantile(p, degreesOfFreedom: degreesOfFreedom)
      // Near p = 1 the quantile magnifies the rounding of p by about 1e3.
      #expect(abs(found - t) < 1e-9 * t, "p = \(p)")
      #expect(abs(StudentT.quantile(1 - p, degreesOfFreedom: degreesOfFreedom) + found) < 1e-8 * t)
    }
  }
}
