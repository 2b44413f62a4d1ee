import ODECore

extension TwoLayerFlow {
  /// The ``GramMatrix`` `G` (32) at state `y`, with which the outputs obey
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
    return try network.gramMatrix(y, gramPasses)
  }
}
