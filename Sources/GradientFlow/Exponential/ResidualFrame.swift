import CFlowKernels
import ODECore

/// A flow at one state: residuals `r = l'(f)`, curvatures `H = l''(f)`, the features of all neurons, and
/// `K = (1/n) (df/dtheta) M (df/dtheta)^T`, `n x n`, of which the lower triangle is filled.
///
/// Features are stored chunk by chunk, each `n x count`.
final class ResidualFrame {
  let state: StateVector
  let value: StateVector
  let slope: StateVector
  let residuals: StateVector
  let curvatures: StateVector
  let kernel: StateVector

  var operands: KernelOperands { KernelOperands(curvatures: curvatures, kernel: kernel) }

  init(stateLength: Int, sampleCount n: Int, width m: Int) {
    state = StateVector(count: stateLength)
    value = StateVector(count: n * m)
    slope = StateVector(count: n * m)
    residuals = StateVector(count: n)
    curvatures = StateVector(count: n)
    kernel = StateVector(count: n * n)
  }
}
