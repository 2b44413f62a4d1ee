/// Corners of many kinks.
///
/// Where all kinks attract, the velocity is that of a convex problem: with `g_j = |jump_j e_j|` and `q` the force of the
/// rest, `u_j` in `[0, g_j]` minimise `|q + sum_j u_j x_j|^2`. Its Karush-Kuhn-Tucker conditions say that a kink is left to
/// the side on which `u_j` is (0: low, `g_j`: high), or holds. It always has a solution, and one velocity.
extension FilippovCorner {
  /// An assignment that carries itself: attracting kinks by the convex problem, repelling ones on the sides to which the
  /// velocity leads, found by iteration. `nil` if that does not settle.
  func wayOutOfMany(from start: [Int8], corner: [Int]) -> [Int8]? {
    let p = problem
    let attracting = corner.filter { sign * p.jump[$0] * residuals[p.sample[$0]] > 0 }
    let repelling = corner.filter { !attracting.contains($0) }
    for first in [nil, -1, 1] as [Int8?] {
      var way = start
      if let first { for kink in repelling { way[kink] = first } }
      for kink in repelling where way[kink] == 0 { way[kink] = 1 }
      for _ in 0..<2 * corner.count + 2 {
        let v = settle(&way, attracting)
        if velocitySquared(way, at: corner) != nil { return way }
        var isSettled = true
        for kink in repelling {
          let side: Int8 = dot(v, p.row(kink), p.d) < 0 ? 1 : -1
          if side != way[kink] { isSettled = false }
          way[kink] = side
        }
        if isSettled { break }
      }
    }
    return nil
  }

  /// Puts attracting kinks where the convex problem has them, others as they are; returns `sign (q + sum u x)`, the
  /// opposite of the velocity's direction.
  private func settle(_ way: inout [Int8], _ attracting: [Int]) -> [Double] {
    let p = problem
    for kink in attracting { way[kink] = -1 }
    let q = force(way).map { sign * $0 }
    let bounds = attracting.map { abs(p.jump[$0] * residuals[p.sample[$0]]) }
    let (u, sides) = boundedLeastSquares(
      q, attracting.map { Array(UnsafeBufferPointer(start: p.row($0), count: p.d)) }, bounds)
    var v = q
    for (a, kink) in attracting.enumerated() {
      way[kink] = sides[a]
      add(u[a], p.row(kink), p.d, to: &v)
    }
    return v
  }
}
