import Foundation

/// The infinite-width kernels (30) of ReLU for standard normal weights, in closed form (Cho and Saul,
/// *Kernel methods for deep learning*, 2009). With `phi` the angle between `x` and `x'`:
///
///     k^a(x, x') = E sigma(w.x) sigma(w.x')               = |x||x'| (sin phi + (pi - phi) cos phi) / (2 pi)
///     k^w(x, x') = E a^2 sigma'(w.x) sigma'(w.x') x.x'    = x.x' (pi - phi) / (2 pi)
public enum ArcCosineKernel {
  /// `k^a(x, x')`; `x` and `x'` have the same length.
  public static func a(_ x: some Collection<Double>, _ x2: some Collection<Double>) -> Double {
    let (dot, norms, phi) = geometry(x, x2)
    return (norms * sin(phi) + (.pi - phi) * dot) / (2 * .pi)
  }

  /// `k^w(x, x')`; `x` and `x'` have the same length.
  public static func w(_ x: some Collection<Double>, _ x2: some Collection<Double>) -> Double {
    let (dot, _, phi) = geometry(x, x2)
    return dot * (.pi - phi) / (2 * .pi)
  }

  /// Both kernels at all pairs of samples: the limit of ``TwoLayerFlow/gramMatrix(_:)`` at the start for
  /// `kappa = kappa' = 1`.
  public static func gramMatrix(_ data: Dataset) -> GramMatrix {
    let n = data.sampleCount
    var (ka, kw) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
    for i in 0..<n {
      for j in 0...i {
        let (xi, xj) = (data.input(i), data.input(j))
        (ka[i * n + j], kw[i * n + j]) = (a(xi, xj), w(xi, xj))
        (ka[j * n + i], kw[j * n + i]) = (ka[i * n + j], kw[i * n + j])
      }
    }
    return GramMatrix(count: n, a: ka, w: kw)
  }

  private static func geometry(
    _ x: some Collection<Double>, _ x2: some Collection<Double>
  ) -> (dot: Double, norms: Double, phi: Double) {
    precondition(x.count == x2.count)
    let (length, length2) = (norm(x), norm(x2))
    let dot = zip(x, x2).reduce(0) { $0 + $1.0 * $1.1 }
    guard length > 0, length2 > 0 else { return (0, 0, 0) }
    // Kahan's formula: accurate for small angles too, where acos is not.
    let difference = norm(zip(x, x2).map { $0 / length - $1 / length2 })
    let sum = norm(zip(x, x2).map { $0 / length + $1 / length2 })
    return (dot, length * length2, 2 * atan2(difference, sum))
  }

  private static func norm(_ x: some Collection<Double>) -> Double {
    x.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
