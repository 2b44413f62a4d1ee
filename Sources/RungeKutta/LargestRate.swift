import ODECore

/// How fast the fastest motion near a state is, from a few evaluations of `f`, by a power method on differences
///
///     sigma = |f(t, y + v) - f(t, y)| / |v|,   v -> f(t, y + v) - f(t, y), scaled,   v_0 = f(t, y) + |f| s
///
/// with signs `s` that have a part of every motion, since `f` may have none of the fastest.
///
/// The rate is the geometric mean of the last two `sigma`, since positions and velocities differ in size and `sigma` goes up and down. Rounding feeds a rate
/// far above the others, so that five turns find it. Orders of magnitude are meant: for a choice between methods, not for a step.
package struct LargestRate {
  /// Zero where `f` is constant or not finite nearby.
  package let rate: Double
  /// Whether the fastest motion goes to and fro: two turns then point back, `J^2 v = -omega^2 v`, where a real rate points on.
  package let isOscillation: Bool
  /// Evaluations of `f` that the estimate took.
  package let evaluations: Int

  private static let turns = 5

  /// - Throws: the error of the system.
  package init(_ system: any ODESystem, _ t: Double, _ y: Span<Double>) throws {
    let n = y.count
    let (state, f) = (StateVector([Double](copying: y)), StateVector(count: n))
    let (point, value, direction) = (StateVector(count: n), StateVector(count: n), StateVector(count: n))
    let function = RightHandSide(system)
    let vectors = VectorKernels(count: n, threads: 1)
    try function.evaluate(t, state, into: f)
    let length = vectors.norm(state)
    let size = (length > 0 ? length : 1) * Double.ulpOfOne.squareRoot()
    let slope = vectors.norm(f)
    let share = (slope > 0 ? slope : 1) / Double(max(n, 1)).squareRoot()
    // Thue and Morse's sequence.
    for i in 0..<n { direction.pointer[i] = f.pointer[i] + (i.nonzeroBitCount % 2 == 0 ? share : -share) }
    var (last, before) = (0.0, 0.0)
    // The directions of the last turns, the newest in `direction`.
    var (old, older) = (StateVector(count: n), StateVector(count: n))
    var turn = 0.0
    for _ in 0..<Self.turns {
      let length = vectors.norm(direction)
      guard length > 0, length.isFinite, vectors.add(state, size / length, direction, into: point) else {
        break
      }
      try function.evaluate(t, point, into: value)
      guard vectors.isFinite(value) else { break }
      swap(&old, &older)
      old.pointer.update(from: direction.pointer, count: n)
      _ = vectors.add(value, -1, f, into: direction)
      turn = 0
      for i in 0..<n { turn += direction.pointer[i] * older.pointer[i] }
      (last, before) = (vectors.norm(direction) / vectors.norm(point, minus: state), last)
    }
    let mean = before > 0 ? (last * before).squareRoot() : last
    rate = mean.isFinite ? mean : 0
    isOscillation = turn < 0
    evaluations = function.nfev
  }
}
