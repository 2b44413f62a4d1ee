import ODECore

/// Estimates the spectral radius of the Jacobian from differences of `f`, for ``RKC`` and systems that
/// have no estimate of their own:
///
///     sigma = |f(t, y + v) - f(t, y)| / |v|,   v -> v' = (f(t, y + v) - f(t, y)) |v| / |f(t, y + v) - f(t, y)|
///
/// until `sigma` changes by at most a hundredth, with `|v| = sqrt(u) |y|`. It begins with the direction found
/// last, the first time with `f(t, y)`. The result is 1.2 `sigma`: the power method comes from below.
///
/// Source: Sommeijer, Shampine, Verwer 1998 (see ``RKC``), and the subroutine RKCRHO of their code.
final class NonlinearPowerMethod {
  private let vectors: VectorKernels
  private let direction: StateVector
  private var hasDirection = false
  private static let mostIterations = 50
  private static let safety = 1.2

  init(_ vectors: VectorKernels) {
    self.vectors = vectors
    direction = StateVector(count: vectors.count)
  }

  /// - Parameters:
  ///   - f: `f(t, y)`.
  ///   - smallest: rates below it do not matter; one over the longest step.
  ///   - v: overwritten, as is `fv`.
  /// - Throws: ``/ODECore/IntegrationFailure`` if fifty iterations do not suffice or `f` is not finite nearby.
  func estimate(
    _ function: RightHandSide, _ t: Double, _ y: StateVector, _ f: StateVector, smallest: Double,
    v: StateVector, fv: StateVector, _ method: String
  ) throws -> Double {
    let n = y.count
    guard n > 0 else { return 0 }
    let root = Double.ulpOfOne.squareRoot()
    let start = hasDirection ? direction : f
    let (sizeOfY, sizeOfV) = (vectors.norm(y), vectors.norm(start))
    let size = sizeOfY > 0 ? sizeOfY * root : root
    // Differences in the direction of y where f(t, y) = 0 gives none, in that of (1, ..., 1) at the origin.
    if sizeOfV > 0 {
      _ = vectors.add(y, size / sizeOfV, start, into: v)
    } else if sizeOfY > 0 {
      _ = vectors.add(y, root, y, into: v)
    } else {
      v.pointer.update(repeating: root / Double(n).squareRoot(), count: n)
    }
    var sigma = 0.0
    for iteration in 1...Self.mostIterations {
      try function.evaluate(t, v, into: fv)
      let change = vectors.norm(fv, minus: f)
      guard change.isFinite else {
        throw IntegrationFailure(
          .nonFinite,
          "\(method): f is not finite close to the state at t = \(t), so its spectral radius can't be estimated"
        )
      }
      let last = sigma
      sigma = change / size
      if iteration >= 2, abs(sigma - last) <= 0.01 * max(sigma, smallest) {
        _ = vectors.add(v, -1, y, into: direction)
        hasDirection = true
        return Self.safety * sigma
      }
      if change > 0 {
        _ = vectors.add(fv, -1, f, into: v)
        _ = vectors.add(y, size / change, v, into: v)
      } else {
        // The direction is in the null space: leave it.
        let i = iteration % n
        v.pointer[i] = y.pointer[i] - (v.pointer[i] - y.pointer[i])
      }
    }
    throw IntegrationFailure(
      .convergenceFailure,
      "\(method): the power method has not found the spectral radius at t = \(t) in \(Self.mostIterations) iterations, the last estimate was \(sigma); make the system SpectralRadiusEstimating"
    )
  }
}
