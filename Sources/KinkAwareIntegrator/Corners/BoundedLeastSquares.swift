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
