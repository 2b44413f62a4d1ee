import Foundation
import ODECore
import ODETestKit
import Testing

@testable import RungeKutta

/// `y' = -rate(t) y` with an estimate of its spectral radius that counts how often it is asked.
private final class Decay: SpectralRadiusEstimating {
  let dimension = 1
  let rate: (Double) -> Double
  private(set) var askedAt: [Double] = []

  init(_ rate: @escaping (Double) -> Double) { self.rate = rate }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    dy[0] = -rate(t) * y[0]
  }
  func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double {
    askedAt.append(t)
    return rate(t)
  }
}

@Suite("Step sizes")
struct StepSizeTests {
  private func run(_ system: any ODESystem, to end: Double, _ integrator: some Integrator) throws -> [Double]
  {
    let observer = RecordingObserver()
    let problem = try ODEProblem(
      system, to: end, initialState: [Double](repeating: 1, count: system.dimension))
    _ = try integrate(problem, with: integrator, observers: [observer])
    return observer.stepTimes
  }

  @Test("an automatic fixed step is the stated part of the stability limit over rho")
  func automatic() throws {
    // 0.05 * 2 / 4 and 0.25 * 2.785293563405282 / 4.
    #expect(abs(try run(Decay { _ in 4 }, to: 1, Euler())[0] - 0.025) < 1e-15)
    #expect(abs(try run(Decay { _ in 4 }, to: 1, ClassicalRK4())[0] - 0.174080847712830) < 1e-14)
    #expect(abs(try run(Decay { _ in 4 }, to: 1, Euler(step: .automatic(fraction: 0.5)))[0] - 0.25) < 1e-15)
  }

  @Test("rk4's stability limit is where its amplification is 1")
  func stabilityLimit() {
    let z = -ClassicalRK4.stabilityLimit
    #expect(abs(1 + z + z * z / 2 + z * z * z / 6 + z * z * z * z / 24 - 1) < 1e-14)
  }

  @Test("rho is estimated anew after one e-folding or twenty steps, whichever comes first")
  func refresh() throws {
    let euler = Decay { _ in 1 }
    _ = try run(euler, to: 5.05, Euler())
    // h rho = 0.1: every tenth step, give or take one for the rounding of ten tenths.
    #expect(euler.askedAt.count >= 5 && euler.askedAt.count <= 6)
    #expect(zip(euler.askedAt, euler.askedAt.dropFirst()).allSatisfy { $1 - $0 > 0.99 && $1 - $0 < 1.11 })
    let slow = Decay { _ in 1 }
    _ = try run(slow, to: 0.9, Euler(step: .automatic(fraction: 0.005)))
    // h rho = 0.01: every twentieth step.
    #expect(zip(slow.askedAt, slow.askedAt.dropFirst()).allSatisfy { abs($1 - $0 - 0.2) < 1e-9 })
    let rk4 = Decay { _ in 1 }
    _ = try run(rk4, to: 10, ClassicalRK4())
    // h rho = 0.7: every second step.
    #expect(zip(rk4.askedAt, rk4.askedAt.dropFirst()).allSatisfy { abs($1 - $0 - 1.392646781702641) < 1e-9 })
  }

  /// A component that decays beside one of 100 that stays.
  private final class Small: SpectralRadiusEstimating {
    let dimension = 2
    private(set) var asked = 0
    func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      (dy[0], dy[1]) = (-y[0], 0)
    }
    func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double {
      asked += 1
      return 1
    }
  }

  @Test(
    "a long step asks for rho rarely where neither rho nor the state changes, and at every e-folding where the state does"
  )
  func rare() throws {
    // h rho = 1.8 in 200 steps. Asked at the start, after 1, 2 and 3 steps more (sums of 1, 2, 4), then after every five (8).
    let small = Small()
    _ = try integrate(
      ODEProblem(small, to: 360, initialState: [1, 100]), with: Euler(step: .automatic(fraction: 0.9)))
    #expect(small.asked >= 35 && small.asked <= 50)
    let moving = Decay { _ in 1 }
    _ = try run(moving, to: 360, Euler(step: .automatic(fraction: 0.9)))
    #expect(moving.askedAt.count == 200)
  }

  @Test("an automatic step stays stable while rho grows as fast as it folds")
  func growth() throws {
    // rho = e^t from 1 to 2e4.
    for h in [Euler(step: .automatic())] {
      let system = Decay { exp($0) }
      let problem = try ODEProblem(system, to: 10, initialState: [1])
      let solution = try integrate(problem, with: h)
      // y = exp(1 - e^t) -> 0; an unstable step would have blown it up.
      #expect(solution.returnCode == .success && abs(solution.state[0]) < 1e-12)
    }
    let problem = try ODEProblem(Decay { exp($0) }, to: 10, initialState: [1])
    let solution = try integrate(problem, with: ClassicalRK4())
    #expect(solution.returnCode == .success && abs(solution.state[0]) < 1e-12)
  }

  @Test("a run with an automatic step resumes with the same bits while rho changes")
  func automaticRestart() throws {
    let problem = try ODEProblem(Decay { 2 + sin($0) }, to: 20, initialState: [1])
    func check(_ integrator: some Integrator) throws {
      var checkpoints: [Checkpoint] = []
      var options = IntegrationOptions()
      options.checkpoint = { checkpoints.append($0) }
      options.checkpointInterval = .zero
      let whole = try integrate(problem, with: integrator, options: options)
      for checkpoint in checkpoints {
        var resume = IntegrationOptions()
        resume.resume = checkpoint
        let rest = try integrate(problem, with: integrator, options: resume)
        #expect(rest.state == whole.state)
        #expect(rest.statistics.accepted == whole.statistics.accepted)
      }
      #expect(checkpoints.count > 20)
    }
    try check(Euler())
    try check(ClassicalRK4())
    try check(DormandPrince())
  }

  @Test("a foreign restart is refused")
  func foreignRestart() throws {
    let problem = try ODEProblem(Decay { _ in 1 }, to: 1, initialState: [1])
    #expect(throws: IntegrationFailure.self) {
      try Euler().makeState(for: problem, restart: Restart(stepSize: 0.1, errorHistory: [0.5]))
    }
    #expect(throws: IntegrationFailure.self) {
      try DormandPrince().makeState(for: problem, restart: Restart(stepSize: -0.1))
    }
  }

  @Test("the last step is stretched a little rather than followed by a tiny one")
  func landing() throws {
    let decay = ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }
    // Ten tenths do not sum to 1 in binary; 1.005 is half a hundredth beyond.
    for end in [1, 1.0005, 0.9995] {
      let times = try run(decay, to: end, ClassicalRK4(step: .value(0.1)))
      #expect(times.count == 10 && times.last == end)
    }
    #expect(try run(decay, to: 1.02, ClassicalRK4(step: .value(0.1))).count == 11)
  }

  @Test("a limit close by does not spoil the step size planned beyond it")
  func nearLimit() throws {
    let problem = try ODEProblem(
      ReferenceProblem.oscillator.problem.system, to: 100, initialState: [1, 0])
    let state = try DormandPrince(rtol: 1e-8).makeState(for: problem, restart: nil)
    for _ in 0..<20 { try state.advance(to: 100) }
    let planned = state.restart.stepSize
    try state.advance(to: state.time + planned * 1e-6)
    #expect(state.restart.stepSize >= planned)
  }

  // Hairer's algorithm is not invariant under a change of the unit of time: at 1e9 it starts nine
  // decades too low, and growth by ten takes as many steps.
  @Test("the first step passes on time scales from 1e-9 to 1e9, and soon the run is the same")
  func initialStep() throws {
    var accepted: [Int] = []
    for scale in [1, 1e-9, 1e9] {
      let system = ClosureSystem(dimension: 2) { _, y, dy in
        dy[0] = y[1] / scale
        dy[1] = -y[0] / scale
      }
      let problem = try ODEProblem(system, to: 10 * scale, initialState: [1, 0])
      let state = try DormandPrince().makeState(for: problem, restart: nil)
      try state.advance(to: 10 * scale)
      #expect(state.statistics.rejected == 0)
      #expect(state.time < 0.3 * scale)
      let solution = try integrate(problem, with: DormandPrince())
      #expect(solution.returnCode == .success)
      #expect(abs(solution.state[0] - cos(10)) < 1e-4)
      accepted.append(solution.statistics.accepted)
    }
    #expect(abs(accepted[1] - accepted[0]) <= 2)
    #expect(accepted[2] >= accepted[0] && accepted[2] <= accepted[0] + 11)
  }

  @Test("the first step is at most 1/rho for a system that knows rho")
  func spectralStart() throws {
    // y = 0 hides the stiffness from an algorithm that looks at |y| and |f| only.
    let problem = try ODEProblem(Decay { _ in 1e9 }, to: 1e-6, initialState: [0])
    let state = try DormandPrince().makeState(for: problem, restart: nil)
    #expect(state.restart.stepSize == 1e-9)
  }

  @Test("maxStep holds") func maxStep() throws {
    let times = [0] + (try run(Decay { _ in 1 }, to: 3, DormandPrince(rtol: 1e-2, maxStep: 0.125)))
    #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 <= 0.125 * 1.01 })
  }

  @Test("grow without bound where f vanishes, and stay finite")
  func vanishing() throws {
    let problem = try ODEProblem(
      ClosureSystem(dimension: 1) { _, _, dy in dy[0] = 0 }, to: .infinity, initialState: [1])
    let state = try DormandPrince().makeState(for: problem, restart: nil)
    for _ in 0..<400 { try state.advance(to: .infinity) }
    #expect(state.time.isFinite && state.time > 1e300)
  }

  @Test("follow the PI law, and do not grow right after a rejection")
  func controller() {
    let c = PIController()
    // 0.9 * 0.5^-(0.2 - 0.03) * 0.1^0.04, from the formula in the doc comment.
    #expect(
      abs(
        c.growth(0.5, previous: 0.1, beforePrevious: 1e-4, order: 5, afterRejection: false) - 0.9
          * pow(0.5, -0.17) * pow(0.1, 0.04)
      ) < 1e-15)
    #expect(c.growth(1e-9, previous: 1e-4, beforePrevious: 1e-4, order: 5, afterRejection: false) == 10)
    #expect(c.growth(1e-9, previous: 1e-4, beforePrevious: 1e-4, order: 5, afterRejection: true) == 1)
    #expect(c.growth(0, previous: 1e-4, beforePrevious: 1e-4, order: 5, afterRejection: false) == 10)
    #expect(c.reduction(1e9, order: 5) == 0.2)
    #expect(abs(c.reduction(2, order: 5) - 0.9 * pow(2, -0.17)) < 1e-15)
  }

  @Test("follow a PID law, look back on two errors, and go on after a restart with the same bits")
  func pid() throws {
    let c = PIDController(b1: 0.7, b2: -0.4, b3: 0.1)
    let expected = 0.9 * pow(0.5, -0.7 / 5) * pow(0.1, 0.4 / 5) * pow(0.2, -0.1 / 5)
    #expect(
      abs(c.growth(0.5, previous: 0.1, beforePrevious: 0.2, order: 5, afterRejection: false) - expected)
        < 1e-15)
    #expect(c.growth(1e-9, previous: 1e-4, beforePrevious: 1, order: 5, afterRejection: true) == 1)
    #expect(
      IntegratorConformance().violations(
        of: DormandPrince(rtol: 1e-6, atol: 1e-9, controller: PIDController()))
        == [])
    #expect(throws: IntegrationFailure.self) {
      _ = try DormandPrince(controller: PIDController(b1: 0)).makeState(
        for: ReferenceProblem.decay.problem, restart: nil)
    }
  }
}
