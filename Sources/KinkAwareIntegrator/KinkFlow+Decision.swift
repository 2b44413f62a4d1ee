import CKinkFlow

/// Where a neuron goes from an event.
extension KinkFlow {
  /// The next mode where that can be told from modes already prepared, or ``Traced/undecided``; changes nothing but `x`.
  func decide(_ mode: Mode, _ item: Traced, _ x: UnsafeMutablePointer<Double>) -> Int32 {
    switch item.event {
    case Traced.isReleased:
      let next = mode.next[2 * item.release.kink + (item.release.isHigh ? 1 : 0)]
      guard next >= 0 else { return Traced.undecided }
      table[Int(next)]._withUnsafeGuaranteedRef { project(x, onto: $0) }
      return next
    case Traced.changesSign:
      return Traced.undecided
    default:
      let kink = mode.walls[Int(item.event)]
      if isNearZero(x) || isInCorner(mode, kink, x) { return Traced.undecided }
      let sign = x[0] >= 0 ? 1.0 : -1
      for place in 2 * kink...2 * kink + 1 {
        let next = mode.next[place]
        guard next >= 0 else { return Traced.undecided }
        let isDecided = table[Int(next)]._withUnsafeGuaranteedRef { to -> Bool? in
          if to.pathStamp != stamp { return nil }
          guard carriesItself(to, kink, sign, item.time) else { return false }
          snap(x, kink)
          project(x, onto: to)
          return true
        }
        guard let isDecided else { return Traced.undecided }
        if isDecided { return next }
      }
      return Traced.undecided
    }
  }

  /// Whether a mode entered through `kink` is left neither through it nor by letting go of one that it holds: equivalent
  /// controls lie inside their ranges, and the kinks that hold attract.
  private func carriesItself(_ mode: Mode, _ kink: Int, _ sign: Double, _ t: Double) -> Bool {
    for (a, held) in mode.held.enumerated() {
      let e = p.jump[held] * horner(P.pointer + p.sample[held], s, t, stride: n)
      let share = horner(mode.z + a * s, s, t) / e
      guard sign * e > 0, share > 1e-13, share < 1 - 1e-13 else { return false }
    }
    let side = Double(mode.side(kink))
    if side == 0 { return true }
    var rate = 0.0
    for c in 0..<p.d { rate += horner(mode.b + c, s, t, stride: p.D) * p.row(kink)[c] }
    return sign * side * rate >= -1e-13 * rateScale
  }

  /// The same choice, with modes made and corners resolved as need be; `nil` if kinks are linearly dependent.
  func resolve(_ mode: Mode, _ item: Traced, _ x: UnsafeMutablePointer<Double>) -> Mode? {
    for i in 0..<n { eAt.pointer[i] = horner(P.pointer + i, s, item.time, stride: n) }
    switch item.event {
    case Traced.isReleased:
      eventCounters.releases += 1
      return neighbour(mode, item.release.kink, item.release.isHigh ? 1 : -1)
    case Traced.changesSign:
      return leaveRepelling(mode, x)
    default:
      let kink = mode.walls[Int(item.event)]
      if !isNearZero(x), !isInCorner(mode, kink, x), let to = pass(mode, kink, x, item.time) { return to }
      let to = arrive(mode, kink, x)
      if to?.pattern.isStuck != true { snap(x, kink) }
      return to
    }
  }

  /// A crossing or a capture at a single kink, as in ``decide(_:_:_:)``.
  private func pass(_ mode: Mode, _ kink: Int, _ x: UnsafeMutablePointer<Double>, _ t: Double) -> Mode? {
    for side in [-mode.side(kink), 0] {
      guard let to = neighbour(mode, kink, side) else { continue }
      prepareMotion(to)
      guard carriesItself(to, kink, x[0] >= 0 ? 1 : -1, t) else { continue }
      snap(x, kink)
      if side == 0 { eventCounters.captures += 1 } else { eventCounters.crossings += 1 }
      return to
    }
    return nil
  }

  /// Of the rates `b.x`, for what counts as zero.
  func setRateScale() {
    var scale = 0.0
    for i in 0..<n { scale = max(scale, abs(e0.pointer[i]) * p.lengths.pointer[i] * p.lengths.pointer[i]) }
    rateScale = scale * p.kappa / Double(p.total) * H
  }

  /// Every kink meets where `w = 0`, if all go through it.
  func isNearZero(_ x: UnsafePointer<Double>) -> Bool {
    // A tighter test made the choice depend on rounding.
    p.isHomogeneous && n > 1 && dot(x + 1, x + 1, p.d) <= 1e-20 * x[0] * x[0]
  }

  /// Whether the neuron stands on `kink` to rounding.
  func isOn(_ kink: Int, _ x: UnsafePointer<Double>, _ size: Double) -> Bool {
    abs(dot(x + 1, p.row(kink), p.D)) <= size * p.squares.pointer[kink].squareRoot()
  }

  /// How close to a kink counts as on it, over its normal's length.
  func closeness(_ x: UnsafePointer<Double>) -> Double {
    1e-12 * (dot(x + 1, x + 1, p.D).squareRoot() + 1e-3 * abs(x[0]))
  }

  private func isInCorner(_ mode: Mode, _ kink: Int, _ x: UnsafePointer<Double>) -> Bool {
    let size = closeness(x)
    for other in 0..<p.kinkCount where other != kink && mode.side(other) != 0 && isOn(other, x, size) {
      return true
    }
    return false
  }

  /// Puts `w` on a kink.
  func snap(_ x: UnsafeMutablePointer<Double>, _ kink: Int) {
    let row = p.row(kink)
    add(-dot(x + 1, row, p.D) / p.squares.pointer[kink], row, p.d, to: x + 1)
  }

  /// Puts `w` on all kinks that hold the mode.
  func project(_ x: UnsafeMutablePointer<Double>, onto mode: Mode) {
    if mode.pattern.isStuck {
      for c in 1...p.d { x[c] = 0 }
      return
    }
    let k = mode.held.count
    if k == 1 { snap(x, mode.held[0]) }
    if k < 2 { return }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: k * k + k) { scratch in
      let (gram, r) = (scratch.baseAddress!, scratch.baseAddress! + k * k)
      for (a, kink) in mode.held.enumerated() {
        r[a] = dot(x + 1, p.row(kink), p.D)
        for (b, other) in mode.held.enumerated() { gram[a * k + b] = dot(p.row(kink), p.row(other), p.d) }
      }
      guard solveDense(k, gram, r) else { return }
      for (a, kink) in mode.held.enumerated() { add(-r[a], p.row(kink), p.d, to: x + 1) }
    }
  }
}
