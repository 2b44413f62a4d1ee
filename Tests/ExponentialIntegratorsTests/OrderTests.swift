import ExponentialIntegrators
import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

/// Steps of nearly `h` throughout.
func steps(_ h: Double, rtol: Double = 1e6) -> StepControl {
  StepControl(rtol: rtol, atol: rtol, initialStep: h, maxStep: h)
}

@Suite("Measured orders of exponential integrators")
struct OrderTests {
  // The next term of the error shifts slopes by a few tenths at these steps; a method one order off would be off by 1.
  @Test("on smooth problems that are not stiff, dense output included", arguments: ExponentialMethod.all)
  func classical(_ method: ExponentialMethod) throws {
    for problem in [ReferenceProblem.rational, .logistic] {
      // The Krylov tolerance must not show.
      func make(_ h: Double) -> ExponentialRungeKutta {
        ExponentialRungeKutta(method, steps(h, rtol: 1e-4 * 1e10))
      }
      let ends = try measureOrder(
        of: make, problem: problem, steps: [0.1, 0.05, 0.025, 0.0125], solution: .steps)
      #expect(ends.order > Double(method.order) - 0.3, "\(problem.name): \(ends.order) from \(ends.errors)")
      let dense = try measureOrder(of: make, problem: problem, steps: [0.1, 0.05, 0.025], solution: .dense)
      #expect(dense.order > 1.7, "\(problem.name), dense: \(dense.order) from \(dense.errors)")
    }
  }

  private func error(_ system: any ODESystem, _ exact: (Double) -> [Double], _ integrator: some Integrator)
    throws -> Double
  {
    let solution = try integrate(
      ODEProblem(system, to: 1, initialState: exact(0)), with: integrator)
    #expect(solution.returnCode == .success, "\(solution.message)")
    return zip(solution.state, exact(1)).map { abs($0 - $1) }.max()!
  }

  /// `h |L|` is 1600 to 100 on these steps: none of them would be stable for an explicit method. Published orders (Hochbruck and Ostermann 2005, where
  /// this is example 6.1): ETD2RK 2, the three-stage method 3, Krogstad's between 3 and 4.
  @Test(
    "on a stiff problem with the Laplacian for L",
    arguments: [(ExponentialMethod.etd2rk, 1.8), (.expRK3, 2.7), (.krogstad, 2.9)])
  func stiff(_ method: ExponentialMethod, _ least: Double) throws {
    let problem = ParabolicProblem.hochbruckOstermann(99)
    let sizes = [1 / 25.0, 1 / 50.0, 1 / 100.0, 1 / 200.0]
    let errors = try sizes.map {
      try error(DiffusionPart(problem), problem.exact, ExponentialRungeKutta(method, steps($0)))
    }
    let order = OrderMeasurement(steps: sizes, errors: errors).order
    #expect(order > least, "\(order) from \(errors)")
  }

  /// As above; the exponential Rosenbrock methods have stiff orders 3 and 4 (Hochbruck, Ostermann, Schweitzer 2009).
  @Test(
    "on a stiff problem with the Jacobian in Krylov spaces",
    arguments: [(ExponentialMethod.exprb32, 2.7), (.exprb43, 3.6)])
  func rosenbrock(_ method: ExponentialMethod, _ least: Double) throws {
    let problem = ParabolicProblem.hochbruckOstermann(49)
    let sizes = [1 / 5.0, 1 / 10.0, 1 / 20.0]
    let errors = try sizes.map {
      var control = steps($0)
      // Sets the tolerance of Krylov spaces; the norm lets every step pass.
      control.rtol = 1e-10
      control.atol = 0
      control.norm = Nothing()
      return try error(problem, problem.exact, ExponentialRungeKutta(method, control))
    }
    let order = OrderMeasurement(steps: sizes, errors: errors).order
    #expect(order > least, "\(order) from \(errors)")
  }

  private struct Nothing: ErrorNorm {
    func norm(
      of error: Span<Double>, from y0: Span<Double>, to y1: Span<Double>, rtol: Double, atol: Double
    ) -> Double { 0.1 }
  }
}
