import Foundation
import ODECore
import ODETestKit
import SundialsIntegrators
import Testing

@Suite("CVODE steps, lands and interpolates as the protocol says")
struct SteppingTests {
  @Test("A step lands on its limit exactly, from limit to limit")
  func landing() throws {
    let problem = try ODEProblem(Oscillator(), to: 10, initialState: [1, 0])
    let state = try CVODEAdams(rtol: 1e-9, atol: 1e-9).makeState(for: problem, restart: nil)
    for limit in [0.1, 1.0 / 3, 0.3 + 0.1, 2, 2.0.nextUp, 7.7, 10] {
      while state.time != limit {
        let before = state.time
        try state.advance(to: limit)
        #expect(state.time > before && state.time <= limit)
        #expect(state.previousTime == before)
      }
      #expect(abs(state.withState { $0[0] } - cos(limit)) < 1e-7)
    }
  }

  @Test("A finite limit may give way to none, and come back")
  func movingLimits() throws {
    let problem = try ODEProblem(Oscillator(), to: .infinity, initialState: [1, 0])
    let state = try CVODEBDF().makeState(for: problem, restart: nil)
    try state.advance(to: 1)
    while state.time < 3 { try state.advance(to: .infinity) }
    let limit = state.time + 0.05
    while state.time != limit { try state.advance(to: limit) }
    #expect(abs(state.withState { $0[0] } - cos(limit)) < 1e-4)
  }

  @Test("Integration runs backwards")
  func backwards() throws {
    let problem = try ODEProblem(
      Oscillator(), from: 10, to: -3, initialState: [cos(10), -sin(10)],
      events: [Event("zero", direction: .rising) { _, y in y[0] }])
    for rtol in [1e-6, 1e-9] {
      let solution = try integrate(problem, with: CVODEAdams(rtol: rtol, atol: rtol))
      #expect(solution.returnCode == .success)
      #expect(solution.time == -3)
      #expect(abs(solution.state[0] - cos(-3)) < 300 * rtol)
      // Towards smaller t, cos rises where it falls towards larger t: at pi/2 + 2 pi k.
      let expected = [2.5, 0.5].map { $0 * .pi }
      #expect(solution.crossings.count == 2)
      for (crossing, time) in zip(solution.crossings, expected) {
        #expect(crossing.isRising)
        #expect(abs(crossing.time - time) < 300 * rtol)
      }
    }
  }

  @Test("Dense output is as good as the steps and continuous across them")
  func denseOutput() throws {
    let problem = try ODEProblem(Oscillator(), to: 20, initialState: [1, 0])
    let rtol = 1e-8
    let state = try CVODEAdams(rtol: rtol, atol: rtol).makeState(for: problem, restart: nil)
    var y = [0.0, 0.0]
    func interpolated(_ t: Double) throws -> [Double] {
      var span = y.mutableSpan
      try state.interpolate(at: t, into: &span)
      return y
    }
    var previous = problem.initialState
    var worst = 0.0
    while state.time < 20 {
      try state.advance(to: 20)
      #expect(try interpolated(state.previousTime) == previous)
      // The polynomial itself at the step's beginning, not the stored state.
      let inside = state.previousTime + 1e-13 * (state.time - state.previousTime)
      let atBeginning = try interpolated(max(inside, state.previousTime.nextUp))
      #expect(abs(atBeginning[0] - previous[0]) < 1e-12)
      for k in 1..<10 {
        let t = state.previousTime + Double(k) / 10 * (state.time - state.previousTime)
        let inside = try interpolated(t)
        worst = max(worst, abs(inside[0] - cos(t)), abs(inside[1] + sin(t)))
      }
      previous = state.withState(Array.init(copying:))
      #expect(try interpolated(state.time) == previous)
    }
    // As the end points': the oscillator test's bound.
    #expect(worst < 300 * rtol)
  }

  @Test("Dense output never changes later steps")
  func interpolationIsReadOnly() throws {
    let problem = ReferenceProblem.arenstorf.problem
    func times(_ interpolating: Bool) throws -> [Double] {
      let state = try CVODEAdams().makeState(for: problem, restart: nil)
      var times: [Double] = []
      var y = [Double](repeating: 0, count: 4)
      while state.time < 5 {
        try state.advance(to: 5)
        times.append(state.time)
        if interpolating {
          var span = y.mutableSpan
          try state.interpolate(at: (state.previousTime + state.time) / 2, into: &span)
        }
      }
      return times
    }
    #expect(try times(true) == times(false))
  }

  @Test("A restart tries the step size that was next")
  func restart() throws {
    // At first order the step is as good for the restart as it was for the run.
    let integrator = CVODEAdams(rtol: 1e-4, atol: 1e-4, maxOrder: 1)
    let first = try integrate(
      ODEProblem(Oscillator(), to: 1, initialState: [1, 0]), with: integrator)
    let restart = try #require(first.checkpoint).restart
    #expect(restart.stepSize > 0)
    let problem = try ODEProblem(Oscillator(), from: 1, to: 2, initialState: first.state)
    let state = try integrator.makeState(for: problem, restart: restart)
    try state.advance(to: 2)
    #expect(state.time - 1 == restart.stepSize || abs(state.time - 1 - restart.stepSize) < 1e-15)
  }

  @Test("An explicit first step is taken; maxStep bounds all of them")
  func stepBounds() throws {
    let problem = try ODEProblem(Oscillator(), to: 2, initialState: [1, 0])
    let state = try CVODEAdams(initialStep: 1e-5, maxStep: 0.01).makeState(for: problem, restart: nil)
    try state.advance(to: 2)
    #expect(abs(state.time - 1e-5) < 1e-18)
    while state.time < 2 {
      try state.advance(to: 2)
      #expect(state.time - state.previousTime < 0.01 * (1 + 1e-12))
    }
  }

  @Test("Far or infinite ends do not spoil the first step", arguments: [1e11, 1e30, .infinity])
  func farEnds(end: Double) throws {
    struct Known: SpectralRadiusEstimating {
      let dimension = 1
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
        dy[0] = -1e3 * y[0]
      }
      func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double { 1e3 }
    }
    let unknown = ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -1e3 * y[0] }
    let small = Event("small", isTerminal: true) { _, y in y[0] - 1e-3 }
    for system: any ODESystem in [Known(), unknown] {
      let problem = try ODEProblem(system, to: end, initialState: [1], events: [small])
      for solution in [
        try integrate(problem, with: CVODEAdams()), try integrate(problem, with: CVODEBDF()),
      ] {
        #expect(solution.returnCode == .stopped, "\(solution.message)")
        // y = exp(-1000 t); the errors of y, some 1e-6, divided by |y'| = 1 at the event.
        #expect(abs(solution.time - log(1e3) / 1e3) < 1e-7)
      }
    }
  }

  @Test("The right-hand side reads the very memory that the state is read from")
  func zeroCopy() throws {
    final class Recorder: ODESystem {
      let dimension = 3
      var seen: Set<UnsafePointer<Double>> = []
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
        seen.insert(y.withUnsafeBufferPointer { $0.baseAddress! })
        for i in 0..<3 { dy[i] = -Double(i + 1) * y[i] }
      }
    }
    let system = Recorder()
    let problem = try ODEProblem(system, to: 1, initialState: [1, 1, 1])
    let state = try CVODEAdams().makeState(for: problem, restart: nil)
    var read: Set<UnsafePointer<Double>> = []
    while state.time < 1 {
      try state.advance(to: 1)
      let address = state.withState { $0.withUnsafeBufferPointer { $0.baseAddress! } }
      read.insert(address)
      // The step's last evaluation wrote its argument where the accepted state now stands.
      #expect(system.seen.contains(address))
    }
    #expect(read.count == 2)
    // Besides these two only CVODE's own y at the first evaluation (zn[0]) and the scale's.
    #expect(system.seen.count <= 3)
  }
}
