import CFlowKernels
import ODECore

/// Sums over neurons of products of features: the two parts of the Gram matrix, and a bound on the
/// Jacobian's blocks.
///
/// The neurons go in at most eight fixed sections, each with matrices of its own that are added in
/// order: the bits do not depend on the number of threads. The matrices are made when a Gram matrix is first asked for:
/// a flow of many samples runs without any of size `n x n`.
final class GramPasses {
  /// Up to this many samples plain loops are used, beyond OpenBLAS.
  private static let largestLoopCount = 32
  /// Up to this many inputs a smooth activation's bends are summed with their signs.
  private static let largestBend = 8

  private let features: NeuronFeatures
  private let sections: NeuronChunks
  /// Neurons whose features are in memory at one time, per thread.
  private let chunkSize: Int
  private let scratch: [Scratch]
  /// The matrices of all sections, for either part.
  private lazy var matrices = (
    a: StateVector(count: sections.count * features.n * features.n),
    w: StateVector(count: sections.count * features.n * features.n)
  )
  private let largest: StateVector
  private let ones: StateVector

  private struct Scratch {
    let z, value, derivative, product, slopeGradient, unused: StateVector
  }

  init(_ features: NeuronFeatures, threads: Int) {
    self.features = features
    let (n, m) = (features.n, features.width)
    chunkSize = min(m, max(64, min(2048, 32768 / n / 8 * 8)))
    let sectionCount = n <= 512 ? 8 : 1
    sections = NeuronChunks(
      width: m, size: max(chunkSize, (m + sectionCount - 1) / sectionCount), threads: threads)
    let one = n * chunkSize
    let (d, size) = (features.d, chunkSize)
    scratch = (0..<sections.threads).map { _ in
      Scratch(
        z: StateVector(count: one), value: StateVector(count: one),
        derivative: StateVector(count: one), product: StateVector(count: one),
        slopeGradient: StateVector(count: d * size), unused: StateVector(count: size))
    }
    largest = StateVector(count: sections.count)
    ones = StateVector(count: chunkSize)
    for k in 0..<chunkSize { ones.pointer[k] = 1 }
  }

  /// `n`.
  var count: Int { features.n }

  /// `a_ij = sum_k sigma(z_ki) sigma(z_kj)` and
  /// `w_ij = sum_k a_k^2 sigma'(z_ki) sigma'(z_kj) x_i.x_j`, full and symmetric.
  func sums(_ theta: UnsafePointer<Double>) throws -> (a: [Double], w: [Double]) {
    let n = features.n
    let usesBLAS = n > Self.largestLoopCount
    if usesBLAS { try BLAS.check() }
    let (sumsA, sumsW) = matrices
    for i in 0..<sumsA.count { (sumsA.pointer[i], sumsW.pointer[i]) = (0, 0) }
    forEachChunk(theta) { section, own, k, count in
      let a = sumsA.pointer + section * n * n
      let w = sumsW.pointer + section * n * n
      if usesBLAS {
        cflow_syrk(n, count, 1, own.value.pointer, a)
        cflow_scale_columns(count, n, theta + k, own.derivative.pointer, own.product.pointer)
        cflow_syrk(n, count, 1, own.product.pointer, w)
      } else {
        cflow_gram(count, n, own.value.pointer, nil, a)
        cflow_gram(count, n, own.derivative.pointer, theta + k, w)
      }
    }
    return (joined(sumsA) { _, _ in 1 }, joined(sumsW, inputProduct))
  }

  /// `max_k ( s_k/2 + sqrt(s_k^2/4 + |g_k|^2) )`, `g_k = sum_i l_i sigma'_ki x_i`, a bound on the norm of any block
  /// `(0, g^T; g, C)` of `n/kappa` times the symmetrised Jacobian's block-diagonal part, with
  /// `C_k = kappa' a_k sum_i l_i sigma''_ki x_i x_i^T` and `s_k` its Frobenius norm, or, in more than
  /// ``largestBend`` dimensions, `kappa' |a_k| sum_i |l_i sigma''_ki| |x_i|^2`.
  func largestBlock(
    _ theta: UnsafePointer<Double>, weights l: UnsafePointer<Double>, kappaPrime: Double
  ) -> Double {
    let (n, d) = (features.n, features.d)
    let (curved, rows) = features.slopes == nil ? bends(l) : ([], 0)
    for s in 0..<sections.count { largest.pointer[s] = 0 }
    curved.withUnsafeBufferPointer { curved in
      forEachChunk(theta) { section, own, k, count in
        cflow_layer_gradient(
          count, n, ones.pointer, l, own.value.pointer, own.derivative.pointer, 0, 1,
          own.unused.pointer, own.product.pointer)
        features.inputSums(own.product.pointer, count, into: own.slopeGradient.pointer, stride: count)
        let norm: Double
        if features.slopes != nil {
          norm = cflow_largest_column(count, d, own.slopeGradient.pointer).squareRoot()
        } else {
          features.secondDerivative(own.z.pointer, n * count, into: own.product.pointer)
          norm = cflow_largest_block(
            count, d, n, rows, own.slopeGradient.pointer, theta + k, own.product.pointer,
            curved.baseAddress!, kappaPrime)
        }
        let before = largest.pointer[section]
        if !(norm <= before), !before.isNaN { largest.pointer[section] = norm }
      }
    }
    var result = 0.0
    for s in 0..<sections.count where !(largest.pointer[s] <= result) && !result.isNaN {
      result = largest.pointer[s]
    }
    return result
  }

  /// What `sigma''` is multiplied by: `l_i x_ip x_iq` for `p <= q`, a row each, off the diagonal times `sqrt 2`; or, with
  /// `rows` = 0, `|l_i| |x_i|^2`.
  private func bends(_ l: UnsafePointer<Double>) -> (weights: [Double], rows: Int) {
    let (n, d, x) = (features.n, features.d, features.x.pointer)
    guard d <= Self.largestBend else { return ((0..<n).map { abs(l[$0]) * inputProduct($0, $0) }, 0) }
    var weights: [Double] = []
    for p in 0..<d {
      for q in p..<d {
        let factor = p == q ? 1 : 2.0.squareRoot()
        weights += (0..<n).map { factor * l[$0] * x[$0 * d + p] * x[$0 * d + q] }
      }
    }
    return (weights, d * (d + 1) / 2)
  }

  /// Calls `body(section, scratch, first neuron, count)` with the features of each chunk.
  private func forEachChunk(
    _ theta: UnsafePointer<Double>, _ body: (Int, Scratch, Int, Int) -> Void
  ) {
    let n = features.n
    sections.forEach { section, thread in
      let own = scratch[thread]
      let end = sections.start(section) + sections.length(section)
      for k in stride(from: sections.start(section), to: end, by: chunkSize) {
        let count = min(chunkSize, end - k)
        features.preactivations(theta, k, count, into: own.z.pointer)
        features.evaluate(
          own.z.pointer, n * count, value: own.value.pointer, derivative: own.derivative.pointer)
        body(section, own, k, count)
      }
    }
  }

  /// Adds the sections' lower triangles, multiplies by `factor(i, j)` and mirrors.
  private func joined(_ sums: StateVector, _ factor: (Int, Int) -> Double) -> [Double] {
    let n = features.n
    var result = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        var sum = 0.0
        for section in 0..<sections.count { sum += sums.pointer[(section * n + i) * n + j] }
        result[i * n + j] = sum * factor(i, j)
        result[j * n + i] = result[i * n + j]
      }
    }
    return result
  }

  /// `x_i . x_j`.
  private func inputProduct(_ i: Int, _ j: Int) -> Double {
    let (d, x) = (features.d, features.x.pointer)
    var sum = 0.0
    for c in 0..<d { sum += x[i * d + c] * x[j * d + c] }
    return sum
  }
}
