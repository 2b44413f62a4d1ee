import CFlowKernels
import ODECore

/// Pre-activations `z_ik = w_k.x_i` of a run of neurons and what the activation makes of them; all
/// matrices are `n x count`, dense, a row per sample.
///
/// Holds no scratch: any number of threads may call it.
package struct NeuronFeatures {
  let n: Int
  let d: Int
  let width: Int
  let activation: any Activation
  let slopes: Slopes?
  let path: FlowPath
  let x: StateVector

  /// Whether the products with `x` are matrix-matrix products.
  var usesGEMM: Bool { path == .gemm || path == .mixed }

  package init(_ inputs: Inputs, _ network: Network, path: FlowPath) {
    (n, d) = (inputs.count, inputs.dimension)
    width = network.shape.width
    activation = network.activation
    slopes = activation.slopes
    self.path = path
    x = StateVector(inputs.values)
  }

  /// `z_ik` for neurons `k...`, from the rows of `w` in `theta` (or any vector laid out like it).
  @inline(__always)
  func preactivations(
    _ theta: UnsafePointer<Double>, _ k: Int, _ count: Int, into z: UnsafeMutablePointer<Double>
  ) {
    let w = theta + width + k
    switch path {
    case .gemm: cflow_gemm(0, n, count, d, 1, x.pointer, d, w, width, 0, z, count)
    case .mixed: cflow_gemm_mixed(0, n, count, d, 1, x.pointer, d, w, width, 0, z, count)
    case .fused, .blocked: cflow_preactivations(count, width, d, n, w, x.pointer, z)
    }
  }

  /// `value = sigma(z)`, `derivative = sigma'(z)`.
  @inline(__always)
  func evaluate(
    _ z: UnsafePointer<Double>, _ length: Int, value: UnsafeMutablePointer<Double>,
    derivative: UnsafeMutablePointer<Double>
  ) {
    if let slopes {
      cflow_slope_features(length, z, slopes.positive, slopes.negative, value, derivative)
      return
    }
    var valueSpan = UnsafeMutableBufferPointer(start: value, count: length).mutableSpan
    var derivativeSpan = UnsafeMutableBufferPointer(start: derivative, count: length).mutableSpan
    let input = UnsafeBufferPointer(start: z, count: length)
    activation.evaluate(input.span, value: &valueSpan, derivative: &derivativeSpan)
  }

  /// `sigma''(z)`; not for piecewise-linear activations, whose second derivative vanishes.
  @inline(__always)
  func secondDerivative(
    _ z: UnsafePointer<Double>, _ length: Int, into result: UnsafeMutablePointer<Double>
  ) {
    var span = UnsafeMutableBufferPointer(start: result, count: length).mutableSpan
    let input = UnsafeBufferPointer(start: z, count: length)
    activation.secondDerivative(input.span, into: &span)
  }

  /// `dw_kj = sum_i p_ik x_ij`, a row per coordinate with stride `ld`.
  @inline(__always)
  func inputSums(
    _ p: UnsafePointer<Double>, _ count: Int, into dw: UnsafeMutablePointer<Double>, stride ld: Int
  ) {
    switch path {
    case .gemm: cflow_gemm(1, d, count, n, 1, x.pointer, d, p, count, 0, dw, ld)
    case .mixed: cflow_gemm_mixed(1, d, count, n, 1, x.pointer, d, p, count, 0, dw, ld)
    case .fused, .blocked: cflow_input_sums(count, d, n, p, x.pointer, dw, ld)
    }
  }

  /// `c = beta c + a b^T` of rows of one value for each of `count` neurons, see `cflow_gram_tile`.
  @inline(__always)
  func gramTile(
    _ rows: Int, _ columns: Int, _ count: Int, _ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>,
    _ beta: Double, _ c: UnsafeMutablePointer<Double>
  ) {
    if path == .mixed {
      cflow_gram_tile_mixed(rows, columns, count, a, b, count, beta, c, n)
    } else {
      cflow_gram_tile(rows, columns, count, a, b, count, beta, c, n)
    }
  }
}
