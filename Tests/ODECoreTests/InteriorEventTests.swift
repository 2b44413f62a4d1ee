import Foundation
import ImplicitRungeKutta
import ODECore
import ODETestKit
import RungeKutta
import SundialsIntegrators
import Testing

/// From each of its checkpoints a run goes on as if it had not been stopped.
func expectSameAfterResuming(
  _ problem: ODEProblem, with method: any Integrator = DormandPrince(),
  options: IntegrationOptions = IntegrationOptions(), remarks: [String] = []
) throws {
  var checkpoints: [Checkpoint] = []
  var options = options
  options.checkpointInterval = .zero
  options.checkpoint = { checkpoints.append($0) }
  let whole = try integrate(problem, with: method, options: options)
  try #require(checkpoints.count >= 5)
  #expect(whole.remarks.map(\.name) == remarks)
  options.checkpoint = nil
  for checkpoint in checkpoints.enumerated().filter({ $0.offset % (1 + checkpoints.count / 100) == 0 }).map(
    \.element)
  {
    options.resume = checkpoint
    let rest = try integrate(problem, with: method, options: options)
    #expect(rest.state == whole.state && rest.time == whole.time, "from t = \(checkpoint.time)")
    #expect(
      rest.returnCode == whole.returnCode && rest.remarks == whole.remarks, "from t = \(checkpoint.time)")
    #expect(rest.crossings == whole.crossings.suffix(rest.crossings.count), "from t = \(checkpoint.time)")
    var (a, b) = (rest.statistics, whole.statistics)
    (a.wallSeconds, b.wallSeconds) = (0, 0)
    #expect(a == b, "from t = \(checkpoint.time)")
  }
}

@Suite("Roots inside a step")
struct InteriorEventTests {
  /// `y' = 1` or a polynomial's derivative: steps grow at once to any length.
  private func polynomial(_ f: @escaping (Double) -> Double) -> ClosureSystem {
    ClosureSystem(dimension: 1) { t, _, dy in dy[0] = f(t) }
  }

  private var methods: [any Integrator] {
    [DormandPrince(), BogackiShampine(), CVODEAdams(), CVODEBDF()]
  }

  @Test("two of one event in one step are both there: the first one ends the run")
  func twoInOneStep() throws {
    // y = (t + 6)(t - 2)(t + 2) falls through zero at -2 and rises at 2; closed form.
    let system = polynomial { 3 * $0 * $0 + 12 * $0 - 4 }
    for method in methods {
      let problem = try ODEProblem(
        system, from: -5, to: 4, initialState: [21],
        events: [Event("falls", direction: .falling, isTerminal: true) { _, y in y[0] }])
      let solution = try integrate(problem, with: method)
      #expect(solution.returnCode == .stopped, "\(method.name): \(solution.message)")
      #expect(abs(solution.time + 2) < 1e-4, "\(method.name): \(solution.time)")
    }
  }

  @Test("all of an event that goes round many times in one step are found in order")
  func many() throws {
    let problem = try ODEProblem(
      polynomial { _ in 1 }, to: 100, initialState: [0], events: [Event("sine") { _, y in sin(y[0] + 0.5) }])
    let steps = 3
    let solution = try integrate(problem, with: Euler(step: .value(100.0 / Double(steps))))
    #expect(solution.statistics.accepted == steps)
    let expected = (1...32).map { Double($0) * .pi - 0.5 }.filter { $0 < 100 }
    try #require(solution.crossings.count == expected.count)
    for (crossing, root) in zip(solution.crossings, expected) {
      #expect(abs(crossing.time - root) < 8 * root.ulp)
    }
    #expect(zip(solution.crossings, solution.crossings.dropFirst()).allSatisfy { $0.isRising != $1.isRising })
  }

  @Test(
    "a dip below zero between two ends far above it is seen, one that stays above is no event",
    arguments: [1e-3, -1e-3])
  func dip(_ depth: Double) throws {
    // (t - 0.4)^2 - depth has roots 0.4 +- sqrt(depth), values 1.4 and 2.6 at the ends.
    let event = Event("dip") { t, _ in 10 * (t - 0.4) * (t - 0.4) - 10 * depth }
    let solution = try integrate(
      ODEProblem(polynomial { _ in 1 }, to: 1, initialState: [0], events: [event]),
      with: Euler(step: .value(1)))
    let roots = depth > 0 ? [0.4 - depth.squareRoot(), 0.4 + depth.squareRoot()] : []
    try #require(solution.crossings.count == roots.count)
    for (crossing, root) in zip(solution.crossings, roots) { #expect(abs(crossing.time - root) < 1e-13) }
  }

  @Test(
    "cost two evaluations of the event a step where nothing happens, and none inside where the event says so")
  func cost() throws {
    func evaluations(inside: Bool) throws -> (Int, steps: Int) {
      let problem = try ODEProblem(
        ClosureSystem(dimension: 2) { _, y, dy in
          dy[0] = y[1]
          dy[1] = -y[0]
        }, to: 20, initialState: [1, 0], events: [Event("far", searchesInside: inside) { _, y in y[0] - 5 }])
      let solution = try integrate(problem, with: DormandPrince())
      return (solution.statistics.nge, solution.statistics.accepted)
    }
    let (all, steps) = try evaluations(inside: true)
    #expect(all <= 1 + 3 * steps + steps / 5)
    #expect(try evaluations(inside: false) == (1 + steps, steps))
  }
}

@Suite("Events that change the state")
struct StateChangeTests {
  /// A ball under `g = 1`, dropped from `height`, that keeps the part `restitution` of its speed.
  private func ball(height: Double, restitution: Double, to end: Double) throws -> ODEProblem {
    try ODEProblem(
      ClosureSystem(dimension: 2) { _, y, dy in
        dy[0] = y[1]
        dy[1] = -1
      }, to: end, initialState: [height, 0],
      events: [
        Event(
          "bounce", direction: .falling,
          change: { _, y in
            y[0] = 0
            y[1] = -restitution * y[1]
          }
        ) { _, y in y[0] }
      ])
  }

  @Test("a ball bounces when it should, whatever the method")
  func bounces() throws {
    let methods: [any Integrator] = [
      DormandPrince(), BogackiShampine(), ClassicalRK4(step: .value(0.37)), CVODEAdams(), CVODEBDF(), RKC(),
    ]
    for method in methods {
      // Falls for sqrt(2), flies for 2 v each time with v = sqrt(2), 0.8 sqrt(2), ...; closed form.
      let solution = try integrate(ball(height: 1, restitution: 0.8, to: 8), with: method)
      #expect(solution.returnCode == .success, "\(method.name): \(solution.message)")
      var (t, v) = (2.0.squareRoot(), 2.0.squareRoot())
      var expected: [Double] = []
      while t < 8 {
        expected.append(t)
        v *= 0.8
        t += 2 * v
      }
      try #require(
        solution.crossings.count == expected.count, "\(method.name): \(solution.crossings.map(\.time))")
      for (crossing, time) in zip(solution.crossings, expected) {
        #expect(abs(crossing.time - time) < 1e-4, "\(method.name)")
      }
      let last = expected.last!
      let height = v * (8 - last) - (8 - last) * (8 - last) / 2
      #expect(abs(solution.state[0] - height) < 1e-3, "\(method.name): \(solution.state)")
      #expect(solution.statistics.nfev > 0 && solution.statistics.accepted >= 2 * expected.count)
    }
  }

  @Test(
    "bounces that follow one another ever faster end the run where they accumulate, with a code of its own")
  func zeno() throws {
    for method in [DormandPrince() as any Integrator, CVODEBDF(rtol: 1e-9, atol: 1e-12), BogackiShampine()] {
      // sqrt(2) (1 + 2 (1/2 + 1/4 + ...)) = 3 sqrt(2); geometric series.
      let solution = try integrate(ball(height: 1, restitution: 0.5, to: 100), with: method)
      #expect(solution.returnCode == .zeno, "\(method.name): \(solution.returnCode) \(solution.message)")
      #expect(
        abs(solution.time - 3 * 2.0.squareRoot()) < 1e-4,
        "\(method.name): \(solution.crossings.suffix(3).map(\.time)) \(solution.crossings.count)")
      #expect(solution.message.contains("'bounce'"))
    }
  }

  @Test("resumed runs bounce as unbroken ones do, count bounces on, and end at the same one")
  func resumed() throws {
    try expectSameAfterResuming(ball(height: 1, restitution: 0.8, to: 8))
    try expectSameAfterResuming(ball(height: 1, restitution: 0.5, to: 100))
    let third = Event("third", direction: .falling, isTerminal: true, occurrences: 3) { _, y in y[0] }
    try expectSameAfterResuming(
      ODEProblem(
        ClosureSystem(dimension: 2) { _, y, dy in (dy[0], dy[1]) = (y[1], -y[0]) }, to: 100,
        initialState: [1, 0],
        events: [third]))
  }

  @Test("an impulse at a time adds to what the solution is")
  func impulse() throws {
    let problem = try ODEProblem(
      ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }, to: 3, initialState: [1],
      events: [Event("dose", direction: .rising, change: { _, y in y[0] += 2 }) { t, _ in sin(.pi * t) }])
    // Rising zeros of sin(pi t) in (0, 3): t = 2 only. y = exp(-t), then (exp(-2) + 2) exp(-(t - 2)).
    let solution = try integrate(problem, with: DormandPrince(rtol: 1e-9, atol: 1e-12))
    #expect(solution.crossings.map(\.name) == ["dose"])
    #expect(abs(solution.state[0] - (exp(-2) + 2) * exp(-1)) < 1e-8)
  }

  @Test("what makes the state no number ends the run and says so")
  func notFinite() throws {
    let problem = try ODEProblem(
      ClosureSystem(dimension: 1) { _, _, dy in dy[0] = 1 }, to: 3, initialState: [0],
      events: [Event("bad", change: { _, y in y[0] = .nan }) { t, _ in t - 1 }], componentNames: ["u"])
    let solution = try integrate(problem, with: DormandPrince())
    #expect(solution.returnCode == .nonFinite)
    #expect(solution.message.contains("'bad'") && solution.message.contains("u"))
    #expect(solution.state == [1])
  }
}

@Suite("A remark on components that cannot be negative and are")
struct PositivityTests {
  private func remarks(_ problem: ODEProblem, _ method: any Integrator) throws -> [String] {
    try integrate(problem, with: method).remarks.map(\.name)
  }

  @Test("is made where a loose tolerance lets Robertson's reaction run away, and not at a tighter one")
  func robertson() throws {
    let problem = ReferenceProblem.robertson.problem
    // As CVODE does by default: a hundredth keeps the run together.
    var bdf = CVODEBDF(rtol: 1e-3, atol: 1e-6)
    bdf.iterationTolerance = 0.1
    let loose = try integrate(problem, with: bdf)
    // The solution stays in [0, 1].
    #expect(loose.state.contains { abs($0) > 1.1 })
    #expect(loose.remarks.map(\.name) == ["becameNegative"])
    #expect(loose.returnCode == .invariantLost && loose.message.contains("fell to"), "\(loose.message)")
    #expect(try remarks(problem, CVODEBDF(rtol: 1e-6, atol: 1e-12)) == [])
  }

  /// Dahlquist's knee, `eps y' = (1 - t) y - y^2`, `eps = 1e-4`: `y` stays above zero and is near it from `t = 1` on. A step of BDF from before the
  /// knee to the end lands on the branch that repels, `y = 1 - t`.
  @Test("is made, and there is no success, where one long step falls through zero", arguments: [1e-2, 1e-3])
  func knee(rtol: Double) throws {
    let problem = try ODEProblem(
      ClosureSystem(dimension: 1) { t, y, dy in dy[0] = 1e4 * ((1 - t) * y[0] - y[0] * y[0]) }, to: 2,
      initialState: [1])
    let fallen = try integrate(problem, with: CVODEBDF(rtol: rtol, atol: 1e-3 * rtol))
    #expect(fallen.state[0] < -0.9 && fallen.returnCode == .invariantLost, "\(fallen.state)")
    #expect(fallen.remarks.map(\.name) == ["becameNegative"])
    let kept = try integrate(problem, with: Radau(rtol: rtol, atol: 1e-3 * rtol))
    #expect(kept.returnCode == .success && abs(kept.state[0]) < rtol && kept.remarks.isEmpty)
  }

  @Test("is not made where the solution itself becomes negative")
  func oscillates() throws {
    #expect(try remarks(oscillator(to: 20), DormandPrince()) == [])
    #expect(try remarks(oscillator(to: 20, state: [0, 1]), CVODEBDF()) == [])
    let falls = try ODEProblem(
      ClosureSystem(dimension: 1) { _, _, dy in dy[0] = -1 }, to: 2, initialState: [1])
    #expect(try remarks(falls, DormandPrince()) == [])
    // Place and speed in one step: neither holds the other.
    let swing = try ODEProblem(
      ClosureSystem(dimension: 2) { _, y, dy in (dy[0], dy[1]) = (y[1], -y[0]) }, to: 2.9,
      initialState: [0.1, 0.02])
    #expect(try remarks(swing, Radau(rtol: 0.5, atol: 0.5, initialStep: 2.9)) == [])
    // In one step; and where f at zero has turned up again by the step's end.
    let line = try ODEProblem(
      ClosureSystem(dimension: 2) { t, _, dy in (dy[0], dy[1]) = (2 * t - 2.6, 1) }, to: 2,
      initialState: [1, 0])
    #expect(try remarks(line, Radau(rtol: 1e-3, atol: 1e-6, initialStep: 2)) == [])
  }
}

@Suite("Declared discontinuities and limits on the step")
struct DiscontinuityTests {
  /// `y' = -y + [floor(t) odd]`, `y(0) = 0`; by pieces in closed form.
  private static var switched: ClosureSystem {
    ClosureSystem(dimension: 1) { t, y, dy in
      dy[0] = -y[0] + (Int(t.rounded(.down)) % 2 == 0 ? 0 : 1)
    }
  }

  private static func exact(_ t: Double) -> Double {
    var y = 0.0
    for k in 0..<Int(t) { y = k % 2 == 0 ? y * exp(-1) : 1 + (y - 1) * exp(-1) }
    let rest = t - t.rounded(.down)
    return Int(t) % 2 == 0 ? y * exp(-rest) : 1 + (y - 1) * exp(-rest)
  }

  private var methods: [any Integrator] {
    [
      DormandPrince(rtol: 1e-7, atol: 1e-9), BogackiShampine(rtol: 1e-7, atol: 1e-9),
      RKC(rtol: 1e-7, atol: 1e-9),
      ClassicalRK4(step: .value(0.01)), CVODEAdams(rtol: 1e-7, atol: 1e-9), CVODEBDF(rtol: 1e-7, atol: 1e-9),
    ]
  }

  @Test("no method steps over a declared discontinuity, constant or told by a function")
  func declared() throws {
    let constant = Discontinuities((1...9).map(Double.init))
    let told = Discontinuities { t, sign in sign > 0 ? t.rounded(.down) + 1 : t.rounded(.up) - 1 }
    for discontinuities in [constant, told] {
      for method in methods {
        let problem = try ODEProblem(
          Self.switched, to: 9.5, initialState: [0], discontinuities: discontinuities)
        let ends = StepEnds()
        let solution = try integrate(problem, with: method, observers: [ends], saving: .linear(spacing: 0.5))
        #expect(solution.returnCode == .success, "\(method.name): \(solution.message)")
        for (t, y) in zip(solution.savedTimes, solution.savedStates) {
          #expect(abs(y[0] - Self.exact(t)) < 2e-5, "\(method.name), t = \(t): \(y[0])")
        }
        #expect(solution.savedTimes == (0...19).map { 0.5 * Double($0) })
        #expect(Set((1...9).map(Double.init)).isSubset(of: ends.times), "\(method.name)")
        #expect(ends.gaps == 0)
      }
    }
  }

  @Test("a smooth method keeps its order across them")
  func order() throws {
    func error(_ h: Double) throws -> Double {
      let problem = try ODEProblem(
        Self.switched, to: 5.5, initialState: [0], discontinuities: Discontinuities([1, 2, 3, 4, 5]))
      let solution = try integrate(problem, with: ClassicalRK4(step: .value(h)))
      return abs(solution.state[0] - Self.exact(5.5))
    }
    // Order 4: halving the step divides the error by 16.
    let ratio = try error(0.1) / error(0.05)
    #expect(abs(log2(ratio) - 4) < 0.3)
  }

  @Test("backwards, at the end, and a unit in the last place apart they are harmless")
  func awkward() throws {
    let problem = try ODEProblem(
      Self.switched, from: 3, to: 1, initialState: [Self.exact(3)],
      discontinuities: Discontinuities([3, 2, 2.0.nextUp, 1, 1.0.nextUp]))
    let solution = try integrate(problem, with: DormandPrince(rtol: 1e-9, atol: 1e-12))
    #expect(solution.returnCode == .success && solution.time == 1)
    #expect(abs(solution.state[0] - Self.exact(1)) < 1e-7)
  }

  @Test("a resumed run goes on over them with the same bits")
  func resumed() throws {
    try expectSameAfterResuming(
      ODEProblem(
        Self.switched, to: 6.5, initialState: [0], discontinuities: Discontinuities((1...6).map(Double.init)))
    )
  }

  @Test("a start at rest is looked around from: a later input is not stepped over")
  func startsAtRest() throws {
    for method in methods {
      let problem = try ODEProblem(Self.switched, to: 9.5, initialState: [0])
      let solution = try integrate(problem, with: method)
      #expect(abs(solution.state[0] - Self.exact(9.5)) < 0.05, "\(method.name): \(solution.state)")
      // Pairs tell of the jumps, too.
      let remarks = solution.remarks.map(\.name).filter { $0 != "chattering" }
      if method.isAdaptive { #expect(remarks == ["startsAtRest"], "\(method.name)") }
    }
    let still = try integrate(
      ODEProblem(ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }, to: 9, initialState: [0]),
      with: DormandPrince())
    #expect(still.remarks.isEmpty && still.statistics.accepted < 20)
  }

  @Test("no step of any method is longer than maxStep, and the first not longer than initialStep")
  func limits() throws {
    for method in methods {
      var options = IntegrationOptions()
      (options.maxStep, options.initialStep) = (0.05, 1e-3)
      let ends = StepEnds()
      // A short input far from the start; y = exp(-t) + about sqrt(pi)/10 exp(-(t - 20)) beyond t = 20.
      let problem = try ODEProblem(
        ClosureSystem(dimension: 1) { t, y, dy in dy[0] = -y[0] + exp(-100 * (t - 20) * (t - 20)) }, to: 21,
        initialState: [1])
      let solution = try integrate(problem, with: method, observers: [ends], options: options)
      #expect(ends.longest <= 0.05 * (1 + 1e-9) && ends.first <= 1e-3 * (1 + 1e-9), "\(method.name)")
      // exp(-21) + integral of exp(s - 1) exp(-100 s^2) = exp(-1) sqrt(pi)/10 exp(1/400).
      let exact = exp(-21.0) + exp(-1.0) * Double.pi.squareRoot() / 10 * exp(1 / 400.0)
      #expect(abs(solution.state[0] - exact) < 1e-4, "\(method.name): \(solution.state[0]), \(exact)")
    }
  }

  private final class StepEnds: Observer {
    let watchesSteps = true
    private(set) var times: Set<Double> = []
    private(set) var longest = 0.0
    private(set) var first = Double.infinity
    /// Steps that do not begin where the one before ended.
    private(set) var gaps = 0
    private var last: Double?
    func step(_ moment: Moment) {
      times.insert(moment.time)
      let size = abs(moment.time - moment.previousTime)
      longest = max(longest, size)
      if first == .infinity { first = size }
      if let last, last != moment.previousTime { gaps += 1 }
      last = moment.time
    }
  }
}
