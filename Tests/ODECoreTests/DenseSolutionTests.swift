import ODECore
import RungeKutta
import SundialsIntegrators
import Testing

@Suite("A dense solution") struct DenseSolutionTests {
  /// `x'' = -x` from `(1, 0)`.
  private static var oscillator: ClosureSystem {
    ClosureSystem(dimension: 2) { _, y, dy in
      dy[0] = y[1]
      dy[1] = -y[0]
    }
  }

  private func solve(_ integrator: any Integrator, to end: Double, events: [Event] = []) throws -> (
    DenseSolution, Solution
  ) {
    let problem = try ODEProblem(Self.oscillator, to: end, initialState: [1, 0], events: events)
    let dense = DenseSolution(problem)
    return (dense, try integrate(problem, with: integrator, observers: [dense], saving: .everyStep))
  }

  private func value(_ dense: DenseSolution, _ t: Double) -> [Double] {
    var y = [Double](repeating: .nan, count: dense.count)
    y.withUnsafeMutableBufferPointer { dense.evaluate(at: t, into: $0) }
    return y
  }

  // The same polynomials as the driver's own, which it evaluates at requested times, through other points.
  @Test(
    "is what the method's dense output gives, up to rounding",
    arguments: [
      "dormand-prince", "dop853", "bogacki-shampine", "cvode-adams", "cvode-bdf",
    ])
  func equalsTheStepsOwn(_ name: String) throws {
    let integrator: any Integrator =
      switch name {
      case "dormand-prince": DormandPrince(rtol: 1e-6, atol: 1e-9)
      case "dop853": DOP853(rtol: 1e-6, atol: 1e-9)
      case "bogacki-shampine": BogackiShampine(rtol: 1e-6, atol: 1e-9)
      case "cvode-adams": CVODEAdams(rtol: 1e-6, atol: 1e-9)
      default: CVODEBDF(rtol: 1e-6, atol: 1e-9)
      }
    for end in [5.0, -5.0] {
      let (dense, _) = try solve(integrator, to: end)
      let times = (1..<40).map { end * Double($0) / 40 }
      let problem = try ODEProblem(Self.oscillator, to: end, initialState: [1, 0])
      let wanted = try integrateAny(problem, integrator, .list(times))
      for t in times {
        let expected = wanted.savedStates[wanted.savedTimes.firstIndex(of: t)!]
        for (found, expected) in zip(value(dense, t), expected) {
          #expect(abs(found - expected) < 1e-12, "t = \(t)")
        }
      }
    }
  }

  private func integrateAny(_ problem: ODEProblem, _ integrator: any Integrator, _ saving: SaveTimes) throws
    -> Solution
  {
    try integrate(problem, with: integrator, saving: saving)
  }

  @Test("has the states of the steps at their ends, to the bit")
  func hasTheStepsEnds() throws {
    let (dense, solution) = try solve(DormandPrince(rtol: 1e-6, atol: 1e-9), to: 5)
    #expect(dense.breakpoints == solution.savedTimes)
    for (t, y) in zip(solution.savedTimes, solution.savedStates) { #expect(value(dense, t) == y) }
  }

  // The last step's polynomial a tenth of the step beyond its end: of order h^5, like its error inside.
  @Test("goes on beyond its end by the last polynomial")
  func extrapolates() throws {
    let (dense, _) = try solve(DormandPrince(rtol: 1e-8, atol: 1e-10), to: 5)
    let h = dense.breakpoints.last! - dense.breakpoints[dense.breakpoints.count - 2]
    let (inside, beyond) = (value(dense, 5 - 0.1 * h)[1], value(dense, 5 + 0.1 * h)[1])
    // y_1 = -sin t, and |y_1'| <= 1.
    #expect(abs(beyond - inside) < 0.2 * h * 1.01)
    #expect(abs(beyond - inside) > 0.2 * h * 0.2)
  }

  @Test("ends at the crossing that was asked for", arguments: [1, 2, 3])
  func endsAtTheEvent(_ occurrences: Int) throws {
    // cos t = 0 at pi/2, 3 pi/2, ...
    let event = Event("zero", isTerminal: true, occurrences: occurrences) { _, y in y[0] }
    let (dense, solution) = try solve(DOP853(rtol: 1e-10, atol: 1e-12), to: 100, events: [event])
    let expected = Double.pi * (Double(occurrences) - 0.5)
    #expect(solution.returnCode == .stopped)
    #expect(abs(solution.time - expected) < 1e-8)
    #expect(solution.crossings.count == occurrences)
    #expect(dense.breakpoints.last == solution.time)
  }
}
