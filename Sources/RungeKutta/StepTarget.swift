/// Where a step ends: exactly on the limit or before it.
public struct StepTarget {
  /// `end - start` as rounded, so that the time that passes is the time that was integrated.
  public let h: Double
  /// The time at the end.
  public let end: Double
  /// Whether ``end`` is the limit.
  public let lands: Bool

  /// A step of about `size > 0` from `t` towards `limit`, which differs from `t` and may be infinite.
  ///
  /// A step that would leave less than a hundredth of itself is stretched to end at the limit. With
  /// `balanced`, one that would leave less than itself is halved instead: two even steps cost no
  /// more than a full one and a remnant.
  public init(from t: Double, _ size: Double, limit: Double, balanced: Bool) {
    let remaining = abs(limit - t)
    let sign: Double = limit > t ? 1 : -1
    // The rounding of t + size may also reach the limit.
    let free = t + sign * size
    if remaining <= 1.01 * size || (limit - free) * sign <= 0 {
      (end, lands) = (limit, true)
    } else if balanced, remaining < 2 * size {
      (end, lands) = (t + sign * remaining / 2, false)
    } else {
      (end, lands) = (free, false)
    }
    h = end - t
  }

  /// Where `f` vanishes steps grow without bound; `t + h` must stay finite all the same.
  public static let largest = 1e300

  /// The smallest step from `t` that still means something, 16 units in its last place.
  public static func smallest(at t: Double) -> Double { max(16 * t.ulp, .leastNormalMagnitude) }
}
