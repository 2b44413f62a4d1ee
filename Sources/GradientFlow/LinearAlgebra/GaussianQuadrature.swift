import Foundation
import UntrustedNumbers

/// A rule for expectations over one standard normal number: `E g(Z) ~ sum_i weights_i g(nodes_i)`.
public struct GaussianQuadrature: Equatable, Sendable {
  /// Ascending.
  public let nodes: [Double]
  /// As many as ``nodes``; their sum is 1.
  public let weights: [Double]

  /// Gauss-Hermite (for the weight `exp(-z^2/2)`), exact for polynomials of degree `2 count - 1`.
  ///
  /// Golub and Welsch, *Calculation of Gauss quadrature rules*, Math. Comp. 23 (1969): the nodes are the eigenvalues of the
  /// Jacobi matrix of the Hermite polynomials, with `sqrt(1), ..., sqrt(count - 1)` beside its zero diagonal; the
  /// weights are the squares of its eigenvectors' first components.
  ///
  /// - Throws: ``EigenvalueError``; ``BLASError`` if OpenBLAS computes wrongly on this machine.
  public static func hermite(_ count: Int) throws -> GaussianQuadrature {
    precondition(count > 0)
    var jacobi = [Double](repeating: 0, count: count * count)
    for i in 1..<max(count, 1) {
      jacobi[i * count + i - 1] = Double(i).squareRoot()
      jacobi[(i - 1) * count + i] = Double(i).squareRoot()
    }
    let eigen = try SymmetricEigendecomposition(jacobi, count: count)
    return GaussianQuadrature(
      nodes: eigen.values,
      weights: (0..<count).map { eigen.vectors[$0 * count] * eigen.vectors[$0 * count] })
  }

  /// The trapezoidal rule with this step, cut off where the normal density is below `1e-17`.
  ///
  /// For a function that is analytic but varies on a scale well below 1 it needs far fewer nodes than
  /// Gauss-Hermite, whose outer nodes are wasted: the error falls like `exp(-2 pi s / step)` with `s` the distance of
  /// the nearest singularity from the real axis (Trefethen and Weideman, *The exponentially convergent trapezoidal rule*,
  /// SIAM Review 56, 2014).
  public static func trapezoidal(step: Double) -> GaussianQuadrature {
    precondition(step > 0 && step <= 1)
    let last = Int(saturating: (9 / step).rounded(.up))
    let nodes = (-last...last).map { Double($0) * step }
    return GaussianQuadrature(
      nodes: nodes, weights: nodes.map { step * exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() })
  }
}
