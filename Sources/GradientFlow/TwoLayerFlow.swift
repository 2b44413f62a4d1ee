import ODECore

/// The mobility-weighted gradient flow of a two-layer network, `theta' = -M grad R` (12), with
/// `M = diag(1/kappa', kappa' I_d)` (13) and `f(x) = kappa sum_k a_k sigma(w_k . x)` (9):
///
///     a_k' = -(kappa / (kappa' n)) sum_i l'_i sigma(w_k . x_i)              (25)
///     w_k' = -(kappa' kappa / n) sum_i l'_i a_k sigma'(w_k . x_i) x_i        (26)
///
/// Holds scratch memory: one instance serves one integration at a time.
public final class TwoLayerFlow: ODESystem {
  public let shape: NetworkShape
  public let data: Dataset
  public let scaling: Scaling
  public let activation: any Activation
  public let loss: any Loss

  /// - Throws: ``LossTargetError`` if the loss rejects the targets.
  public init(
    width: Int, data: Dataset, scaling: Scaling, activation: any Activation, loss: any Loss
  ) throws {
    shape = NetworkShape(width: width, inputDimension: data.inputDimension)
    self.data = data
    self.scaling = scaling
    self.activation = activation
    self.loss = loss
    try loss.validate(targets: data.targets)
  }

  public var dimension: Int { shape.stateLength }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    fatalError("replaced by the kernels")
  }

  /// `f`, `l'` and `R` at the samples.
  public func forward(_ y: Span<Double>) -> ForwardPass {
    fatalError("replaced by the kernels")
  }
}

/// The network's outputs at the samples.
public struct ForwardPass: Sendable {
  /// `f(x_i)`.
  public let predictions: [Double]
  /// `l'(f_i, y_i)`.
  public let residuals: [Double]
  /// `R`.
  public let loss: Double
}
