import CKinkFlow
import ODECore

/// All neurons on the same sides of all kinks, held by the same ones: they share `b(t)`, hence one propagator.
///
/// What a mode is follows from its ``Pattern``: ``force`` and ``walls``. Along a ``ResidualPath`` it has a ``ModeMotion``
/// and ``ModeEvents``, prepared once for each path.
final class Mode {
  let problem: KinkProblem
  /// Its number in the ``ModeTable``.
  var index: Int
  let pattern: Pattern
  let force: ModeForce
  /// Kinks through which a neuron can leave, and their rows (walls x D) times their sides.
  let walls: UnsafeBufferPointer<Int>
  let wallRows: UnsafeMutablePointer<Double>
  /// Two modes for each kink: the far side and held there; or, of a held one, the low and the high side. -1: not known.
  let next: UnsafeMutablePointer<Int32>

  var neurons: Neurons
  /// `sum theta theta^T`, q x q; kept up to date if ``isShared``.
  let moments: Scratch
  var momentsAreStale = true

  /// Of a mode that rests at `w = 0` in the plane: the ways on which it may leave.
  let rays: OriginRays?

  var motion: ModeMotion
  var events: ModeEvents

  /// - Parameters:
  ///   - nodes: of the collocation.
  ///   - staysOnRidges: whether neurons stay on kinks that begin to repel them.
  ///   - rays: see ``rays``.
  /// - Throws: ``StepFailure/dependentKinks``.
  init(
    index: Int, pattern given: Pattern, _ p: KinkProblem, nodes: StateVector, staysOnRidges: Bool,
    rays: OriginRays?
  ) throws(StepFailure) {
    problem = p
    self.index = index
    let sides = copy(Array(UnsafeBufferPointer(start: given.sides, count: given.count)))
    pattern = Pattern(sides: sides.baseAddress!, count: given.count, rest: given.rest)
    force = ModeForce(pattern, p)
    let isFree = force.held.isEmpty
    walls = copy(
      given.isAtRest
        ? [] : (0..<p.kinkCount).filter { given[$0] != 0 && (!isFree || p.isWall($0, given.sides)) })
    wallRows = doubles(walls.count * p.D)
    for (w, kink) in walls.enumerated() {
      add(Double(given[kink]), p.row(kink), p.D, to: wallRows + w * p.D)
    }
    next = .allocate(capacity: 2 * p.kinkCount + 1)
    next.initialize(repeating: -1, count: 2 * p.kinkCount + 1)
    self.rays = rays
    neurons = Neurons(rows: p.q)
    moments = Scratch(p.q * p.q)
    motion = ModeMotion(p, stages: nodes.count, held: force.held.count)
    events = ModeEvents(
      p, nodes: nodes, b: motion.b, walls: wallRows, wallCount: walls.count,
      endsAtSignChange: !isFree && !given.isAtRest && !staysOnRidges)
    guard given.isAtRest || isFree || force.solveControl(p) else { throw .dependentKinks }
  }

  deinit {
    UnsafeMutablePointer(mutating: pattern.sides).deallocate()
    force.deallocate()
    walls.deallocate()
    wallRows.deallocate()
    next.deallocate()
    neurons.deallocate()
    motion.deallocate()
    events.deallocate()
  }

  /// The kinks held on.
  var held: UnsafeBufferPointer<Int> { force.held }

  /// 1 or -1; 0 where neurons are held.
  func side(_ kink: Int) -> Int8 { pattern.sides[kink] }

  /// Fewer neurons move one by one instead of by the mode's propagator.
  var isShared: Bool { neurons.count >= problem.q }

  /// Forgets the modes next to it, whose numbers have changed.
  func forgetNeighbours() { next.update(repeating: -1, count: 2 * problem.kinkCount) }
}

/// `b = -(kappa/n) [sum_i e_i (slope_i x_i, offset_i) + sum_a z_a row_a]`, `z = Z e`: the constants in it.
struct ModeForce {
  /// The kinks held on.
  let held: UnsafeBufferPointer<Int>
  /// Of the activation at each input; n values each. No offsets where all kinks go through zero.
  let slopes: UnsafeMutablePointer<Double>
  let offsets: UnsafeMutablePointer<Double>
  /// `Z`, held x n: `Z e` is the equivalent control times jump and residual.
  let control: UnsafeMutablePointer<Double>

  /// All but ``control``. `slopes_i = slope + sum of the jumps passed`, and the offset keeps sigma continuous.
  init(_ pattern: Pattern, _ p: KinkProblem) {
    held = copy((0..<p.kinkCount).filter { pattern[$0] == 0 })
    slopes = doubles(p.n)
    offsets = doubles(p.isHomogeneous ? 0 : p.n)
    control = doubles(held.count * p.n)
    for i in 0..<p.n {
      slopes[i] = p.slope
      if !p.isHomogeneous { offsets[i] = p.offset }
    }
    for k in 0..<p.kinkCount where pattern[k] > 0 {
      slopes[p.sample[k]] += p.jump[k]
      if !p.isHomogeneous { offsets[p.sample[k]] += p.jump[k] * p.row(k)[p.d] }
    }
  }

  func deallocate() {
    held.deallocate()
    slopes.deallocate()
    offsets.deallocate()
    control.deallocate()
  }

  /// The equivalent control keeps `X_S b = 0`: `X_S X_S^T z = -X_S sum_i e_i slope_i x_i`. False if that is singular.
  func solveControl(_ p: KinkProblem) -> Bool {
    let (n, d) = (p.n, p.d)
    var gram = [Double](repeating: 0, count: held.count * held.count)
    for (a, kink) in held.enumerated() {
      for (c, other) in held.enumerated() { gram[a * held.count + c] = dot(p.row(kink), p.row(other), d) }
      for i in 0..<n { control[a * n + i] = -dot(p.row(kink), p.x(i), d) * slopes[i] }
    }
    return solveDense(held.count, &gram, control, columns: n)
  }

  /// Row i of `(slope_i x_i, offset_i)`, D values.
  @inline(__always)
  func outputRow(_ p: KinkProblem, _ i: Int, into row: UnsafeMutablePointer<Double>) {
    let x = p.x(i)
    for c in 0..<p.d { row[c] = slopes[i] * x[c] }
    if !p.isHomogeneous { row[p.d] = offsets[i] }
  }
}

/// Memory that the caller frees: read in inner loops without reference counting.
func copy<T>(_ values: [T]) -> UnsafeBufferPointer<T> {
  let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: max(values.count, 1))
  _ = memory.initialize(from: values)
  return UnsafeBufferPointer(rebasing: memory[..<values.count])
}

/// `count` zeros that the caller frees.
func doubles(_ count: Int) -> UnsafeMutablePointer<Double> {
  let memory = UnsafeMutablePointer<Double>.allocate(capacity: max(count, 1))
  memory.initialize(repeating: 0, count: count)
  return memory
}
