import GradientFlow
import KinkAwareIntegrator
import ODECore
import Testing

@Suite("Kink-aware integration keeps the integrator's contract")
struct SteppingTests {
  static let names = ["bench-m20-g1.75", "rand5-m30-g1.75", "rand7-m12-g1", "bench-m20-g1.75-gp0.4"]

  private func makeState(_ name: String, rtol: Double = 1e-4) throws -> (KinkCase, KinkAwareState) {
    let reference = try #require(KinkCase.all[name])
    return (
      reference, try KinkAware(rtol: rtol).makeState(for: reference.problem(reference.flow()), restart: nil)
    )
  }

  /// At both ends it differs from the states by the rounding of boosts with rapidity up to 1.5.
  @Test("dense output is continuous and right within each step", arguments: names)
  func denseOutput(_ name: String) throws {
    let (reference, state) = try makeState(name)
    let (_, exact) = try makeState(name, rtol: 1e-10)
    let end = min(reference.t, 2e4)
    let scratch = StateVector(count: reference.initialState.count)
    func dense(_ t: Double) throws -> [Double] {
      for i in 0..<scratch.count { scratch.pointer[i] = .nan }
      try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
      return scratch.array
    }
    var last = reference.initialState
    while state.time < end {
      try state.advance(to: end)
      let (a, b) = (state.previousTime, state.time)
      let now = state.withState { [Double](copying: $0) }
      let size = now.map(abs).max()!
      #expect(try dense(b) == now)
      #expect(largestDifference(try dense(b.nextDown), now) <= 1e-12 * size, "end of [\(a), \(b)]")
      #expect(largestDifference(try dense(a), last) <= 1e-12 * size, "start of [\(a), \(b)]")
      #expect(largestDifference(try dense(a.nextUp), last) <= 1e-12 * size, "start of [\(a), \(b)]")
      for fraction in [0.2, 0.5, 0.9] {
        let t = a + fraction * (b - a)
        while exact.time < t { try exact.advance(to: t) }
        let y = exact.withState { [Double](copying: $0) }
        #expect(largestDifference(try dense(t), y) <= 1e-2 * size, "t = \(t)")
      }
      last = now
    }
  }

  @Test("looking into a step changes none", arguments: names)
  func passive(_ name: String) throws {
    let (reference, plain) = try makeState(name)
    let (_, state) = try makeState(name)
    let scratch = StateVector(count: reference.initialState.count)
    while plain.time < reference.t {
      try plain.advance(to: .infinity)
      try state.advance(to: .infinity)
      for fraction in [1, 0.3, 0.7, 0] {
        let t = state.previousTime + fraction * (state.time - state.previousTime)
        try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
      }
      _ = state.restart
      try #require(Step(state) == Step(plain))
    }
  }

  @Test("it lands on limits, counts its steps, and a limit does not shrink the steps after it")
  func landing() throws {
    let (reference, state) = try makeState("bench-m20-g1.75")
    var steps = 0
    for limit in [0.5, 0.5.nextUp, 0.500001, 7, 1000, reference.t] {
      while state.time < limit {
        let before = state.time
        let planned = state.restart.stepSize
        try state.advance(to: limit)
        steps += 1
        #expect(state.previousTime == before && state.time > before && state.time <= limit)
        #expect(state.statistics.accepted == steps)
        #expect(state.statistics.lastStepSize == state.time - before)
        if state.time == limit, state.time - before < 0.5 * planned {
          #expect(state.restart.stepSize >= planned)
        }
      }
      #expect(state.time == limit)
    }
    let s = state.statistics
    #expect(s.rejected >= s.netf + s.ncfn && s.nfev == 3 * s.nni && s.nni > s.accepted)
    #expect(s.lastOrder == 5)
  }

  @Test("stopping at a loss by the driver's event location is exact and costs no step")
  func stopLoss() throws {
    let reference = try #require(KinkCase.all["bench-m20-g1.75"])
    let flow = try reference.flow()
    let solution = try integrate(reference.problem(flow), with: KinkAware(rtol: 1e-4))
    #expect(solution.returnCode == .stopped)
    // The residuals of neurons at the located time are good to rounding of f ~ 1 over e ~ 1e-4.
    #expect(abs(flow.risk(solution.state.span) / 1e-8 - 1) <= 1e-10)
    #expect(solution.statistics.accepted < 100)
  }

  @Test("it goes on long after the residuals have reached rounding")
  func atRest() throws {
    let flow = try benchFlow(width: 200, gamma: 0.5)
    let problem = try ODEProblem(flow, to: 1e9, initialState: gaussianStart(flow))
    for rtol in [1e-3, 1e-9] {
      let solution = try integrate(problem, with: KinkAware(rtol: rtol))
      #expect(solution.returnCode == .success, "\(solution.message)")
      #expect(flow.risk(solution.state.span) <= 1e-26)
    }
  }

  @Test("a plateau that leads nowhere is reported instead of followed for ever")
  func plateau() throws {
    // Both neurons are off on all samples: nothing moves.
    let flow = try benchFlow(width: 2, gamma: 0.5)
    let problem = try ODEProblem(
      flow, to: .infinity, initialState: [1, 1, 0, 0, -1, -2],
      events: [Event("stop", isTerminal: true) { _, y in flow.risk(y) - 1e-8 }])
    let solution = try integrate(problem, with: KinkAware())
    #expect(solution.returnCode == .stationary)
    #expect(solution.time == 0)
    #expect(solution.state == [1, 1, 0, 0, -1, -2])
  }
}
