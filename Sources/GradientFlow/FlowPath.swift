import CFlowKernels

/// How a ``TwoLayerFlow`` evaluates its sums over neurons and samples. All agree to rounding.
///
/// Measured per neuron on one core of an AMD EPYC (Zen 5, AVX-512, OpenBLAS 0.3.21 with its Haswell
/// kernels) with `phaseflow-bench`, one right-hand side; see ``choose(slopes:inputDimension:sampleCount:)``
/// for where the border lies.
public enum FlowPath: String, Sendable, CaseIterable {
  /// Two passes that recompute `w_k . x_i` and store nothing per neuron and sample. Needs
  /// ``Activation/slopes`` and `d <= 64`.
  case fused
  /// Pre-activations by vectorised loops, the activation on blocks. Any activation, small `d`.
  case blocked
  /// The same with the products with `x` as matrix-matrix products of OpenBLAS. Any activation,
  /// large `d`.
  case gemm

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
