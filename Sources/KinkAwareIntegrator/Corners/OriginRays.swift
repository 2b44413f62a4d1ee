import CKinkFlow

/// The rays along the kinks of the plane, from `w = 0`, where all kinks meet.
///
/// There the loss changes by `g(u) |w| (kappa/(n kappa')) |alpha|`, `g(u) = sign(alpha) sum_i e_i sigma(x_i.u)`, to first
/// order in `w = |w| u`. On each cone between neighbouring rays `g` is linear: it is negative somewhere if and only if it
/// is so on a ray.
final class OriginRays {
  private let n: Int
  private let count: Int
  /// count x n: `sigma(x_i.u)`, exactly 0 on a ray's own kink.
  private let outputs: UnsafeMutablePointer<Double>
  /// `|x_i|`.
  private let reach: [Double]

  /// `g` counts as negative from this on, relative to the largest `|e_i| |x_i|`: above the rounding with which
  /// ``FilippovCorner/descentFromOrigin()`` then looks for the way.
  private static let threshold = 1e-10

  init(_ p: KinkProblem) {
    precondition(p.d == 2 && p.isHomogeneous)
    (n, count) = (p.n, 2 * p.kinkCount)
    outputs = doubles(count * n)
    reach = (0..<p.n).map { p.lengths.pointer[$0] }
    for kink in 0..<p.kinkCount {
      let row = p.row(kink)
      let length = p.squares.pointer[kink].squareRoot()
      for (turn, sign) in [-1.0, 1.0].enumerated() {
        let u = [-sign * row[1] / length, sign * row[0] / length]
        let output = outputs + (2 * kink + turn) * n
        for i in 0..<n { output[i] = p.slope * dot(u, p.x(i), 2) }
        for other in 0..<p.kinkCount where other != kink {
          output[p.sample[other]] += p.jump[other] * max(dot(u, p.row(other), 2), 0)
        }
      }
    }
  }

  deinit { outputs.deallocate() }

  /// The first time after `t0` from which on `g` is negative on some ray, along the path *and* along the one through
  /// its `e0`, as in ``Mode/release(along:after:)``; `CKINK_FAR` if there is none.
  func firstDescent(along path: ResidualPath, _ sign: Double, after t0: Double) -> Double {
    let (s, K) = (path.s, path.s + 1)
    let (P, e0) = (path.coefficients.pointer, path.start.pointer)
    var scale = 0.0
    for i in 0..<n { scale = max(scale, abs(e0[i]) * reach[i]) }
    var first = CKINK_FAR
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * K) { scratch in
      let (g, through) = (scratch.baseAddress!, scratch.baseAddress! + K)
      for ray in 0..<count {
        let output = outputs + ray * n
        for k in 0..<s { g[k] = sign * dot(output, P + k * n, n) }
        g[s] = 0
        let defect = sign * dot(output, e0, n) - g[0]
        g[0] += Self.threshold * scale
        for k in 0...s { through[k] = g[k] + defect * path.collocation.atStart[k] }
        first = min(first, firstBothNegative(g, through, K, after: t0, before: first))
      }
    }
    return first
  }
}
