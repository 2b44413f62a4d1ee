import CKinkFlow
import ODECore

/// Where an equivalent control leaves its range: when, at which kink, to which side.
struct Release {
  var when = CKINK_FAR
  var kink = -1
  var isHigh = false
}

/// What can happen to the neurons of a mode along a residual path.
struct ModeEvents {
  /// The number of the path that it belongs to.
  fileprivate var pathNumber = -1
  /// When the mode lets its neurons go.
  fileprivate(set) var release = Release()
  /// What ``ckink_follow`` looks at: the motion, the walls, and when each turns between repelling and not.
  let course: UnsafeMutablePointer<ckink_path>
  let turnTime: UnsafeMutablePointer<Double>
  let turnWall: UnsafeMutablePointer<Int32>
  /// What ``EventTracer/detect()`` multiplies neurons with, and how many rows of it there are.
  let rows: Scratch
  var rowCount = 0

  init(
    _ p: KinkProblem, nodes: StateVector, b: UnsafeMutablePointer<Double>,
    walls: UnsafeMutablePointer<Double>,
    wallCount: Int, endsAtSignChange: Bool
  ) {
    let s = nodes.count
    turnTime = doubles(wallCount * (s - 1))
    turnWall = .allocate(capacity: wallCount * (s - 1) + 1)
    rows = Scratch(wallCount * s * p.q)
    course = .allocate(capacity: 1)
    course.initialize(
      to: ckink_path(
        d: Int32(p.d), D: Int32(p.D), stages: Int32(s), nodes: nodes.pointer, b: b, walls: walls,
        wall_count: Int32(wallCount), turn_time: turnTime, turn_wall: turnWall, turn_count: 0,
        ends_at_sign_change: endsAtSignChange))
  }

  func deallocate() {
    turnTime.deallocate()
    turnWall.deallocate()
    course.deallocate()
  }

  /// ``course`` without events.
  var endlessCourse: ckink_path {
    var course = course.pointee
    course.wall_count = 0
    course.turn_count = 0
    course.ends_at_sign_change = false
    return course
  }
}

extension Mode {
  /// When kinks turn between repelling and not, and when a held neuron is let go.
  func prepareEvents(along path: ResidualPath) {
    prepareMotion(along: path)
    guard events.pathNumber != path.number else { return }
    events.pathNumber = path.number
    let (D, s, d) = (problem.D, path.s, problem.d)
    let (b, turnTime, turnWall) = (motion.b, events.turnTime, events.turnWall)
    var turns = 0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * s) { scratch in
      let rate = scratch.baseAddress!
      for w in 0..<walls.count {
        for k in 0..<s { rate[k] = dot(b + k * D, wallRows + w * D, d) }
        for q in 0..<rootsOnUnit(rate, s, from: 0, rate + s) {
          turnTime[turns] = rate[s + q]
          turnWall[turns] = Int32(w)
          turns += 1
        }
      }
    }
    events.course.pointee.turn_count = Int32(turns)
    events.release = release(along: path, after: 0)
  }

  /// The first time after `t0` at which an equivalent control `z_a / (jump e)` leaves `[0, 1]`, by the path `p` *and* by
  /// the path through `e0`, `p + (e0 - p(0)) l0`, `l0 = prod(1 - t/c_j)`, which is continuous from step to step: without
  /// the second, the jump of `p` between steps would let go and catch again.
  ///
  /// A mode at rest at `w = 0` in the plane lets its neurons go when they can descend from there.
  func release(along path: ResidualPath, after t0: Double) -> Release {
    var first = Release()
    if pattern.isAtRest {
      if let rays { first.when = rays.firstDescent(along: path, Double(pattern.rest), after: t0) }
      return first
    }
    if held.isEmpty { return first }
    let s = path.s
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * (s + 1)) { scratch in
      let (z, e) = (scratch.baseAddress!, scratch.baseAddress! + 2 * (s + 1))
      for (a, kink) in held.enumerated() {
        controlAlongPaths(path, a, kink, z, e)
        for isHigh in [false, true] {
          // z and jump e have one sign while they hold the neuron: what must stay positive is sign z, sign (jump e - z).
          for c in 0..<2 {
            let (z, e) = (z + c * (s + 1), e + c * (s + 1))
            let sign = horner(e, s + 1, t0) >= 0 ? 1.0 : -1
            if isHigh {
              for k in 0...s { z[k] = e[k] * sign - z[k] }
            } else {
              for k in 0...s { z[k] *= sign }
            }
          }
          let when = firstBothNegative(z, z + s + 1, s + 1, after: t0, before: first.when)
          if when < first.when { first = Release(when: when, kink: kink, isHigh: isHigh) }
        }
      }
    }
    return first
  }

  /// `z_a` and `jump e` in power form, `s + 1` terms each: by `p`, then by the path through `e0`.
  private func controlAlongPaths(
    _ path: ResidualPath, _ a: Int, _ kink: Int, _ z: UnsafeMutablePointer<Double>,
    _ e: UnsafeMutablePointer<Double>
  ) {
    let (n, s, i, jump) = (problem.n, path.s, problem.sample[kink], problem.jump[kink])
    let (P, e0) = (path.coefficients.pointer, path.start.pointer)
    var defect = 0.0
    for j in 0..<n { defect += force.control[a * n + j] * (e0[j] - P[j]) }
    for k in 0...s {
      z[k] = k < s ? motion.z[a * s + k] : 0
      e[k] = k < s ? jump * P[k * n + i] : 0
      z[s + 1 + k] = z[k] + defect * path.collocation.atStart[k]
      e[s + 1 + k] = e[k] + jump * (e0[i] - P[i]) * path.collocation.atStart[k]
    }
  }
}
