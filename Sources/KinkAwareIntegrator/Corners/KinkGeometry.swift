/// Where a neuron `x = (alpha, W)` stands among the kinks, to rounding.
extension KinkProblem {
  /// Whether all kinks go through `w = 0` and there is more than one.
  var kinksMeetAtOrigin: Bool { isHomogeneous && n > 1 }

  /// Whether `w = 0`, where they do.
  func isAtOrigin(_ x: UnsafePointer<Double>) -> Bool {
    // A tighter test made the choice depend on rounding.
    kinksMeetAtOrigin && dot(x + 1, x + 1, d) <= 1e-20 * x[0] * x[0]
  }

  /// Whether the neuron stands on `kink`, `size` being its ``closeness(_:)``.
  func isOn(_ kink: Int, _ x: UnsafePointer<Double>, _ size: Double) -> Bool {
    abs(dot(x + 1, row(kink), D)) <= size * squares.pointer[kink].squareRoot()
  }

  /// How close to a kink counts as on it, over its normal's length.
  func closeness(_ x: UnsafePointer<Double>) -> Double {
    1e-12 * (dot(x + 1, x + 1, D).squareRoot() + 1e-3 * abs(x[0]))
  }

  /// Puts `w` on a kink.
  func snap(_ x: UnsafeMutablePointer<Double>, _ kink: Int) {
    let row = row(kink)
    add(-dot(x + 1, row, D) / squares.pointer[kink], row, d, to: x + 1)
  }
}

extension Mode {
  /// Whether a neuron of the mode that has met `kink` stands on another one, too.
  func isInCorner(_ kink: Int, _ x: UnsafePointer<Double>) -> Bool {
    let size = problem.closeness(x)
    for other in 0..<problem.kinkCount where other != kink && side(other) != 0 && problem.isOn(other, x, size)
    {
      return true
    }
    return false
  }

  /// Puts `w` on all kinks that hold the mode.
  func project(_ x: UnsafeMutablePointer<Double>) {
    let p = problem
    if pattern.isAtRest {
      for c in 1...p.d { x[c] = 0 }
      return
    }
    let k = held.count
    if k == 1 { p.snap(x, held[0]) }
    if k < 2 { return }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: k * k + k) { scratch in
      let (gram, r) = (scratch.baseAddress!, scratch.baseAddress! + k * k)
      for (a, kink) in held.enumerated() {
        r[a] = dot(x + 1, p.row(kink), p.D)
        for (b, other) in held.enumerated() { gram[a * k + b] = dot(p.row(kink), p.row(other), p.d) }
      }
      guard solveDense(k, gram, r) else { return }
      for (a, kink) in held.enumerated() { add(-r[a], p.row(kink), p.d, to: x + 1) }
    }
  }
}
