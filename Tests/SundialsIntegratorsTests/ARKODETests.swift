import Foundation
import ODECore
import ODETestKit
import SundialsIntegrators
import Testing

@Suite("ARKODE")
struct ARKODETests {
  @Test("keeps the integrator's contract, explicit and implicit")
  func contract() {
    var conformance = IntegratorConformance()
    conformance.restartIsExact = false
    conformance.interpolationTolerance = 1e-6
    #expect(conformance.violations(of: ARKODE(.explicit, rtol: 1e-6, atol: 1e-9)) == [])
    #expect(conformance.violations(of: ARKODE(.diagonallyImplicit, rtol: 1e-6, atol: 1e-9)) == [])
  }

  @Test("has the order asked for", arguments: [3, 4, 5])
  func order(order: Int) throws {
    // Newton's iteration is held by the tolerance, which controls no step.
    for kind in [ARKODE.Kind.explicit, .diagonallyImplicit] {
      let measured = try measureOrder(
        of: { ARKODE(kind, rtol: 1e-10, atol: 1e-10, order: order, fixedStep: $0) },
        problem: .logistic, steps: [0.5, 0.25, 0.125], solution: .final)
      #expect(measured.order > Double(order) - 0.6, "\(kind): \(measured)")
    }
  }

  @Test("reaches published solutions of stiff problems, the system's Jacobian or differences")
  func stiff() throws {
    for problem in ReferenceProblem.all
    where problem.isStiff && !["ring-modulator", "beam", "e5"].contains(problem.name) {
      let solution = try integrate(
        problem.problem, with: ARKODE(.diagonallyImplicit, rtol: 1e-6, atol: 1e-6 * problem.atolRatio))
      #expect(solution.returnCode == .success, "\(problem.name): \(solution.message)")
      let bound = max(1e-4, 2 * problem.solutionAccuracy)
      #expect(
        problem.error(of: solution.state) < bound, "\(problem.name): \(problem.error(of: solution.state))")
    }
  }

  /// `u' = -1000 (u - cos t) - sin t + v`, `v' = -v`: the first term is stiff. With `v(0) = 0` the solution is `u = cos t`.
  private struct Split: AdditiveSystem {
    let dimension = 2
    func stiffPart(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      dy[0] = -1000 * (y[0] - cos(t))
      dy[1] = 0
    }
    func nonstiffPart(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      dy[0] = -sin(t) + y[1]
      dy[1] = -y[1]
    }
    func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      dy[0] = -1000 * (y[0] - cos(t)) - sin(t) + y[1]
      dy[1] = -y[1]
    }
  }

  @Test("integrates a split system's stiff part implicitly, the rest explicitly")
  func additive() throws {
    let problem = try ODEProblem(Split(), to: 10, initialState: [1, 0])
    let split = try integrate(problem, with: ARKODE(.additive, rtol: 1e-6, atol: 1e-9))
    #expect(
      split.returnCode == .success && abs(split.state[0] - cos(10)) < 1e-5, "\(split.message) \(split.state)")
    let explicit = try integrate(problem, with: ARKODE(.explicit, rtol: 1e-6, atol: 1e-9))
    // A plain C program with ARKODE's defaults takes 1879 steps: the stiff part reduces the order.
    #expect(split.statistics.accepted < 2200 && explicit.statistics.accepted > 6000)
    #expect(ARKODE(.additive).refusal(of: ReferenceProblem.decay.problem) != nil)
  }

  @Test("takes tables by name, and refuses those that there are not")
  func tables() throws {
    let problem = ReferenceProblem.oscillator.problem
    let verner = ARKODE(.explicit, rtol: 1e-9, atol: 1e-12, table: "ARKODE_VERNER_8_5_6")
    let solution = try integrate(problem, with: verner)
    #expect(solution.statistics.lastOrder == 6)
    #expect(ReferenceProblem.oscillator.error(of: solution.state) < 1e-6)
    let failed = try integrate(problem, with: ARKODE(.explicit, table: "ARKODE_NO_SUCH"))
    #expect(failed.returnCode == .initialFailure && failed.message.contains("ARKODE_NO_SUCH"))
  }
}
