import Foundation
import ODECore
import SundialsIntegrators
import Testing

@Suite("CVODE on problems with published solutions")
struct ReferenceSolutionTests {
  private func relativeErrors(_ y: [Double], _ reference: [Double]) -> [Double] {
    zip(y, reference).map { abs($0 - $1) / abs($1) }
  }

  @Test("Robertson to t = 1e11 agrees with the IVP test set", arguments: [true, false])
  func robertson(analyticJacobian: Bool) throws {
    let reference = [0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050]
    let plain = ClosureSystem(dimension: 3) { t, y, dy in Robertson().derivative(t, y, into: &dy) }
    let problem = try ODEProblem(
      analyticJacobian ? Robertson() : plain, to: 1e11, initialState: [1, 0, 0])
    let solution = try integrate(
      problem, with: CVODEBDF(rtol: 1e-9, atols: [1e-16, 1e-20, 1e-12], linearSolver: .dense))
    #expect(solution.returnCode == .success)
    #expect(solution.time == 1e11)
    // y_0 and y_1 decay like 1/t: a local relative error of 1e-9 per step adds up over some
    // thousand steps to less than 1000 rtol.
    #expect(relativeErrors(solution.state, reference).max()! < 1e-6)
    #expect(solution.statistics.njev > 0)
  }

  @Test("Van der Pol with eps = 1e-6 at t = 2 agrees with the IVP test set")
  func vanDerPol() throws {
    let reference = [0.1706167732170483e1, -0.8928097010247975]
    let problem = try ODEProblem(VanDerPol(), to: 2, initialState: [2, 0])
    let solution = try integrate(problem, with: CVODEBDF(rtol: 1e-9, atol: 1e-9))
    #expect(solution.returnCode == .success)
    // The fast jumps amplify the phase error of what went before by a few hundred.
    #expect(relativeErrors(solution.state, reference).max()! < 1e-6)
  }

  @Test(
    "The Arenstorf orbit closes",
    arguments: [CVODEAdams.Nonlinear.fixedPoint(), .fixedPoint(anderson: 2), .newton()])
  func arenstorf(nonlinear: CVODEAdams.Nonlinear) throws {
    let problem = try ODEProblem(Arenstorf(), to: Arenstorf.period, initialState: Arenstorf.start)
    let solution = try integrate(
      problem, with: CVODEAdams(rtol: 1e-12, atol: 1e-13, nonlinear: nonlinear))
    #expect(solution.returnCode == .success)
    // The orbit's monodromy multiplies early errors by up to about 1e5 (close approach at the start).
    #expect(abs(solution.state[0] - Arenstorf.start[0]) < 1e-6)
    #expect(abs(solution.state[1] - Arenstorf.start[1]) < 1e-6)
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
      (HeatWithNewton(points: 400), .automatic),
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
    let solution = try integrate(problem, with: CVODEBDF(rtol: 1e-6, atol: 1e-8))
    let statistics = solution.statistics
    #expect(statistics.nps > 0)
    // With the exact inverse one iteration per solve does; gamma drifts by up to 30% before it is renewed.
    #expect(Double(statistics.nli) < 3 * Double(statistics.nni))
  }
}
