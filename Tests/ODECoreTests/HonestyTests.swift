import Foundation
import ImplicitRungeKutta
import ODECore
import ODETestKit
import RungeKutta
import SundialsIntegrators
import Testing

@Suite("What a solution says against itself")
struct HonestyTests {
  /// `y' = -y + 10 exp(-((t - 20)/0.5)^2)`: at rest from `t = 5` on, and a pulse. By variation of constants, the pulse being over at the
  /// end: `y(40) = exp(-40) + 10 exp(20 + 1/16 - 40) 0.5 sqrt(pi)`.
  private static var pulse: ClosureSystem {
    ClosureSystem(dimension: 1) { t, y, dy in dy[0] = -y[0] + 10 * exp(-pow((t - 20) / 0.5, 2)) }
  }
  private static let afterPulse = exp(-40.0) + 10 * exp(20 + 1.0 / 16 - 40) * 0.5 * Double.pi.squareRoot()

  @Test("A pulse within long steps is not stepped over")
  func pulse() throws {
    let problem = try ODEProblem(Self.pulse, to: 40, initialState: [1])
    let methods: [any Integrator] = [
      CVODEBDF(rtol: 1e-4, atol: 1e-10), CVODEAdams(rtol: 1e-4, atol: 1e-10), Radau(rtol: 1e-4, atol: 1e-10),
    ]
    for method in methods {
      let solution = try integrate(problem, with: AnyIntegrator(method))
      #expect(solution.returnCode == .success)
      #expect(abs(solution.state[0] / Self.afterPulse - 1) < 0.02, "\(method.name): \(solution.state)")
    }
  }

  @Test("Looking inside costs at most a tenth, and nothing is said of smooth inputs")
  func smooth() throws {
    let systems: [(Double, ClosureSystem)] = [
      (2, ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }),
      (10, ClosureSystem(dimension: 1) { t, y, dy in dy[0] = -y[0] + sin(t) }),
      (10, ClosureSystem(dimension: 1) { t, y, dy in dy[0] = -1000 * (y[0] - cos(t)) }),
      (1e4, ClosureSystem(dimension: 1) { t, y, dy in dy[0] = -y[0] + exp(-t / 1e3) }),
    ]
    for (end, system) in systems {
      let problem = try ODEProblem(system, to: end, initialState: [1])
      let methods: [any Integrator] = [
        CVODEBDF(rtol: 1e-4, atol: 1e-7), Radau(rtol: 1e-4, atol: 1e-7),
        DormandPrince(rtol: 1e-4, atol: 1e-7),
      ]
      for method in methods {
        let watched = try integrate(problem, with: AnyIntegrator(method))
        // A limit on the step, be it none, says that inputs are known.
        var options = IntegrationOptions()
        options.maxStep = 10 * end
        let plain = try integrate(problem, with: AnyIntegrator(method), options: options)
        #expect(watched.remarks.allSatisfy { $0.name == "heldByStability" }, "\(watched.remarks)")
        let (cost, before) = (watched.statistics.nfev, plain.statistics.nfev)
        #expect(Double(cost) <= 1.12 * Double(before), "\(method.name) to \(end): \(cost) for \(before)")
        #expect(watched.state == plain.state)
      }
    }
  }

  @Test("A drift of what is kept is said, where it is much more than the tolerance")
  func drift() throws {
    let kepler = ReferenceProblem.kepler.problem
    var options = IntegrationOptions()
    options.invariantTolerance = 20 * 1e-3
    // Ten ellipses later the planet is somewhere else, as far away as the ellipse is large.
    let wrong = try integrate(kepler, with: BogackiShampine(rtol: 1e-3, atol: 1e-6), options: options)
    #expect(wrong.returnCode == .success && ReferenceProblem.kepler.error(of: wrong.state) > 0.5)
    #expect(wrong.remarks.contains { $0.name == "invariantDrift" }, "\(wrong.state), \(wrong.remarks)")
    options.invariantTolerance = 20 * 1e-6
    let right = try integrate(
      ReferenceProblem.threeBody.problem, with: DormandPrince(rtol: 1e-6, atol: 1e-9), options: options)
    #expect(right.remarks.isEmpty, "\(right.remarks)")
  }

  /// Both end where another orbit does: `vx` and the rest by 3.5 and 1.0 beside published and closed solutions of size 1.
  @Test("Where a tenth of what is kept is gone there is no success")
  func lost() throws {
    for problem in [ReferenceProblem.arenstorf, .kepler] {
      var options = IntegrationOptions()
      options.invariantTolerance = 20 * 1e-3
      let pair = DormandPrince(rtol: 1e-3, atol: 1e-6)
      let lost = try integrate(problem.problem, with: pair, options: options)
      #expect(lost.returnCode == .invariantLost && !lost.returnCode.isSuccess, "\(lost.message)")
      #expect(lost.message.contains(problem.name == "kepler" ? "'energy'" : "'jacobi'"), "\(lost.message)")
      for rtol in [1e-6, 1e-9] {
        options.invariantTolerance = 20 * rtol
        let kept = try integrate(
          problem.problem, with: DOP853(rtol: rtol, atol: 1e-3 * rtol), options: options)
        #expect(kept.returnCode == .success && kept.remarks.isEmpty, "\(kept.remarks)")
      }
    }
    // A difference of large numbers that begins as rounding: its size is theirs.
    let still = ClosureSystem(dimension: 2) { t, y, dy in (dy[0], dy[1]) = (cos(t) + 1e-9, cos(t)) }
    let start = [0.1 + 0.2, 0.3]
    let cancelling = try ODEProblem(
      still, to: 20, initialState: start, invariants: Invariants(names: ["gap"]) { _, y in [y[0] - y[1]] })
    #expect(abs(start[0] - start[1]) > 0)
    var options = IntegrationOptions()
    options.invariantTolerance = 20 * 1e-6
    let solution = try integrate(cancelling, with: DormandPrince(), options: options)
    #expect(solution.returnCode == .success, "\(solution.message)")
  }

  @Test("A resumed run says what the whole run would have said")
  func resumed() throws {
    var options = IntegrationOptions()
    options.invariantTolerance = 20 * 1e-3
    try expectSameAfterResuming(
      ReferenceProblem.kepler.problem, with: BogackiShampine(rtol: 1e-3, atol: 1e-6), options: options,
      remarks: ["invariantDrift"])
    let stickSlip = ReferenceProblem.stickSlip.problem
    try expectSameAfterResuming(
      ODEProblem(stickSlip.system, to: 2, initialState: stickSlip.initialState),
      with: DormandPrince(rtol: 1e-2, atol: 1e-5), remarks: ["tightened", "chattering"])
    let robertson = ReferenceProblem.robertson.problem
    try expectSameAfterResuming(
      ODEProblem(robertson.system, to: 3, initialState: robertson.initialState),
      with: DormandPrince(rtol: 1e-4, atol: 1e-7), remarks: ["heldByStability"])
  }

  @Test("What a run has passed over is said, and steps stay short, however often it is resumed")
  func resumedPulse() throws {
    // Quick at first, which pays for looks; then the last step is long, and a pulse hides in it between the pair's nodes 3/10
    // and 4/5.
    let method = DormandPrince(rtol: 1e-6, atol: 1e-9)
    func f(_ t: Double) -> Double { 1 + 10 * cos(50 * t) * exp(-t) }
    let plain = ClosureSystem(dimension: 1) { t, _, dy in dy[0] = f(t) }
    let times = try integrate(
      ODEProblem(plain, to: 1000, initialState: [1]), with: method, saving: .everyStep
    ).savedTimes
    let (start, end) = (times[times.count - 2], times[times.count - 1])
    let (center, width) = (start + 0.58 * (end - start), 0.045 * (end - start))
    let pulse = ClosureSystem(dimension: 1) { t, _, dy in
      dy[0] = f(t) + 1000 * exp(-pow((t - center) / width, 2))
    }
    try expectSameAfterResuming(
      ODEProblem(pulse, to: 1000, initialState: [1]), with: method, remarks: ["passedOver"])
  }

  @Test("Explicit pairs say when stability holds their step, and not otherwise")
  func stability() throws {
    func pairs(_ rtol: Double) -> [any Integrator] {
      [
        DormandPrince(rtol: rtol, atol: rtol * 1e-3), BogackiShampine(rtol: rtol, atol: rtol * 1e-3),
        DOP853(rtol: rtol, atol: rtol * 1e-3),
      ]
    }
    for problem in [ReferenceProblem.hires, .robertson] {
      let end = min(problem.problem.finalTime, 300)
      let stiff = try ODEProblem(problem.problem.system, to: end, initialState: problem.problem.initialState)
      // Bogacki and Shampine's estimate is rougher, and misses the milder stiffness of HIRES.
      for pair in pairs(1e-4) where problem.name == "robertson" || pair.name != "bogacki-shampine" {
        let solution = try integrate(stiff, with: AnyIntegrator(pair))
        #expect(
          solution.remarks.contains { $0.name == "heldByStability" },
          "\(problem.name), \(pair.name): \(solution.statistics.accepted) steps")
      }
    }
    // CVODE's fixed-point iteration does not converge where stability ends.
    func adams(_ rtol: Double) -> CVODEAdams { CVODEAdams(rtol: rtol, atol: rtol * 1e-3) }
    for problem in [ReferenceProblem.hires, .heat] {
      let (end, start) = (min(problem.problem.finalTime, 50), problem.problem.initialState)
      let stiff = try ODEProblem(problem.problem.system, to: end, initialState: start)
      let solution = try integrate(stiff, with: adams(1e-4))
      #expect(solution.remarks.contains { $0.name == "heldByStability" }, "\(problem.name)")
    }
    for problem in [ReferenceProblem.kepler, .arenstorf, .pleiades, .lorenz, .threeBody] {
      for rtol in [1e-3, 1e-6] {
        for pair in pairs(rtol) + [adams(rtol)] {
          let solution = try integrate(problem.problem, with: AnyIntegrator(pair))
          #expect(
            !solution.remarks.contains { $0.name == "heldByStability" },
            "\(problem.name), \(pair.name) at \(rtol)")
        }
      }
    }
  }
}

/// Any method, as one type.
struct AnyIntegrator: Integrator {
  let method: any Integrator
  init(_ method: any Integrator) { self.method = method }
  var name: String { method.name }
  func makeState(for problem: ODEProblem, restart: Restart?) throws -> ErasedState {
    ErasedState(try method.makeState(for: problem, restart: restart), method: method.name, reason: "")
  }
}
