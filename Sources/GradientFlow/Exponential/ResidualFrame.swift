import CFlowKernels
import ODECore

/// A flow at one state: residuals `r = l'(f)`, curvatures `H = l''(f)`, the features of all neurons, and
/// `K = (1/n) (df/dtheta) M (df/dtheta)^T`, `n x n`, of which the lower triangle is filled.
///
/// Features are stored chunk by chunk, each `n x count`: `sigma(z)` and `sigma'(z)`, or for an activation that is linear on both sides
/// of 0, whose values and slopes follow from it, `z` alone.
final class ResidualFrame {
  /// The output weights `a`, copied.
  let outputWeights: StateVector
  let value: StateVector
  /// Empty if `value` holds `z`.
  let slope: StateVector
  let residuals: StateVector
  let curvatures: StateVector
  let kernel: StateVector

  var operands: KernelOperands { KernelOperands(curvatures: curvatures, kernel: kernel) }

  init(_ features: NeuronFeatures) {
    let (n, m) = (features.n, features.width)
    outputWeights = StateVector(count: m)
    value = StateVector(count: n * m)
    slope = StateVector(count: features.slopes == nil ? n * m : 0)
    residuals = StateVector(count: n)
    curvatures = StateVector(count: n)
    kernel = StateVector(count: n * n)
  }
}
