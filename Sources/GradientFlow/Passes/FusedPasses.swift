import CFlowKernels
import ODECore

/// ``FlowPath/fused``: `sigma(z) = q z + (p - q) max(z, 0)` for slopes `p` (right) and `q` (left).
///
/// The linear part needs no work per sample: `sum_k a_k q w_k.x_i = q (sum_k a_k w_k).x_i`, and
/// backward it adds the same vector `q sum_i l_i x_i` to every neuron.
final class FusedPasses: NeuronPasses {
  private let n: Int
  private let d: Int
  private let chunks: NeuronChunks
  private let slopes: Slopes
  private let x: StateVector
  /// Each chunk's `n` sums over its neurons, then its `d` linear ones.
  private let partial: StateVector
  /// `(p - q) l_i x_i` (n x d), then `q sum_i l_i x_i` (d); the same for a second set of weights.
  private let weighted: StateVector
  private let weightedTangent: StateVector

  init(_ inputs: Inputs, _ slopes: Slopes, width: Int, threads: Int) {
    (n, d) = (inputs.count, inputs.dimension)
    self.slopes = slopes
    // The chunk's rows of w stay in the first- or second-level cache from one block of samples to the next.
    let size = max(256, min(4096, 8192 / d / 8 * 8))
    chunks = NeuronChunks(width: width, size: size, threads: threads)
    x = StateVector(inputs.values)
    partial = StateVector(count: chunks.count * (n + d))
    weighted = StateVector(count: (n + 1) * d)
    weightedTangent = StateVector(count: (n + 1) * d)
  }

  func outputs(_ theta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    let (m, n, d, stride) = (chunks.width, n, d, n + d)
    let (partial, x, isKinkOnly) = (partial.pointer, x.pointer, slopes.negative == 0)
    chunks.forEach { chunk, _ in
      let k = chunks.start(chunk)
      let sums = partial + chunk * stride
      cflow_fused_outputs(
        chunks.length(chunk), m, d, n, theta + k, theta + m + k, x, sums, isKinkOnly ? nil : sums + n)
    }
    join(into: f)
  }

  func gradient(
    _ theta: UnsafePointer<Double>, weights l: UnsafePointer<Double>, _ factors: GradientFactors,
    into result: UnsafeMutablePointer<Double>
  ) {
    let (m, n, d, x) = (chunks.width, n, d, x.pointer)
    let weighted = weigh(l, weighted)
    chunks.forEach { chunk, _ in
      let k = chunks.start(chunk)
      cflow_fused_gradient(
        chunks.length(chunk), m, d, n, theta + k, theta + m + k, x, weighted, weighted + n * d,
        factors.a, factors.w, result + k, result + m + k, m)
    }
  }

  func outputsTangent(
    _ theta: UnsafePointer<Double>, direction v: UnsafePointer<Double>,
    into df: UnsafeMutablePointer<Double>
  ) {
    let (m, n, d, stride) = (chunks.width, n, d, n + d)
    let (partial, x, isKinkOnly) = (partial.pointer, x.pointer, slopes.negative == 0)
    chunks.forEach { chunk, _ in
      let k = chunks.start(chunk)
      let sums = partial + chunk * stride
      cflow_fused_outputs_tangent(
        chunks.length(chunk), m, d, n, theta + k, theta + m + k, v + k, v + m + k, x, sums,
        isKinkOnly ? nil : sums + n)
    }
    join(into: df)
  }

  func gradientTangent(
    _ theta: UnsafePointer<Double>, direction v: UnsafePointer<Double>,
    weights l: UnsafePointer<Double>, weightsTangent q: UnsafePointer<Double>,
    _ factors: GradientFactors, into result: UnsafeMutablePointer<Double>
  ) {
    let (m, n, d, x) = (chunks.width, n, d, x.pointer)
    let (lx, qx) = (weigh(l, weighted), weigh(q, weightedTangent))
    chunks.forEach { chunk, _ in
      let k = chunks.start(chunk)
      cflow_fused_gradient_tangent(
        chunks.length(chunk), m, d, n, theta + k, theta + m + k, v + k, v + m + k, x, lx,
        lx + n * d, qx, qx + n * d, factors.a, factors.w, result + k, result + m + k, m)
    }
  }

  /// Adds up the chunks' sums, in order, and puts the two parts of `sigma` together.
  private func join(into f: UnsafeMutablePointer<Double>) {
    let (n, d, stride, partial, x) = (n, d, n + d, partial.pointer, x.pointer)
    let used = slopes.negative == 0 ? n : stride
    for chunk in 1..<max(chunks.count, 1) {
      for i in 0..<used { partial[i] += partial[chunk * stride + i] }
    }
    for i in 0..<n {
      var sum = (slopes.positive - slopes.negative) * partial[i]
      if slopes.negative != 0 {
        var linear = 0.0
        for j in 0..<d { linear += partial[n + j] * x[i * d + j] }
        sum += slopes.negative * linear
      }
      f[i] = sum
    }
  }

  private func weigh(_ l: UnsafePointer<Double>, _ store: StateVector) -> UnsafePointer<Double> {
    let (x, result, common) = (x.pointer, store.pointer, store.pointer + n * d)
    let jump = slopes.positive - slopes.negative
    for j in 0..<d { common[j] = 0 }
    for i in 0..<n {
      for j in 0..<d {
        result[i * d + j] = jump * l[i] * x[i * d + j]
        if slopes.negative != 0 { common[j] += slopes.negative * l[i] * x[i * d + j] }
      }
    }
    return UnsafePointer(result)
  }
}
