import ODECore
import ODETestKit
import SundialsIntegrators
import Testing

@Suite("CVODE keeps the integrator's contract")
struct ConformanceTests {
  private func violations(of integrator: some Integrator) -> [String] {
    var conformance = IntegratorConformance()
    // A restart loses the history.
    conformance.restartIsExact = false
    return conformance.violations(of: integrator)
  }

  @Test(
    "Adams, with each nonlinear solver",
    arguments: [
      CVODEAdams.Nonlinear.fixedPoint(), .fixedPoint(anderson: 3), .newton(.dense), .newton(.spgmr()),
    ])
  func adams(nonlinear: CVODEAdams.Nonlinear) {
    for rtol in [1e-5, 1e-7, 1e-10] {
      #expect(violations(of: CVODEAdams(rtol: rtol, atol: rtol / 10, nonlinear: nonlinear)) == [])
    }
  }

  @Test("BDF, with each linear solver", arguments: [CVODELinearSolver.automatic, .dense, .spgmr()])
  func bdf(linearSolver: CVODELinearSolver) {
    for rtol in [1e-5, 1e-7, 1e-10] {
      #expect(violations(of: CVODEBDF(rtol: rtol, atol: rtol / 10, linearSolver: linearSolver)) == [])
    }
  }
}
