import CDeepKernels
import ODECore

/// The kernel of a ``DeepEvaluation``, and the signals of every output at every sample, which it is made of.
final class DeepKernels {
  /// `p_l`, `n c x m_l`: row `i c + q` is the signal of output `q` at sample `i`.
  private let signals: [StateVector]
  /// The same before `sigma'` multiplies them, where units are followed.
  private let ahead: [StateVector]
  /// `a a^T`, `n x n`, and `p p^T`, `n c x n c`.
  private let featureGram: StateVector
  private let signalGram: StateVector
  private let threads: Int
  private let units: [Int]

  private static let tileSize = 128

  init(_ e: DeepEvaluation) {
    let rows = e.n * e.c
    units = e.layers.map(\.units)
    signals = units.dropLast().map { StateVector(count: rows * $0) }
    ahead = e.kinks == nil ? [] : units.dropLast().map { StateVector(count: rows * $0) }
    featureGram = StateVector(count: e.n * e.n)
    signalGram = StateVector(count: rows * rows)
    threads = e.threads
  }

  /// Writes the lower triangle of `J diag(factors) J^T` to `k`.
  func evaluate(
    _ e: DeepEvaluation, _ weights: some LayerWeights, _ factors: [Double],
    into k: UnsafeMutablePointer<Double>
  ) {
    let rows = e.n * e.c
    k.update(repeating: 0, count: rows * rows)
    backpropagate(e, weights)
    e.hasUnitSignals = true
    for l in 0...e.depth {
      let place = e.network.places[l]
      gram(e.features(l), e.n, e.layers[l].inputs, into: featureGram.pointer)
      guard l < e.depth else {
        addOutputLayer(e, factors[place.weights], into: k)
        return
      }
      gram(signals[l].pointer, rows, units[l], into: signalGram.pointer)
      // A bias is a weight from a constant 1.
      let constant = place.bias.map { factors[$0] } ?? 0
      cdeep_hadamard(
        e.n, e.c, factors[place.weights], constant, featureGram.pointer, signalGram.pointer, k)
      if let kinks = e.kinks, kinks.counts[l] > 0 {
        cdeep_project_held(
          units[l], e.n, e.c, factors[place.weights], constant, featureGram.pointer, kinks.masks[l],
          signals[l].pointer, k)
      }
    }
  }

  /// The signal of output `q` is `kappa` there and zero at the other outputs.
  private func addOutputLayer(_ e: DeepEvaluation, _ factor: Double, into k: UnsafeMutablePointer<Double>) {
    let (rows, scale) = (e.n * e.c, factor * e.network.kappa * e.network.kappa)
    for i in 0..<e.n {
      for j in 0...i {
        for q in 0..<e.c { k[(i * e.c + q) * rows + j * e.c + q] += scale * featureGram.pointer[i * e.n + j] }
      }
    }
  }

  private func backpropagate(_ e: DeepEvaluation, _ weights: some LayerWeights) {
    let (last, top) = (e.depth - 1, weights.top)
    for i in 0..<e.n {
      for q in 0..<e.c {
        let row = signals[last].pointer + (i * e.c + q) * units[last]
        row.update(from: top + q * units[last], count: units[last])
        for k in 0..<units[last] { row[k] *= e.network.kappa }
      }
    }
    scale(e, last)
    for l in stride(from: last - 1, through: 0, by: -1) {
      weights.backward(l + 1, e.n * e.c, signals[l + 1].pointer, into: signals[l].pointer)
      scale(e, l)
    }
  }

  private func scale(_ e: DeepEvaluation, _ l: Int) {
    if e.kinks != nil { ahead[l].pointer.update(from: signals[l].pointer, count: signals[l].count) }
    for row in 0..<e.n * e.c {
      cdeep_scale(
        units[l], e.slopes[l].pointer + row / e.c * units[l], signals[l].pointer + row * units[l])
    }
  }

  /// The evaluation's signals for the weights `r`, as sums of those here.
  func combine(_ e: DeepEvaluation, _ r: UnsafePointer<Double>) {
    for i in 0..<e.n * e.c { e.outputSignal.pointer[i] = e.network.kappa * r[i] }
    for l in 0..<e.depth {
      let target = e.signals[l].pointer
      target.update(repeating: 0, count: e.signals[l].count)
      for row in 0..<e.n * e.c {
        cdeep_add(units[l], r[row], signals[l].pointer + row * units[l], target + row / e.c * units[l])
      }
    }
  }

  /// `sum_q p_q r_q` for each sample with the signals `p` before `sigma'` multiplies them; `n x m_l`.
  func impulses(
    _ e: DeepEvaluation, _ l: Int, _ r: UnsafePointer<Double>, into result: UnsafeMutablePointer<Double>
  ) {
    result.update(repeating: 0, count: e.n * units[l])
    for row in 0..<e.n * e.c {
      cdeep_add(units[l], r[row], ahead[l].pointer + row * units[l], result + row / e.c * units[l])
    }
  }

  /// The lower triangle of `a a^T`, by tiles whose split among threads changes no bit.
  private func gram(
    _ a: UnsafePointer<Double>, _ rows: Int, _ inner: Int, into g: UnsafeMutablePointer<Double>
  ) {
    let side = (rows + Self.tileSize - 1) / Self.tileSize
    FixedChunks(total: side * (side + 1) / 2, size: 1, threads: threads).forEach { tile, _ in
      var (row, column) = (0, tile)
      while column > row {
        column -= row + 1
        row += 1
      }
      let (i, j) = (row * Self.tileSize, column * Self.tileSize)
      cdeep_gram(
        min(Self.tileSize, rows - i), min(Self.tileSize, rows - j), inner, a + i * inner, a + j * inner,
        inner,
        g + i * rows + j, rows)
    }
  }
}
