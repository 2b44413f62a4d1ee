import ActivationsPlugins
import DeepNetworks
import Foundation
import GradientFlow
import LossesPlugins
import Testing

@Suite("Infinite-width kernels of networks of any depth")
struct InfiniteWidthKernelsTests {
  private let inputs = Inputs(features: [[-0.5], [0.3], [1.5]])

  private func network(_ hidden: [Int], _ activation: any Activation, kappa: Double = 1, bias: Bool = false)
    -> DeepNetwork
  {
    DeepNetwork(
      widths: [2] + hidden + [1], kappa: kappa, activations: hidden.map { _ in activation }, hasBiases: bias)
  }

  private func largestDifference(_ x: [Double], _ y: [Double]) -> Double {
    zip(x, y).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  /// (30), (36): `(1/n) m kappa^2` times `kappa' K^w` and `K^a/kappa'`, with `mu = (kappa', 1/kappa')`.
  @Test(
    "two layers: those of the paper", arguments: [ReLU() as any Activation, LeakyReLU(slope: 0.2), Tanh()])
  func twoLayers(activation: any Activation) throws {
    let (m, kappa, prime) = (50, 0.3, 0.7)
    let two = try InfiniteWidthKernel(activation).gramMatrix(inputs).kernels
    let deep = try InfiniteWidthKernels(
      of: network([m], activation, kappa: kappa), at: inputs, mobilities: [prime, 1 / prime])
    let factor = Double(m) * kappa * kappa / 3
    #expect(largestDifference(deep.layers[0], two.w.map { factor * prime * $0 }) < 1e-14 * factor)
    #expect(largestDifference(deep.layers[1], two.a.map { factor / prime * $0 }) < 1e-14 * factor)
  }

  /// Jacot et al. 2018 for ReLU with `beta_l^2 = 2/m_(l-1)`, which keeps `Sigma(x, x)`: on the sphere `Sigma_(l+1) = k(Sigma_l)`,
  /// `k(c) = (sqrt(1 - c^2) + (pi - acos c) c)/pi`, `k'(c) = (pi - acos c)/pi`, and `Theta_(l+1) = Theta_l k'(Sigma_l) + Sigma_(l+1)`, `Theta_1 = Sigma_1`.
  @Test("ReLU on the sphere: the recursion of the neural tangent kernel, by hand", arguments: [1, 2, 5])
  func sphere(hiddenLayers: Int) throws {
    // Two inputs of length 1 with the cosine 0.28: (0, 1) and (0.96, 0.28).
    let inputs = Inputs([0, 1, 0.96, 0.28], dimension: 2)
    let hidden = (0..<hiddenLayers).map { 100 + 10 * $0 }
    let fans = [2] + hidden
    // The first layer has inputs of length 1, no fan-in to divide by.
    let betas = fans.enumerated().map { $0.offset == 0 ? 1.0 : (2 / Double($0.element)).squareRoot() }
    let deep = try InfiniteWidthKernels(
      of: network(hidden, ReLU()), at: inputs, mobilities: betas.map { $0 * $0 }, betas: betas)
    var (sigma, theta) = (0.28, 0.28)
    for _ in 0..<hiddenLayers {
      let angle = acos(sigma)
      theta *= (Double.pi - angle) / .pi
      sigma = ((1 - sigma * sigma).squareRoot() + (.pi - angle) * sigma) / .pi
      theta += sigma
    }
    // n = 2; the diagonal is L.
    #expect(abs(2 * deep.sum[1] - theta) < 1e-13)
    #expect(abs(2 * deep.sum[0] - Double(hiddenLayers + 1)) < 1e-13)
  }

  /// The same function without its slopes is integrated numerically, where a kink allows few digits, and says how many.
  @Test("quadrature comes to ReLU's closed form")
  func quadrature() throws {
    struct Plain: Activation {
      let name = "relu by quadrature"
      func evaluate(
        _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
      ) {
        for i in z.indices { (value[i], derivative[i]) = (max(z[i], 0), z[i] > 0 ? 1 : 0) }
      }
      func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
        for i in z.indices { result[i] = 0 }
      }
    }
    let closed = try InfiniteWidthKernels(of: network([9, 7], ReLU()), at: inputs, mobilities: [1, 1, 1])
    let numeric = try InfiniteWidthKernels(of: network([9, 7], Plain()), at: inputs, mobilities: [1, 1, 1])
    #expect(closed.error == 0 && numeric.error > 1e-6)
    for (a, b) in zip(closed.layers, numeric.layers) {
      // Each layer's part is a product of at most three numerical factors.
      #expect(largestDifference(a, b) < 10 * numeric.error * a.max()!)
    }
  }

  /// A mean over many starts; its own standard error from their scatter decides, with what is left of the limit, of the order 1/m.
  @Test(
    "Monte Carlo: the mean kernel of wide networks, by layer",
    arguments: [
      (ReLU() as any Activation, false), (Tanh(), true),
    ])
  func monteCarlo(activation: any Activation, bias: Bool) throws {
    let (m, starts) = (400, 40)
    let betas = [1, 1 / Double(m).squareRoot(), 1 / Double(m).squareRoot()]
    let network = network([m, m], activation, bias: bias)
    let mobilities = [1.0, 2, 0.5]
    let limit = try InfiniteWidthKernels(of: network, at: inputs, mobilities: mobilities, betas: betas)
    let flow = try ArchitectureFlow(
      architecture: network, mobilities: mobilities,
      data: Samples(inputs: inputs, targets: [1, 0, 1]), loss: SquaredLoss(), threads: 1)
    var (sums, squares) = (
      [[Double]](repeating: .init(repeating: 0, count: 9), count: 3),
      [[Double]](repeating: .init(repeating: 0, count: 9), count: 3)
    )
    for seed in 1...starts {
      var state = try DeepStart(seed: UInt64(seed)).state(for: network)
      for block in network.blocks { for i in block.range { state[i] *= betas[block.layer - 1] } }
      for layer in 0..<3 {
        let kernel = flow.kernel(state.span, layer: layer + 1)
        for p in 0..<9 {
          sums[layer][p] += kernel[p]
          squares[layer][p] += kernel[p] * kernel[p]
        }
      }
    }
    for layer in 0..<3 {
      let size = limit.layers[layer].max()!
      for p in 0..<9 {
        let mean = sums[layer][p] / Double(starts)
        let variance = squares[layer][p] / Double(starts) - mean * mean
        let error = (max(variance, 0) / Double(starts)).squareRoot()
        #expect(abs(mean - limit.layers[layer][p]) < 4 * error + 5 / Double(m) * size, "layer \(layer + 1)")
      }
    }
  }
}
