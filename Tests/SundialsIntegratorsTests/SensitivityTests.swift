import Foundation
import ImplicitRungeKutta
import ODECore
import ODETestKit
import RungeKutta
import SundialsIntegrators
import Testing

@Suite("Forward sensitivities")
struct SensitivityTests {
  /// `y' = -p y + q`: `y = q/p + (y0 - q/p) exp(-p t)`.
  private static func system(_ p: Double, _ q: Double) -> ClosureSystem {
    ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -p * y[0] + q }
  }

  private static let (p, q, y0) = (0.7, 2.0, 3.0)

  private static var sensitivities: SensitivitySystem {
    let d = 6e-6
    return SensitivitySystem(
      system(p, q),
      [
        .init(name: "p", scale: p, step: d * p, above: system(p + d * p, q), below: system(p - d * p, q)),
        .init(name: "q", scale: q, step: d * q, above: system(p, q + d * q), below: system(p, q - d * q)),
        .init(name: "y0(0)", scale: y0, step: d * y0, above: system(p, q), below: system(p, q)),
      ])
  }

  @Test("CVODES' follow the closed form, and so do those of any other method")
  func closedForm() throws {
    let t = 1.5
    let problem = try ODEProblem(
      Self.sensitivities, to: t, initialState: [Self.y0, 0, 0, 1])
    let (p, q, y0) = (Self.p, Self.q, Self.y0)
    let e = exp(-p * t)
    let expected = [
      q / p + (y0 - q / p) * e, -q / (p * p) * (1 - e) - (y0 - q / p) * t * e, (1 - e) / p, e,
    ]
    let solutions = [
      try integrate(problem, with: CVODEBDF(rtol: 1e-9, atol: 1e-12)),
      try integrate(problem, with: CVODEAdams(rtol: 1e-9, atol: 1e-12)),
      try integrate(problem, with: DormandPrince(rtol: 1e-9, atol: 1e-12)),
    ]
    for solution in solutions {
      #expect(solution.returnCode == .success)
      for (y, value) in zip(solution.state, expected) {
        #expect(abs(y / value - 1) < 1e-6, "\(solution.state)")
      }
    }
  }

  /// Robertson's reaction; the first rate is varied. Expected: differences of runs with Radau at 1e-11.
  @Test("of a stiff system agree with differences of whole runs")
  func stiff() throws {
    func robertson(_ rate: Double) -> ClosureSystem {
      ClosureSystem(dimension: 3) { _, y, dy in
        let (r1, r2, r3) = (rate * y[0], 1e4 * y[1] * y[2], 3e7 * y[1] * y[1])
        dy[0] = -r1 + r2
        dy[1] = r1 - r2 - r3
        dy[2] = r3
      }
    }
    let (rate, end) = (0.04, 40.0)
    let step = 6e-6 * rate
    let system = SensitivitySystem(
      robertson(rate),
      [
        .init(
          name: "rate", scale: rate, step: step, above: robertson(rate + step), below: robertson(rate - step))
      ])
    let problem = try ODEProblem(system, to: end, initialState: [1, 0, 0, 0, 0, 0])
    let solution = try integrate(
      problem, with: CVODEBDF(rtol: 1e-8, atols: [1e-10, 1e-14, 1e-10, 1e-9, 1e-13, 1e-9]))
    #expect(solution.returnCode == .success, "\(solution.message)")
    func final(_ rate: Double) throws -> [Double] {
      try integrate(
        ODEProblem(robertson(rate), to: end, initialState: [1, 0, 0]), with: Radau(rtol: 1e-11, atol: 1e-17)
      ).state
    }
    let (above, below) = (try final(rate * 1.001), try final(rate * 0.999))
    for i in 0..<3 {
      let expected = (above[i] - below[i]) / (0.002 * rate)
      // The difference's own error is of the order 1e-6.
      #expect(abs(solution.state[3 + i] / expected - 1) < 1e-4, "\(solution.state) \(expected)")
    }
    // Matrices are of the three unknowns, not of six.
    #expect(solution.choice == "cvode-bdf: a dense Jacobian by differences")
  }

  @Test("are there between the steps, and after a restart")
  func dense() throws {
    let problem = try ODEProblem(Self.sensitivities, to: 1.5, initialState: [Self.y0, 0, 0, 1])
    let solution = try integrate(
      problem, with: CVODEBDF(rtol: 1e-9, atol: 1e-12), saving: .list([0.3, 0.77, 1.2]))
    for (t, y) in zip(solution.savedTimes, solution.savedStates) {
      let decay = exp(-Self.p * t)
      #expect(abs(y[2] - (1 - decay) / Self.p) < 1e-6)
      #expect(abs(y[3] - decay) < 1e-6)
    }
  }
}
