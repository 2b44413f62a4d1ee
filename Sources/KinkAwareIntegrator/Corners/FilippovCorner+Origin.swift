/// `w = 0`, where all kinks meet if all go through it.
extension FilippovCorner {
  /// Straight on from the sides it comes from if that is consistent, else a way out that carries itself; `nil` if none is
  /// found: then `w = 0` holds the neuron.
  func wayOutOfOrigin(from sides: [Int8], isHeld: Bool) -> [Int8]? {
    let all = Array(0..<problem.kinkCount)
    let opposite = sides.map { -$0 }
    if !isHeld, velocitySquared(opposite, at: all.filter { sides[$0] != 0 }) != nil { return opposite }
    return problem.d == 2 ? wayOutOfPlane(all) : wayOutOfSpace(all, opposite)
  }

  /// Every way out of the plane's origin: the cones, then the rays.
  private func wayOutOfPlane(_ all: [Int]) -> [Int8]? {
    for kink in all {
      let row = problem.row(kink)
      for turn in [-1.0, 1.0] {
        let w = [-turn * row[1], turn * row[0]]
        var sides = all.map { dot(w, problem.row($0), 2) > 0 ? 1 : -1 as Int8 }
        for side in [-1, 1, 0] as [Int8] {
          sides[kink] = side
          if velocitySquared(sides, at: all) != nil { return sides }
        }
      }
    }
    return nil
  }

  /// Sides -> velocity -> sides, from many starts; then the convex problem.
  private func wayOutOfSpace(_ all: [Int], _ opposite: [Int8]) -> [Int8]? {
    let p = problem
    func replaced(_ sides: [Int8], _ side: Int8) -> [Int8] { sides.map { $0 == 0 ? side : $0 } }
    var starts =
      [-1, 1].flatMap { [replaced(opposite, $0), replaced(opposite.map { -$0 }, $0)] } as [[Int8]]
    for i in 0..<p.n {
      let half = all.map { dot(p.x(i), p.row($0), p.d) > 0 ? 1 : -1 as Int8 }
      starts += [half, half.map { -$0 }]
    }
    for start in starts {
      var sides = start
      for _ in 0..<2 * p.n {
        if velocitySquared(sides, at: all) != nil { return sides }
        let force = force(sides)
        sides = all.map { -sign * dot(force, p.row($0), p.d) > 0 ? 1 : -1 }
      }
    }
    return wayOutOfMany(from: replaced(opposite, -1), corner: all)
  }
}

extension ModeTable {
  /// The mode in which a neuron of `mode` goes on from `w = 0`, or the one held there.
  func modePastOrigin(from mode: Mode, _ corner: FilippovCorner) throws(StepFailure) -> Mode {
    if let way = corner.wayOutOfOrigin(from: mode.pattern.array, isHeld: mode.pattern.isStuck) {
      return try self.mode(way)
    }
    return try self.mode([Int8](repeating: 0, count: problem.kinkCount), isStuck: true)
  }
}
