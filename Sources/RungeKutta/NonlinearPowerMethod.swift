import CStepperKernels
import ODECore

/// Estimates the spectral radius of the Jacobian from differences of `f`, for ``RKC`` and systems that
/// have no estimate of their own:
///
///     sigma = |f(t, y + v) - f(t, y)| / |v|,   v -> v' = (f(t, y + v) - f(t, y)) |v| / |f(t, y + v) - f(t, y)|
///
/// with `|v| = sqrt(u) |y|`. It begins with the direction found last, the first time with `f(t, y)`.
///
/// Where a pair of eigenvalues is the largest, complex or `+-r`, `sigma` goes round for ever. So what is looked at
/// is the larger modulus of the two Ritz values on the span of `v` and `v'`, which settles there too: until it
/// changes by at most a hundredth. The result is 1.2 times it: it comes from below. If fifty
/// iterations do not settle it, the largest `sigma` of the last half stands for it; the geometric mean of
/// many `sigma` is the spectral radius (Gelfand), so the largest is no less.
///
/// Source: Sommeijer, Shampine, Verwer 1998 (see ``RKC``), and the subroutine RKCRHO of their code, which looks at
/// `sigma` itself and gives up after fifty iterations.
final class NonlinearPowerMethod {
  private let vectors: VectorKernels
  /// The last direction; its length is the last iteration's `|v|`.
  private let direction: StateVector
  private var hasDirection = false
  private static let mostIterations = 50
  private static let safety = 1.2

  init(_ vectors: VectorKernels) {
    self.vectors = vectors
    direction = StateVector(count: vectors.count)
  }

  /// What a ``/ODECore/Restart`` keeps of it: the direction, if there is one.
  var memory: [Double] { hasDirection ? direction.array : [] }

  /// Takes over an earlier run's ``memory``; returns whether it is one.
  func resume(_ memory: some Collection<Double>) -> Bool {
    hasDirection = !memory.isEmpty
    guard hasDirection else { return true }
    guard memory.count == direction.count, memory.allSatisfy(\.isFinite) else { return false }
    for (i, value) in memory.enumerated() { direction.pointer[i] = value }
    return true
  }

  /// - Parameters:
  ///   - f: `f(t, y)`.
  ///   - smallest: rates below it do not matter; one over the longest step.
  ///   - v: overwritten, as is `fv`.
  /// - Throws: ``/ODECore/IntegrationFailure`` if `f` is not finite nearby.
  func estimate(
    _ function: RightHandSide, _ t: Double, _ y: StateVector, _ f: StateVector, smallest: Double,
    v: StateVector, fv: StateVector, _ method: String
  ) throws -> Double {
    guard y.count > 0 else { return 0 }
    begin(y, f, into: v)
    var (rho, sigma, largest) = (0.0, 0.0, 0.0)
    for iteration in 1...Self.mostIterations {
      try function.evaluate(t, v, into: fv)
      let products = vectors.directionProducts(direction, v, y, fv, f)
      guard products.ww.isFinite else {
        throw IntegrationFailure(
          .nonFinite,
          "\(method): f is not finite close to the state at t = \(t), so its spectral radius can't be estimated"
        )
      }
      let (last, lastSigma) = (rho, sigma)
      sigma = (products.ww / products.bb).squareRoot()
      rho = iteration == 1 ? sigma : Self.ritz(products, lastSigma) ?? sigma
      if 2 * iteration > Self.mostIterations { largest = max(largest, sigma) }
      _ = vectors.add(v, -1, y, into: direction)
      hasDirection = true
      if iteration >= 2, abs(rho - last) <= 0.01 * max(rho, smallest) { return Self.safety * rho }
      turn(iteration, y, f, fv, (products.bb / products.ww).squareRoot(), v)
    }
    return Self.safety * largest
  }

  /// `y + v` with the last direction, or the first one.
  private func begin(_ y: StateVector, _ f: StateVector, into v: StateVector) {
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
      v.pointer.update(repeating: root / Double(y.count).squareRoot(), count: y.count)
    }
  }

  /// The next `y + v`: by the change `fv - f`, scaled; if there is none, out of the null space.
  private func turn(
    _ iteration: Int, _ y: StateVector, _ f: StateVector, _ fv: StateVector, _ scale: Double, _ v: StateVector
  ) {
    guard scale.isFinite else {
      let i = iteration % y.count
      return v.pointer[i] = y.pointer[i] - (v.pointer[i] - y.pointer[i])
    }
    _ = vectors.add(fv, -1, f, into: v)
    _ = vectors.add(y, scale, v, into: v)
  }

  /// The modulus of the larger Ritz value on the span of the directions `a` and `b`, where `J a = s b` and
  /// `J b = w`; `nil` if they are parallel to rounding.
  ///
  /// With `w = p a + q b` in the sense of least squares, `J` has the matrix `[[0, p], [s, q]]` there.
  static func ritz(_ c: cstepper_products, _ s: Double) -> Double? {
    // |a| = |b| but for rounding.
    let size = c.bb
    let (cosine, aw, bw) = (c.ab / size, c.aw / size, c.bw / size)
    let determinant = 1 - cosine * cosine
    // Differences of f have some 1e-8 of rounding, so the angle has, too.
    guard determinant > 1e-8 else { return nil }
    let p = (aw - cosine * bw) / determinant
    let q = (bw - cosine * aw) / determinant
    // lambda^2 - q lambda - p s = 0.
    let half = q / 2
    let discriminant = half * half + p * s
    return discriminant < 0 ? (-p * s).squareRoot() : abs(half) + discriminant.squareRoot()
  }
}
