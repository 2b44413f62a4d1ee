import Studies
import Testing

@Suite("Regions of the phase diagram") struct PhaseRegionTests {
  /// Figure 1, Table 1 and the conditions of Propositions 23, 25, 26 and Theorem 8.
  @Test(
    "a place is in the region that the paper gives it",
    arguments: [
      (0.5, 0, PhaseRegion.thetaLazy), (0.5, 0.5, .thetaLazy), (0.5, -3, .thetaLazy), (1, 0, .critical),
      (1, -0.5, .critical), (1.5, 0.5, .critical), (1, 0.1, .wLazy), (1.25, 0.75, .wLazy),
      (1.75, 0, .condensed),
      (1.75, 0.5, .condensed), (1.75, -0.75, .condensed), (1.5, -1, .aLazy),
    ])
  func regions(gamma: Double, gammaPrime: Double, region: PhaseRegion) {
    #expect(PhaseRegion(gamma: gamma, gammaPrime: gammaPrime) == region)
  }

  @Test("expected exponents are continuous where the theta-lazy and w-lazy regions meet")
  func continuity() throws {
    let left = try #require(ExpectedExponents(gamma: (1.0).nextDown, gammaPrime: 0.4))
    let right = try #require(ExpectedExponents(gamma: 1, gammaPrime: 0.4))
    for (a, b) in [(left.w, right.w), (left.a, right.a), (left.theta, right.theta)] {
      #expect(abs(a - b) < 1e-15)
    }
  }

  /// The slopes printed in Figure 3 (a) and (c): -0.506 and 0.372, at widths up to 40,000.
  @Test("expected exponents are near those published")
  func published() throws {
    #expect(abs(try #require(ExpectedExponents(gamma: 0.5, gammaPrime: 0)).w - -0.506) < 0.01)
    #expect(abs(try #require(ExpectedExponents(gamma: 1.75, gammaPrime: 0)).w - 0.372) < 0.01)
  }

  /// Theorem 6 (d) bounds S_w from above in the linear regime, Theorem 8 from below in the condensed one.
  @Test("expected exponents obey Theorems 6 and 8")
  func theorems() {
    for gamma in stride(from: -0.95, through: 3, by: 0.1) {
      for gammaPrime in stride(from: -1.55, through: 2, by: 0.1) {
        guard let expected = ExpectedExponents(gamma: gamma, gammaPrime: gammaPrime) else { continue }
        if PhaseRegion(gamma: gamma, gammaPrime: gammaPrime).isLinear {
          #expect(expected.w <= gamma - 1 - max(gammaPrime, 0) + 1e-12)
          #expect(expected.theta <= gamma - 1 + 1e-12)
        } else {
          #expect(expected.w >= (gamma - 1 - max(gammaPrime, 0)) / 2 - 1e-12)
        }
      }
    }
  }
}
