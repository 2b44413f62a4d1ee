/// The relative distance (16) of each ``/Networks/ParameterPart`` from where it started; see ``DistanceFromStart``.
public struct RelativeDistances: Equatable, Sendable {
  /// `RD(theta_w)`.
  public var w: Double
  /// `RD(theta_a)`.
  public var a: Double
  /// `RD(theta)`.
  public var theta: Double

  /// Of the three parts.
  public init(w: Double, a: Double, theta: Double) { (self.w, self.a, self.theta) = (w, a, theta) }

  /// No distance at all.
  public static let zero = RelativeDistances(w: 0, a: 0, theta: 0)

  /// Of one part.
  public subscript(_ part: ParameterPart) -> Double {
    switch part {
    case .w: w
    case .a: a
    case .theta: theta
    }
  }

  /// The larger of each, NaN passed over: a distance relative to a part that starts at zero is NaN until it moves, which
  /// must not stick to a supremum.
  public func maximum(_ other: RelativeDistances) -> RelativeDistances {
    RelativeDistances(
      w: .maximum(w, other.w), a: .maximum(a, other.a), theta: .maximum(theta, other.theta))
  }
}
