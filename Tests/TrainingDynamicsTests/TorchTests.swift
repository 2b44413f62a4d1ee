import ActivationsPlugins
import DeepNetworks
import DynamicsPlugins
import Foundation
import LossesPlugins
import ODECore
import RungeKutta
import Testing
import TrainingDynamics

/// `Tests/Oracles/torch_training.py`: a network 3-8-7-2 with biases, differentiated by PyTorch.
private struct Oracle: Decodable {
  struct SGD: Decodable {
    let learningRate, momentum, decay: Double
    let looksAhead: Bool
    let steps: Int
    let theta: [Double]
  }
  let widths: [Int]
  let kappa: Double
  let mobilities, x, y, theta, v, derivative, jv, eigenvalues: [Double]
  let risk, end, decay, epsilon: Double
  let flow, weightDecay, heavyBall, nesterov: [Double]
  let sgd: [SGD]

  static let kept: Oracle = {
    let url = Bundle.module.url(
      forResource: "torch_training", withExtension: "json", subdirectory: "Fixtures")!
    return try! JSONDecoder().decode(Oracle.self, from: Data(contentsOf: url))
  }()

  func makeFlow() throws -> ArchitectureFlow {
    try ArchitectureFlow(
      architecture: DeepNetwork(
        widths: widths, kappa: kappa, activations: [Tanh(), Softplus()], hasBiases: true),
      mobilities: mobilities,
      data: Samples(inputs: Inputs(x, dimension: widths[0]), targets: y, outputCount: widths.last!),
      loss: SquaredLoss())
  }
}

@Suite("Beside PyTorch")
struct TorchTests {
  private let oracle = Oracle.kept

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { abs($0 - $1) }.max()! / b.map(abs).max()!
  }

  @Test("risk, force, products and sharpness are the same to rounding")
  func derivatives() throws {
    let flow = try oracle.makeFlow()
    #expect(abs(flow.risk(oracle.theta.span) / oracle.risk - 1) < 1e-13)
    #expect(try difference(flow.derivative(0, oracle.theta), oracle.derivative) < 1e-12)
    var jv = [Double](repeating: 0, count: oracle.v.count)
    var span = jv.mutableSpan
    flow.jacobianVectorProduct(0, oracle.theta.span, oracle.v.span, into: &span)
    #expect(difference(jv, oracle.jv) < 1e-12)
    let values = try Sharpness(count: 3, tolerance: 1e-10)(flow, oracle.theta.span)
    #expect(difference(values, oracle.eigenvalues) < 1e-9)
  }

  @Test("the flow and other dynamics end where SciPy takes PyTorch's gradients", arguments: 0..<4)
  func trajectories(_ index: Int) throws {
    let (dynamics, expected): (any Dynamics, [Double]) =
      [
        (PlainFlow(), oracle.flow), (WeightDecay(rate: oracle.decay), oracle.weightDecay),
        (HeavyBall(epsilon: oracle.epsilon), oracle.heavyBall), (Nesterov(), oracle.nesterov),
      ][index]
    let problem = try ODEProblem(oracle.makeFlow(), to: oracle.end, initialState: oracle.theta)
      .moved(by: dynamics)
    let end = try integrate(problem, with: DOP853(rtol: 1e-11, atol: 1e-12)).state
    // A hundred tolerances, as errors of steps add up.
    #expect(difference(problem.ambientState(end), expected) < 1e-9)
  }

  @Test("iterates are those of torch.optim.SGD, with momentum, looking ahead, with decay", arguments: 0..<4)
  func descent(_ index: Int) throws {
    let sgd = oracle.sgd[index]
    let flow = try ODEProblem(
      oracle.makeFlow(),
      to: Double(sgd.steps) * sgd.learningRate / (1 - sgd.momentum), initialState: oracle.theta)
    let method = GradientDescent(
      learningRate: sgd.learningRate, momentum: sgd.momentum, looksAhead: sgd.looksAhead)
    let problem = try flow.moved(by: WeightDecay(rate: sgd.decay))
    let solution = try integrate(problem, with: method)
    #expect(solution.statistics.accepted == sgd.steps && solution.statistics.nfev == sgd.steps)
    if sgd.looksAhead {
      // The library keeps the place where the force is taken, theta + m v, which has the iterate before in it.
      let v = solution.checkpoint!.restart.errorHistory
      let h = sgd.learningRate / (1 - sgd.momentum)
      let place = zip(solution.state, v).map { $0 + sgd.momentum * h * $1 }
      #expect(difference(place, sgd.theta) < 1e-11)
    } else {
      #expect(difference(solution.state, sgd.theta) < 1e-11)
    }
  }
}
