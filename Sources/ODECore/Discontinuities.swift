/// Times at which `f` may jump, by `t` alone. No step crosses one: the method lands before it and begins anew behind it.
///
/// A step that ends at a discontinuity `t*` sees `f` at times up to `t* - 4 ulp` only, and the step that begins there from
/// `t* + 4 ulp` on, so that it does not matter to which side `f(t*)` belongs.
///
/// ```swift
/// let doses = Discontinuities([0, 8, 16])
/// let everySecond = Discontinuities { t, sign in sign > 0 ? t.rounded(.down) + 1 : t.rounded(.up) - 1 }
/// ```
public struct Discontinuities {
  /// Constant ones, ascending.
  public let times: [Double]
  /// Further ones: the next after `t` (before it where the sign is negative), in the direction of integration; `nil` or an infinite
  /// one if there is none.
  public let next: ((_ t: Double, _ sign: Double) throws -> Double?)?

  /// None.
  public static var none: Discontinuities { Discontinuities([]) }

  /// - Parameters:
  ///   - times: in any order; what is not finite is left out.
  ///   - next: see ``next``.
  public init(_ times: [Double], next: ((_ t: Double, _ sign: Double) throws -> Double?)? = nil) {
    self.times = times.filter(\.isFinite).sorted()
    self.next = next
  }

  /// Those that a function tells one by one.
  public init(_ next: @escaping (_ t: Double, _ sign: Double) throws -> Double?) { self.init([], next: next) }

  /// Whether there are none.
  public var isEmpty: Bool { times.isEmpty && next == nil }

  /// The first one strictly beyond `t` in the direction of `sign`.
  ///
  /// - Throws: what the function throws; ``DiscontinuityError`` if it does not go on.
  public func first(after t: Double, _ sign: Double) throws -> Double? {
    let constant = sign > 0 ? times.first { $0 > t } : times.last { $0 < t }
    guard let told = try next?(t, sign), told.isFinite else { return constant }
    guard (told - t) * sign > 0 else { throw DiscontinuityError(time: told, after: t) }
    guard let constant else { return told }
    return (constant - told) * sign < 0 ? constant : told
  }

  /// How far around a discontinuity `f` is not asked.
  static func margin(at t: Double) -> Double { 4 * t.ulp }
}

/// A function of discontinuities that gave one that does not lie ahead.
public struct DiscontinuityError: Error, Equatable, CustomStringConvertible {
  /// The time that the function gave.
  public let time: Double
  /// The time after which it was asked for one.
  public let after: Double
  public var description: String {
    "the next discontinuity after t = \(after) is said to be at t = \(time), which does not lie ahead of it"
  }
}
