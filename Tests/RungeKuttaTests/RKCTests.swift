import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

/// `u_i' = (u_(i-1) - 2 u_i + u_(i+1))/dx^2`, `dx = 1/(n+1)`, zero at both ends; counts its calls.
private final class Heat: ODESystem {
  let dimension: Int
  private(set) var calls = 0
  private let factor: Double

  init(_ n: Int) { (dimension, factor) = (n, Double((n + 1) * (n + 1))) }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    calls += 1
    for i in 0..<dimension {
      let (left, right) = (i > 0 ? y[i - 1] : 0, i + 1 < dimension ? y[i + 1] : 0)
      dy[i] = factor * (left - 2 * y[i] + right)
    }
  }

  /// The `k`-th eigenvalue's modulus, `4/dx^2 sin^2(k pi dx/2)`.
  func rate(_ k: Int) -> Double {
    let s = sin(Double(k) * .pi / Double(2 * (dimension + 1)))
    return 4 * factor * s * s
  }

  /// `exp(-rate(1) t) sin(pi x) + exp(-rate(3) t) sin(3 pi x)`: the discrete equation's own solution.
  func solution(_ t: Double) -> [Double] {
    (1...dimension).map { i in
      let x = Double(i) / Double(dimension + 1)
      return exp(-rate(1) * t) * sin(.pi * x) + exp(-rate(3) * t) * sin(3 * .pi * x)
    }
  }
}

/// The same with its spectral radius in closed form.
private final class EstimatedHeat: SpectralRadiusEstimating {
  let heat: Heat
  private(set) var askedAt: [Double] = []
  init(_ n: Int) { heat = Heat(n) }
  var dimension: Int { heat.dimension }
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    heat.derivative(t, y, into: &dy)
  }
  func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double {
    askedAt.append(t)
    return heat.rate(dimension)
  }
}

@Suite("rkc")
struct RKCTests {
  private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) }.max()!
  }

  @Test("keeps the integrator's contract, with the system's spectral radius and its own")
  func contract() {
    var conformance = IntegratorConformance()
    conformance.accuracy = 1e-2
    #expect(conformance.violations(of: RKC(rtol: 1e-4, atol: 1e-6)) == [])
    #expect(conformance.violations(of: RKC(rtol: 1e-4, atol: 1e-6, norm: MaxNorm())) == [])
    #expect(conformance.violations(of: RKC(rtol: 1e-4, initialStep: 0.01, maxStep: 0.05)) == [])
  }

  @Test("has order 2, and so has its dense output")
  func order() throws {
    func loose(_ h: Double) -> RKC { RKC(rtol: 1e6, atol: 1e6, initialStep: h, maxStep: h) }
    // The slack is that of the other methods' order tests.
    for problem in [ReferenceProblem.oscillator, .rational, .logistic] {
      for solution in [MeasuredSolution.final, .dense] {
        let measured = try measureOrder(
          of: loose, problem: problem, steps: [0.1, 0.05, 0.025, 0.0125], solution: solution)
        #expect(abs(measured.order - 2) < 0.25, "\(problem.name): \(measured.order)")
      }
    }
  }

  @Test("has order 2 with many stages too")
  func orderOnStiffSystem() throws {
    // rho = 4e4, so 1.54 h rho gives 25 to 70 stages; the modes that last are slow.
    let heat = EstimatedHeat(99)
    let start = heat.heat.solution(0)
    let steps = [0.032, 0.016, 0.008, 0.004]
    let errors = try steps.map { h in
      let problem = try ODEProblem(heat, to: 0.064, initialState: start)
      let state = try RKC(rtol: 1e6, atol: 1e6, initialStep: h, maxStep: h)
        .makeState(for: problem, restart: nil)
      while state.time < 0.064 { try state.advance(to: 0.064) }
      // beta >= 1.54^-1 (s^2 - 1) and no more stages than that.
      #expect(
        state.stageCount == 1
          + Int((1.54 * state.statistics.lastStepSize * heat.heat.rate(99) + 1).squareRoot()))
      return largestDifference(state.withState { [Double](copying: $0) }, heat.heat.solution(0.064))
    }
    // The largest step is a third of the time constant 1/10 of the first mode, beyond that of the
    // second: the slope is not yet the asymptotic one there.
    #expect(OrderMeasurement(steps: Array(steps.dropFirst()), errors: Array(errors.dropFirst())).order > 1.75)
    #expect(errors.last! < 1e-3, "\(errors)")
  }

  @Test("follows the slow solution of y' = -1e4 (y - cos t) in steps of its own scale")
  func protheroRobinson() throws {
    let lambda = 1e4
    let system = ClosureSystem(dimension: 1) { t, y, dy in dy[0] = -lambda * (y[0] - cos(t)) }
    func exact(_ t: Double) -> Double {
      let (c, s) = (lambda * lambda, lambda)
      let steady = { (t: Double) in (c * cos(t) + s * sin(t)) / (c + 1) }
      return steady(t) + (2 - steady(0)) * exp(-lambda * t)
    }
    for rtol in [1e-3, 1e-5] {
      let observer = RecordingObserver()
      let solution = try integrate(
        ODEProblem(system, to: 10, initialState: [2]), with: RKC(rtol: rtol, atol: rtol),
        observers: [observer])
      #expect(solution.returnCode == .success)
      // Away from the transient a mode so fast forgets: the error is that of a few steps.
      let worst = zip(observer.calls, observer.states).filter { $0.0.time > 0.01 }
        .map { abs($1[0] - exact($0.time)) }.max()!
      #expect(worst < 10 * rtol, "\(worst)")
      // Explicit methods of 3.3 stability need 30,000 steps and 180,000 evaluations.
      #expect(solution.statistics.accepted < 1000 && solution.statistics.nfev < 20_000)
    }
  }

  @Test("solves the heat equation with evaluations that grow like the root of the stiffness")
  func heat() throws {
    var counts: [Int] = []
    var others: [Int] = []
    for n in [49, 99, 199] {
      let system = EstimatedHeat(n)
      let problem = try ODEProblem(system, to: 0.2, initialState: system.heat.solution(0))
      let solution = try integrate(problem, with: RKC(rtol: 1e-4, atol: 1e-6))
      #expect(solution.returnCode == .success)
      #expect(largestDifference(solution.state, system.heat.solution(0.2)) < 1e-3)
      #expect(solution.statistics.nfev == system.heat.calls)
      counts.append(solution.statistics.nfev)
      others.append(try integrate(problem, with: DormandPrince(rtol: 1e-4, atol: 1e-6)).statistics.nfev)
    }
    // The stiffness grows fourfold: so do the explicit pair's evaluations, rkc's double.
    for (a, b) in zip(counts, counts.dropFirst()) {
      #expect(Double(b) / Double(a) > 1.5 && Double(b) / Double(a) < 2.3, "\(counts)")
    }
    for (a, b) in zip(others, others.dropFirst()) { #expect(Double(b) / Double(a) > 3, "\(others)") }
    #expect(counts[2] * 10 < others[2], "\(counts) \(others)")
  }

  @Test("does without the system's estimate, and counts every call of f")
  func powerMethod() throws {
    let heat = Heat(99)
    let problem = try ODEProblem(heat, to: 0.2, initialState: heat.solution(0))
    let state = try RKC(rtol: 1e-4, atol: 1e-6).makeState(for: problem, restart: nil)
    while state.time < 0.2 { try state.advance(to: 0.2) }
    #expect(largestDifference(state.withState { [Double](copying: $0) }, heat.solution(0.2)) < 1e-3)
    #expect(state.statistics.nfev == heat.calls)
    // Of the restart's memory the second number is rho. 1.2 of an estimate that is a few per cent low.
    let rho = state.restart.errorHistory[1]
    #expect(rho > heat.rate(99) && rho <= 1.2 * heat.rate(99) * 1.001, "\(rho / heat.rate(99))")
  }

  @Test("the power method starts from f = 0 and from the origin too")
  func powerMethodFromNothing() throws {
    for start in [[0.0, 0], [1, 1]] {
      let system = ClosureSystem(dimension: 2) { _, y, dy in
        dy[0] = -50 * (y[0] - start[0])
        dy[1] = -3 * (y[1] - start[1])
      }
      let state = try RKC().makeState(
        for: ODEProblem(system, to: 1, initialState: start), restart: nil)
      #expect(abs(state.restart.errorHistory[1] - 60) < 2)
    }
    // f does not depend on y: no rate at all, and no stage beyond the second.
    let slope = ClosureSystem(dimension: 2) { t, _, dy in (dy[0], dy[1]) = (cos(t), -sin(t)) }
    let problem = try ODEProblem(slope, to: 1, initialState: [0, 1])
    let state = try RKC().makeState(for: problem, restart: nil)
    while state.time < 1 { try state.advance(to: 1) }
    #expect(state.stageCount == 2 && state.restart.errorHistory[1] == 0)
    // rtol = 1e-6 per step, over some 40 steps.
    #expect(abs(state.withState { $0[0] } - sin(1)) < 40e-6)
  }

  @Test("asks for the spectral radius every 25 steps, and again after a rejected step")
  func refresh() throws {
    let heat = EstimatedHeat(20)
    let observer = RecordingObserver()
    let problem = try ODEProblem(heat, to: 0.5, initialState: heat.heat.solution(0))
    let solution = try integrate(
      problem, with: RKC(rtol: 1e-6, atol: 1e-9, maxStep: 0.002), observers: [observer])
    let steps = solution.statistics.accepted
    #expect(steps >= 250)
    if solution.statistics.rejected == 0 {
      let times = [0] + observer.stepTimes
      #expect(heat.askedAt == stride(from: 0, to: steps, by: 25).map { times[$0] })
    } else {
      #expect(heat.askedAt.count <= steps / 25 + 1 + solution.statistics.rejected)
    }
    // Forty units of a pulse that a step too long must miss: rejections, each with a new estimate.
    final class Pulse: SpectralRadiusEstimating {
      let dimension = 1
      var asked = 0
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
        dy[0] = -y[0] + 100 * exp(-400 * (t - 20) * (t - 20))
      }
      func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double {
        asked += 1
        return 1
      }
    }
    let pulse = Pulse()
    let pulsed = try integrate(
      ODEProblem(pulse, to: 40, initialState: [1]), with: RKC(rtol: 1e-3, atol: 1e-6, maxStep: 0.1))
    #expect(pulsed.statistics.rejected > 0)
    #expect(pulse.asked > 1 + pulsed.statistics.accepted / 25)
  }

  @Test("holds the number of stages where rounding would show, and takes shorter steps")
  func mostStages() throws {
    // sqrt(1e-9/(10 * 2^-53)) = 949; at rho = 1e12 the step is at most 949^2/1.54/1e12 = 5.8e-7.
    final class Stiff: SpectralRadiusEstimating {
      let dimension = 1
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
        dy[0] = -1e12 * y[0]
      }
      func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double { 1e12 }
    }
    let problem = try ODEProblem(Stiff(), to: 1, initialState: [0])
    let state = try RKC(rtol: 1e-9, initialStep: 1).makeState(for: problem, restart: nil)
    try state.advance(to: 1)
    #expect(state.stageCount == 949 || state.stageCount == 948)
    #expect(abs(state.time / 5.85e-7 - 1) < 0.01)
  }

  @Test("resumes with the same bits when the system knows its spectral radius")
  func restart() throws {
    let heat = EstimatedHeat(30)
    var options = IntegrationOptions()
    var checkpoints: [Checkpoint] = []
    options.checkpoint = { checkpoints.append($0) }
    options.checkpointInterval = .zero
    let problem = try ODEProblem(heat, to: 0.5, initialState: heat.heat.solution(0))
    let whole = try integrate(problem, with: RKC(), options: options)
    #expect(checkpoints.count > 30)
    for checkpoint in checkpoints {
      var resume = IntegrationOptions()
      resume.resume = checkpoint
      let rest = try integrate(problem, with: RKC(), options: resume)
      #expect(rest.state == whole.state && rest.statistics.accepted == whole.statistics.accepted)
    }
  }

  @Test("refuses a tolerance below ten rounding errors, another method's memory, a spectrum that is NaN")
  func refusals() throws {
    let heat = Heat(5)
    let problem = try ODEProblem(heat, to: 1, initialState: heat.solution(0))
    let solution = try integrate(problem, with: RKC(rtol: 0, atol: 1e-9))
    #expect(solution.returnCode == .initialFailure && solution.message.contains("rtol is 0.0"))
    #expect(throws: IntegrationFailure.self) {
      try RKC().makeState(for: problem, restart: Restart(stepSize: 0.1, errorHistory: [0.5]))
    }
    final class Unknown: SpectralRadiusEstimating {
      let dimension = 1
      func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) { dy[0] = -y[0] }
      func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double { .nan }
    }
    let unknown = try ODEProblem(Unknown(), to: 1, initialState: [1])
    #expect(try integrate(unknown, with: RKC()).message.contains("powerMethod"))
    #expect(try integrate(unknown, with: RKC(spectralRadius: .powerMethod)).returnCode == .success)
    #expect(try integrate(unknown, with: DormandPrince()).message.contains("limitsStepByStability"))
    #expect(try integrate(unknown, with: DormandPrince(limitsStepByStability: false)).returnCode == .success)
  }
}
