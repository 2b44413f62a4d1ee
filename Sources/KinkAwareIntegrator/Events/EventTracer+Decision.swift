import CKinkFlow

/// Where a neuron goes from an event.
extension EventTracer {
  /// The next mode where that can be told from modes already prepared, or ``Traced/undecided``; changes nothing but `x`.
  func decide(_ mode: Mode, _ item: Traced, _ x: UnsafeMutablePointer<Double>) -> Int32 {
    switch item.event {
    case Traced.isReleased:
      if mode.pattern.isAtRest { return Traced.undecided }
      let next = mode.next[2 * item.release.kink + (item.release.isHigh ? 1 : 0)]
      guard next >= 0 else { return Traced.undecided }
      modes.with(Int(next)) { $0.project(x) }
      return next
    case Traced.changesSign:
      return Traced.undecided
    default:
      let kink = mode.walls[Int(item.event)]
      if problem.isAtOrigin(x) || mode.isInCorner(kink, x) { return Traced.undecided }
      let sign = x[0] >= 0 ? 1.0 : -1
      for place in 2 * kink...2 * kink + 1 {
        let next = mode.next[place]
        guard next >= 0 else { return Traced.undecided }
        let isDecided = modes.with(Int(next)) { to -> Bool? in
          if to.motion.path != path.number { return nil }
          guard carriesItself(to, kink, sign, item.time) else { return false }
          problem.snap(x, kink)
          to.project(x)
          return true
        }
        guard let isDecided else { return Traced.undecided }
        if isDecided { return next }
      }
      return Traced.undecided
    }
  }

  /// Whether a mode entered through `kink` is left neither through it nor by letting go of a kink that it holds on:
  /// equivalent controls lie inside their ranges, and the kinks that hold attract.
  private func carriesItself(_ mode: Mode, _ kink: Int, _ sign: Double, _ t: Double) -> Bool {
    let (p, s) = (problem, path.s)
    for (a, held) in mode.held.enumerated() {
      let e = p.jump[held] * path.value(p.sample[held], at: t)
      let share = horner(mode.motion.z + a * s, s, t) / e
      guard sign * e > 0, share > 1e-13, share < 1 - 1e-13 else { return false }
    }
    let side = Double(mode.side(kink))
    if side == 0 { return true }
    var rate = 0.0
    for c in 0..<p.d { rate += horner(mode.motion.b + c, s, t, stride: p.D) * p.row(kink)[c] }
    return sign * side * rate >= -1e-13 * path.rateScale
  }

  /// The same choice, with modes made and corners resolved as need be.
  ///
  /// - Throws: ``StepFailure/dependentKinks``.
  func resolve(
    _ mode: Mode, _ item: inout Traced, _ x: UnsafeMutablePointer<Double>
  ) throws(StepFailure) -> Mode {
    switch item.event {
    case Traced.isReleased:
      counts.releases += 1
      if mode.pattern.isAtRest { return try leaveOrigin(x, &item) }
      return try modes.neighbour(mode, item.release.kink, item.release.isHigh ? 1 : -1)
    case Traced.changesSign:
      return try leaveRepelling(mode, x, item.time)
    default:
      let kink = mode.walls[Int(item.event)]
      if problem.isAtOrigin(x) { return try leaveOrigin(x, &item) }
      if !mode.isInCorner(kink, x), let to = pass(mode, kink, x, item.time) { return to }
      let to = try arrive(mode, kink, x, item.time)
      problem.snap(x, kink)
      return to
    }
  }

  /// A crossing or a capture at a single kink, as in ``decide(_:_:_:)``.
  private func pass(_ mode: Mode, _ kink: Int, _ x: UnsafeMutablePointer<Double>, _ t: Double) -> Mode? {
    for side in [-mode.side(kink), 0] {
      guard let to = try? modes.neighbour(mode, kink, side) else { continue }
      to.prepareMotion(along: path)
      guard carriesItself(to, kink, x[0] >= 0 ? 1 : -1, t) else { continue }
      problem.snap(x, kink)
      if side == 0 { counts.captures += 1 } else { counts.crossings += 1 }
      return to
    }
    return nil
  }

  /// A neuron that has met a kink where others are near: it crosses, is held, or stands in a corner.
  private func arrive(
    _ mode: Mode, _ kink: Int, _ x: UnsafePointer<Double>, _ t: Double
  ) throws(StepFailure) -> Mode {
    let p = problem
    let corner = FilippovCorner(problem: p, residuals: path.values(at: t), sign: x[0] >= 0 ? 1 : -1)
    let size = p.closeness(x)
    let near = (0..<p.kinkCount).filter { $0 == kink || mode.side($0) == 0 || p.isOn($0, x, size) }
    var sides = mode.pattern.array
    for side in [-mode.side(kink), 0] {
      sides[kink] = side
      guard corner.velocitySquared(sides, at: near) != nil else { continue }
      if side == 0 { counts.captures += 1 } else { counts.crossings += 1 }
      return try modes.neighbour(mode, kink, side)
    }
    sides[kink] = -mode.side(kink)
    guard let way = corner.wayOut(from: sides, corner: near, preferring: .mostHeld) else {
      counts.unresolved += 1
      return try modes.neighbour(mode, kink, -mode.side(kink))
    }
    if (0..<p.kinkCount).contains(where: { way[$0] == 0 && mode.side($0) != 0 }) {
      counts.captures += 1
    } else {
      counts.crossings += 1
    }
    return try modes.mode(way)
  }

  /// A neuron at `w = 0`: descends from there, or rests.
  private func leaveOrigin(_ x: UnsafeMutablePointer<Double>, _ item: inout Traced) throws(StepFailure)
    -> Mode
  {
    let corner = FilippovCorner(
      problem: problem, residuals: path.values(at: item.time), sign: x[0] >= 0 ? 1 : -1)
    let to = try modes.modeFromOrigin(corner)
    for c in 1...problem.d { x[c] = 0 }
    item.metOrigin = true
    counts.throughZero += 1
    if to.pattern.isAtRest { counts.heldAtZero += 1 }
    return to
  }

  /// alpha changes sign while the neuron slides: the kinks now repel. A curve of maximal slope leaves, on the steeper side.
  /// The new sign of alpha is that of `alpha' = b.W`.
  private func leaveRepelling(
    _ mode: Mode, _ x: UnsafePointer<Double>, _ t: Double
  ) throws(StepFailure) -> Mode {
    counts.signChanges += 1
    let residuals = path.values(at: t)
    let corner = FilippovCorner(
      problem: problem, residuals: residuals, sign: mode.outputRate(x, residuals) >= 0 ? 1 : -1)
    let way = corner.wayOut(from: mode.pattern.array, corner: Array(mode.held), preferring: .steepest)
    guard let way else {
      counts.unresolved += 1
      return mode
    }
    return try modes.mode(way)
  }
}
