/// `w = 0`, where all kinks meet if all go through it.
extension KinkFlow {
  /// Straight on if that is consistent, else a way out that carries itself, else the neuron is held.
  func throughZero(_ mode: Mode, _ sign: Double) -> Mode? {
    eventCounters.throughZero += 1
    let all = Array(0..<p.kinkCount)
    var way = all.map { -mode.side($0) }
    if !mode.pattern.isStuck, velocity(way, all.filter { mode.side($0) != 0 }, sign) != nil {
      return self.mode(way)
    }
    if let found = p.d == 2 ? wayOutOfPlane(all, sign) : wayOutOfSpace(mode, all, sign) {
      return self.mode(found)
    }
    eventCounters.heldAtZero += 1
    way = all.map { _ in 0 }
    return self.mode(way, isStuck: true)
  }

  /// Every way out of the plane's origin: the cones, then the rays.
  private func wayOutOfPlane(_ all: [Int], _ sign: Double) -> [Int8]? {
    for kink in all {
      let row = p.row(kink)
      for turn in [-1.0, 1.0] {
        let w = [-turn * row[1], turn * row[0]]
        var sides = all.map { dot(w, p.row($0), 2) > 0 ? 1 : -1 as Int8 }
        for side in [-1, 1, 0] as [Int8] {
          sides[kink] = side
          if velocity(sides, all, sign) != nil { return sides }
        }
      }
    }
    return nil
  }

  /// Sides -> velocity -> sides, from many starts; then the convex problem.
  private func wayOutOfSpace(_ mode: Mode, _ all: [Int], _ sign: Double) -> [Int8]? {
    let opposite = all.map { -mode.side($0) }
    func replaced(_ sides: [Int8], _ side: Int8) -> [Int8] { sides.map { $0 == 0 ? side : $0 } }
    var starts =
      [-1, 1].flatMap { [replaced(opposite, $0), replaced(opposite.map { -$0 }, $0)] } as [[Int8]]
    for i in 0..<n {
      let half = all.map { dot(p.x(i), p.row($0), p.d) > 0 ? 1 : -1 as Int8 }
      starts += [half, half.map { -$0 }]
    }
    for start in starts {
      var sides = start
      for _ in 0..<2 * n {
        if velocity(sides, all, sign) != nil { return sides }
        force(sides, into: workN.pointer)
        sides = all.map { -sign * dot(workN.pointer, p.row($0), p.d) > 0 ? 1 : -1 }
      }
    }
    return wayOutOfLarge(replaced(opposite, -1), all, sign)
  }

  /// Neurons held at `w = 0` leave when the residuals allow it; looked at between steps.
  func releaseHeldAtZero() throws(Failure) {
    for mode in modes where mode.pattern.isStuck && mode.neurons.count > 0 {
      eAt.pointer.update(from: e0.pointer, count: n)
      let x = workM.pointer
      for slot in stride(from: mode.neurons.count - 1, through: 0, by: -1) {
        mode.neurons.read(slot, into: x)
        guard let to = throughZero(mode, x[0] >= 0 ? 1 : -1) else { throw .unsuitable }
        mode.neurons.read(slot, into: x)
        if to === mode { continue }
        to.neurons.append(x, id: mode.neurons.id[slot])
        mode.neurons.remove(slot)
        to.momentsAreStale = true
        mode.momentsAreStale = true
      }
    }
    eventCounters = Counters()
    rebuildMoments(onlyStale: true)
  }
}
