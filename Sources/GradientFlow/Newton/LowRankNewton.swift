import CFlowKernels
import ODECore

/// `(I - gamma J)^-1` by Woodbury's formula: blocks of the neurons and one `n x n` matrix.
///
/// With `E = M^-1 + gamma diag_k(B_k)` and `K = V E^-1 V^T`, `n x n` and symmetric,
///
///     (I - gamma J)^-1 r = E^-1 (q - V^T c),   q = M^-1 r,
///     c = (gamma/n) L (I + (gamma/n) K L)^-1 V E^-1 q.
///
/// A factorisation costs `O(m n (n + d))` and the blocks' own share, a solve about two right-hand sides without
/// the activation. Sums over neurons run in fixed chunks and sections: the number of threads does
/// not change a bit.
///
/// Source: G. H. Golub, C. F. Van Loan, Matrix Computations, 4th ed., (2.1.4).
final class LowRankNewton: NewtonFactors {
  private let features: NeuronFeatures
  private let scaling: Scaling
  private let blocks: any NeuronBlocks
  private let chunks: NeuronChunks
  private let sections: NeuronChunks
  /// Whether `sigma` and `sigma'` of all neurons are kept from one factorisation to the next.
  private let isStored: Bool
  /// The state of the factorisation.
  private let state: StateVector
  private let value: StateVector
  private let slope: StateVector
  /// Per thread, of one chunk.
  private let z: StateVector
  private let product: StateVector
  private let combined: StateVector
  /// `sum` of both parts of `K` per section; per chunk the sums of a solve.
  private let valueSums: StateVector
  private let slopeSums: StateVector
  private let partial: StateVector
  private let singular: IndexBuffer
  private let matrix: LAPACKMatrix
  /// `kappa' x_i.x_j`.
  private let inputProducts: StateVector
  /// `(gamma/n) l''_i` of the factorisation, and the right-hand side of the `n x n` system.
  private let weights: StateVector
  private let coefficients: StateVector

  /// - Throws: ``BLASError``; ``EigenvalueError`` if LAPACK cannot factorise the inputs.
  init(
    _ features: NeuronFeatures, _ scaling: Scaling, form: NewtonForm, threads: Int,
    storedLimit: Int
  ) throws {
    try BLAS.check()
    self.features = features
    self.scaling = scaling
    let (n, d, m) = (features.n, features.d, features.width)
    let order = form == .blocks ? min(n, d) + 1 : 1
    let size = max(64, min(form == .blocks ? 2048 : 512, (1 << 17) / (n * order) / 8 * 8))
    chunks = NeuronChunks(width: m, size: size, threads: threads)
    let sectionCount = n <= 512 ? 8 : 1
    let perSection = (chunks.count + sectionCount - 1) / sectionCount
    sections = NeuronChunks(width: m, size: perSection * chunks.size, threads: threads)
    blocks =
      form == .blocks
      ? try CurvedBlocks(features, scaling, chunkSize: chunks.size, threads: chunks.threads)
      : ArrowBlocks(features, scaling, chunkSize: chunks.size, threads: chunks.threads)

    isStored = n * m <= storedLimit
    state = StateVector(count: (d + 1) * m)
    let one = n * chunks.size * chunks.threads
    value = StateVector(count: isStored ? n * m : one)
    slope = StateVector(count: isStored ? n * m : one)
    z = StateVector(count: one)
    product = StateVector(count: one)
    combined = StateVector(count: (d + 1) * chunks.size * chunks.threads)
    valueSums = StateVector(count: sections.count * n * n)
    slopeSums = StateVector(count: blocks.usesSlopeSums ? sections.count * n * n : 0)
    partial = StateVector(count: chunks.count * n)
    singular = IndexBuffer(count: sections.count)
    matrix = LAPACKMatrix(order: n)
    inputProducts = StateVector(count: n * n)
    weights = StateVector(count: n)
    coefficients = StateVector(count: n)
    let x = features.x.pointer
    for i in 0..<n {
      for j in 0...i {
        var sum = 0.0
        for c in 0..<d { sum += x[i * d + c] * x[j * d + c] }
        inputProducts.pointer[i * n + j] = scaling.kappaPrime * sum
      }
    }
  }

  /// The chunk's features at ``state``, computed if `afresh` or not stored.
  private func chunk(_ index: Int, _ thread: Int, afresh: Bool) -> NewtonChunk {
    let (n, k, count) = (features.n, chunks.start(index), chunks.length(index))
    let own = n * chunks.size * thread
    let at = isStored ? n * k : own
    if afresh || !isStored {
      features.preactivations(state.pointer, k, count, into: z.pointer + own)
      features.evaluate(
        z.pointer + own, n * count, value: value.pointer + at, derivative: slope.pointer + at)
    }
    return NewtonChunk(
      first: k, count: count, thread: thread, a: state.pointer + k, z: z.pointer + own,
      value: value.pointer + at, slope: slope.pointer + at)
  }

  func prepare(_ theta: UnsafePointer<Double>, _ losses: SampleValues, gamma: Double) throws {
    let n = features.n
    state.pointer.update(from: theta, count: state.count)
    let l = losses.residuals.pointer
    let (values, slopes) = (valueSums.pointer, slopeSums.pointer)
    valueSums.pointer.update(repeating: 0, count: valueSums.count)
    slopeSums.pointer.update(repeating: 0, count: slopeSums.count)
    let (perSection, singular) = (sections.size / chunks.size, singular.pointer)
    let hasSlopeSums = blocks.usesSlopeSums
    sections.forEach { section, thread in
      singular[section] = -1
      let sum = values + section * n * n
      let slopeSum = hasSlopeSums ? slopes + section * n * n : slopes
      let first = section * perSection
      for index in first..<min(first + perSection, chunks.count) {
        let chunk = chunk(index, thread, afresh: true)
        if let neuron = blocks.factorise(
          chunk, weights: l, gamma: gamma, values: sum, slopes: slopeSum)
        {
          singular[section] = Int32(neuron)
          return
        }
      }
    }
    for section in 0..<sections.count where singular[section] >= 0 {
      throw SingularPart.block(neuron: Int(singular[section]))
    }
    for i in 0..<n { weights.pointer[i] = gamma / Double(n) * losses.curvatures.pointer[i] }
    assembleMatrix()
    try matrix.factorise()
  }

  /// `I + (gamma/n) K L`, column-major.
  private func assembleMatrix() {
    let n = features.n
    let (values, slopes, products) = (
      valueSums.pointer, slopeSums.pointer, inputProducts.pointer
    )
    let (c, weights) = (matrix.elements.pointer, weights.pointer)
    let square = scaling.kappa * scaling.kappa
    for section in 1..<max(sections.count, 1) {
      let other = values + section * n * n
      for e in 0..<n * n { values[e] += other[e] }
      guard blocks.usesSlopeSums else { continue }
      let otherSlopes = slopes + section * n * n
      for e in 0..<n * n { slopes[e] += otherSlopes[e] }
    }
    for i in 0..<n {
      for j in 0...i {
        let e = i * n + j
        var k = values[e]
        if blocks.usesSlopeSums { k += products[e] * slopes[e] }
        k *= square
        c[i + j * n] = k * weights[j]
        c[j + i * n] = k * weights[i]
      }
    }
    for i in 0..<n { c[i + i * n] += 1 }
  }

  func solve(_ r: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>) {
    let (n, d, m) = (features.n, features.d, features.width)
    let (kappa, kappaPrime) = (scaling.kappa, scaling.kappaPrime)
    let isCombined = !features.usesGEMM && d <= Int(CFLOW_MAX_COMBINED_DIMENSION)
    let (partial, product) = (partial.pointer, product.pointer)

    // E^-1 M^-1 r, and the outputs' change in that direction.
    chunks.forEach { index, thread in
      let chunk = chunk(index, thread, afresh: false)
      let (k, count) = (chunk.first, chunk.count)
      let (a, w) = (result + k, result + m + k)
      for e in 0..<count { a[e] = kappaPrime * r[k + e] }
      for j in 0..<d {
        let (to, from) = (w + j * m, r + m + j * m + k)
        for e in 0..<count { to[e] = from[e] / kappaPrime }
      }
      blocks.apply(first: k, count: count, thread: thread, a: a, w: w, stride: m)
      if isCombined {
        cflow_direction_outputs(
          count, m, d, n, chunk.a, a, w, chunk.value, chunk.slope, features.x.pointer,
          partial + index * n)
      } else {
        let dz = product + n * chunks.size * thread
        features.preactivations(result, k, count, into: dz)
        cflow_weighted_sums_tangent(
          count, n, chunk.a, a, chunk.value, chunk.slope, dz, partial + index * n)
      }
    }

    let c = coefficients.pointer
    for i in 0..<n { c[i] = partial[i] }
    for index in 1..<max(chunks.count, 1) {
      for i in 0..<n { c[i] += partial[index * n + i] }
    }
    for i in 0..<n { c[i] *= kappa }
    matrix.solve(c)
    for i in 0..<n { c[i] *= weights.pointer[i] }

    // Minus E^-1 V^T c.
    let combined = combined.pointer
    chunks.forEach { index, thread in
      let chunk = chunk(index, thread, afresh: false)
      let (k, count) = (chunk.first, chunk.count)
      let a = combined + (d + 1) * chunks.size * thread
      let w = a + count
      if isCombined {
        cflow_combine_gradients(
          count, d, n, kappa, chunk.a, c, chunk.value, chunk.slope, features.x.pointer, a, w, count)
      } else {
        let p = product + n * chunks.size * thread
        cflow_layer_gradient(
          count, n, chunk.a, c, chunk.value, chunk.slope, kappa, kappa, a, p)
        features.inputSums(p, count, into: w, stride: count)
      }
      blocks.apply(first: k, count: count, thread: thread, a: a, w: w, stride: count)
      for j in 0...d {
        let (to, from) = (result + j * m + k, a + j * count)
        for e in 0..<count { to[e] -= from[e] }
      }
    }
  }
}
