import CFlowKernels
import ODECore

/// The passes over all neurons that steps in the space of residuals consist of.
///
/// Neurons go in fixed chunks, sums over them and tiles of kernels in a fixed order: the number of threads does not change a bit.
final class ResidualPasses {
  let features: NeuronFeatures
  private let scaling: Scaling
  private let chunks: NeuronChunks
  private let tiles: FixedChunks
  private let tileCorners: [(row: Int, column: Int)]
  /// Per thread, one chunk's `n x count` matrix.
  private let product: StateVector
  /// Per thread, `(d + 2) x count`.
  private let motion: StateVector
  private let partial: StateVector
  /// `a_k sigma'_ki`, laid out like features.
  private let weighted: StateVector
  /// `x_i . x_j`, lower triangle.
  private let inputProducts: StateVector
  private let valueSums: StateVector

  private static let tileSize = 128

  init(_ features: NeuronFeatures, _ scaling: Scaling, threads: Int) {
    (self.features, self.scaling) = (features, scaling)
    let (n, d, m) = (features.n, features.d, features.width)
    // Long rows for the kernel's products, but work for every thread.
    chunks = NeuronChunks(width: m, size: max(256, min(512, (1 << 19) / n / 8 * 8)), threads: threads)
    let side = (n + Self.tileSize - 1) / Self.tileSize
    tileCorners = (0..<side).flatMap { i in (0...i).map { (i * Self.tileSize, $0 * Self.tileSize) } }
    tiles = FixedChunks(total: tileCorners.count, size: 1, threads: threads)
    product = StateVector(count: n * chunks.size * chunks.threads)
    motion = StateVector(count: (d + 2) * chunks.size * chunks.threads)
    partial = StateVector(count: n * chunks.count)
    weighted = StateVector(count: n * m)
    inputProducts = StateVector(count: n * n)
    valueSums = StateVector(count: n * n)
    let x = features.x.pointer
    forEachTile { i, j, rows, columns in
      cflow_gram_tile(
        rows, columns, d, x + i * d, x + j * d, d, 0, self.inputProducts.pointer + i * n + j, n)
    }
  }

  /// Features at `frame.state`, and `f_i = kappa sum_k a_k sigma(w_k . x_i)` to `f`.
  func evaluate(_ frame: ResidualFrame, outputs f: UnsafeMutablePointer<Double>) {
    let n = features.n
    let (theta, sums) = (UnsafePointer(frame.state.pointer), partial.pointer)
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let z = product.pointer + thread * n * chunks.size
      let value = frame.value.pointer + n * k
      features.preactivations(theta, k, count, into: z)
      features.evaluate(z, n * count, value: value, derivative: frame.slope.pointer + n * k)
      cflow_weighted_sums(count, n, theta + k, value, sums + chunk * n)
    }
    joinSums(into: f)
  }

  /// `frame.kernel`, after ``evaluate(_:outputs:)``.
  func evaluateKernel(_ frame: ResidualFrame) {
    let n = features.n
    let (theta, kernel, values) = (frame.state.pointer, frame.kernel.pointer, valueSums.pointer)
    chunks.forEach { chunk, _ in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      cflow_scale_columns(
        count, n, theta + k, frame.slope.pointer + n * k, weighted.pointer + n * k)
    }
    let square = scaling.kappa * scaling.kappa / Double(n)
    let (forA, forW) = (square / scaling.kappaPrime, square * scaling.kappaPrime)
    forEachTile { i, j, rows, columns in
      for chunk in 0..<self.chunks.count {
        let (k, count) = (self.chunks.start(chunk), self.chunks.length(chunk))
        let (v, s) = (frame.value.pointer + n * k, self.weighted.pointer + n * k)
        let beta = chunk == 0 ? 0.0 : 1
        cflow_gram_tile(
          rows, columns, count, v + i * count, v + j * count, count, beta, values + i * n + j, n)
        cflow_gram_tile(
          rows, columns, count, s + i * count, s + j * count, count, beta, kernel + i * n + j, n)
      }
      for row in i..<(i + rows) {
        let end = i == j ? row + 1 : j + columns
        let at = row * n
        for e in (at + j)..<(at + end) {
          kernel[e] = forA * values[e] + forW * self.inputProducts.pointer[e] * kernel[e]
        }
      }
    }
  }

  /// `y1 = y - B_0 e0 - B_1 e1`, or for an activation that is linear on both sides of 0 the exact motion with the constant patterns
  /// `sum_i (e0_i sigma'0_ki + e1_i sigma'1_ki) x_i`. `y` is the state of the first frame.
  func move(
    _ y: UnsafePointer<Double>, by terms: [(frame: ResidualFrame, impulse: StateVector)],
    into y1: UnsafeMutablePointer<Double>
  ) {
    let (n, d, m) = (features.n, features.d, features.width)
    let isHomogeneous = features.slopes != nil
    let factor = -scaling.kappa / Double(n)
    let kappaPrime = scaling.kappaPrime
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let p = product.pointer + thread * n * chunks.size
      let g = motion.pointer + thread * (d + 2) * chunks.size
      for (index, term) in terms.enumerated() {
        let a = isHomogeneous ? nil : UnsafePointer(term.frame.state.pointer + k)
        cflow_impulses(
          count, n, term.impulse.pointer, a, term.frame.slope.pointer + n * k, index == 0 ? 0 : 1, p)
      }
      features.inputSums(p, count, into: g, stride: count)
      let scale = isHomogeneous ? factor : factor * kappaPrime
      for e in 0..<d * count { g[e] *= scale }
      if isHomogeneous {
        cflow_hyperbolic(
          count, d, g, kappaPrime, y + k, y + m + k, m, y1 + k, y1 + m + k, g + d * count,
          g + (d + 1) * count)
        return
      }
      for j in 0..<d {
        let (from, to) = (y + (j + 1) * m + k, y1 + (j + 1) * m + k)
        for e in 0..<count { to[e] = from[e] + g[j * count + e] }
      }
      (y1 + k).update(from: y + k, count: count)
      for term in terms {
        cflow_weighted_values(
          count, n, factor / kappaPrime, term.impulse.pointer, term.frame.value.pointer + n * k, y1 + k)
      }
    }
  }

  /// `(df/dtheta) v` at the frame.
  func tangent(
    _ frame: ResidualFrame, _ v: UnsafePointer<Double>, into df: UnsafeMutablePointer<Double>
  ) {
    let n = features.n
    let (theta, sums) = (frame.state.pointer, partial.pointer)
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let dz = product.pointer + thread * n * chunks.size
      features.preactivations(v, k, count, into: dz)
      cflow_weighted_sums_tangent(
        count, n, theta + k, v + k, frame.value.pointer + n * k, frame.slope.pointer + n * k, dz,
        sums + chunk * n)
    }
    joinSums(into: df)
  }

  /// `y -= B e` with the frame's `B`.
  func shift(_ y: UnsafeMutablePointer<Double>, by e: StateVector, _ frame: ResidualFrame) {
    let (n, d, m) = (features.n, features.d, features.width)
    let factor = -scaling.kappa / Double(n)
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let p = product.pointer + thread * n * chunks.size
      let g = motion.pointer + thread * (d + 2) * chunks.size
      cflow_impulses(
        count, n, e.pointer, frame.state.pointer + k, frame.slope.pointer + n * k, 0, p)
      features.inputSums(p, count, into: g, stride: count)
      for j in 0..<d {
        let to = y + (j + 1) * m + k
        for e in 0..<count { to[e] += factor * scaling.kappaPrime * g[j * count + e] }
      }
      cflow_weighted_values(
        count, n, factor / scaling.kappaPrime, e.pointer, frame.value.pointer + n * k, y + k)
    }
  }

  /// `kappa` times the chunks' sums.
  private func joinSums(into f: UnsafeMutablePointer<Double>) {
    let (n, sums) = (features.n, partial.pointer)
    for i in 0..<n { f[i] = sums[i] }
    for chunk in 1..<max(chunks.count, 1) {
      for i in 0..<n { f[i] += sums[chunk * n + i] }
    }
    for i in 0..<n { f[i] *= scaling.kappa }
  }

  /// Calls `body(first row, first column, rows, columns)` for each tile of the lower triangle.
  private func forEachTile(_ body: (Int, Int, Int, Int) -> Void) {
    let n = features.n
    tiles.forEach { index, _ in
      let (i, j) = tileCorners[index]
      body(i, j, min(Self.tileSize, n - i), min(Self.tileSize, n - j))
    }
  }
}
