import Foundation

/// The infinite-width kernels (30) of any activation,
///
///     k^a(x, x') = E sigma(w.x) sigma(w.x'),   k^w(x, x') = E sigma'(w.x) sigma'(w.x') x.x',   w ~ N(0, I_d)
///
/// (`E a^2 = 1`): what `kappa'/kappa^2 G^a` and `1/(kappa^2 kappa') G^w` (32) tend to at a standard normal start.
///
/// - A function that is linear on both sides of zero: in closed form, ``ArcCosineKernel``.
/// - Any other: two-dimensional quadrature over the correlated normal pair `w.x = |x| Z_1`,
///   `w.x' = |x'| (cos(phi) Z_1 + sin(phi) Z_2)`: Gauss-Hermite with 16, 32 and 64 nodes in each direction, then the
///   trapezoidal rule with steps 1/8 to 1/64, until two successive values agree within ``tolerance``.
public struct InfiniteWidthKernel {
  /// `sigma`.
  public let activation: any Activation
  /// Relative to `sqrt(k(x, x) k(x', x'))`.
  public let tolerance: Double

  private let rules: [GaussianQuadrature]

  /// - Throws: ``BLASError`` if OpenBLAS computes wrongly on this machine.
  public init(_ activation: any Activation, tolerance: Double = 1e-10) throws {
    precondition(tolerance > 0)
    self.activation = activation
    self.tolerance = tolerance
    rules =
      try [16, 32, 64].map(GaussianQuadrature.hermite)
      + [8, 16, 32, 64].map { GaussianQuadrature.trapezoidal(step: 1 / $0) }
  }

  /// Both kernels at all pairs of inputs.
  public struct Gram: Sendable {
    /// `K^a` and `K^w` (31).
    public let kernels: GramMatrix
    /// The largest difference between the last two quadratures of an element, relative to
    /// `sqrt(k(x, x) k(x', x'))`; 0 in closed form. Above the tolerance if the finest rule did not reach it, as with a
    /// kink elsewhere than at zero.
    public let error: Double
  }

  /// `K^a` and `K^w` (31) of the inputs, `n x n`. Costs `n^2 / 2` quadratures unless there is a closed form.
  public func gramMatrix(_ inputs: Inputs) -> Gram {
    if let slopes = activation.slopes {
      return Gram(kernels: ArcCosineKernel.gramMatrix(inputs, slopes), error: 0)
    }
    let n = inputs.count
    let diagonal = (0..<n).map { moments(InputPair(inputs[$0], inputs[$0])) }
    var (ka, kw) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
    var error = 0.0
    for i in 0..<n {
      for j in 0...i {
        let pair = InputPair(inputs[i], inputs[j])
        let value = i == j ? diagonal[i] : moments(pair, beside: (diagonal[i], diagonal[j]))
        (ka[i * n + j], ka[j * n + i]) = (value.values, value.values)
        (kw[i * n + j], kw[j * n + i]) = (value.slopes * pair.dot, value.slopes * pair.dot)
        error = max(error, value.error)
      }
    }
    return Gram(kernels: GramMatrix(count: n, a: ka, w: kw), error: error)
  }

  /// What both kernels, and those of deeper networks, are made of.
  package struct Moments {
    /// `E sigma(u) sigma(v)`.
    package let values: Double
    /// `E sigma'(u) sigma'(v)`.
    package let slopes: Double
    /// The larger difference between the last two quadratures, relative to the geometric mean of the two variables' own moments; 0 in closed form.
    package let error: Double
  }

  /// The moments of the normal variables `u = w.x`, `v = w.x'` with the geometry of `pair`.
  ///
  /// - Parameter own: those of `(u, u)` and of `(v, v)`; `nil`: the pair is such a one.
  package func moments(_ pair: InputPair, beside own: (Moments, Moments)? = nil) -> Moments {
    if let slopes = activation.slopes {
      let (values, derivatives) = ArcCosineKernel.moments(pair, slopes)
      return Moments(values: values, slopes: derivatives, error: 0)
    }
    func difference(_ x: Double, _ y: Double, _ scale: Double) -> Double {
      x == y ? 0 : abs(x - y) / scale
    }
    var last = quadrature(pair, rules[0])
    var error = Double.infinity
    for rule in rules.dropFirst() {
      let next = quadrature(pair, rule)
      let scale =
        own.map { (($0.values * $1.values).squareRoot(), ($0.slopes * $1.slopes).squareRoot()) }
        ?? (abs(next.values), abs(next.slopes))
      error = max(
        difference(next.values, last.values, scale.0), difference(next.slopes, last.slopes, scale.1))
      last = next
      if error <= tolerance { break }
    }
    return Moments(values: last.values, slopes: last.slopes, error: error)
  }

  private func quadrature(
    _ pair: InputPair, _ rule: GaussianQuadrature
  ) -> (values: Double, slopes: Double) {
    let first = features(rule.nodes.map { pair.norm * $0 })
    let (along, across) = (pair.norm2 * cos(pair.angle), pair.norm2 * sin(pair.angle))
    // On a line both numbers are one.
    let second = across == 0 ? GaussianQuadrature(nodes: [0], weights: [1]) : rule
    var (values, slopes) = (0.0, 0.0)
    for (p, weight) in rule.weights.enumerated() {
      let inner = features(second.nodes.map { along * rule.nodes[p] + across * $0 })
      var (value, slope) = (0.0, 0.0)
      for (q, weight) in second.weights.enumerated() {
        value += weight * inner.value[q]
        slope += weight * inner.derivative[q]
      }
      values += weight * first.value[p] * value
      slopes += weight * first.derivative[p] * slope
    }
    return (values, slopes)
  }

  private func features(_ z: [Double]) -> (value: [Double], derivative: [Double]) {
    var (value, derivative) = (z, z)
    var valueSpan = value.mutableSpan
    var derivativeSpan = derivative.mutableSpan
    activation.evaluate(z.span, value: &valueSpan, derivative: &derivativeSpan)
    return (value, derivative)
  }
}
