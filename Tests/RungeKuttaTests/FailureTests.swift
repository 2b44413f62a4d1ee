import Foundation
import ODECore
import RungeKutta
import Testing

@Suite("Failures of the steppers")
struct FailureTests {
  private func problem(
    to end: Double = 2, _ state: [Double] = [1], _ f: @escaping ClosureSystem.Derivative
  ) throws -> ODEProblem {
    try ODEProblem(ClosureSystem(dimension: state.count, f), to: end, initialState: state)
  }

  @Test("a jump to NaN ends in nonFinite just before it, with time and step in the message")
  func nan() throws {
    let problem = try problem { t, y, dy in dy[0] = t < 0.75 ? -y[0] : .nan }
    for solution in [
      try integrate(problem, with: DormandPrince()), try integrate(problem, with: BogackiShampine()),
    ] {
      #expect(solution.returnCode == .nonFinite)
      #expect(solution.time < 0.75 && solution.time > 0.7499999)
      #expect(abs(solution.state[0] - exp(-solution.time)) < 1e-5)
      #expect(solution.message.contains("t = \(solution.time)") && solution.message.contains("size"))
      #expect(solution.statistics.rejected > 0 && solution.statistics.netf < solution.statistics.rejected)
    }
    let fixed = try integrate(problem, with: ClassicalRK4(step: .value(0.1)))
    #expect(fixed.returnCode == .nonFinite)
    #expect(abs(fixed.time - 0.7) < 1e-12 && fixed.state[0].isFinite)
  }

  @Test("NaN that only a shorter step avoids is stepped around")
  func recoverable() throws {
    // sqrt(y) along y' = -sqrt(y): a stage beyond the zero at t = 2 is NaN; up to 1.999 it can be
    // avoided. y = (1 - t/2)^2.
    let solution = try integrate(
      problem(to: 1.999) { _, y, dy in dy[0] = -y[0].squareRoot() },
      with: DormandPrince(rtol: 1e-6, atol: 1e-9, initialStep: 1.9))
    #expect(solution.returnCode == .success)
    #expect(solution.statistics.rejected > 0)
    #expect(abs(solution.state[0] - pow(1 - 1.999 / 2, 2)) < 1e-7)
  }

  @Test("a state that overflows is never accepted, even where f maps infinity to a number")
  func overflow() throws {
    // f is bounded by 1e308 and finite at infinity: only the check of the state itself sees it.
    let problem = try problem(to: 100, [0, 0]) { t, y, dy in
      dy[0] = y[0].isFinite ? 1e308 : 0
      dy[1] = 0
    }
    for solution in [
      try integrate(problem, with: DormandPrince(initialStep: 1)),
      try integrate(problem, with: DormandPrince(norm: MaxNorm(), initialStep: 1)),
      try integrate(problem, with: DormandPrince(norm: StateNorm(), initialStep: 1)),
      try integrate(problem, with: Euler(step: .value(1))),
      try integrate(problem, with: ClassicalRK4(step: .value(1))),
    ] {
      #expect(solution.returnCode == .nonFinite, "\(solution.message)")
      #expect(solution.state.allSatisfy { $0.isFinite })
      // 1e308 t overflows at t = 1.797...
      #expect(solution.time <= 1.7976931348623157)
    }
  }

  @Test("a singularity ends in stepSizeUnderflow or nonFinite at its place")
  func blowUp() throws {
    // y = 1/(1 - t).
    let solution = try integrate(
      problem { _, y, dy in dy[0] = y[0] * y[0] }, with: DormandPrince(rtol: 1e-10))
    #expect(solution.returnCode == .stepSizeUnderflow)
    #expect(abs(solution.time - 1) < 1e-8)
    #expect(solution.message.contains("rtol") && solution.message.contains("t = "))
  }

  @Test("an unattainable tolerance ends in stepSizeUnderflow, not in an endless run")
  func underflow() throws {
    // The jump by 1e6 at a time that is no machine number's neighbour of a step end: no step across it
    // has an error below 1e-14.
    let solution = try integrate(
      problem { t, _, dy in dy[0] = t * t < 0.5 ? 0 : 1e6 }, with: DormandPrince(rtol: 0, atol: 1e-14))
    #expect(solution.returnCode == .stepSizeUnderflow)
    #expect(abs(solution.time - 0.5.squareRoot()) < 1e-12)
    #expect(solution.statistics.netf > 10)
  }

  @Test("euler beyond its stability limit is caught when the state overflows")
  func unstable() throws {
    let solution = try integrate(
      problem(to: 1e6) { _, y, dy in dy[0] = -100 * y[0] }, with: Euler(step: .value(1)))
    #expect(solution.returnCode == .nonFinite)
    // |1 - 100|^n overflows at n = 308.25/log10(99) = 154.46.
    #expect(solution.time == 154)
  }

  @Test("unusable settings are refused before the first step, naming what would be right")
  func settings() throws {
    let problem = try problem { _, y, dy in dy[0] = -y[0] }
    func refusal(_ integrator: some Integrator) throws -> String {
      let solution = try integrate(problem, with: integrator)
      #expect(solution.returnCode == .initialFailure && solution.time == 0)
      return solution.message
    }
    #expect(try refusal(DormandPrince(rtol: -1e-3)).contains("rtol is -0.001"))
    #expect(try refusal(DormandPrince(rtol: .nan)).contains("rtol is nan"))
    #expect(try refusal(DormandPrince(atol: .infinity)).contains("atol is inf"))
    #expect(try refusal(DormandPrince(rtol: 0, atol: 0)).contains("both 0"))
    #expect(try refusal(DormandPrince(initialStep: 0)).contains("initial step is 0"))
    #expect(try refusal(DormandPrince(maxStep: .nan)).contains("maxStep is nan"))
    #expect(try refusal(DormandPrince(controller: PIController(safety: 2))).contains("safety is 2"))
    #expect(try refusal(Euler(step: .value(-0.1))).contains("step is -0.1"))
    #expect(try refusal(ClassicalRK4(step: .value(.nan))).contains("step is nan"))
    #expect(try refusal(ClassicalRK4(step: .automatic())).contains("give a step"))
    #expect(try refusal(EmbeddedRungeKutta(ClassicalRK4Tableau.make())).contains("no embedded method"))
  }

  @Test("a derivative that is NaN at the very start is named with its element")
  func nanAtStart() throws {
    let problem = try problem([1, 1]) { _, _, dy in
      dy[0] = 0
      dy[1] = .nan
    }
    let solution = try integrate(problem, with: DormandPrince())
    #expect(solution.returnCode == .nonFinite && solution.state == [1, 1])
    #expect(solution.message.contains("element 1 of f is nan"))
  }
}

/// A tableau without an error estimate.
private enum ClassicalRK4Tableau {
  static func make() throws -> ButcherTableau {
    try ButcherTableau(
      name: "midpoint", a: [[], [0.5]], b: [0, 1], c: [0, 0.5], order: 2, denseOutput: .hermite)
  }
}
