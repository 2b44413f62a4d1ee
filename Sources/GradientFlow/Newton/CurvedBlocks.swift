import CFlowKernels
import ODECore

/// Blocks with `sigma''`, inverted one by one.
///
/// In the coordinates of `S = M^(1/2)` a block is `I + gamma S B_k S`, dimensionless, and positive definite
/// unless a growing mode of the neuron is faster than `1 / gamma`; Cholesky's factors then serve, and
/// eigenvalues elsewhere.
///
/// For `n < d` the inputs span only `n` of `d` dimensions, `x_i = Q xi_i`, and `E_k` is `I / kappa'` on the
/// rest: blocks live in the coordinates `Q^T w`.
final class CurvedBlocks: NeuronBlocks {
  let usesSlopeSums = false
  private let features: NeuronFeatures
  private let scaling: Scaling
  private let chunkSize: Int
  /// `r = min(n, d)`.
  private let r: Int
  /// `Q`, d x r; nil for the unit matrix.
  private let basis: StateVector?
  /// `xi`, n x r, and its products `xi_j xi_j'`, j' <= j, n x r (r + 1) / 2.
  private let inputs: StateVector
  private let pairs: StateVector
  /// `E_k^-1`, packed, a row per element.
  private let inverses: StateVector
  private let scratch: [Scratch]

  private struct Scratch {
    let product, curvature, blocks, factors, gradient, gradients, images, rotated: StateVector
    let unsafe: IndexBuffer
  }

  /// - Throws: ``EigenvalueError`` if LAPACK cannot factorise the inputs.
  init(_ features: NeuronFeatures, _ scaling: Scaling, chunkSize: Int, threads: Int) throws {
    self.features = features
    self.scaling = scaling
    self.chunkSize = chunkSize
    let (n, d) = (features.n, features.d)
    let r = min(n, d)
    self.r = r
    if n < d {
      let basis = StateVector(count: d * n)
      inputs = StateVector(count: n * n)
      let info = cflow_row_space(n, d, features.x.pointer, basis.pointer, inputs.pointer)
      guard info == 0 else { throw EigenvalueError.lapack(info: info) }
      self.basis = basis
    } else {
      basis = nil
      inputs = features.x
    }
    let packed = r * (r + 1) / 2
    pairs = StateVector(count: n * packed)
    for i in 0..<n {
      let x = inputs.pointer + i * r
      for j in 0..<r {
        for l in 0...j { pairs.pointer[i * packed + j * (j + 1) / 2 + l] = x[j] * x[l] }
      }
    }
    let all = (r + 1) * (r + 2) / 2
    inverses = StateVector(count: all * features.width)
    let isRotated = basis != nil
    scratch = (0..<threads).map { _ in
      Scratch(
        product: StateVector(count: n * chunkSize), curvature: StateVector(count: n * chunkSize),
        blocks: StateVector(count: all * chunkSize), factors: StateVector(count: all * chunkSize),
        gradient: StateVector(count: r * chunkSize),
        gradients: StateVector(count: n * (r + 1) * chunkSize),
        images: StateVector(count: n * (r + 1) * chunkSize),
        rotated: StateVector(count: isRotated ? 2 * r * chunkSize : 0),
        unsafe: IndexBuffer(count: chunkSize))
    }
  }

  func factorise(
    _ chunk: NewtonChunk, weights l: UnsafePointer<Double>, gamma: Double,
    values: UnsafeMutablePointer<Double>, slopes: UnsafeMutablePointer<Double>
  ) -> Int? {
    let (n, m, q) = (features.n, features.width, r + 1)
    let (k, count) = (chunk.first, chunk.count)
    let own = scratch[chunk.thread]
    let factor = gamma * scaling.kappa / Double(n)
    let root = scaling.kappaPrime.squareRoot()

    cflow_weigh_rows(count, n, l, chunk.slope, own.product.pointer)
    cflow_input_sums(
      count, r, n, own.product.pointer, inputs.pointer, own.gradient.pointer, count)
    features.secondDerivative(chunk.z, n * count, into: own.curvature.pointer)
    cflow_weigh_rows(count, n, l, own.curvature.pointer, own.product.pointer)
    cflow_input_sums(
      count, r * (r + 1) / 2, n, own.product.pointer, pairs.pointer, own.blocks.pointer, count)
    cflow_block_assemble(
      count, r, chunk.a, factor, own.gradient.pointer, factor * scaling.kappaPrime,
      own.blocks.pointer)

    let inverse = inverses.pointer + k
    let unsafe = cflow_block_factor(
      count, q, own.blocks.pointer, own.factors.pointer, inverse, m, own.unsafe.pointer)
    if unsafe < 0 { return k + (-1 - unsafe) }
    cflow_block_scale(count, q, root, 1 / root, inverse, m, 1)
    let gradients = own.gradients.pointer
    if unsafe == 0 {
      cflow_block_scale(count, q, root, 1 / root, own.factors.pointer, count, 0)
      cflow_block_features(
        count, r, n, chunk.a, chunk.value, chunk.slope, inputs.pointer, own.factors.pointer, count,
        0, gradients)
      cflow_syrk(n, q * count, 1, gradients, values)
    } else {
      cflow_plain_features(
        count, r, n, chunk.a, chunk.value, chunk.slope, inputs.pointer, gradients)
      cflow_block_features(
        count, r, n, chunk.a, chunk.value, chunk.slope, inputs.pointer, inverse, m, 1,
        own.images.pointer)
      cflow_multiply_transposed(n, q * count, gradients, own.images.pointer, values)
    }
    return nil
  }

  func apply(
    first: Int, count: Int, thread: Int, a: UnsafeMutablePointer<Double>,
    w: UnsafeMutablePointer<Double>, stride: Int
  ) {
    let (d, m) = (features.d, features.width)
    let inverse = inverses.pointer + first
    guard let basis else {
      return cflow_block_apply(count, r + 1, inverse, m, a, w, stride)
    }
    // w = w_perp + Q rho: kappa' w_perp + Q zeta = kappa' w + Q (zeta - kappa' rho).
    let zeta = scratch[thread].rotated.pointer
    let rho = zeta + r * chunkSize
    let kappaPrime = scaling.kappaPrime
    cflow_gemm(1, r, count, d, 1, basis.pointer, r, w, stride, 0, rho, count)
    for i in 0..<r * count { zeta[i] = rho[i] }
    cflow_block_apply(count, r + 1, inverse, m, a, zeta, count)
    for i in 0..<r * count { zeta[i] -= kappaPrime * rho[i] }
    cflow_gemm(0, d, count, r, 1, basis.pointer, r, zeta, count, kappaPrime, w, stride)
  }
}

/// Indices at a stable address, freed with their owner.
final class IndexBuffer {
  let pointer: UnsafeMutablePointer<Int32>
  init(count: Int) {
    pointer = .allocate(capacity: count)
    pointer.initialize(repeating: 0, count: count)
  }
  deinit { pointer.deallocate() }
}
