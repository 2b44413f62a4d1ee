import Foundation
import ODECore
import RungeKutta
import Testing

@Suite("Error norms")
struct NormTests {
  /// The formula in plain Swift, for lengths that fill lanes, leave a rest, or both.
  private func vectors(_ n: Int) -> (e: [Double], a: [Double], b: [Double]) {
    (
      (0..<n).map { sin(Double($0)) * 1e-3 }, (0..<n).map { cos(3 * Double($0)) },
      (0..<n).map { 2 * cos(5 * Double($0) + 1) }
    )
  }

  private func value(
    _ norm: any ErrorNorm, _ e: [Double], _ a: [Double], _ b: [Double], rtol: Double, atol: Double
  )
    throws -> Double
  {
    let (e, a, b) = (StateVector(e), StateVector(a), StateVector(b))
    return try e.withSpan { e in
      try a.withSpan { a in try b.withSpan { try norm.norm(of: e, from: a, to: $0, rtol: rtol, atol: atol) } }
    }
  }

  @Test("match their formulas for every length", arguments: [1, 2, 7, 8, 9, 16, 17, 31, 1000])
  func formulas(_ n: Int) throws {
    let (e, a, b) = vectors(n)
    let (rtol, atol) = (1e-3, 1e-5)
    let ratios = (0..<n).map { abs(e[$0]) / (atol + rtol * max(abs(a[$0]), abs(b[$0]))) }
    func length(_ v: [Double]) -> Double { sqrt(v.reduce(0) { $0 + $1 * $1 }) }
    let expected: [(any ErrorNorm, Double)] = [
      (WRMSNorm(), length(ratios) / sqrt(Double(n))), (MaxNorm(), ratios.max()!),
      (StateNorm(), length(e) / (atol * sqrt(Double(n)) + rtol * max(length(a), length(b)))),
    ]
    for (norm, expected) in expected {
      // Sums of n terms in another order.
      #expect(abs(try value(norm, e, a, b, rtol: rtol, atol: atol) - expected) <= 1e-14 * expected)
    }
  }

  @Test("are NaN where anything is not finite, wherever it stands", arguments: [0, 5, 8, 18])
  func nonFinite(_ position: Int) throws {
    for norm: any ErrorNorm in [WRMSNorm(), MaxNorm(), StateNorm()] {
      for bad in [Double.nan, .infinity, -.infinity] {
        var (e, a, b) = vectors(19)
        e[position] = bad
        #expect(try value(norm, e, a, b, rtol: 1e-3, atol: 1e-6).isNaN)
        (e, a, b) = vectors(19)
        b[position] = bad
        #expect(try value(norm, e, a, b, rtol: 1e-3, atol: 1e-6).isNaN)
      }
    }
  }

  @Test("are zero for a zero error, also with atol = 0 and a component that is zero")
  func zero() throws {
    for norm: any ErrorNorm in [WRMSNorm(), MaxNorm(), StateNorm()] {
      #expect(try value(norm, [0, 0], [0, 0], [0, 0], rtol: 1e-3, atol: 0) == 0)
    }
    let problem = try ODEProblem(
      ClosureSystem(dimension: 2) { _, y, dy in
        dy[0] = -y[0]
        dy[1] = -y[1]
      }, to: 1, initialState: [1, 0])
    let solution = try integrate(problem, with: DormandPrince(rtol: 1e-8, atol: 0))
    #expect(solution.returnCode == .success && abs(solution.state[0] - exp(-1)) < 1e-7)
  }

  private struct PlainWRMS: ErrorNorm {
    func norm(of e: Span<Double>, from a: Span<Double>, to b: Span<Double>, rtol: Double, atol: Double)
      -> Double
    {
      var sum = 0.0
      for i in 0..<e.count {
        let r = e[i] / (atol + rtol * max(abs(a[i]), abs(b[i])))
        sum += r * r
      }
      return sqrt(sum / Double(e.count))
    }
  }

  private struct FirstOnly: ErrorNorm {
    func norm(of e: Span<Double>, from a: Span<Double>, to b: Span<Double>, rtol: Double, atol: Double)
      -> Double
    {
      abs(e[0]) / (atol + rtol * abs(b[0]))
    }
  }

  @Test("of one's own work as the built-in ones do, and may ignore components")
  func custom() throws {
    let problem = try ODEProblem(
      ClosureSystem(dimension: 3) { _, y, dy in
        dy[0] = -y[0]
        dy[1] = 300 * y[2]
        dy[2] = -300 * y[1]
      }, to: 1, initialState: [1, 1, 0])
    let fused = try integrate(problem, with: DormandPrince(rtol: 1e-6))
    let plain = try integrate(problem, with: DormandPrince(rtol: 1e-6, norm: PlainWRMS()))
    #expect(fused.statistics.accepted == plain.statistics.accepted)
    #expect(zip(fused.state, plain.state).allSatisfy { abs($0 - $1) < 1e-9 })
    // Blind to the fast oscillation, the norm asks for far fewer steps.
    let blind = try integrate(problem, with: BogackiShampine(rtol: 1e-4, norm: FirstOnly()))
    #expect(blind.statistics.accepted < fused.statistics.accepted / 4)
    #expect(abs(blind.state[0] - exp(-1)) < 1e-3)
  }
}
