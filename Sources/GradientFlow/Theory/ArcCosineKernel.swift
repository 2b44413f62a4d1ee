import Foundation

/// The infinite-width kernels (30) of ReLU for standard normal weights, in closed form (Cho and Saul,
/// *Kernel methods for deep learning*, 2009). With `phi` the angle between `x` and `x'`:
///
///     k^a(x, x') = E sigma(w.x) sigma(w.x')               = |x||x'| (sin phi + (pi - phi) cos phi) / (2 pi)
///     k^w(x, x') = E a^2 sigma'(w.x) sigma'(w.x') x.x'    = x.x' (pi - phi) / (2 pi)
public enum ArcCosineKernel {
  /// `k^a(x, x')`; `x` and `x'` have the same length.
  public static func a(_ x: some Collection<Double>, _ x2: some Collection<Double>) -> Double {
    a(InputPair(x, x2))
  }

  /// `k^w(x, x')`; `x` and `x'` have the same length.
  public static func w(_ x: some Collection<Double>, _ x2: some Collection<Double>) -> Double {
    w(InputPair(x, x2))
  }

  /// Both kernels at all pairs of inputs: the limit of ``TwoLayerFlow/gramMatrix(_:)`` at the start for
  /// `kappa = kappa' = 1`.
  ///
  /// With slopes `p` (right) and `q` (left), `sigma(z) = (p - q) max(z, 0) + q z`, either kernel is
  /// `(p - q)^2` times that of ReLU plus `p q x.x'`: the cross terms are `E max(u, 0) v = E u max(v, 0) = x.x'/2`.
  public static func gramMatrix(
    _ inputs: Inputs, _ slopes: Slopes = .relu
  ) -> GramMatrix {
    let n = inputs.count
    let jump = (slopes.positive - slopes.negative) * (slopes.positive - slopes.negative)
    let linear = slopes.positive * slopes.negative
    var (ka, kw) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
    for i in 0..<n {
      for j in 0...i {
        let pair = InputPair(inputs[i], inputs[j])
        (ka[i * n + j], kw[i * n + j]) = (
          jump * a(pair) + linear * pair.dot, jump * w(pair) + linear * pair.dot
        )
        (ka[j * n + i], kw[j * n + i]) = (ka[i * n + j], kw[i * n + j])
      }
    }
    return GramMatrix(count: n, a: ka, w: kw)
  }

  /// `E sigma(u) sigma(v)` and `E sigma'(u) sigma'(v)` of normal variables with the geometry of `pair`: the second is `k^w` without `x.x'`.
  static func moments(_ pair: InputPair, _ slopes: Slopes) -> (values: Double, slopes: Double) {
    let jump = (slopes.positive - slopes.negative) * (slopes.positive - slopes.negative)
    let linear = slopes.positive * slopes.negative
    return (jump * a(pair) + linear * pair.dot, jump * (.pi - pair.angle) / (2 * .pi) + linear)
  }

  private static func a(_ pair: InputPair) -> Double {
    (pair.norm * pair.norm2 * sin(pair.angle) + (.pi - pair.angle) * pair.dot) / (2 * .pi)
  }

  private static func w(_ pair: InputPair) -> Double {
    pair.dot * (.pi - pair.angle) / (2 * .pi)
  }
}

/// The geometry of two inputs, or of two normal variables with such covariances, on which the kernels depend.
package struct InputPair {
  let dot: Double
  let norm: Double
  let norm2: Double
  /// Between the two, 0 to pi; 0 if one of them is zero.
  let angle: Double

  /// Of normal variables with these variances and this covariance; `isOne` if they are one and the same. Angles below 1e-8 are lost in
  /// rounding.
  package init(variance: Double, variance2: Double, covariance: Double, isOne: Bool) {
    (norm, norm2) = (variance.squareRoot(), variance2.squareRoot())
    dot = covariance
    let product = variance * variance2
    angle =
      isOne || product == 0
      ? 0 : atan2(max(0, product - covariance * covariance).squareRoot(), covariance)
  }

  /// `x` and `x'` have the same length.
  package init(_ x: some Collection<Double>, _ x2: some Collection<Double>) {
    precondition(x.count == x2.count)
    func length(_ x: some Sequence<Double>) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let (norm, norm2) = (length(x), length(x2))
    (self.norm, self.norm2) = (norm, norm2)
    guard norm > 0, norm2 > 0 else {
      (dot, angle) = (0, 0)
      return
    }
    dot = zip(x, x2).reduce(0) { $0 + $1.0 * $1.1 }
    // Kahan's formula: accurate for small angles too, where acos is not.
    let difference = length(zip(x, x2).map { $0 / norm - $1 / norm2 })
    let sum = length(zip(x, x2).map { $0 / norm + $1 / norm2 })
    angle = 2 * atan2(difference, sum)
  }
}
