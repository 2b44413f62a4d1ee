import ImplicitRungeKutta
import ODECore
import ODETestKit
import RungeKutta
import SundialsIntegrators
import Testing

@Suite("Components that cannot become negative")
struct ProjectionTests {
  /// `y' = -sqrt |y|`, `y(0) = 1`: `y = (1 - t/2)^2` to `t = 2`, zero from there on. Methods that cross zero go on down, where `f` is negative.
  private static var ending: ClosureSystem {
    ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -abs(y[0]).squareRoot() }
  }

  private static var methods: [any Integrator] {
    [
      DormandPrince(rtol: 1e-4, atol: 1e-7), DOP853(rtol: 1e-4, atol: 1e-7),
      CVODEAdams(rtol: 1e-4, atol: 1e-7),
      BogackiShampine(rtol: 1e-4, atol: 1e-7),
    ]
  }

  @Test("A method that fell below zero would run away, and does not when it is told")
  func ending() throws {
    let problem = try ODEProblem(Self.ending, to: 10, initialState: [1])
    var options = IntegrationOptions()
    options.positive = [0]
    for method in Self.methods {
      let free = try integrate(problem, with: AnyIntegrator(method))
      let kept = try integrate(problem, with: AnyIntegrator(method), saving: .everyStep, options: options)
      // Below zero the solution is -((t - 2)/2)^2, at the end -16.
      #expect(free.state[0] < -1, "\(method.name): \(free.state)")
      #expect(kept.returnCode == .success && kept.state == [0], "\(method.name): \(kept.state)")
      #expect(kept.savedStates.allSatisfy { $0[0] >= 0 })
      let remark = kept.remarks.first { $0.name == "projected" }
      #expect(remark?.count ?? 0 > 0, "\(kept.remarks)")
      let exact = zip(kept.savedTimes, kept.savedStates).map { t, y in
        abs(y[0] - (t < 2 ? (1 - t / 2) * (1 - t / 2) : 0))
      }
      #expect(exact.max()! < 2e-3, "\(method.name): \(exact.max()!)")
    }
  }

  @Test("Where nothing falls below zero not a bit changes, with a Jacobian and a band too")
  func same() throws {
    var compared = 0
    for reference in [ReferenceProblem.hires, .orego, .brusselator] {
      let problem = reference.problem
      var options = IntegrationOptions()
      options.positive = Array(0..<problem.system.dimension)
      for method in [Radau(rtol: 1e-5, atol: 1e-10), CVODEBDF(rtol: 1e-5, atol: 1e-10)] as [any Integrator] {
        let free = try integrate(problem, with: AnyIntegrator(method), saving: .everyStep)
        let kept = try integrate(problem, with: AnyIntegrator(method), options: options)
        #expect(free.choice == kept.choice)
        guard !kept.remarks.contains(where: { $0.name == "projected" }) else { continue }
        compared += 1
        #expect(kept.state == free.state && kept.statistics.nfev == free.statistics.nfev, "\(reference.name)")
      }
    }
    #expect(compared >= 3)
  }

  /// Robertson's reaction to `t = 1e11` at a loose tolerance: concentrations run to minus infinity, or end below zero.
  @Test("A reaction ends with concentrations, and their sum is kept")
  func robertson() throws {
    let reference = ReferenceProblem.robertson
    var options = IntegrationOptions()
    options.positive = [0, 1, 2]
    let solution = try integrate(
      reference.problem, with: CVODEBDF(rtol: 1e-3, atol: 1e-6), options: options)
    #expect(solution.returnCode == .success)
    #expect(solution.state.allSatisfy { $0 >= 0 }, "\(solution.state)")
    #expect(abs(solution.state.reduce(0, +) - 1) < 1e-4, "\(solution.state)")
  }

  @Test("What begins below zero is refused, and what does not exist")
  func refused() throws {
    let problem = try ODEProblem(Self.ending, to: 1, initialState: [-1])
    for component in [0, 1] {
      var options = IntegrationOptions()
      options.positive = [component]
      let solution = try integrate(problem, with: DormandPrince(), options: options)
      #expect(solution.returnCode == .initialFailure && solution.message.hasPrefix("positive: "))
    }
  }

  @Test("A resumed run has the bits of an unbroken one")
  func resumed() throws {
    let problem = try ODEProblem(Self.ending, to: 10, initialState: [1])
    var options = IntegrationOptions()
    options.positive = [0]
    options.checkpointInterval = .zero
    var checkpoints: [Checkpoint] = []
    options.checkpoint = { checkpoints.append($0) }
    let method = DormandPrince(rtol: 1e-4, atol: 1e-7)
    let whole = try integrate(problem, with: method, options: options)
    #expect(checkpoints.count > 10)
    #expect(whole.remarks.contains { $0.name == "projected" })
    for checkpoint in checkpoints {
      var rest = IntegrationOptions()
      rest.positive = [0]
      rest.resume = checkpoint
      let resumed = try integrate(problem, with: method, options: rest)
      #expect(resumed.state == whole.state && resumed.statistics.nfev == whole.statistics.nfev)
      #expect(resumed.remarks == whole.remarks, "from t = \(checkpoint.time)")
    }
  }
}
