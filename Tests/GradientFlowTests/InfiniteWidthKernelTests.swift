import ActivationsPlugins
import GradientFlow
import Testing

/// `x_i`, without the bias coordinate, as in the oracle.
private let points = Inputs(features: [[-0.5], [0.3], [1.5], [9]])
private let pairs = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]

/// `k^a` and `k^w` at the pairs, from Tests/Oracles/infinite_width_kernels.py (SciPy's dblquad), as printed.
private let printed: [(activation: any Activation, a: [Double], w: [Double])] = [
  (
    ReLU(),
    [0.450172145864, 0.385757814204, 0.756442881855, 0.833602537176, 2.54644220803, 7.34206985427],
    [0.322848191391, 0.0674479280201, 0.565456950144, -0.678369422197, 1.16179420313, 6.14840778108]
  ),
  (
    LeakyReLU(slope: 0.1),
    [0.44963943815, 0.337463829505, 0.757718734302, 0.325218055113, 2.4326181885, 7.39707658196],
    [0.346507035026, 0.0796328216963, 0.603020129617, -0.89947923198, 1.31105330453, 6.43021030268]
  ),
  (
    Tanh(),
    [0.294583235739, 0.0562189117964, 0.360021314563, -0.175664308715, 0.194527841729, 0.58586225778],
    [0.319964700884, 0.0563718019368, 0.407651662167, -0.180431479047, 0.201093057827, 0.847583008688]
  ),
  (
    Softplus(),
    [0.905102644682, 0.902594447945, 1.22009422808, 2.24091870965, 3.98913537738, 8.1034434817],
    [0.242151693895, 0.0645036696317, 0.432702289635, -0.768805089606, 1.04656160797, 5.21751622784]
  ),
  (
    Monomial(power: 3),
    [14.107875, 9.234375, 64.521375, -3486, 3280.272, 53070],
    [21.477375, 9.421875, 101.104875, -4000.5, 3888.108, 89653.5]
  ),
]

@Suite("Infinite-width kernels of any activation")
struct InfiniteWidthKernelTests {
  @Test("kernels agree with SciPy's quadrature")
  func values() throws {
    for (activation, a, w) in printed {
      let gram = try InfiniteWidthKernel(activation).gramMatrix(points)
      #expect(gram.error <= 1e-10, "\(activation.name)")
      for (p, (i, j)) in pairs.enumerated() {
        // Twelve printed digits; the quadrature's own 1e-10 is relative to the diagonal's elements.
        for (kernel, expected) in [(gram.kernels.a, a[p]), (gram.kernels.w, w[p])] {
          let scale = (kernel[i * 5] * kernel[j * 5]).squareRoot()
          #expect(
            abs(kernel[i * 4 + j] - expected) <= 1e-10 * scale + 1e-11 * abs(expected), "\(activation.name)")
          #expect(kernel[i * 4 + j] == kernel[j * 4 + i])
        }
      }
    }
  }

  @Test("ReLU by quadrature comes to its closed form as slowly as a kink allows, and says how well")
  func kink() throws {
    let plain = PointwiseActivation("relu without slopes") { ($0 > 0 ? $0 : 0, $0 > 0 ? 1 : 0, 0) }
    let gram = try InfiniteWidthKernel(plain).gramMatrix(points)
    let exact = ArcCosineKernel.gramMatrix(points)
    #expect(gram.error > 1e-10 && gram.error < 0.05)
    #expect(relativeDifference(gram.kernels.a, exact.a) < 2 * gram.error)
    #expect(relativeDifference(gram.kernels.w, exact.w) < 2 * gram.error)
  }

  @Test("the Gram matrix of a wide network is near the kernels, for any activation")
  func concentration() throws {
    let (kappa, kappaPrime) = (0.3, 2.0)
    for activation in [Tanh(), Softplus(), LeakyReLU(slope: 0.1)] as [any Activation] {
      let network = Network(
        width: 100_000, inputDimension: 2, scaling: try Scaling(kappa: kappa, kappaPrime: kappaPrime),
        activation: activation)
      let start = try GaussianStart(seed: 4).state(for: network.shape)
      let gram = try network.gramMatrix(start.span, at: points)
      let limit = try InfiniteWidthKernel(activation).gramMatrix(points).kernels
      // Means of m terms whose deviation is below 3 times k(x, x) <= 82, largest for softplus at x = 9: five times that
      // over sqrt(m) is 0.047 of the largest element.
      #expect(relativeDifference(gram.a.map { $0 * kappaPrime / (kappa * kappa) }, limit.a) < 0.047)
      #expect(relativeDifference(gram.w.map { $0 / (kappaPrime * kappa * kappa) }, limit.w) < 0.047)
    }
  }

  @Test("Gauss-Hermite nodes and weights are NumPy's, and exact for polynomials")
  func hermite() throws {
    let rule = try GaussianQuadrature.hermite(5)
    // numpy.polynomial.hermite_e.hermegauss(5), weights over sqrt(2 pi); the same script.
    for (x, expected) in zip(rule.nodes, [-2.85697001, -1.35562618, 0, 1.35562618, 2.85697001]) {
      #expect(abs(x - expected) < 1e-8)
    }
    for (w, expected) in zip(rule.weights, [0.01125741, 0.22207592, 0.53333333, 0.22207592, 0.01125741]) {
      #expect(abs(w - expected) < 1e-8)
    }
    // E Z^(2k) = (2k - 1)!!
    var moment = 1.0
    for k in 0...9 {
      if k > 0 { moment *= Double(2 * k - 1) }
      for rule in [try GaussianQuadrature.hermite(10), .trapezoidal(step: 0.25)] {
        let sum = zip(rule.nodes, rule.weights).reduce(0) { sum, node in
          sum + node.1 * (0..<2 * k).reduce(1) { power, _ in power * node.0 }
        }
        #expect(abs(sum - moment) < 1e-7 * moment)
      }
    }
  }

  @Test("eigenvectors are orthonormal and give the matrix back")
  func eigenvectors() throws {
    let matrix = ArcCosineKernel.gramMatrix(points).sum
    let eigen = try SymmetricEigendecomposition(matrix, count: 4)
    // LAPACK takes another way where it needs no vectors.
    #expect(relativeDifference(eigen.values, try symmetricEigenvalues(matrix, count: 4)) < 1e-14)
    for j in 0..<4 {
      for l in 0..<4 {
        let product = (0..<4).reduce(0) { $0 + eigen.vectors[j * 4 + $1] * eigen.vectors[l * 4 + $1] }
        #expect(abs(product - (j == l ? 1 : 0)) < 1e-14)
        let element = (0..<4).reduce(0) {
          $0 + eigen.values[$1] * eigen.vectors[$1 * 4 + j] * eigen.vectors[$1 * 4 + l]
        }
        #expect(abs(element - matrix[j * 4 + l]) < 1e-13 * matrix.max()!)
      }
    }
    let x = [1.0, -2, 3, 0.5]
    #expect(relativeDifference(eigen.vector(of: eigen.coefficients(of: x)), x) < 1e-14)
  }
}
