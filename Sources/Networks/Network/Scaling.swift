#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The two scalings that decide the regime: `kappa = beta1 beta2 / alpha` (energetic) and
/// `kappa' = beta1 / beta2` (dynamical), (8).
public struct Scaling: Equatable, Sendable {
  /// `kappa`, the factor before the sum in (9).
  public let kappa: Double
  /// `kappa'`, which sets the mobility (13).
  public let kappaPrime: Double

  /// - Throws: ``ScalingError`` unless both are positive and finite.
  public init(kappa: Double, kappaPrime: Double) throws {
    guard kappa > 0, kappa.isFinite else { throw ScalingError(name: "kappa", value: kappa) }
    guard kappaPrime > 0, kappaPrime.isFinite else {
      throw ScalingError(name: "kappa'", value: kappaPrime)
    }
    self.kappa = kappa
    self.kappaPrime = kappaPrime
  }

  /// `kappa = m^-gamma`, `kappa' = m^-gamma'` (14).
  public init(gamma: Double, gammaPrime: Double, width m: Int) throws {
    try self.init(kappa: pow(Double(m), -gamma), kappaPrime: pow(Double(m), -gammaPrime))
  }

  /// `-log(kappa)/log(m)` and `-log(kappa')/log(m)`, whose limits for `m -> infinity` are gamma and gamma' (14);
  /// not finite for `m = 1`.
  public func exponents(width m: Int) -> (gamma: Double, gammaPrime: Double) {
    // 0 minus, so that kappa = 1 gives 0 and not -0.
    (0 - log(kappa) / log(Double(m)), 0 - log(kappaPrime) / log(Double(m)))
  }
}

/// A scaling that is not a positive finite number.
public struct ScalingError: Error, Equatable, CustomStringConvertible {
  /// Which of the two: `kappa` or `kappa'`.
  public let name: String
  /// What it is.
  public let value: Double
  public var description: String { "\(name) = \(value); it must be positive and finite" }
}
