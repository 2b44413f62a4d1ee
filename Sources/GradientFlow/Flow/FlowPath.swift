import CFlowKernels

/// How a ``TwoLayerFlow`` evaluates its sums over neurons and samples. All but ``mixed`` agree to rounding.
///
/// Nanoseconds per neuron and right-hand side, one core of an AMD EPYC (Zen 5), OpenBLAS 0.3.21 with
/// its Haswell kernels, m = 4096 (`phaseflow-bench paths`):
///
/// | ReLU | d = 2 | 8 | 16 | 24 | 32 | 64 |
/// |---|---|---|---|---|---|---|
/// | n = 4, fused / gemm | 0.59 / 3.1 | 3.2 / 5.8 | 7.9 / 10.5 | 19 / 15 | 30 / 20 | 87 / 47 |
/// | n = 45 | 5.6 / 40 | 28 / 52 | 65 / 78 | 107 / 98 | 155 / 124 | 342 / 231 |
/// | n = 500 | 61 / 858 | 294 / 962 | 669 / 1242 | 1078 / 1444 | 1494 / 1702 | 4930 / 4655 |
///
/// For an activation that is called on blocks its own cost dominates (13 ns per call of the C library's
/// tanh); blocked and gemm part by 10% and more from d = 24 on.
public enum FlowPath: String, Sendable, CaseIterable {
  /// Two passes that recompute `w_k . x_i` and store nothing per neuron and sample. Needs
  /// ``/Networks/Activation/slopes`` and `d <= 64`.
  case fused
  /// Pre-activations by vectorised loops, the activation on blocks. Any activation, small `d`.
  case blocked
  /// The same with the products with `x` as matrix-matrix products, by the package's own AVX-512 kernels or by OpenBLAS. Any activation,
  /// large `d`. Sets OpenBLAS to one thread for the whole process: its results depend on the number of
  /// its threads, so the flow splits the neurons itself.
  case gemm
  /// ``gemm`` in single precision, with sums of 128 products in double precision, and the kernels of exponential integrators likewise. The state, the
  /// activation and all other sums are in double precision. Never chosen unless asked for.
  case mixed

  /// The largest `d` that ``fused`` accepts.
  public static let largestFusedDimension = Int(CFLOW_MAX_FUSED_DIMENSION)

  /// The fastest path for this size, by measurement.
  public static func choose(slopes: Slopes?, inputDimension d: Int, sampleCount n: Int) -> FlowPath {
    if slopes != nil { return d <= 24 ? .fused : .gemm }
    return d <= 16 ? .blocked : .gemm
  }
}

/// A ``FlowPath`` that was asked for and cannot serve.
public enum FlowPathError: Error, Equatable, CustomStringConvertible {
  /// ``FlowPath/fused`` for an activation that is not linear on both sides of zero.
  case needsSlopes(activation: String)
  /// ``FlowPath/fused`` beyond ``FlowPath/largestFusedDimension``.
  case dimensionTooLarge(inputDimension: Int)

  public var description: String {
    switch self {
    case .needsSlopes(let activation):
      "the fused path needs an activation that is linear on both sides of zero; "
        + "'\(activation)' is not: use 'blocked' or 'gemm'"
    case .dimensionTooLarge(let d):
      "the fused path takes d <= \(FlowPath.largestFusedDimension), this problem has d = \(d): use 'gemm'"
    }
  }
}
