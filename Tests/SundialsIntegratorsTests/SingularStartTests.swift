import Foundation
import ImplicitRungeKutta
import ODECore
import ODETestKit
import SundialsIntegrators
import Testing

/// `y'' + (3/t) y' = -10 y` from rest at `t = 0`, whose Jacobian falls like `1/t`: one that is kept from the start makes Newton's corrections
/// tiny, and what has not converged looks converged.
@Suite("A Jacobian that falls like 1/t") struct SingularStartTests {
  /// `y = 2 J1(w t)/(w t)`, `w^2 = 10`; Abramowitz and Stegun 9.1.52.
  private func exact(_ t: Double) -> Double {
    let x = 10.0.squareRoot() * t
    return 2 * j1(x) / x
  }

  @Test("does not fool implicit methods", arguments: [1e-4, 1e-6, 1e-9])
  func bessel(rtol: Double) throws {
    let system = ClosureSystem(dimension: 2) { t, y, dy in
      dy[0] = y[1]
      dy[1] = t == 0 ? -10 * y[0] / 4 : -3 / t * y[1] - 10 * y[0]
    }
    let problem = try ODEProblem(system, to: 10, initialState: [1, 0])
    let methods: [any Integrator] = [
      CVODEBDF(rtol: rtol, atol: rtol * 1e-3), Radau(rtol: rtol, atol: rtol * 1e-3),
    ]
    for method in methods {
      let solution = try integrate(problem, with: method)
      #expect(solution.returnCode == .success)
      #expect(abs(solution.state[0] - exact(10)) < 10 * rtol, "\(method.name): \(solution.state)")
    }
  }
}
