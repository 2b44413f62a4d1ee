/// Corners of many kinks.
///
/// Where all kinks attract, the velocity is that of a convex problem: with `g_j = |jump_j e_j|` and `q` the force of the
/// rest, `u_j` in `[0, g_j]` minimise `|q + sum_j u_j x_j|^2`. Its Karush-Kuhn-Tucker conditions say that a kink is left to
/// the side on which `u_j` is (0: low, `g_j`: high), or holds. It always has a solution, and one velocity.
extension KinkFlow {
  /// An assignment that carries itself: attracting kinks by the convex problem, repelling ones on the sides to which the
  /// velocity leads, found by iteration. `nil` if that does not settle.
  func wayOutOfLarge(_ start: [Int8], _ corner: [Int], _ sign: Double) -> [Int8]? {
    let attracting = corner.filter { sign * p.jump[$0] * eAt.pointer[p.sample[$0]] > 0 }
    let repelling = corner.filter { !attracting.contains($0) }
    for first in [nil, -1, 1] as [Int8?] {
      var way = start
      if let first { for kink in repelling { way[kink] = first } }
      for kink in repelling where way[kink] == 0 { way[kink] = 1 }
      for _ in 0..<2 * corner.count + 2 {
        let v = settle(&way, attracting, sign)
        if velocity(way, corner, sign) != nil { return way }
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
  private func settle(_ way: inout [Int8], _ attracting: [Int], _ sign: Double) -> [Double] {
    for kink in attracting { way[kink] = -1 }
    force(way, into: workN.pointer)
    let q = (0..<p.d).map { sign * workN.pointer[$0] }
    let bounds = attracting.map { abs(p.jump[$0] * eAt.pointer[p.sample[$0]]) }
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

/// `u` in `[0, bounds]` that minimises `|q + sum_j u_j rows_j|^2`, and of each `u_j` whether it is at its lower bound (-1),
/// its upper one (1) or free (0).
///
/// Source: Stark, Parker, *Bounded-variable least squares*, Computational Statistics 10 (1995).
func boundedLeastSquares(_ q: [Double], _ rows: [[Double]], _ bounds: [Double]) -> (
  u: [Double], sides: [Int8]
) {
  let (count, d) = (rows.count, q.count)
  var u = [Double](repeating: 0, count: count)
  var sides = [Int8](repeating: -1, count: count)
  func residual() -> [Double] {
    var r = q
    for j in 0..<count { add(u[j], rows[j], d, to: &r) }
    return r
  }
  let scale = (q.map(abs).max() ?? 0) + zip(bounds, rows).reduce(0) { $0 + $1.0 * ($1.1.map(abs).max() ?? 0) }
  for _ in 0..<10 * (count + 1) {
    // The bound that hinders most is set free.
    let r = residual()
    var (entering, most) = (-1, 1e-13 * scale)
    for j in 0..<count where sides[j] != 0 {
      let gain = Double(sides[j]) * dot(rows[j], r, d) / dot(rows[j], rows[j], d).squareRoot()
      if gain > most { (entering, most) = (j, gain) }
    }
    if entering < 0 { break }
    sides[entering] = 0
    // Free ones go to their minimum, or as far towards it as bounds allow.
    while true {
      let free = (0..<count).filter { sides[$0] == 0 }
      let r = residual()
      var step = free.map { -dot(rows[$0], r, d) }
      var gram = free.flatMap { a in free.map { dot(rows[a], rows[$0], d) } }
      guard !free.isEmpty, solveDense(free.count, &gram, &step) else { break }
      var (fraction, blocking) = (1.0, -1)
      for (a, j) in free.enumerated() {
        let room = step[a] > 0 ? bounds[j] - u[j] : -u[j]
        if step[a] != 0, room / step[a] < fraction { (fraction, blocking) = (max(room / step[a], 0), a) }
      }
      for (a, j) in free.enumerated() { u[j] += fraction * step[a] }
      if blocking < 0 { break }
      sides[free[blocking]] = step[blocking] > 0 ? 1 : -1
      u[free[blocking]] = step[blocking] > 0 ? bounds[free[blocking]] : 0
    }
  }
  return (u, sides)
}
