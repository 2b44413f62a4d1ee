import ODECore
import SundialsIntegrators
import Testing

@Suite("CVODE's statistics are what was counted")
struct StatisticsTests {
  private final class Steps: Observer {
    var count = 0
    let watchesSteps = true
    func step(_ moment: Moment) { count += 1 }
  }

  private func run<I: Integrator>(_ heat: Heat, _ integrator: I) throws -> (
    Statistics, events: Int, steps: Int
  ) {
    var events = 0
    let steps = Steps()
    let event = Event("half") { _, y in
      events += 1
      return y[0] - 0.01
    }
    let problem = try ODEProblem(heat, to: 0.2, initialState: heat.start, events: [event])
    let solution = try integrate(problem, with: integrator, observers: [steps])
    #expect(solution.returnCode == .success, "\(solution.message)")
    return (solution.statistics, events, steps.count)
  }

  private func check<I: Integrator>(_ heat: Heat, _ integrator: I) throws -> Statistics {
    let (statistics, events, steps) = try run(heat, integrator)
    #expect(statistics.nfev == heat.derivatives)
    #expect(statistics.nge == events)
    #expect(statistics.accepted == steps)
    #expect(statistics.rejected == statistics.netf + statistics.ncfn)
    #expect(statistics.nni > 0 && statistics.lastOrder > 0 && statistics.lastStepSize > 0)
    #expect(statistics.wallSeconds > 0)
    return statistics
  }

  @Test("Adams with fixed-point iteration")
  func fixedPoint() throws {
    let statistics = try check(Heat(points: 10), CVODEAdams())
    #expect(statistics.njev == 0 && statistics.nli == 0 && statistics.nsetups == 0)
    // Stability, not accuracy, limits the step here: some attempts are thrown away.
    #expect(statistics.rejected > 0)
  }

  @Test("Adams with Newton's iteration")
  func adamsNewton() throws {
    let statistics = try check(Heat(points: 10), CVODEAdams(nonlinear: .newton()))
    #expect(statistics.njev > 0 && statistics.nsetups >= statistics.njev)
  }

  @Test("BDF with a dense matrix from difference quotients: ten evaluations each")
  func differenceQuotients() throws {
    let statistics = try check(Heat(points: 10), CVODEBDF())
    #expect(statistics.njev > 0)
    #expect(statistics.nfev > 10 * statistics.njev)
  }

  @Test("BDF with the system's own dense Jacobian")
  func denseJacobian() throws {
    let heat = HeatWithJacobian(points: 10)
    let statistics = try check(heat, CVODEBDF())
    #expect(statistics.njev == heat.jacobians)
    // Every evaluation of f belongs to an iteration, a first guess or a restart.
    #expect(statistics.nfev < 2 * statistics.nni)
  }

  @Test("BDF with Krylov's method and the system's products and Newton solves")
  func krylov() throws {
    let heat = HeatWithNewton(points: 10)
    let statistics = try check(heat, CVODEBDF(linearSolver: .spgmr()))
    #expect(statistics.njtimes == heat.products)
    #expect(statistics.npe == heat.preparations)
    #expect(statistics.njev == heat.preparations)
    #expect(statistics.nps == heat.solves)
    #expect(statistics.nli > 0)
  }

  @Test("BDF with Krylov's method and difference quotients only")
  func matrixFree() throws {
    let heat = Heat(points: 10)
    let statistics = try check(heat, CVODEBDF(linearSolver: .spgmr(krylovDimension: 10)))
    #expect(statistics.njtimes > 0)
    #expect(statistics.nfev > statistics.njtimes)
  }

  @Test(
    "The automatic linear solver is the system's own, or dense for small systems and Krylov's for large ones")
  func automatic() throws {
    #expect(try check(Heat(points: 200), CVODEBDF(rtol: 1e-3)).nli == 0)
    #expect(try check(HeatWithJacobian(points: 201), CVODEBDF(rtol: 1e-3)).nli == 0)
    #expect(try check(HeatWithProduct(points: 201), CVODEBDF(rtol: 1e-3)).nli > 0)
    for points in [20, 201] {
      let heat = HeatWithNewton(points: points)
      let statistics = try check(heat, CVODEBDF(rtol: 1e-3))
      #expect(statistics.nli == 0 && heat.solves == statistics.nni && heat.solves > 0)
    }
  }
}
