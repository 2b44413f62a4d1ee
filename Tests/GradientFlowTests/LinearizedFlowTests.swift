import ActivationsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import ODETestKit
import RungeKutta
import SundialsIntegrators
import Testing

/// The small tanh network of Tests/Oracles/linearized_flow.py; NumPy's `default_rng(3)` is our seed 3.
private func oracleFlow(loss: any Loss = SquaredLoss()) throws -> (flow: TwoLayerFlow, start: [Double]) {
  let data = try Dataset(
    name: "three", features: [[-0.5], [0.2], [0.9]], targets: [0.3, -0.4, 0.8])
  let flow = try TwoLayerFlow(
    width: 6, data: data, scaling: Scaling(kappa: 0.7, kappaPrime: 1.6), activation: Tanh(), loss: loss)
  return (flow, try GaussianStart(seed: 3).state(for: flow.shape))
}

/// `t`, `e(t)`, `R`, `a_1` and the last `w`, printed by the script (scipy.linalg.expm of the full matrix).
private let printed: [(t: Double, e: [Double], risk: Double, a1: Double, w: Double)] = [
  (
    0.5, [0.13848407919858, 0.39218868344199, -0.42598522567658], 0.059075536017695, 1.9605662845909,
    -0.21789425159825
  ),
  (
    5, [-0.016790380416269, 0.02542123821152, -0.013220234650674], 0.00018382180515813, 1.9458540574014,
    -0.21630078549825
  ),
]

@Suite("The linearised flow (15)")
struct LinearizedFlowTests {
  @Test("the closed form is the matrix exponential")
  func closedForm() throws {
    let (flow, start) = try oracleFlow()
    let solution = try LinearizedFlow(of: flow, at: start).solution()
    // numpy.linalg.eigvalsh; rates are m/n = 2 times these.
    for (rate, eigenvalue) in zip(solution.modes.rates, [0.27643732584442, 1.3507572679976, 4.8975115867046])
    {
      #expect(abs(rate - 2 * eigenvalue) < 1e-13 * rate)
    }
    for expected in printed {
      // Fourteen printed digits, and rounding of order |e(0)| = 1.
      #expect(relativeDifference(solution.modes.residuals(at: expected.t), expected.e) < 1e-12)
      #expect(abs(solution.modes.risk(at: expected.t) - expected.risk) < 1e-12 * expected.risk)
      let state = solution.state(at: expected.t)
      #expect(abs(state[0] - expected.a1) < 1e-13 && abs(state.last! - expected.w) < 1e-13)
    }
    #expect(solution.state(at: 0) == start)
  }

  @Test("every kind of integrator comes to the closed form")
  func integrators() throws {
    let (flow, start) = try oracleFlow()
    let system = try LinearizedFlow(of: flow, at: start)
    let problem = try ODEProblem(system, to: 5, initialState: start)
    func check(_ integrator: some Integrator, within tolerance: Double) throws {
      let solution = try integrate(problem, with: integrator)
      #expect(solution.returnCode == .success)
      let forward = system.forward(solution.state.span)
      #expect(relativeDifference(forward.residuals, printed[1].e) < tolerance, "\(integrator.name)")
      #expect(abs(solution.state[0] - printed[1].a1) < tolerance)
    }
    // Global errors of these problems stay within a hundred times the tolerance; rk4 takes its own step.
    try check(DormandPrince(rtol: 1e-9, atol: 1e-12), within: 1e-7)
    try check(CVODEAdams(rtol: 1e-9, atol: 1e-12), within: 1e-6)
    try check(CVODEBDF(rtol: 1e-9, atol: 1e-12), within: 1e-6)
    try check(RKC(rtol: 1e-8, atol: 1e-11), within: 1e-4)
    try check(ClassicalRK4(), within: 0.05)
  }

  @Test("the system keeps its promises, with any loss and on every path", arguments: FlowPath.exact)
  func conformance(_ path: FlowPath) throws {
    let problem = try RandomProblem(Size(40, 3, 5), targets: 1...1)
    let activation = path == .fused ? PointwiseActivation.relu : .tanh
    for loss in PointwiseLoss.all {
      let flow = try problem.flow(activation, loss: loss, path: path)
      let system = try LinearizedFlow(of: flow, at: problem.state)
      let point = zip(problem.state, problem.direction).map { $0 + 0.01 * $1 }
      let violations = SystemConformance().violations(of: system, at: [(0, problem.state), (1, point)])
      #expect(violations.isEmpty, "\(loss.name): \(violations)")
    }
  }

  @Test("at its origin it has the network's outputs, loss and derivative", arguments: FlowPath.exact)
  func tangency(_ path: FlowPath) throws {
    let problem = try RandomProblem(Size(300, 3, 9))
    let flow = try problem.flow(path == .fused ? PointwiseActivation.leakyReLU : .tanh, path: path)
    let system = try LinearizedFlow(of: flow, at: problem.state)
    let (network, linear) = (flow.forward(problem.state.span), system.forward(problem.state.span))
    #expect(network.predictions == linear.predictions && network.loss == linear.loss)
    let dy = StateVector(count: flow.dimension)
    dy.withMutableSpan { system.derivative(0, problem.state.span, into: &$0) }
    #expect(relativeDifference(dy.array, flow.derivative(at: problem.state)) < 1e-14)
  }

  @Test("the distance to the network falls with the width at gamma = 1/2")
  func lazyLimit() throws {
    let x = [-0.5, -1.0 / 6, 1.0 / 6, 0.5]
    let data = try Dataset(name: "four", features: x.map { [$0] }, targets: x.map { $0 * $0 })
    var distances: [Double] = []
    for width in [64, 1024] {
      let flow = try TwoLayerFlow(
        width: width, data: data, scaling: Scaling(gamma: 0.5, gammaPrime: 0, width: width),
        activation: Tanh(), loss: SquaredLoss())
      let start = try GaussianStart(seed: 2, isAntisymmetric: true).state(for: flow.shape)
      let end = try integrate(
        ODEProblem(flow, to: 20, initialState: start), with: DormandPrince(rtol: 1e-8, atol: 1e-11))
      let exact = try LinearizedFlow(of: flow, at: start).solution().modes.residuals(at: 20)
      distances.append(
        zip(flow.forward(end.state.span).residuals, exact).map { abs($0 - $1) }.max()!)
    }
    // Of order 1/sqrt(m) at least: a factor of 4 for 16 times the width.
    #expect(distances[1] < distances[0] / 4)
  }

  @Test("there is no closed form for another loss")
  func otherLoss() throws {
    let (flow, start) = try oracleFlow(loss: PointwiseLoss.all[2])
    #expect(throws: LinearizedFlowError.self) {
      try LinearizedFlow(of: flow, at: start).solution()
    }
  }
}

@Suite("Modes of the residuals")
struct ResidualModesTests {
  @Test("the integral and the rate of decay are those of the residuals")
  func consistency() throws {
    let gram = [2.0, 0.5, 0.5, 1.0]
    let modes = try ResidualModes(gram: gram, width: 6, residuals: [1, -0.3])
    let h = 1e-4
    for t in [0.0, 0.3, 2] {
      let difference = zip(modes.integratedResiduals(to: t + h), modes.integratedResiduals(to: max(t - h, 0)))
        .map { ($0 - $1) / (t == 0 ? h : 2 * h) }
      // Central differences are good to h^2 rate^2, the one-sided one at 0 to h rate.
      #expect(relativeDifference(difference, modes.residuals(at: t == 0 ? h / 2 : t)) < 1e-6)
      let slope = -(log(modes.risk(at: t + h)) - log(modes.risk(at: t))) / h
      #expect(abs(slope - modes.decayRate(at: t + h / 2)) < 1e-6 * slope)
    }
    #expect(modes.residuals(at: 0).map { ($0 * 1e15).rounded() / 1e15 } == [1, -0.3])
    // Closed form for two by two: eigenvalues (3 +- sqrt(2)) / 2, times m/n = 3.
    #expect(abs(modes.rates[0] - 1.5 * (3 - 2.0.squareRoot())) < 1e-14)
    #expect(modes.decayRate(at: 1e6) == 2 * modes.rates[0])
  }

  @Test("a singular matrix leaves a residual where it is")
  func singular() throws {
    let modes = try ResidualModes(gram: [1, 1, 1, 1], width: 2, residuals: [1, 0])
    let late = modes.residuals(at: 1e3)
    #expect(abs(late[0] - 0.5) < 1e-12 && abs(late[1] + 0.5) < 1e-12)
    #expect(abs(modes.integratedResiduals(to: 4)[0] - (2 + 0.25)) < 0.01)
  }
}
