import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

/// rkc where nothing is known of the spectrum.
@Suite("rkc on systems that do not tell their spectral radius")
struct PowerMethodTests {
  private func linear(_ rows: [[Double]]) -> ClosureSystem {
    ClosureSystem(dimension: rows.count) { _, y, dy in
      for (i, row) in rows.enumerated() {
        dy[i] = row.indices.reduce(0) { $0 + row[$1] * y[$1] }
      }
    }
  }

  /// The estimate at the start, from a direction that has all modes.
  private func estimate(_ rows: [[Double]]) throws -> Double {
    let start = rows.indices.map { 1 + 0.3 * sin(Double($0)) }
    let state = try RKC().makeState(
      for: ODEProblem(linear(rows), to: 1, initialState: start), restart: nil)
    return state.restart.errorHistory[1]
  }

  @Test(
    "find the modulus of a pair of eigenvalues that is the largest, complex, imaginary or of both signs",
    arguments: [
      // -3 +- 40 i and -5; skewed by a similarity, so that |J v|/|v| goes up and down by a factor of five; -10 and 10.
      ([[-3, 40, 0], [-40, -3, 0], [0, 0, -5]], 1609.squareRoot()),
      ([[-3, 200, 0], [-8, -3, 1], [0, 0, -5]], 1609.squareRoot()),
      ([[0, 1], [-1, 0]], 1), ([[0, 10], [10, 0]], 10), ([[0, 1], [-1e6, 0]], 1e3),
    ] as [([[Double]], Double)])
  func pairs(rows: [[Double]], rho: Double) throws {
    // 1.2 times an estimate within a hundredth.
    #expect(abs(try estimate(rows) / (1.2 * rho) - 1) < 0.01)
  }

  @Test("take as much work on a diffusion whose spectrum is known as with the known radius")
  func diffusion() throws {
    final class Heat: SpectralRadiusEstimating {
      let dimension = 99
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
        for i in 0..<99 { dy[i] = 1e4 * ((i > 0 ? y[i - 1] : 0) - 2 * y[i] + (i < 98 ? y[i + 1] : 0)) }
      }
      // 4/dx^2 sin^2(n pi dx/2), dx = 1/100.
      func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double { 4e4 * pow(sin(0.495 * .pi), 2) }
    }
    let start = (1...99).map { sin(.pi * Double($0) / 100) + sin(3 * .pi * Double($0) / 100) }
    let problem = try ODEProblem(Heat(), to: 0.2, initialState: start)
    let known = try integrate(problem, with: RKC(rtol: 1e-4, atol: 1e-6))
    let found = try integrate(problem, with: RKC(rtol: 1e-4, atol: 1e-6, spectralRadius: .powerMethod))
    #expect(known.returnCode == .success && found.returnCode == .success)
    // sqrt(1.2) more stages, and at most 50 evaluations in every 25 steps.
    let estimates = 50 * (1 + found.statistics.accepted / 25 + found.statistics.rejected)
    #expect(found.statistics.nfev < Int(1.15 * Double(known.statistics.nfev)) + estimates)
    #expect(zip(known.state, found.state).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test("follow Lorenz's system, whose largest eigenvalues are often complex")
  func lorenz() throws {
    let system = ClosureSystem(dimension: 3) { _, y, dy in
      dy[0] = 10 * (y[1] - y[0])
      dy[1] = y[0] * (28 - y[2]) - y[1]
      dy[2] = y[0] * y[1] - 8.0 / 3 * y[2]
    }
    let problem = try ODEProblem(system, to: 1, initialState: [1, 1, 1])
    // SciPy 1.x, DOP853 at rtol 1e-13, atol 1e-14; agrees with rtol 1e-12 to 3e-12.
    let reference = [-9.37857001092536, -8.357033788426975, 29.36232533736374]
    var errors: [Double] = []
    for rtol in [1e-6, 1e-8] {
      let solution = try integrate(problem, with: RKC(rtol: rtol, atol: rtol))
      #expect(solution.returnCode == .success)
      errors.append(zip(solution.state, reference).map { abs($0 - $1) }.max()!)
    }
    // The error of a step is rtol, their number grows like rtol^(-1/3): so 100^(2/3) = 22 for the sum.
    #expect(errors[0] < 3e-3 && errors[1] < errors[0] / 10, "\(errors)")
  }

  @Test("reach Robertson's t = 40; what lies out of reach at t = 1e11 is said, not tried")
  func robertson() throws {
    let reference = ReferenceProblem.robertson
    let early = try ODEProblem(reference.problem.system, to: 40, initialState: [1, 0, 0])
    let solution = try integrate(early, with: RKC(rtol: 1e-7, atol: 1e-10))
    // As printed by SUNDIALS' cvRoberts_dns: 7.1583e-01 9.1855e-06 2.8416e-01.
    for (value, printed) in zip(solution.state, [7.1583e-1, 9.1855e-6, 2.8416e-1]) {
      #expect(abs(value / printed - 1) < 2e-5)
    }
    let late = try integrate(reference.problem, with: RKC(rtol: 1e-5, atol: 1e-10))
    #expect(late.returnCode == .tooStiff && late.message.contains("cvode-bdf"), "\(late.message)")
    #expect(late.statistics.nfev < 20_000_000 && late.time > 1e6)
  }

  @Test("resume with the same bits, the direction of the power method included")
  func restart() throws {
    var conformance = IntegratorConformance()
    conformance.accuracy = 1e-2
    #expect(conformance.violations(of: RKC(rtol: 1e-4, atol: 1e-6, spectralRadius: .powerMethod)) == [])
  }
}
