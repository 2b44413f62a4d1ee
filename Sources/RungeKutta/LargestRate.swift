import ODECore

/// How fast the fastest motion near a state is, from a few evaluations of `f`: the largest rate of a power method on differences
///
///     sigma = |f(t, y + v) - f(t, y)| / |v|,   v -> f(t, y + v) - f(t, y), scaled,   v_0 = f(t, y) or (1, ..., 1)
///
/// A lower bound of the Jacobian's norm that a rate far above the others reaches after two or three turns, since rounding feeds it. Orders of magnitude
/// are meant: for a choice between methods, not for a step.
package struct LargestRate {
  /// Zero where `f` is constant or not finite nearby.
  package let rate: Double
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
    direction.pointer.update(from: f.pointer, count: n)
    if vectors.norm(f) == 0 { direction.pointer.update(repeating: 1, count: n) }
    var largest = 0.0
    for _ in 0..<Self.turns {
      let length = vectors.norm(direction)
      guard length > 0, length.isFinite, vectors.add(state, size / length, direction, into: point) else {
        break
      }
      try function.evaluate(t, point, into: value)
      guard vectors.isFinite(value) else { break }
      _ = vectors.add(value, -1, f, into: direction)
      largest = max(largest, vectors.norm(direction) / vectors.norm(point, minus: state))
    }
    rate = largest.isFinite ? largest : 0
    evaluations = function.nfev
  }
}
