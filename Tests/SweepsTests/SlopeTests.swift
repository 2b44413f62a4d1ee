import Foundation
import Studies
import Testing

@testable import Sweeps

@Suite("Slopes and boundary") struct SlopeTests {
  /// Rows with a given law, without any run.
  private func rows(
    ending: (_ gamma: Double, _ m: Double) -> String = { _, _ in "stopped" },
    _ law: (_ gamma: Double, _ m: Double) -> Double
  ) -> [SweepRow] {
    var rows: [SweepRow] = []
    for gamma in [0.5, 1.0, 1.5, 2.0] {
      for m in [100, 1000, 10_000] {
        let value = law(gamma, Double(m))
        var result = SweepResult(run: rows.count + 1, returnCode: ending(gamma, Double(m)))
        (result.rdW, result.supW) = (value, 2 * value)
        rows.append(
          SweepRow(
            id: rows.count + 1, gamma: gamma, gammaPrime: 0.2, width: m, seed: 1, betaExponent: nil,
            others: [],
            checks: nil, configuration: "", cost: 1, result: result))
      }
    }
    return rows
  }

  @Test("an exact power law gives its exponent and the zero of S, without error")
  func exact() throws {
    // S = gamma - 1.2, linear in gamma: interpolation finds 1.2 to rounding.
    let slopes = SweepSlopes(rows { 3 * pow($1, $0 - 1.2) }).slopes(.w)
    #expect(slopes.map(\.gamma) == [0.5, 1, 1.5, 2])
    for slope in slopes {
      #expect(abs(slope.fit.exponent - (slope.gamma - 1.2)) < 1e-12)
      #expect(abs(slope.supremumFit!.exponent - slope.fit.exponent) < 1e-12)
    }
    let points = PhaseBoundary.points(slopes)
    #expect(points.count == 1)
    #expect(abs(points[0].gamma - 1.2) < 1e-12 && points[0].error! < 1e-12)
    #expect(SweepTheory(SweepDefinition()).boundary(.w, gammaPrime: 0.2) == 1.2)
  }

  @Test("the zero's error is that of the two slopes, carried through the interpolation")
  func propagated() throws {
    // A bump at the middle width leaves the exponent alone and gives it an error.
    let slopes = SweepSlopes(rows { pow($1, $0 - 1.2) * ($1 == 1000 ? 1.1 : 1) }).slopes(.w)
    let (low, high) = (slopes[1].fit, slopes[2].fit)
    let point = PhaseBoundary.points(slopes)[0]
    // Numerical derivative of the intersection, instead of the formula.
    func zero(_ s0: Double, _ s1: Double) -> Double { 1 + 0.5 * -s0 / (s1 - s0) }
    let h = 1e-6
    let d0 = (zero(low.exponent + h, high.exponent) - zero(low.exponent - h, high.exponent)) / (2 * h)
    let d1 = (zero(low.exponent, high.exponent + h) - zero(low.exponent, high.exponent - h)) / (2 * h)
    let expected = hypot(d0 * low.exponentError!, d1 * high.exponentError!)
    #expect(low.exponentError! > 0.001)
    #expect(abs(point.error! - expected) < 1e-8 * expected)
  }

  @Test("cells where some widths rest on a plateau are marked, and no boundary is read off them")
  func mixed() {
    let slopes = SweepSlopes(
      rows(ending: { $0 == 1.5 && $1 > 1000 ? "stationary" : "stopped" }) { pow($1, $0 - 1.2) }
    )
    .slopes(.w)
    #expect(slopes.map(\.isMixed) == [false, false, true, false])
    #expect(PhaseBoundary.points(slopes).isEmpty)
    // All at rest is one way to end.
    let resting = SweepSlopes(rows(ending: { _, _ in "stationary" }) { pow($1, $0 - 1.2) }).slopes(.w)
    #expect(!resting.contains(where: \.isMixed) && PhaseBoundary.points(resting).count == 1)
  }

  @Test("failed runs and repetitions for accuracy take no part in slopes")
  func excluded() throws {
    let all = rows { pow($1, $0) }
    let spoilt = all.map { row in
      SweepRow(
        id: row.id + 100, gamma: row.gamma, gammaPrime: row.gammaPrime, width: row.width, seed: 2,
        betaExponent: nil,
        others: [], checks: row.id, configuration: "", cost: 1, result: row.result)
    }
    #expect(SweepSlopes(all + spoilt).slopes(.w) == SweepSlopes(all).slopes(.w))
  }

  /// Luo et al., Figure 3 (a) to (c): -0.506, 0.007, 0.372, at widths to 40,000. Here at 500 to 4000 with three seeds: the
  /// slopes of a power law do not hang on its range beyond corrections that fall with m.
  @Test("Figure 3's slopes come out at small widths")
  func figure3() throws {
    let plan = try plan(
      """
      base: {data: four-points, asi: true, observe: [relative-distance], rtol: 0.01, record: endpoints}
      axes: {gamma: [0.5, 1, 1.75], width: [500, 1000, 2000, 4000], seed: [1, 2, 3]}
      asi-width: copy
      accuracy: {sample: 3}
      """)
    try withFolder { folder in
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      let summary = try SweepSummary(store)
      let slopes = try #require(summary.phases.first).slopes
      for (slope, published) in zip(slopes, [-0.506, 0.007, 0.372]) {
        let error = try #require(slope.fit.exponentError)
        #expect(abs(slope.fit.exponent - published) < 0.03 + 2 * error, "\(slope)")
      }
      #expect(try #require(summary.accuracy).largestW < 0.01)
      #expect(summary.failures.isEmpty)
    }
  }
}
