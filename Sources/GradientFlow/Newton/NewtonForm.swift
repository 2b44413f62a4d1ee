import CFlowKernels

/// How ``TwoLayerFlow`` solves `(I - gamma J) z = r`.
///
/// With `V`, `n x N`, the gradients of the outputs, `L = diag(l''_i)`, the mobility `M` (13) and, for each
/// neuron, the block `B_k = (kappa/n) sum_i l'_i [0, sigma' x_i^T; sigma' x_i, a sigma'' x_i x_i^T]`,
///
///     J = -(1/n) M V^T L V - M diag_k(B_k).
public enum NewtonForm: String, Sendable {
  /// `sigma'' = 0`: the blocks `M_k^-1 + gamma B_k` are arrows, solved in closed form. `O(m n (n + d))`.
  case arrow
  /// Each neuron's block is inverted; where `n < d`, in the span of the inputs, of `r = min(n, d)`
  /// dimensions. `O(m n (n r + d) + m r^3)`.
  case blocks
  /// More samples than unknowns: the `N x N` matrix itself. `O(n N^2 + N^3)`.
  case dense
  /// ``arrow`` although `sigma''` does not vanish, because the blocks would be too large: not exact.
  case withoutCurvature
  /// `n x n` matrices are out of reach.
  case unavailable

  /// The largest `r` for ``blocks``.
  static let largestBlock = Int(CFLOW_MAX_BLOCK_ORDER) - 1

  static func choose(width m: Int, inputDimension d: Int, sampleCount n: Int, isLinear: Bool) -> Self {
    let unknowns = m * (d + 1)
    if unknowns < n { return unknowns <= DenseMatrix.largestOrder ? .dense : .unavailable }
    if n > DenseMatrix.largestOrder { return .unavailable }
    if isLinear { return .arrow }
    return min(n, d) <= largestBlock ? .blocks : .withoutCurvature
  }
}
