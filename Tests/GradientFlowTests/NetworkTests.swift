import Foundation
import GradientFlow
import ODECore
import Testing

/// A network at inputs that no flow has seen. The formula (9), written out, is the oracle.
@Suite("A network without data") struct NetworkTests {
  private static let sizes = [Size(5, 2, 7), Size(300, 3, 40), Size(64, 30, 9), Size(2000, 70, 12)]

  /// `kappa sum_k a_k sigma(w_k . x)` in the order of the neurons.
  private func output(_ y: [Double], _ network: Network, _ x: ArraySlice<Double>, _ sigma: (Double) -> Double)
    -> Double
  {
    let shape = network.shape
    return network.scaling.kappa
      * (0..<shape.width).reduce(0) { sum, k in
        let z = zip(x, 0..<shape.inputDimension).reduce(0) { $0 + $1.0 * y[shape.indexOfW(k, $1.1)] }
        return sum + y[shape.indexOfA(k)] * sigma(z)
      }
  }

  @Test("gives the outputs of (9)", arguments: sizes)
  func outputs(_ size: Size) throws {
    let problem = try RandomProblem(size)
    let inputs = problem.data.inputs
    for (activation, sigma) in [
      (PointwiseActivation.relu, { max($0, 0) }), (.tanh, { tanh($0) }),
    ] as [(PointwiseActivation, (Double) -> Double)] {
      let network = try network(activation, size)
      let found = try network.outputs(problem.state.span, at: inputs)
      #expect(found.count == size.n)
      // Sums of m terms of size sqrt(d): their rounding stays far below 1e-12 of the sum of their sizes.
      let scale = 0.3 * (Double(size.m * size.d)).squareRoot()
      for i in 0..<size.n {
        #expect(abs(found[i] - output(problem.state, network, inputs[i], sigma)) < 1e-12 * scale)
      }
    }
  }

  @Test("gives the bits of the flow, whatever the number of threads", arguments: sizes)
  func sameBits(_ size: Size) throws {
    let problem = try RandomProblem(size)
    for activation in [PointwiseActivation.relu, .leakyReLU, .tanh] {
      let flow = try problem.flow(activation)
      let inputs = problem.data.inputs
      let expected = flow.forward(problem.state.span).predictions
      let gram = try flow.gramMatrix(problem.state.span)
      for threads in [nil, 1, 3] {
        let found = try flow.network.outputs(problem.state.span, at: inputs, threads: threads)
        #expect(firstDifference(found, expected) == nil, "\(activation.name)")
        #expect(try flow.network.gramMatrix(problem.state.span, at: inputs, threads: threads) == gram)
      }
    }
  }

  @Test("inputs get the bias coordinate where they are features, and are as they are otherwise")
  func inputs() {
    let features = Inputs(features: [[2, 3], [4, 5]])
    #expect(features.count == 2 && features.dimension == 3 && features.values == [2, 3, 1, 4, 5, 1])
    #expect(Array(features[1]) == [4, 5, 1])
    let plain = Inputs([2, 3, 4, 5, 6, 7], dimension: 3)
    #expect(Array(plain[0]) == [2, 3, 4])
  }

  @Test("a data set always ends its inputs with the bias, and a flow takes samples in any coordinates")
  func samples() throws {
    let problem = try RandomProblem(Size(20, 4, 6))
    #expect((0..<6).allSatisfy { problem.data.input($0).last == 1 })
    // The last two coordinates of inputs and weights exchanged: the same flow, to rounding.
    func exchanged(_ i: Int) -> Int { i == 2 ? 3 : i == 3 ? 2 : i }
    let inputs = Inputs(
      (0..<6).flatMap { i in (0..<4).map { problem.data.inputs.values[4 * i + exchanged($0)] } }, dimension: 4
    )
    let flow = try problem.flow(PointwiseActivation.tanh)
    let other = try TwoLayerFlow(
      network: flow.network, data: Samples(inputs: inputs, targets: problem.data.targets), loss: flow.loss)
    let state =
      problem.state[..<20]
      + (0..<4).flatMap { j in
        problem.state[20 * (1 + exchanged(j))..<20 * (2 + exchanged(j))]
      }
    #expect(abs(other.risk(Array(state).span) - flow.risk(problem.state.span)) < 1e-13)
  }

  private func network(_ activation: PointwiseActivation, _ size: Size) throws -> Network {
    Network(
      width: size.m, inputDimension: size.d, scaling: try Scaling(kappa: 0.3, kappaPrime: 2),
      activation: activation)
  }
}
