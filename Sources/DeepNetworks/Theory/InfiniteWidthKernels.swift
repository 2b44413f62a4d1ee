import GradientFlow
import Networks

/// What the kernel of a ``DeepNetwork`` and the parts of its layers tend to at a normal start as the hidden widths grow, whatever the depth
/// (Jacot, Gabriel, Hongler, NeurIPS 2018, arXiv 1806.07572; for ReLU in closed form by Cho and Saul 2009). With `beta_l` the standard deviations
/// of the weights, `m_l` the widths and `Sigma_1 = beta_1^2 X X^T`,
///
///     F_l = E sigma(u) sigma(v),   D_l = E sigma'(u) sigma'(v),   (u, v) ~ N(0, Sigma_l),
///     Sigma_(l+1) = beta_(l+1)^2 (m_l F_l + 1 if the layer has biases),
///     P_L = kappa^2,   P_l = m_l beta_(l+1)^2 D_l o P_(l+1),
///     K_l = (1/n) mu_l (m_(l-1) F_(l-1) + 1 if the layer has biases) o P_l,   m_0 F_0 = X X^T,
///
/// and the kernel is `sum_l K_l`, for each output alone; between outputs it vanishes. For two layers these are `(1/n) m kappa^2` times
/// `kappa' K^w` and `K^a/kappa'` (30). The widths stand in it, so that a finite network's kernel is compared with it as it is; where the activation is
/// not homogeneous the limit is that of weights with `beta_l^2 ~ 1/m_(l-1)`.
public struct InfiniteWidthKernels: Sendable {
  /// `n`.
  public let count: Int
  /// `K_l`, `n x n` each, first layer first.
  public let layers: [[Double]]
  /// The largest error of a quadrature, see ``/GradientFlow/InfiniteWidthKernel/Gram/error``; 0 in closed form.
  public let error: Double

  /// `sum_l K_l`.
  public var sum: [Double] {
    layers.dropFirst().reduce(layers[0]) { sum, layer in zip(sum, layer).map { $0 + $1 } }
  }

  /// - Parameters:
  ///   - mobilities: `mu_l`, first layer first.
  ///   - betas: `beta_l`; 1 each unless given.
  ///   - tolerance: of quadratures.
  /// - Throws: ``/GradientFlow/BLASError`` if OpenBLAS computes wrongly on this machine.
  public init(
    of network: DeepNetwork, at inputs: Inputs, mobilities: [Double], betas: [Double]? = nil,
    tolerance: Double = 1e-10
  ) throws {
    let (n, depth) = (inputs.count, network.layerCount)
    precondition(inputs.dimension == network.inputDimension && mobilities.count == depth)
    let betas = betas ?? [Double](repeating: 1, count: depth)
    precondition(betas.count == depth)
    count = n
    func bias(_ l: Int) -> Double { network.places[l].bias == nil ? 0 : 1 }
    var pairs = (0..<n * n).map { InputPair(inputs[$0 / n], inputs[$0 % n]) }
    // `a_(l-1) . a_(l-1)'`, biases' constant included, of each layer; `sigma'` of each hidden one.
    var features = [(0..<n * n).map { Self.dot(inputs[$0 / n], inputs[$0 % n]) }]
    var slopes: [[Double]] = []
    var error = 0.0
    for l in 0..<depth - 1 {
      if l > 0 || betas[0] != 1 {
        let square = betas[l] * betas[l]
        pairs = (0..<n * n).map { place in
          let (i, j) = (place / n, place % n)
          return InputPair(
            variance: square * features[l][i * n + i], variance2: square * features[l][j * n + j],
            covariance: square * features[l][place], isOne: i == j)
        }
      }
      let step = try Self.moments(network.activations[l], pairs, n, tolerance)
      error = max(error, step.error)
      features.append(step.values.map { Double(network.widths[l + 1]) * $0 + bias(l + 1) })
      slopes.append(step.slopes)
    }
    var signals = [Double](repeating: network.kappa * network.kappa, count: n * n)
    var layers: [[Double]] = []
    for l in stride(from: depth - 1, through: 0, by: -1) {
      if l < depth - 1 {
        let factor = Double(network.widths[l + 1]) * betas[l + 1] * betas[l + 1]
        for place in 0..<n * n { signals[place] *= factor * slopes[l][place] }
      }
      layers.append(zip(features[l], signals).map { mobilities[l] / Double(n) * $0 * $1 })
    }
    (self.layers, self.error) = (layers.reversed(), error)
  }

  private static func dot(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) -> Double {
    zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func moments(
    _ activation: any Activation, _ pairs: [InputPair], _ n: Int, _ tolerance: Double
  ) throws -> (values: [Double], slopes: [Double], error: Double) {
    let kernel = try InfiniteWidthKernel(activation, tolerance: tolerance)
    let own = (0..<n).map { kernel.moments(pairs[$0 * n + $0]) }
    var (values, slopes) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
    var error = 0.0
    for i in 0..<n {
      for j in 0...i {
        let both = i == j ? own[i] : kernel.moments(pairs[i * n + j], beside: (own[i], own[j]))
        for place in [i * n + j, j * n + i] { (values[place], slopes[place]) = (both.values, both.slopes) }
        error = max(error, both.error)
      }
    }
    return (values, slopes, error)
  }
}
