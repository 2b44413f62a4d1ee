/// The Filippov problem of a neuron where kinks meet: which assignments of sides to the kinks carry themselves. Nothing
/// here has a state: what is asked follows from the residuals and the sign of alpha at that instant.
struct FilippovCorner {
  let problem: KinkProblem
  /// `e` at the instant.
  let residuals: [Double]
  /// The sign of alpha, 1 or -1.
  let sign: Double

  /// What to take where several assignments carry themselves.
  enum Preference {
    /// The one that holds most kinks.
    case mostHeld
    /// The one with the largest velocity: the loss falls fastest.
    case steepest
  }

  /// Whether `sides` carry themselves: each kink that holds has its equivalent control inside its range and, if in the
  /// corner, attracts; each free kink of the corner is left on its side or not re-entered. Returns the square of the
  /// velocity (over `alpha kappa/n`), or `nil`.
  func velocitySquared(_ sides: [Int8], at corner: [Int]) -> Double? {
    let (p, d) = (problem, problem.d)
    var held: [Int] = []
    for k in 0..<p.kinkCount where sides[k] == 0 {
      if held.count == d { return nil }
      held.append(k)
    }
    var sum = force(sides)
    if !held.isEmpty {
      guard let z = equivalentControl(held, sum) else { return nil }
      for (a, kink) in held.enumerated() {
        let whole = p.jump[kink] * residuals[p.sample[kink]]
        if sign * whole <= 0, corner.contains(kink) { return nil }
        guard z[a] / whole > 1e-13, z[a] / whole < 1 - 1e-13 else { return nil }
        add(z[a], p.row(kink), d, to: &sum)
      }
    }
    var scale = 0.0
    for i in 0..<p.n { scale = max(scale, abs(residuals[i]) * p.lengths.pointer[i] * p.lengths.pointer[i]) }
    for kink in corner where sides[kink] != 0 {
      let outwards = -sign * dot(sum, p.row(kink), d) * Double(sides[kink])
      if outwards < -1e-13 * scale { return nil }
    }
    return dot(sum, sum, d)
  }

  /// `sum_i e_i sigma'_i x_i` over what is not held: the first `d` coordinates.
  func force(_ sides: [Int8]) -> [Double] {
    let p = problem
    var sum = [Double](repeating: 0, count: p.d)
    if p.slope != 0 { for i in 0..<p.n { add(residuals[i] * p.slope, p.x(i), p.d, to: &sum) } }
    for k in 0..<p.kinkCount where sides[k] > 0 {
      add(residuals[p.sample[k]] * p.jump[k], p.row(k), p.d, to: &sum)
    }
    return sum
  }

  private func equivalentControl(_ held: [Int], _ force: [Double]) -> [Double]? {
    let (p, k) = (problem, held.count)
    var z = held.map { -dot(p.row($0), force, p.d) }
    var gram = [Double](repeating: 0, count: k * k)
    for a in 0..<k { for b in 0..<k { gram[a * k + b] = dot(p.row(held[a]), p.row(held[b]), p.d) } }
    return solveDense(k, &gram, &z) ? z : nil
  }

  /// Corners of up to this many kinks are resolved by trying all assignments.
  static let largestEnumerated = 6

  /// An assignment of a corner that carries itself, `nil` if none is found. `sides` says where the other kinks are, and
  /// where the neuron comes from.
  func wayOut(from sides: [Int8], corner: [Int], preferring preference: Preference) -> [Int8]? {
    if corner.count > Self.largestEnumerated { return wayOutOfMany(from: sides, corner: corner) }
    var way = sides
    var (best, bestScore) = ([Int8]?.none, -1.0)
    let assignments = corner.reduce(1) { count, _ in 3 * count }
    for number in 0..<assignments {
      var rest = number
      var held = 0.0
      for kink in corner {
        way[kink] = [-1, 1, 0][rest % 3]
        if rest % 3 == 2 { held += 1 }
        rest /= 3
      }
      guard let square = velocitySquared(way, at: corner) else { continue }
      let score = preference == .steepest ? square : held + 1
      if score > bestScore { (best, bestScore) = (way, score) }
    }
    return best
  }
}
