import CKinkFlow

/// The modes.
extension KinkFlow {
  /// The mode with these sides, made if there is none; `nil` if kinks that would hold it are linearly dependent.
  func mode(_ sides: UnsafePointer<Int8>, isStuck: Bool = false) -> Mode? {
    let pattern = Pattern(sides: sides, count: p.kinkCount, isStuck: isStuck)
    if let known = index[pattern] { return modes[known] }
    let held = (0..<p.kinkCount).filter { sides[$0] == 0 }
    let made = Mode(
      index: modes.count, pattern: pattern, p, nodes: nodes,
      walls: isStuck
        ? [] : (0..<p.kinkCount).filter { sides[$0] != 0 && (!held.isEmpty || isWall($0, sides)) },
      held: held)
    fillSlopes(made)
    guard isStuck || held.isEmpty || fillControl(made) else { return nil }
    made.path.ends_at_sign_change = !held.isEmpty && !isStuck && !staysOnRidges
    adopt(made)
    counters.modes += 1
    return made
  }

  /// The mode that differs from `mode` in one side.
  func neighbour(_ mode: Mode, _ kink: Int, _ side: Int8) -> Mode? {
    let isHeld = mode.side(kink) == 0
    let place = 2 * kink + (isHeld ? (side > 0 ? 1 : 0) : (side == 0 ? 1 : 0))
    let known = Int(mode.next[place])
    if known >= 0 { return modes[known] }
    let sides = self.sides.pointer
    sides.update(from: mode.pattern.sides, count: p.kinkCount)
    sides[kink] = side
    guard let found = self.mode(sides) else { return nil }
    mode.next[place] = Int32(found.index)
    return found
  }

  /// `slopes_i = slope + sum of the jumps passed`, and the offset that keeps sigma continuous.
  private func fillSlopes(_ mode: Mode) {
    for i in 0..<n {
      mode.slopes[i] = p.slope
      if !p.isHomogeneous { mode.offsets[i] = p.offset }
    }
    for k in 0..<p.kinkCount where mode.side(k) > 0 {
      mode.slopes[p.sample[k]] += p.jump[k]
      if !p.isHomogeneous { mode.offsets[p.sample[k]] += p.jump[k] * p.row(k)[p.d] }
    }
  }

  /// The equivalent control keeps `X_S b = 0`: `X_S X_S^T z = -X_S sum_i e_i slope_i x_i`.
  private func fillControl(_ mode: Mode) -> Bool {
    let (held, d) = (mode.held, p.d)
    var gram = [Double](repeating: 0, count: held.count * held.count)
    for (a, kink) in held.enumerated() {
      for (c, other) in held.enumerated() { gram[a * held.count + c] = dot(p.row(kink), p.row(other), d) }
      for i in 0..<n { mode.Z[a * n + i] = -dot(p.row(kink), p.x(i), d) * mode.slopes[i] }
    }
    return solveDense(held.count, &gram, mode.Z, columns: n)
  }

  /// Row i of `(slope_i x_i, offset_i)`, D values.
  @inline(__always)
  func outputRow(_ mode: Mode, _ i: Int, into row: UnsafeMutablePointer<Double>) {
    let x = p.x(i)
    for c in 0..<p.d { row[c] = mode.slopes[i] * x[c] }
    if !p.isHomogeneous { row[p.d] = mode.offsets[i] }
  }

  /// Whether a free neuron can reach the kink: in the plane, with all kinks through zero, a cone has two walls.
  private func isWall(_ kink: Int, _ sides: UnsafePointer<Int8>) -> Bool {
    guard p.isHomogeneous, p.d == 2 else { return true }
    let row = p.row(kink)
    for sign in [-1.0, 1.0] {
      let (w0, w1) = (-sign * row[1], sign * row[0])
      let bounds = (0..<p.kinkCount).allSatisfy {
        $0 == kink || Double(sides[$0]) * (w0 * p.row($0)[0] + w1 * p.row($0)[1]) >= -1e-14
      }
      if bounds { return true }
    }
    return false
  }

  /// Modes without neurons are forgotten, the others numbered anew.
  func dropEmptyModes() {
    index.removeAll(keepingCapacity: true)
    modes.removeAll { $0.neurons.count == 0 }
    for (number, mode) in modes.enumerated() {
      mode.index = number
      index[mode.pattern] = number
      table[number] = .passUnretained(mode)
      for k in 0..<2 * p.kinkCount { mode.next[k] = -1 }
    }
  }
}
