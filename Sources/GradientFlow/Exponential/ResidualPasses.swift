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
  /// Per thread, three of one chunk's `n x count` matrices.
  private let scratch: StateVector
  /// Per thread, `(d + 2) x count`.
  private let motion: StateVector
  private let partial: StateVector
  /// `sigma(z_ki)` and `a_k sigma'(z_ki)`, laid out like features; where all pairs of samples make one tile, empty.
  private let operands: (values: StateVector, slopes: StateVector)
  /// Where they make one tile: neurons in groups of chunks, and two `n x n` sums for each group.
  private let groups: FixedChunks
  private let groupSums: StateVector
  /// `x_i . x_j`, lower triangle.
  private let inputProducts: StateVector
  private let valueSums: StateVector

  private static let tileSize = 128
  private static let mostGroups = 16

  init(_ features: NeuronFeatures, _ scaling: Scaling, threads: Int) {
    (self.features, self.scaling) = (features, scaling)
    let (n, d, m) = (features.n, features.d, features.width)
    // Long rows for the kernel's products, but work for every thread.
    chunks = NeuronChunks(width: m, size: max(256, min(512, (1 << 19) / n / 8 * 8)), threads: threads)
    let side = (n + Self.tileSize - 1) / Self.tileSize
    tileCorners = (0..<side).flatMap { i in (0...i).map { (i * Self.tileSize, $0 * Self.tileSize) } }
    tiles = FixedChunks(total: tileCorners.count, size: 1, threads: threads)
    scratch = StateVector(count: 3 * n * chunks.size * chunks.threads)
    motion = StateVector(count: (d + 2) * chunks.size * chunks.threads)
    partial = StateVector(count: n * chunks.count)
    let isOneTile = side <= 1
    operands = (
      StateVector(count: isOneTile || features.slopes == nil ? 0 : n * m),
      StateVector(count: isOneTile ? 0 : n * m)
    )
    groups = FixedChunks(total: isOneTile ? min(chunks.count, Self.mostGroups) : 0, size: 1, threads: threads)
    groupSums = StateVector(count: 2 * n * n * groups.total)
    inputProducts = StateVector(count: n * n)
    valueSums = StateVector(count: n * n)
    let x = features.x.pointer
    forEachTile { i, j, rows, columns in
      cflow_gram_tile(
        rows, columns, d, x + i * d, x + j * d, d, 0, self.inputProducts.pointer + i * n + j, n)
    }
  }

  /// Features at `theta`, to `frame`, and `f_i = kappa sum_k a_k sigma(w_k . x_i)` to `f`.
  func evaluate(
    _ theta: UnsafePointer<Double>, _ frame: ResidualFrame, outputs f: UnsafeMutablePointer<Double>
  ) {
    let n = features.n
    let sums = partial.pointer
    frame.outputWeights.pointer.update(from: theta, count: features.width)
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let value = frame.value.pointer + n * k
      if let slopes = features.slopes {
        features.preactivations(theta, k, count, into: value)
        cflow_slope_sums(
          count, n, theta + k, value, slopes.positive, slopes.negative, sums + chunk * n)
        return
      }
      let z = matrices(thread).0
      features.preactivations(theta, k, count, into: z)
      features.evaluate(z, n * count, value: value, derivative: frame.slope.pointer + n * k)
      cflow_weighted_sums(count, n, theta + k, value, sums + chunk * n)
    }
    joinSums(into: f)
  }

  /// A thread's three matrices.
  @inline(__always)
  private func matrices(
    _ thread: Int
  ) -> (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) {
    let length = features.n * chunks.size
    let first = scratch.pointer + 3 * thread * length
    return (first, first + length, first + 2 * length)
  }

  /// `sigma(z_ki)` and `sigma'(z_ki)` of a chunk: the frame's, or made of its `z` in `value` and `slope`.
  @inline(__always)
  private func values(
    _ frame: ResidualFrame, _ chunk: Int, _ value: UnsafeMutablePointer<Double>,
    _ slope: UnsafeMutablePointer<Double>
  ) -> (value: UnsafePointer<Double>, slope: UnsafePointer<Double>) {
    let at = features.n * chunks.start(chunk)
    let own = frame.value.pointer + at
    guard let slopes = features.slopes else {
      return (UnsafePointer(own), UnsafePointer(frame.slope.pointer + at))
    }
    cflow_slope_features(
      features.n * chunks.length(chunk), own, slopes.positive, slopes.negative, value, slope)
    return (UnsafePointer(value), UnsafePointer(slope))
  }

  /// `frame.kernel`, after ``evaluate(_:_:outputs:)``.
  func evaluateKernel(_ frame: ResidualFrame) {
    let square = scaling.kappa * scaling.kappa / Double(features.n)
    let factors = (a: square / scaling.kappaPrime, w: square * scaling.kappaPrime)
    if groups.total > 0 { evaluateByGroups(frame, factors) } else { evaluateByTiles(frame, factors) }
  }

  /// Few samples: every group of neurons makes its own sums, while its features are in the cache.
  private func evaluateByGroups(_ frame: ResidualFrame, _ factors: (a: Double, w: Double)) {
    let n = features.n
    let (square, sums, kernel) = (n * n, groupSums.pointer, frame.kernel.pointer)
    groups.forEach { group, thread in
      let (weighted, value, slope) = matrices(thread)
      let target = sums + 2 * square * group
      let first = group * chunks.count / groups.total
      for chunk in first..<((group + 1) * chunks.count / groups.total) {
        let count = chunks.length(chunk)
        let own = values(frame, chunk, value, slope)
        cflow_scale_columns(
          count, n, frame.outputWeights.pointer + chunks.start(chunk), own.slope, weighted)
        let beta = chunk == first ? 0.0 : 1
        features.gramTile(n, n, count, own.value, own.value, beta, target)
        features.gramTile(n, n, count, weighted, weighted, beta, target + square)
      }
    }
    for i in 0..<n {
      for e in (i * n)...(i * n + i) {
        var (a, w) = (0.0, 0.0)
        for group in 0..<groups.total {
          a += sums[2 * square * group + e]
          w += sums[2 * square * group + square + e]
        }
        kernel[e] = factors.a * a + factors.w * inputProducts.pointer[e] * w
      }
    }
  }

  /// Many samples: every tile of the kernel is a sum over all neurons.
  private func evaluateByTiles(_ frame: ResidualFrame, _ factors: (a: Double, w: Double)) {
    let n = features.n
    let (kernel, sums, weighted) = (frame.kernel.pointer, valueSums.pointer, operands.slopes.pointer)
    let all = features.slopes == nil ? frame.value.pointer : operands.values.pointer
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let own = values(frame, chunk, all + n * k, matrices(thread).2)
      cflow_scale_columns(count, n, frame.outputWeights.pointer + k, own.slope, weighted + n * k)
    }
    forEachTile { i, j, rows, columns in
      for chunk in 0..<self.chunks.count {
        let (k, count) = (self.chunks.start(chunk), self.chunks.length(chunk))
        let (v, s) = (all + n * k, weighted + n * k)
        let beta = chunk == 0 ? 0.0 : 1
        self.features.gramTile(rows, columns, count, v + i * count, v + j * count, beta, sums + i * n + j)
        self.features.gramTile(rows, columns, count, s + i * count, s + j * count, beta, kernel + i * n + j)
      }
      for row in i..<(i + rows) {
        let end = i == j ? row + 1 : j + columns
        let at = row * n
        for e in (at + j)..<(at + end) {
          kernel[e] = factors.a * sums[e] + factors.w * self.inputProducts.pointer[e] * kernel[e]
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
    let factor = -scaling.kappa / Double(n)
    let kappaPrime = scaling.kappaPrime
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let p = matrices(thread).0
      let g = motion.pointer + thread * (d + 2) * chunks.size
      if let slopes = features.slopes {
        for (index, term) in terms.enumerated() {
          cflow_slope_impulses(
            count, n, factor, term.impulse.pointer, term.frame.value.pointer + n * k, slopes.positive,
            slopes.negative, index == 0 ? 0 : 1, p)
        }
        features.inputSums(p, count, into: g, stride: count)
        cflow_hyperbolic(
          count, d, g, kappaPrime, y + k, y + m + k, m, y1 + k, y1 + m + k, g + d * count,
          g + (d + 1) * count)
        return
      }
      for (index, term) in terms.enumerated() {
        cflow_impulses(
          count, n, term.impulse.pointer, term.frame.outputWeights.pointer + k,
          term.frame.slope.pointer + n * k, index == 0 ? 0 : 1, p)
      }
      features.inputSums(p, count, into: g, stride: count)
      for j in 0..<d {
        let (from, to) = (y + (j + 1) * m + k, y1 + (j + 1) * m + k)
        for e in 0..<count { to[e] = from[e] + factor * kappaPrime * g[j * count + e] }
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
    let (a, sums) = (frame.outputWeights.pointer, partial.pointer)
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let (dz, value, slope) = matrices(thread)
      features.preactivations(v, k, count, into: dz)
      let own = values(frame, chunk, value, slope)
      cflow_weighted_sums_tangent(
        count, n, a + k, v + k, own.value, own.slope, dz, sums + chunk * n)
    }
    joinSums(into: df)
  }

  /// `y -= B e` with the frame's `B`.
  func shift(_ y: UnsafeMutablePointer<Double>, by e: StateVector, _ frame: ResidualFrame) {
    let (n, d, m) = (features.n, features.d, features.width)
    let factor = -scaling.kappa / Double(n)
    chunks.forEach { chunk, thread in
      let (k, count) = (chunks.start(chunk), chunks.length(chunk))
      let (p, value, slope) = matrices(thread)
      let g = motion.pointer + thread * (d + 2) * chunks.size
      let own = values(frame, chunk, value, slope)
      cflow_impulses(count, n, e.pointer, frame.outputWeights.pointer + k, own.slope, 0, p)
      features.inputSums(p, count, into: g, stride: count)
      for j in 0..<d {
        let to = y + (j + 1) * m + k
        for e in 0..<count { to[e] += factor * scaling.kappaPrime * g[j * count + e] }
      }
      cflow_weighted_values(
        count, n, factor / scaling.kappaPrime, e.pointer, own.value, y + k)
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
