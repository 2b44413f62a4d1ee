import CFlowKernels
import ODECore

/// ``FlowPath/blocked`` and ``FlowPath/gemm``: features of a chunk of neurons, then sums over them.
///
/// `z`, `sigma(z)` and `sigma'(z)` of the forward pass are kept for the backward one while they fit into
/// ``storedLimit``; beyond, each thread keeps those of one chunk and the backward pass computes them
/// again: the same bits either way. Of an activation that is linear on both sides of 0 `z` alone is kept.
package final class LayeredPasses: NeuronPasses {
  /// Doubles kept per kind of feature, 128 MB.
  package static let storedLimit = 1 << 24

  private let features: NeuronFeatures
  private let chunks: NeuronChunks
  private let isStored: Bool
  private let z: StateVector
  /// Per thread, one chunk's, where they follow from `z`.
  private let value: StateVector
  private let derivative: StateVector
  /// Per thread, one chunk's matrix.
  private let product: StateVector
  private let partial: StateVector
  /// Made when first needed.
  private var tangent: (dz: StateVector, curvature: StateVector)?

  package init(_ features: NeuronFeatures, threads: Int, storedLimit: Int = LayeredPasses.storedLimit) {
    self.features = features
    let n = features.n
    // GEMM wants long rows; else three matrices of a chunk should fit into the second-level cache.
    let size =
      features.usesGEMM
      ? max(64, min(512, (1 << 19) / n / 8 * 8)) : max(64, min(2048, 16384 / n / 8 * 8))
    chunks = NeuronChunks(width: features.width, size: size, threads: threads)
    isStored = n * features.width <= storedLimit
    let one = n * chunks.size * chunks.threads
    let count = isStored ? n * features.width : one
    z = StateVector(count: count)
    value = StateVector(count: features.slopes == nil ? count : one)
    derivative = StateVector(count: features.slopes == nil ? count : one)
    product = StateVector(count: one)
    partial = StateVector(count: chunks.count * n)
  }

  /// Where a chunk's matrices begin.
  @inline(__always) private func offset(_ chunk: Int, _ thread: Int) -> Int {
    features.n * chunks.size * (isStored ? chunk : thread)
  }

  /// What the forward pass leaves of a chunk.
  @inline(__always)
  private func remember(_ theta: UnsafePointer<Double>, _ chunk: Int, _ thread: Int) -> Int {
    let (at, count) = (offset(chunk, thread), chunks.length(chunk))
    features.preactivations(theta, chunks.start(chunk), count, into: z.pointer + at)
    if features.slopes == nil {
      features.evaluate(
        z.pointer + at, features.n * count, value: value.pointer + at, derivative: derivative.pointer + at)
    }
    return at
  }

  /// The features of a chunk, and where its `z` begins; computed unless the forward pass left them.
  @inline(__always)
  private func recall(
    _ theta: UnsafePointer<Double>, _ chunk: Int, _ thread: Int
  ) -> (at: Int, value: UnsafePointer<Double>, derivative: UnsafePointer<Double>) {
    let at = isStored ? offset(chunk, thread) : remember(theta, chunk, thread)
    guard let slopes = features.slopes else {
      return (at, UnsafePointer(value.pointer + at), UnsafePointer(derivative.pointer + at))
    }
    let own = thread * features.n * chunks.size
    let (v, s) = (value.pointer + own, derivative.pointer + own)
    cflow_slope_features(
      features.n * chunks.length(chunk), z.pointer + at, slopes.positive, slopes.negative, v, s)
    return (at, UnsafePointer(v), UnsafePointer(s))
  }

  package func outputs(_ theta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>) {
    let (n, partial) = (features.n, partial.pointer)
    chunks.forEach { chunk, thread in
      let at = remember(theta, chunk, thread)
      let (a, count) = (theta + chunks.start(chunk), chunks.length(chunk))
      if let slopes = features.slopes {
        cflow_slope_sums(
          count, n, a, z.pointer + at, slopes.positive, slopes.negative, partial + chunk * n)
      } else {
        cflow_weighted_sums(count, n, a, value.pointer + at, partial + chunk * n)
      }
    }
    join(into: f)
  }

  package func gradient(
    _ theta: UnsafePointer<Double>, weights l: UnsafePointer<Double>, _ factors: GradientFactors,
    into result: UnsafeMutablePointer<Double>
  ) {
    let (n, m) = (features.n, features.width)
    chunks.forEach { chunk, thread in
      let own = recall(theta, chunk, thread)
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let p = product.pointer + thread * n * chunks.size
      cflow_layer_gradient(
        count, n, theta + k, l, own.value, own.derivative, factors.a, factors.w,
        result + k, p)
      features.inputSums(p, count, into: result + m + k, stride: m)
    }
  }

  package func outputsTangent(
    _ theta: UnsafePointer<Double>, direction v: UnsafePointer<Double>,
    into df: UnsafeMutablePointer<Double>
  ) {
    let (n, partial, dz) = (features.n, partial.pointer, tangentScratch().dz.pointer)
    chunks.forEach { chunk, thread in
      let own = recall(theta, chunk, thread)
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      features.preactivations(v, k, count, into: dz + own.at)
      cflow_weighted_sums_tangent(
        count, n, theta + k, v + k, own.value, own.derivative, dz + own.at,
        partial + chunk * n)
    }
    join(into: df)
  }

  package func gradientTangent(
    _ theta: UnsafePointer<Double>, direction v: UnsafePointer<Double>,
    weights l: UnsafePointer<Double>, weightsTangent q: UnsafePointer<Double>,
    _ factors: GradientFactors, into result: UnsafeMutablePointer<Double>
  ) {
    let (n, m) = (features.n, features.width)
    let scratch = tangentScratch()
    chunks.forEach { chunk, thread in
      let own = recall(theta, chunk, thread)
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      if !isStored { features.preactivations(v, k, count, into: scratch.dz.pointer + own.at) }
      let mine = thread * n * chunks.size
      var curvature: UnsafeMutablePointer<Double>?
      if features.slopes == nil {
        curvature = scratch.curvature.pointer + mine
        features.secondDerivative(z.pointer + own.at, n * count, into: scratch.curvature.pointer + mine)
      }
      cflow_layer_gradient_tangent(
        count, n, theta + k, v + k, l, q, own.value, own.derivative, curvature,
        scratch.dz.pointer + own.at, factors.a, factors.w, result + k, product.pointer + mine)
      features.inputSums(product.pointer + mine, count, into: result + m + k, stride: m)
    }
  }

  private func tangentScratch() -> (dz: StateVector, curvature: StateVector) {
    if let tangent { return tangent }
    let made = (
      dz: StateVector(count: z.count),
      curvature: StateVector(count: features.slopes == nil ? product.count : 0)
    )
    tangent = made
    return made
  }

  private func join(into f: UnsafeMutablePointer<Double>) {
    let (n, partial) = (features.n, partial.pointer)
    for i in 0..<n { f[i] = partial[i] }
    for chunk in 1..<max(chunks.count, 1) {
      for i in 0..<n { f[i] += partial[chunk * n + i] }
    }
  }
}
