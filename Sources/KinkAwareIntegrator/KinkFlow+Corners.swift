/// Filippov's convex combinations where a neuron meets a kink, or several at once. The residuals are those in ``eAt``.
extension KinkFlow {
  /// Whether `sides` carry themselves: each kink that holds has its equivalent control inside its range and, if in the
  /// corner, attracts; each free kink of the corner is left on its side or not re-entered. `sign` is that of alpha. Returns
  /// the square of the velocity, or `nil`.
  func velocity(_ sides: UnsafePointer<Int8>, _ corner: [Int], _ sign: Double) -> Double? {
    let (d, e) = (p.d, eAt.pointer)
    var held: [Int] = []
    for k in 0..<p.kinkCount where sides[k] == 0 {
      if held.count == d { return nil }
      held.append(k)
    }
    let sum = workN.pointer
    force(sides, into: sum)
    if !held.isEmpty {
      guard let z = equivalentControl(held, sum) else { return nil }
      for (a, kink) in held.enumerated() {
        let whole = p.jump[kink] * e[p.sample[kink]]
        if sign * whole <= 0, corner.contains(kink) { return nil }
        guard z[a] / whole > 1e-13, z[a] / whole < 1 - 1e-13 else { return nil }
        add(z[a], p.row(kink), d, to: sum)
      }
    }
    var scale = 0.0
    for i in 0..<n { scale = max(scale, abs(e[i]) * p.lengths.pointer[i] * p.lengths.pointer[i]) }
    for kink in corner where sides[kink] != 0 {
      let outwards = -sign * dot(sum, p.row(kink), d) * Double(sides[kink])
      if outwards < -1e-13 * scale { return nil }
    }
    return dot(sum, sum, d)
  }

  /// `sum_i e_i sigma'_i x_i` over what is not held: the first `d` coordinates.
  func force(_ sides: UnsafePointer<Int8>, into sum: UnsafeMutablePointer<Double>) {
    let e = eAt.pointer
    for c in 0..<p.d { sum[c] = 0 }
    if p.slope != 0 { for i in 0..<n { add(e[i] * p.slope, p.x(i), p.d, to: sum) } }
    for k in 0..<p.kinkCount where sides[k] > 0 { add(e[p.sample[k]] * p.jump[k], p.row(k), p.d, to: sum) }
  }

  private func equivalentControl(_ held: [Int], _ force: UnsafePointer<Double>) -> [Double]? {
    let k = held.count
    var z = held.map { -dot(p.row($0), force, p.d) }
    var gram = [Double](repeating: 0, count: k * k)
    for a in 0..<k { for b in 0..<k { gram[a * k + b] = dot(p.row(held[a]), p.row(held[b]), p.d) } }
    return solveDense(k, &gram, &z) ? z : nil
  }

  /// A neuron that has met a kink where others are near: it crosses, is held, or stands in a corner.
  func arrive(_ mode: Mode, _ kink: Int, _ x: UnsafePointer<Double>) -> Mode? {
    let sign = x[0] >= 0 ? 1.0 : -1
    if isNearZero(x) { return throughZero(mode, sign) }
    let size = closeness(x)
    let corner = (0..<p.kinkCount).filter { $0 == kink || mode.side($0) == 0 || isOn($0, x, size) }
    let sides = otherSides.pointer
    sides.update(from: mode.pattern.sides, count: p.kinkCount)
    for side in [-mode.side(kink), 0] {
      sides[kink] = side
      guard velocity(sides, corner, sign) != nil else { continue }
      if side == 0 { eventCounters.captures += 1 } else { eventCounters.crossings += 1 }
      return neighbour(mode, kink, side)
    }
    sides[kink] = -mode.side(kink)
    guard let way = wayOut(sides, corner, sign, isSteepest: false) else {
      eventCounters.unresolved += 1
      return neighbour(mode, kink, -mode.side(kink))
    }
    if (0..<p.kinkCount).contains(where: { way[$0] == 0 && mode.side($0) != 0 }) {
      eventCounters.captures += 1
    } else {
      eventCounters.crossings += 1
    }
    return self.mode(way)
  }

  /// Corners of up to this many kinks are resolved by trying all assignments.
  static let largestEnumeratedCorner = 6

  /// An assignment of a corner that carries itself: the one that holds most kinks, or, if `isSteepest`, the one with the
  /// largest velocity. `sides` says where the other kinks are, and where the neuron comes from.
  func wayOut(
    _ sides: UnsafePointer<Int8>, _ corner: [Int], _ sign: Double, isSteepest: Bool
  ) -> [Int8]? {
    var way = [Int8](UnsafeBufferPointer(start: sides, count: p.kinkCount))
    if corner.count > Self.largestEnumeratedCorner { return wayOutOfLarge(way, corner, sign) }
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
      guard let square = velocity(way, corner, sign) else { continue }
      let score = isSteepest ? square : held + 1
      if score > bestScore { (best, bestScore) = (way, score) }
    }
    return best
  }

  /// alpha changes sign while the neuron slides: the kinks now repel. A curve of maximal slope leaves, on the steeper side.
  /// The new sign of alpha is that of `alpha' = b.W`.
  func leaveRepelling(_ mode: Mode, _ x: UnsafePointer<Double>) -> Mode? {
    eventCounters.signChanges += 1
    let rate = outputRate(mode, x)
    guard let way = wayOut(mode.pattern.sides, Array(mode.held), rate >= 0 ? 1 : -1, isSteepest: true) else {
      eventCounters.unresolved += 1
      return mode
    }
    return self.mode(way)
  }

  /// `alpha'` but for a positive factor.
  func outputRate(_ mode: Mode, _ x: UnsafePointer<Double>) -> Double {
    let e = eAt.pointer
    var rate = 0.0
    for i in 0..<n {
      rate -= e[i] * mode.slopes[i] * dot(x + 1, p.x(i), p.d)
      if !p.isHomogeneous { rate -= e[i] * mode.offsets[i] }
    }
    return rate
  }
}
