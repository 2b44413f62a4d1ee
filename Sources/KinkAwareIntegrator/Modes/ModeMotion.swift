import CKinkFlow

/// How the neurons of a mode move along a residual path: `b(t)`, the equivalent controls, the propagator.
struct ModeMotion {
  /// The number of the path that it belongs to, and of that of the propagator.
  fileprivate(set) var path = -1
  fileprivate(set) var propagatorPath = -1
  /// `H b(t)`: stages x D.
  let b: UnsafeMutablePointer<Double>
  /// `z(t)`: held x stages.
  let z: UnsafeMutablePointer<Double>
  /// `b = 0`: nothing moves.
  fileprivate(set) var isStill = false
  /// The propagator's coefficients and its values at the nodes.
  fileprivate let series: Scratch
  let atNodes: Scratch
  fileprivate var terms = 0
  /// A series, the propagator's or a neuron's, has too many terms.
  var isTooLong = false
  /// Sums over neurons of `alpha W` at the nodes, stages x D, as if undisturbed; and what events add.
  let sums: UnsafeMutablePointer<Double>
  let corrections: UnsafeMutablePointer<Double>

  init(_ p: KinkProblem, stages s: Int, held: Int) {
    b = doubles(s * p.D)
    z = doubles(held * s)
    series = Scratch(Int(CKINK_MAX_TERMS) * p.q * p.q + 1)
    atNodes = Scratch(s * p.q * p.q)
    sums = doubles(s * p.D)
    corrections = doubles(s * p.D)
  }

  /// Whether the propagator is that of `path`.
  func isPropagated(along path: ResidualPath) -> Bool { propagatorPath == path.number }

  func deallocate() {
    b.deallocate()
    z.deallocate()
    sums.deallocate()
    corrections.deallocate()
  }
}

extension Mode {
  /// `H b(t)` and `z(t)`.
  func prepareMotion(along path: ResidualPath) {
    guard motion.path != path.number else { return }
    motion.path = path.number
    let p = problem
    let (n, d, D, s, P) = (p.n, p.d, p.D, path.s, path.coefficients.pointer)
    let (slopes, offsets, b, z) = (force.slopes, force.offsets, motion.b, motion.z)
    let factor = -p.kappa / Double(p.total) * path.length
    for k in 0..<s * D { b[k] = 0 }
    motion.isStill = true
    if pattern.isAtRest { return }
    for k in 0..<s {
      let b = b + k * D
      for i in 0..<n {
        if slopes[i] != 0 { add(P[k * n + i] * slopes[i], p.x(i), d, to: b) }
        if !p.isHomogeneous { b[d] += P[k * n + i] * offsets[i] }
      }
    }
    for (a, kink) in held.enumerated() {
      for k in 0..<s {
        let share = dot(force.control + a * n, P + k * n, n)
        z[a * s + k] = share
        add(share, p.row(kink), D, to: b + k * D)
      }
    }
    var isStill = true
    for k in 0..<s * D {
      b[k] *= factor
      if b[k] != 0 { isStill = false }
    }
    motion.isStill = isStill
  }

  /// The propagator and its values at the nodes.
  func propagate(along path: ResidualPath) {
    prepareMotion(along: path)
    guard motion.propagatorPath != path.number else { return }
    motion.propagatorPath = path.number
    let terms = Int(ckink_propagator(events.course, motion.series.pointer, motion.atNodes.pointer))
    motion.isTooLong = terms == 0
    motion.terms = terms == 0 ? Int(CKINK_MAX_TERMS) : terms
  }

  /// `Psi(t)`, once propagated.
  func propagator(at t: Double, into psi: UnsafeMutablePointer<Double>) {
    ckink_propagator_at(Int32(problem.q), motion.series.pointer, Int32(motion.terms), t, psi)
  }

  /// `Psi(1)`, once propagated.
  func endPropagator(_ path: ResidualPath) -> UnsafeMutablePointer<Double> {
    motion.atNodes.pointer + (path.s - 1) * problem.q * problem.q
  }
}
