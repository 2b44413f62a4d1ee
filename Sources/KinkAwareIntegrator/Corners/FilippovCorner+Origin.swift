/// `w = 0`, where all kinks meet if all go through it.
///
/// There a neuron may have several ways out, and may stay as well: all are solutions in Filippov's sense. It takes the
/// steepest, as a minimising movement does: the step of length h from `w = 0` that minimises `|w|^2/(2h) + R` goes, as h
/// tends to 0, in the direction in which R falls fastest. Where R falls in no direction it stays.
extension FilippovCorner {
  /// The sides on which the loss falls fastest from `w = 0`; `nil` if it falls nowhere: then the neuron rests.
  ///
  /// In the plane that is decided; in more dimensions a descent may be missed.
  func descentFromOrigin() -> [Int8]? {
    problem.d == 2 ? descentInPlane() : descentInSpace()
  }

  /// The better of two ways out, if any moves at all.
  private struct Steepest {
    var sides: [Int8]?
    /// The square of its speed; below this one it counts as none.
    var square: Double

    mutating func consider(_ sides: [Int8], _ square: Double?) {
      if let square, square > self.square { (self.sides, self.square) = (sides, square) }
    }
  }

  private var none: Steepest {
    var scale = 0.0
    for i in 0..<problem.n {
      scale = max(scale, abs(residuals[i]) * problem.lengths.pointer[i])
    }
    return Steepest(square: (1e-12 * scale) * (1e-12 * scale))
  }

  /// All cones and all rays.
  private func descentInPlane() -> [Int8]? {
    let all = Array(0..<problem.kinkCount)
    var steepest = none
    for kink in all {
      let row = problem.row(kink)
      for turn in [-1.0, 1.0] {
        let w = [-turn * row[1], turn * row[0]]
        var sides = all.map { dot(w, problem.row($0), 2) > 0 ? 1 : -1 as Int8 }
        for side in [-1, 1, 0] as [Int8] {
          sides[kink] = side
          steepest.consider(sides, velocitySquared(sides, at: all))
        }
      }
    }
    return steepest.sides
  }

  /// From this many starts at most the convex problem is solved.
  private static let mostStarts = 16

  /// Sides -> velocity -> sides, from many starts; then the convex problem, from the best and from the half-spaces of
  /// samples that pull.
  private func descentInSpace() -> [Int8]? {
    let p = problem
    let all = Array(0..<p.kinkCount)
    var steepest = none
    var starts = [[Int8](repeating: -1, count: all.count), [Int8](repeating: 1, count: all.count)]
    for i in 0..<p.n {
      let half = all.map { dot(p.x(i), p.row($0), p.d) > 0 ? 1 : -1 as Int8 }
      starts += [half, half.map { -$0 }]
    }
    for start in starts {
      var sides = start
      for _ in 0..<2 * p.n {
        if let square = velocitySquared(sides, at: all) {
          steepest.consider(sides, square)
          break
        }
        let force = force(sides)
        sides = all.map { -sign * dot(force, p.row($0), p.d) > 0 ? 1 : -1 }
      }
    }
    let pulling = (0..<p.n).filter { sign * residuals[$0] < 0 }.prefix(Self.mostStarts)
    for start in [steepest.sides, starts[1]] + pulling.map({ starts[2 + 2 * $0] }) {
      guard let start, let way = wayOutOfMany(from: start, corner: all) else { continue }
      steepest.consider(way, velocitySquared(way, at: all))
    }
    return steepest.sides
  }
}

extension ModeTable {
  /// The mode in which a neuron goes on from `w = 0`.
  func modeFromOrigin(_ corner: FilippovCorner) throws(StepFailure) -> Mode {
    if let way = corner.descentFromOrigin() { return try mode(way) }
    return try modeAtRest(corner.sign)
  }
}
