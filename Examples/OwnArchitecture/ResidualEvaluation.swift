import Foundation
import Networks

/// A ``ResidualNetwork`` at `n` inputs: what a library asks of an architecture, in plain loops. The kernel comes for free.
final class ResidualEvaluation: ArchitectureEvaluation {
  private let network: ResidualNetwork
  private let x: Matrix
  /// `h_t` and `tanh(h_t)`, `t = 0...D`; a row for each sample.
  private var h: [Matrix] = []
  private var s: [Matrix] = []
  /// Their derivatives in the direction last given.
  private var dh: [Matrix] = []

  init(_ network: ResidualNetwork, _ inputs: Inputs) {
    self.network = network
    x = Matrix(inputs.count, inputs.dimension, inputs.values)
  }

  private var step: Double { 1 / Double(network.depth) }

  /// Block `i` of a vector of parameters.
  private func block(_ i: Int, of theta: Span<Double>) -> Matrix {
    let block = network.blocks[i]
    return Matrix(block.shape[0], block.shape[1], block.range.map { theta[$0] })
  }

  func evaluate(_ theta: Span<Double>, outputs f: inout MutableSpan<Double>) {
    h = [x.timesTransposed(block(0, of: theta))]
    s = [h[0].mapped(tanh)]
    for t in 1...network.depth {
      h.append(h[t - 1].plus(step, s[t - 1].timesTransposed(block(t, of: theta))))
      s.append(h[t].mapped(tanh))
    }
    write(h.last!.timesTransposed(block(network.depth + 1, of: theta)), to: &f)
  }

  private func write(_ rows: Matrix, to f: inout MutableSpan<Double>) {
    for i in 0..<rows.values.count { f[i] = network.kappa * rows.values[i] }
  }

  func tangent(_ theta: Span<Double>, direction v: Span<Double>, into df: inout MutableSpan<Double>) {
    dh = [x.timesTransposed(block(0, of: v))]
    for t in 1...network.depth {
      let ds = dh[t - 1].times(s[t - 1]) { dh, s in (1 - s * s) * dh }
      let change = s[t - 1].timesTransposed(block(t, of: v)).plus(1, ds.timesTransposed(block(t, of: theta)))
      dh.append(dh[t - 1].plus(step, change))
    }
    let last = network.depth + 1
    write(
      h.last!.timesTransposed(block(last, of: v)).plus(1, dh.last!.timesTransposed(block(last, of: theta))),
      to: &df)
  }

  /// Signals `p_t = d(r . f)/dh_t`, from the output backwards.
  private func signals(_ theta: Span<Double>, _ r: Span<Double>) -> [Matrix] {
    let weights = Matrix(x.rows, 1, (0..<x.rows).map { network.kappa * r[$0] })
    var p = [weights.times(block(network.depth + 1, of: theta))]
    for t in stride(from: network.depth, through: 1, by: -1) {
      p.insert(
        p[0].plus(step, p[0].times(block(t, of: theta)).times(s[t - 1]) { p, s in p * (1 - s * s) }), at: 0)
    }
    return p
  }

  func gradient(
    _ theta: Span<Double>, weights r: Span<Double>, factors: [Double], adds: Bool,
    into g: inout MutableSpan<Double>
  ) {
    let p = signals(theta, r)
    let weights = Matrix(x.rows, 1, (0..<x.rows).map { network.kappa * r[$0] })
    for i in network.blocks.indices {
      let part =
        switch i {
        case 0: p[0].transposedTimes(x)
        case network.depth + 1: weights.transposedTimes(h[network.depth])
        default: p[i].transposedTimes(s[i - 1]).scaled(step)
        }
      for (k, at) in network.blocks[i].range.enumerated() {
        g[at] = (adds ? g[at] : 0) + factors[i] * part.values[k]
      }
    }
  }

  func gradientTangent(
    _ theta: Span<Double>, direction v: Span<Double>, weights r: Span<Double>, weightsTangent q: Span<Double>,
    factors: [Double], into g: inout MutableSpan<Double>
  ) {
    let (p, last) = (signals(theta, r), network.depth + 1)
    let weights = Matrix(x.rows, 1, (0..<x.rows).map { network.kappa * r[$0] })
    let moved = Matrix(x.rows, 1, (0..<x.rows).map { network.kappa * q[$0] })
    func set(_ i: Int, _ part: Matrix, _ g: inout MutableSpan<Double>) {
      for (k, at) in network.blocks[i].range.enumerated() { g[at] = factors[i] * part.values[k] }
    }
    set(last, moved.transposedTimes(h[network.depth]).plus(1, weights.transposedTimes(dh[network.depth])), &g)
    var dp = moved.times(block(last, of: theta)).plus(1, weights.times(block(last, of: v)))
    for t in stride(from: network.depth, through: 1, by: -1) {
      let ds = dh[t - 1].times(s[t - 1]) { dh, s in (1 - s * s) * dh }
      set(t, dp.transposedTimes(s[t - 1]).plus(1, p[t].transposedTimes(ds)).scaled(step), &g)
      let inner = dp.times(block(t, of: theta)).plus(1, p[t].times(block(t, of: v)))
      let bend = p[t].times(block(t, of: theta)).times(ds) { p, ds in p * ds }
      let first = inner.times(s[t - 1]) { inner, s in inner * (1 - s * s) }
      // tanh'' dh = -2 tanh ds.
      dp = dp.plus(step, first.plus(-2, bend.times(s[t - 1]) { bend, s in bend * s }))
    }
    set(0, dp.transposedTimes(x), &g)
  }
}
