import Foundation
import ODECore
import ODETestKit
import SundialsIntegrators
import Testing

@Suite("CVODE on problems with published solutions")
struct ReferenceSolutionTests {
  private func problem(_ name: String) throws -> ReferenceProblem {
    try #require(ReferenceProblem.all.first { $0.name == name })
  }

  @Test(
    "Stiff problems of the IVP test set",
    arguments: [
      // Robertson's y_1 is 8e-14 in the end; absolute tolerances must see it.
      ("robertson", [1e-16, 1e-20, 1e-12]), ("vdpol", [1e-12, 1e-12]),
      ("hires", Array(repeating: 1e-14, count: 8)), ("orego", [1e-12, 1e-12, 1e-12]),
    ])
  func stiff(name: String, atols: [Double]) throws {
    let reference = try problem(name)
    let problem = reference.problem
    // The same without its Jacobian.
    let system = problem.system
    let plain = try ODEProblem(
      ClosureSystem(dimension: system.dimension) { t, y, dy in try system.derivative(t, y, into: &dy) },
      from: problem.initialTime, to: problem.finalTime, initialState: problem.initialState)
    for (problem, solver) in [(problem, CVODELinearSolver.dense), (plain, .automatic), (problem, .spgmr())] {
      let solution = try integrate(
        problem, with: CVODEBDF(rtol: 1e-9, atols: atols, linearSolver: solver))
      #expect(solution.returnCode == .success, "\(solution.message)")
      #expect(solution.time == problem.finalTime)
      // Each of some thousand steps adds at most rtol relative to the state. The problems contract
      // but for the relaxation oscillators, which turn an early error into a shift of their phase.
      let bound = Double(solution.statistics.accepted) * 1e-9
      #expect(reference.error(of: solution.state) < bound, "\(reference.name), \(solver)")
    }
  }

  @Test("Robertson to t = 1e11 agrees with the IVP test set's digits")
  func robertson() throws {
    let published = [0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050]
    let solution = try integrate(
      ReferenceProblem.robertson.problem, with: CVODEBDF(rtol: 1e-10, atols: [1e-17, 1e-22, 1e-13]))
    #expect(solution.time == 1e11)
    for (y, reference) in zip(solution.state, published) { #expect(abs(y / reference - 1) < 1e-7) }
  }

  @Test("Van der Pol with eps = 1e-6 at t = 2 agrees with the IVP test set's digits")
  func vanDerPol() throws {
    let published = [0.1706167732170483e1, -0.8928097010247975]
    let solution = try integrate(
      ReferenceProblem.vanDerPol.problem, with: CVODEBDF(rtol: 1e-10, atol: 1e-10))
    for (y, reference) in zip(solution.state, published) { #expect(abs(y / reference - 1) < 1e-7) }
  }

  @Test(
    "Orbits, with each nonlinear solver",
    arguments: ["arenstorf", "pleiades"],
    [CVODEAdams.Nonlinear.fixedPoint(), .fixedPoint(anderson: 2), .newton()])
  func orbits(name: String, nonlinear: CVODEAdams.Nonlinear) throws {
    let reference = try problem(name)
    let solution = try integrate(
      reference.problem, with: CVODEAdams(rtol: 1e-12, atol: 1e-13, nonlinear: nonlinear))
    #expect(solution.returnCode == .success)
    // Close approaches multiply early errors by up to about 1e5.
    #expect(reference.error(of: solution.state) < 1e-6)
  }

  @Test("The oscillator's error follows the tolerance", arguments: [1e-4, 1e-6, 1e-8, 1e-10])
  func oscillator(rtol: Double) throws {
    let problem = try ODEProblem(Oscillator(), to: 20, initialState: [1, 0])
    for solution in [
      try integrate(problem, with: CVODEAdams(rtol: rtol, atol: rtol)),
      try integrate(problem, with: CVODEBDF(rtol: rtol, atol: rtol)),
    ] {
      // The flow is a rotation: local errors add up unchanged. Each is below
      // sqrt(2) rtol (|y_i| + 1) in every component by the norm of the error test.
      let bound = Double(solution.statistics.accepted) * 2.0.squareRoot() * 2 * rtol
      #expect(abs(solution.state[0] - cos(20)) < bound)
      #expect(abs(solution.state[1] + sin(20)) < bound)
    }
  }

  @Test("The heat equation decays at the rate of its discrete mode, with every linear solver")
  func heat() throws {
    let t = 0.1
    for (heat, solver): (Heat, CVODELinearSolver) in [
      (Heat(points: 40), .dense), (HeatWithJacobian(points: 40), .dense),
      (Heat(points: 40), .spgmr(krylovDimension: 20)),
      (HeatWithProduct(points: 40), .spgmr(krylovDimension: 20)),
      (HeatWithNewton(points: 400), .spgmr()), (HeatWithNewton(points: 400), .structured),
    ] {
      let problem = try ODEProblem(heat, to: t, initialState: heat.start)
      let solution = try integrate(problem, with: CVODEBDF(rtol: 1e-8, atol: 1e-10, linearSolver: solver))
      #expect(solution.returnCode == .success, "\(solution.message)")
      let decay = exp(-heat.rate * t)
      let error = zip(solution.state, heat.start).map { abs($0 - decay * $1) }.max()!
      #expect(error < 1e-6)
    }
  }

  @Test("The structure's Newton solve makes a stiff Krylov iteration short")
  func preconditioning() throws {
    let heat = HeatWithNewton(points: 400)
    let problem = try ODEProblem(heat, to: 0.1, initialState: heat.start)
    let solution = try integrate(problem, with: CVODEBDF(rtol: 1e-6, atol: 1e-8, linearSolver: .spgmr()))
    let statistics = solution.statistics
    #expect(statistics.nps > 0)
    // With the exact inverse one iteration per solve does; gamma drifts by up to 30% before it is renewed.
    #expect(Double(statistics.nli) < 3 * Double(statistics.nni))
  }
}
