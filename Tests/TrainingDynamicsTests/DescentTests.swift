import DynamicsPlugins
import Foundation
import ODECore
import RungeKutta
import Testing
import TrainingDynamics

@Suite("Gradient descent")
struct DescentTests {
  private static let rates = (0..<3).map { Quadratic.threeModes().mode($0).rate }
  private static let minimum = Quadratic.threeModes().minimum

  private func problem(_ dynamics: (any Dynamics)? = nil, to end: Double) throws -> ODEProblem {
    let plain = try ODEProblem(Quadratic.threeModes(), to: end, initialState: Quadratic.start)
    return try dynamics.map { try plain.moved(by: $0) } ?? plain
  }

  private func end(_ problem: ODEProblem, _ method: GradientDescent) throws -> [Double] {
    let solution = try integrate(problem, with: method)
    #expect(solution.returnCode == .success)
    // The driver's watch over signs asks a few times more, of so small a system.
    #expect((0...8).contains(solution.statistics.nfev - solution.statistics.accepted))
    return problem.ambientState(solution.state)
  }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) }.max()!
  }

  @Test("without momentum multiplies each mode by 1 - eta s")
  func plain() throws {
    let (eta, k) = (0.03, 40)
    let expected = (0..<3).map {
      Self.minimum[$0]
        + (Quadratic.start[$0] - Self.minimum[$0]) * pow(1 - eta * Self.rates[$0], Double(k))
    }
    let descent = GradientDescent(learningRate: eta)
    #expect(try difference(end(problem(to: eta * Double(k)), descent), expected) < 1e-14)
    // Euler's method with that step is the same iteration.
    let euler = try integrate(problem(to: eta * Double(k)), with: Euler(step: .value(eta)))
    #expect(difference(euler.state, expected) < 1e-14)
  }

  // x_(k+1) = (1 + m - eta s) x_k - m x_(k-1) with the characteristic roots r: x_k = A r_1^k + B r_2^k, x_0 = 1, x_1 = 1 - eta s.
  @Test("with momentum follows the two-term recursion's closed form", arguments: [0.5, 0.9])
  func momentum(_ m: Double) throws {
    let (eta, k) = (0.03, 60)
    func mode(_ s: Double) -> Double {
      let (half, product) = ((1 + m - eta * s) / 2, m)
      let discriminant = half * half - product
      if discriminant < 0 {
        let (radius, angle) = (product.squareRoot(), acos(half / product.squareRoot()))
        let b = (1 - eta * s - radius * cos(angle)) / (radius * sin(angle))
        return pow(radius, Double(k)) * (cos(Double(k) * angle) + b * sin(Double(k) * angle))
      }
      let root = discriminant.squareRoot()
      let (r1, r2) = (half + root, half - root)
      let a = (1 - eta * s - r2) / (r1 - r2)
      return a * pow(r1, Double(k)) + (1 - a) * pow(r2, Double(k))
    }
    let expected = (0..<3).map {
      Self.minimum[$0] + (Quadratic.start[$0] - Self.minimum[$0]) * mode(Self.rates[$0])
    }
    let method = GradientDescent(learningRate: eta, momentum: m)
    let h = eta / (1 - m)
    #expect(try difference(end(problem(to: Double(k) * h), method), expected) < 1e-12)
    // The same iterates, with the velocity in the state: a heavy ball of mass eta/(1 - m)^2.
    let ball = try problem(HeavyBall(epsilon: eta / ((1 - m) * (1 - m))), to: Double(k) * h)
    #expect(try difference(end(ball, GradientDescent(learningRate: eta)), expected) < 1e-12)
    #expect(try difference(end(ball, method), expected) < 1e-12)
  }

  @Test("that looks ahead is Nesterov's two-step iteration, with a constant momentum or his own")
  func lookingAhead() throws {
    let (eta, m, k) = (0.03, 0.8, 50)
    func iterate(_ momentum: (Int) -> Double) -> [Double] {
      var (x, y) = (Quadratic.start, Quadratic.start)
      for i in 1...k {
        let next = (0..<3).map { y[$0] - eta * Self.rates[$0] * (y[$0] - Self.minimum[$0]) }
        y = (0..<3).map { next[$0] + momentum(i) * (next[$0] - x[$0]) }
        x = next
      }
      return x
    }
    let constant = try end(
      problem(to: Double(k) * eta / (1 - m)),
      GradientDescent(learningRate: eta, momentum: m, looksAhead: true))
    #expect(difference(constant, iterate { _ in m }) < 1e-13)
    // y_k = x_k + (k - 1)/(k + r - 1) (x_k - x_(k-1)): Su, Boyd, Candes 2016, (1) for r = 3.
    for r in [3.0, 4.5] {
      let own = try end(
        problem(Nesterov(damping: r), to: Double(k) * eta.squareRoot()), GradientDescent(learningRate: eta))
      #expect(difference(own, iterate { (Double($0) - 1) / (Double($0) + r - 1) }) < 1e-13)
    }
  }

  private static let pairs: [((any Dynamics)?, GradientDescent)] = [
    (nil, GradientDescent(learningRate: 2e-3)),
    (nil, GradientDescent(learningRate: 2e-4, momentum: 0.9)),
    (nil, GradientDescent(learningRate: 2e-4, momentum: 0.9, looksAhead: true)),
    (HeavyBall(epsilon: 0.5), GradientDescent(learningRate: 1e-5)),
    (Nesterov(), GradientDescent(learningRate: 1e-6)),
    (WeightDecay(rate: 0.7), GradientDescent(learningRate: 2e-4, momentum: 0.9)),
  ]

  @Test("follows the dynamics with an error of order h", arguments: pairs.indices)
  func order(_ index: Int) throws {
    let (dynamics, method) = Self.pairs[index]
    let problem = try problem(dynamics, to: 1)
    let exact = try problem.ambientState(integrate(problem, with: DOP853(rtol: 1e-12, atol: 1e-13)).state)
    let errors = try [1, 0.5, 0.25].map { scale in
      var method = method
      method.stepScale = scale
      return try difference(end(problem, method), exact)
    }
    #expect(errors[0] < 0.1)
    #expect(abs(errors[0] / errors[1] - 2) < 0.2 && abs(errors[1] / errors[2] - 2) < 0.1, "\(errors)")
  }

  @Test("resumes to the bit, velocities included, and shortens its last iteration only")
  func resumption() throws {
    let methods: [((any Dynamics)?, GradientDescent)] = [
      (nil, .init(learningRate: 0.03)), (nil, .init(learningRate: 0.003, momentum: 0.9)),
      (HeavyBall(epsilon: 0.5), .init(learningRate: 0.003)), (Nesterov(), .init(learningRate: 0.003)),
    ]
    for (dynamics, method) in methods {
      let problem = try problem(dynamics, to: 3.0001)
      let whole = try integrate(problem, with: method)
      var options = IntegrationOptions()
      options.maxSteps = 17
      let part = try integrate(problem, with: method, options: options)
      options = IntegrationOptions()
      options.resume = part.checkpoint
      let resumed = try integrate(problem, with: method, options: options)
      #expect(resumed.state.map(\.bitPattern) == whole.state.map(\.bitPattern))
      #expect(resumed.statistics.nfev == whole.statistics.nfev)
    }
  }

  @Test("takes a twentieth of the stability limit unless told otherwise, also when resumed")
  func automatic() throws {
    let radius = Self.rates.max()!
    for dynamics in [nil, HeavyBall(epsilon: 0.5)] as [(any Dynamics)?] {
      let problem = try problem(dynamics, to: 2)
      let given = try integrate(problem, with: GradientDescent(learningRate: 0.1 / radius)).state
      let whole = try integrate(problem, with: GradientDescent())
      #expect(whole.state.map(\.bitPattern) == given.map(\.bitPattern))
      var options = IntegrationOptions()
      options.maxSteps = 9
      options.resume = try integrate(problem, with: GradientDescent(), options: options).checkpoint
      options.maxSteps = 1000
      let resumed = try integrate(problem, with: GradientDescent(), options: options).state
      #expect(resumed.map(\.bitPattern) == given.map(\.bitPattern))
    }
  }

  @Test("refuses what it cannot do, in one sentence")
  func refusals() throws {
    func refusal(_ method: GradientDescent, _ dynamics: (any Dynamics)? = nil) throws -> String {
      let problem = try problem(dynamics, to: 1)
      let reason = try #require(method.refusal(of: problem))
      #expect(try integrate(problem, with: method).returnCode == .initialFailure)
      return reason
    }
    #expect(try refusal(.init(learningRate: .nan)).contains("nan"))
    #expect(try refusal(.init(learningRate: 0)).contains("positive"))
    #expect(try refusal(.init(learningRate: 0.1, momentum: 1)).contains("below 1"))
    #expect(try refusal(.init(learningRate: 1), HeavyBall(epsilon: 0.5)).contains("negative momentum"))
    #expect(
      try refusal(.init(learningRate: 0.01, momentum: 0.5), HeavyBall(epsilon: 1)).contains("is 0.9"))
    let lorenz = try ODEProblem(
      ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }, to: 1, initialState: [1])
    #expect(GradientDescent(learningRate: 0.1).refusal(of: lorenz)?.contains("take 'euler'") == true)
    let beyond = try integrate(problem(to: 1000), with: GradientDescent(learningRate: 1))
    #expect(beyond.returnCode == .nonFinite && beyond.message.contains("learning rate"))
  }
}
