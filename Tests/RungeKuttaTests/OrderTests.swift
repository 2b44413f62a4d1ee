import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("Measured orders")
struct OrderTests {
  // The measured slope tends to the order as h -> 0; at the steps used the next term of the error
  // shifts it by up to a few tenths (its share is of the order of h). A method one order off would be
  // off by 1.
  private let slack = 0.25

  private func loose(_ h: Double) -> StepControl {
    // Every step passes, so steps are h throughout.
    StepControl(rtol: 1e6, atol: 1e6, initialStep: h, maxStep: h)
  }

  private func check<I: Integrator>(
    _ make: (Double) -> I, steps: [Double], order: Double, denseOrder: Double
  ) throws {
    for problem in [ReferenceProblem.oscillator, .rational, .logistic] {
      let ends = try measureOrder(of: make, problem: problem, steps: steps, solution: .steps)
      #expect(abs(ends.order - order) < slack, "\(problem.name): \(ends.order) from \(ends.errors)")
      let dense = try measureOrder(of: make, problem: problem, steps: steps, solution: .dense)
      #expect(abs(dense.order - denseOrder) < slack, "\(problem.name): \(dense.order) from \(dense.errors)")
    }
  }

  @Test("of euler is 1, of its dense output 1") func euler() throws {
    try check({ Euler(step: .value($0)) }, steps: [0.01, 0.005, 0.0025, 0.00125], order: 1, denseOrder: 1)
  }

  // The Hermite interpolant has local error h^4, as the global error of RK4 is.
  @Test("of rk4 is 4, of its dense output 4, local error included") func rk4() throws {
    try check({ ClassicalRK4(step: .value($0)) }, steps: [0.1, 0.05, 0.025, 0.0125], order: 4, denseOrder: 4)
  }

  // The continuous extension's local error is h^5, the global error of the pair too. On `rational` the
  // slope comes down slowly, 5.80, 5.48, 5.27, 5.15 from h = 0.2 to 0.0125; a separate loop over SciPy's
  // coefficients gives the same errors to all digits (Tests/Oracles/dormand_prince_errors.py).
  @Test("of dormand-prince is 5, of its dense output 5, local error included") func dormandPrince() throws {
    try check({ DormandPrince(self.loose($0)) }, steps: [0.05, 0.025, 0.0125], order: 5, denseOrder: 5)
  }

  // The dense output's local error is h^8, as the method's global one; rounding ends the range of steps.
  @Test("of dop853 is 8, of its dense output 8, local error included") func dop853() throws {
    // Errors of smooth problems fall faster than h^8 until h is small, where rounding takes over: at least 8.
    for problem in [ReferenceProblem.oscillator, .rational, .logistic] {
      for solution in [MeasuredSolution.steps, .dense] {
        let measured = try measureOrder(
          of: { DOP853(self.loose($0)) }, problem: problem, steps: [0.4, 0.3, 0.2], solution: solution)
        #expect(measured.order > 8 - slack && measured.order < 10, "\(problem.name): \(measured.order)")
      }
    }
  }

  @Test("of bogacki-shampine is 3, of its dense output 3") func bogackiShampine() throws {
    try check(
      { BogackiShampine(self.loose($0)) }, steps: [0.1, 0.05, 0.025, 0.0125], order: 3, denseOrder: 3)
  }

  // One step over [0, h], interpolated in the middle: the error there is local, O(h^(p+1)) with the
  // interpolant's order p: 4 for the continuous extension, 3 for Hermite, 1 for linear.
  @Test("of the dense output alone, over one step, are 4, 3 and 1")
  func local() throws {
    func localOrder<I: Integrator>(_ make: (Double) -> I, _ steps: [Double]) throws -> Double {
      let scratch = StateVector(count: 2)
      let errors = try steps.map { h in
        let start = [cos(0.4), -sin(0.4)]
        let problem = try ODEProblem(
          ReferenceProblem.oscillator.problem.system, from: 0.4, to: 0.4 + h, initialState: start)
        let state = try make(h).makeState(for: problem, restart: nil)
        try state.advance(to: 0.4 + h)
        #expect(state.statistics.accepted == 1 && state.time == 0.4 + h)
        let middle = 0.4 + 0.3 * h
        try scratch.withMutableSpan { try state.interpolate(at: middle, into: &$0) }
        return abs(scratch.array[0] - cos(middle)) + abs(scratch.array[1] + sin(middle))
      }
      return OrderMeasurement(steps: steps, errors: errors).order - 1
    }
    let steps = [0.4, 0.2, 0.1, 0.05]
    #expect(abs(try localOrder({ DormandPrince(self.loose($0)) }, steps) - 4) < slack)
    #expect(abs(try localOrder({ BogackiShampine(self.loose($0)) }, steps) - 3) < slack)
    #expect(abs(try localOrder({ ClassicalRK4(step: .value($0)) }, steps) - 3) < slack)
    #expect(abs(try localOrder({ Euler(step: .value($0)) }, steps) - 1) < slack)
  }

  @Test("errors of the adaptive pairs follow the tolerance")
  func toleranceProportionality() throws {
    for problem in [ReferenceProblem.oscillator, .rational, .logistic] {
      var last = Double.infinity
      for rtol in [1e-4, 1e-6, 1e-8, 1e-10] {
        let solution = try integrate(problem.problem, with: DormandPrince(rtol: rtol, atol: rtol))
        let error = problem.error(of: solution.state)
        // Error per step: over tens of steps a global error of a hundred tolerances is the most.
        #expect(error < 100 * rtol, "\(problem.name) at \(rtol): \(error)")
        #expect(error < last)
        last = error
      }
    }
  }
}
