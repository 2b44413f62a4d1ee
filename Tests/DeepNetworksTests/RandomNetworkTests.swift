import ActivationsPlugins
import DeepNetworks
import ExponentialIntegrators
import LossesPlugins
import ODECore
import RungeKutta
import SundialsIntegrators
import Testing

/// A network of `Tests/Oracles/jax_networks.py`: depth, widths, activations, biases, outputs and loss drawn at random; JAX differentiates
/// and diffrax integrates.
struct RandomNetwork: Decodable, CustomTestStringConvertible, Sendable {
  let widths: [Int]
  let activations: [String]
  let biases: Bool
  let loss: String
  let kappa: Double
  let mobilities: [Double]
  let x: [[Double]]
  let y: [Double]
  let seed: UInt64
  let risk: Double
  let derivative, jv, eigenvalues: [Double]
  let times: [Double]
  /// States at the times, and their relative error; none with kinks.
  let states: [[Double]]?
  let error: Double?

  var testDescription: String { "\(widths) \(activations) \(biases ? "biases " : "")\(loss)" }

  private struct File: Decodable { let cases: [RandomNetwork] }
  static let all = fixture("jax_networks", as: File.self).cases

  var network: DeepNetwork {
    DeepNetwork(widths: widths, kappa: kappa, activations: activations.map(activation), hasBiases: biases)
  }

  func flow() throws -> ArchitectureFlow {
    try ArchitectureFlow(
      architecture: network, mobilities: mobilities,
      data: Samples(
        inputs: Inputs(x.flatMap { $0 }, dimension: widths[0]), targets: y, outputCount: widths.last!),
      loss: DeepNetworksTests.loss(loss))
  }
}

@Suite("Networks drawn at random, beside JAX")
struct RandomNetworkTests {
  /// Sums of at most 50 products of numbers of size 1, in both programs.
  private static let rounding = 1e-12

  @Test("risk, force, products and sharpness are the same to rounding", arguments: RandomNetwork.all)
  func derivatives(_ oracle: RandomNetwork) throws {
    let flow = try oracle.flow()
    let theta = try DeepStart(seed: oracle.seed).state(for: oracle.network)
    let v = try DeepStart(seed: oracle.seed + 1).state(for: oracle.network)
    #expect(abs(flow.risk(theta.span) / oracle.risk - 1) < Self.rounding)
    #expect(difference(try flow.derivative(at: theta), oracle.derivative) < Self.rounding)
    var jv = [Double](repeating: .nan, count: v.count)
    var span = jv.mutableSpan
    flow.jacobianVectorProduct(0, theta.span, v.span, into: &span)
    #expect(difference(jv, oracle.jv) < Self.rounding)
    let values = try Sharpness(count: oracle.eigenvalues.count, tolerance: 1e-10)(flow, theta.span)
    #expect(difference(values, oracle.eigenvalues) < 1e-9)
  }

  /// Errors of many steps add up: a hundred tolerances, and more for the methods whose tolerance is that of the change.
  @Test("whole trajectories are diffrax's", arguments: RandomNetwork.all)
  func trajectories(_ oracle: RandomNetwork) throws {
    guard let states = oracle.states, let error = oracle.error else { return }
    let start = try DeepStart(seed: oracle.seed).state(for: oracle.network)
    let methods: [(any Integrator, Double)] = [
      (DOP853(rtol: 1e-11, atol: 1e-12), 1e-9),
      (CVODEAdams(rtol: 1e-9, atol: 1e-10), 1e-6),
      (CVODEBDF(rtol: 1e-8, atol: 1e-9, linearSolver: .spgmr()), 1e-5),
      (ExponentialRungeKutta(.krogstad, StepControl(rtol: 1e-8, atol: 1e-9)), 1e-6),
      (ResidualMagnus(rtol: 1e-6), 1e-4),
    ]
    var options = IntegrationOptions()
    options.stopsAtRest = false
    for (method, allowed) in methods {
      for (time, state) in zip(oracle.times, states) {
        let problem = try ODEProblem(oracle.flow(), to: time, initialState: start)
        let solution = try integrate(problem, with: method, options: options)
        #expect(solution.returnCode == .success)
        #expect(difference(solution.state, state) < allowed + 10 * error, "\(method.name) at \(time)")
      }
    }
  }
}
