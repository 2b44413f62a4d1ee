/// The sums over neurons and samples of which the flow consists, on raw memory.
///
/// `theta`, `v` and results of length `m (d + 1)` are laid out as ``/Networks/NetworkShape`` says. `ca` and
/// `cw` are the factors of (25) and (26).
package protocol NeuronPasses: AnyObject {
  /// `f[i] = sum_k a_k sigma(w_k.x_i)`, without `kappa`.
  func outputs(_ theta: UnsafePointer<Double>, into f: UnsafeMutablePointer<Double>)

  /// `a_k' = ca sum_i l_i sigma(w_k.x_i)` and `w_k' = cw a_k sum_i l_i sigma'(w_k.x_i) x_i`.
  ///
  /// Only after ``outputs(_:into:)`` at the same `theta`, whose features it may use.
  func gradient(
    _ theta: UnsafePointer<Double>, weights l: UnsafePointer<Double>, _ factors: GradientFactors,
    into result: UnsafeMutablePointer<Double>)

  /// The derivative of ``outputs(_:into:)`` in direction `v`, after it at the same `theta`.
  func outputsTangent(
    _ theta: UnsafePointer<Double>, direction v: UnsafePointer<Double>,
    into df: UnsafeMutablePointer<Double>)

  /// The derivative of ``gradient(_:weights:_:into:)`` in direction `v` with the weights' own
  /// derivative `q`; after ``outputsTangent(_:direction:into:)`` with the same `theta` and `v`.
  func gradientTangent(
    _ theta: UnsafePointer<Double>, direction v: UnsafePointer<Double>,
    weights l: UnsafePointer<Double>, weightsTangent q: UnsafePointer<Double>,
    _ factors: GradientFactors, into result: UnsafeMutablePointer<Double>)
}

/// The factors before the sums of (25) and (26).
package struct GradientFactors {
  /// `-kappa / (kappa' n)`.
  package let a: Double
  /// `-kappa' kappa / n`.
  package let w: Double

  package init(_ scaling: Scaling, sampleCount n: Int) {
    a = -(scaling.kappa / scaling.kappaPrime) / Double(n)
    w = -(scaling.kappa * scaling.kappaPrime) / Double(n)
  }
}
