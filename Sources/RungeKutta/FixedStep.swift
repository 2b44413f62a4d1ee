/// How a method without error control chooses its step.
///
/// Whatever the choice, the last step before a limit is shortened, or stretched by up to a hundredth,
/// to land on it.
public enum FixedStep: Sendable, Equatable {
  /// `h > 0`, in units of time; the direction of integration gives the sign.
  case value(Double)
  /// `h = fraction * limit / rho(J)`, `limit` the method's interval of stability on the negative real
  /// axis; the system must be ``/ODECore/SpectralRadiusEstimating``. `nil` is the method's default.
  ///
  /// `rho` is estimated anew after ``refreshInterval`` accepted steps, and earlier in either of two cases once `|h| rho` has summed to 1 since the last
  /// estimate, one e-folding of the fastest mode: if the state has moved by a two-hundredth of its norm, or if the sum has reached 1, 2, 4 or 8,
  /// doubled for each estimate in a row that is within a twentieth of the last. `rho` of a gradient flow grows at a rate comparable to itself while
  /// features form, so that a count of steps alone would let a method with a long step run unstable in between. From one estimate to the next `h`
  /// grows tenfold at most.
  case automatic(fraction: Double? = nil)

  /// The most accepted steps between two estimates of `rho`.
  public static let refreshInterval = 20
  static let refreshAge = SpectralRadiusMemory.Age(folds: 1, mostFolds: 8, path: 0.005)
}
