import ODECore

extension TwoLayerFlow {
  /// The Gram matrix `G = G^a + G^w` (32) at state `y`, `n x n`, with which the outputs obey
  ///
  ///     f_i' = -(m/n) sum_j G_ij l'_j,
  ///
  /// so that for squared loss the residuals obey `e' = -(m/n) G e` and `dR/dt = -(m/n^2) e^T G e`:
  ///
  ///     G^a_ij = kappa^2 / (kappa' m) sum_k sigma(w_k.x_i) sigma(w_k.x_j)
  ///     G^w_ij = kappa^2 kappa' / m sum_k a_k^2 sigma'(w_k.x_i) sigma'(w_k.x_j) x_i.x_j
  ///
  /// At the start and for `m -> infinity` the two tend to `kappa^2/kappa'` and `kappa^2 kappa'` times
  /// the kernels (30), ``ArcCosineKernel`` for ReLU. Costs `O(m n (n + d))`.
  ///
  /// - Throws: ``BLASError`` if OpenBLAS is needed (`n > 32`) and computes wrongly on this machine.
  public func gramMatrix(_ y: Span<Double>) throws -> GramMatrix {
    precondition(y.count == dimension)
    let sums = try y.withUnsafeBufferPointer { try gramPasses.sums($0.baseAddress!) }
    let common = scaling.kappa * scaling.kappa / Double(shape.width)
    return GramMatrix(
      count: data.sampleCount, a: sums.a.map { $0 * (common / scaling.kappaPrime) },
      w: sums.w.map { $0 * (common * scaling.kappaPrime) })
  }
}

/// The two parts of a Gram matrix (32), symmetric, `n x n`.
public struct GramMatrix: Equatable, Sendable {
  /// `n`.
  public let count: Int
  /// `G^a`, from the output weights' motion.
  public let a: [Double]
  /// `G^w`, from the input weights' motion.
  public let w: [Double]

  /// `G^a + G^w`.
  public var sum: [Double] { zip(a, w).map { $0 + $1 } }

  public init(count: Int, a: [Double], w: [Double]) {
    precondition(a.count == count * count && w.count == count * count)
    self.count = count
    self.a = a
    self.w = w
  }

  /// The eigenvalues of ``sum``, ascending.
  ///
  /// - Throws: ``EigenvalueError`` if an element is not finite; ``BLASError``.
  public func eigenvalues() throws -> [Double] { try symmetricEigenvalues(sum, count: count) }
}
