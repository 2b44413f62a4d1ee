#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The phi functions of exponential integrators at a real number, `k = 0...5`:
///
///     phi_0(z) = exp(z),   phi_(k+1)(z) = (phi_k(z) - 1/k!) / z,   phi_k(0) = 1/k!.
///
/// Near zero, where the recurrence cancels, the Taylor series of `phi_5` and the recurrence backwards are used.
public struct PhiFunctions: Equatable, Sendable {
  /// `phi_0`, the exponential function.
  public let zero: Double
  /// `phi_1`.
  public let one: Double
  /// `phi_2`.
  public let two: Double
  /// `phi_3`.
  public let three: Double
  /// `phi_4`.
  public let four: Double
  /// `phi_5`.
  public let five: Double

  /// Evaluates all of them at `z`.
  public init(_ z: Double) {
    zero = exp(z)
    if abs(z) < 1.5 {
      // sum_j z^j / (j + 5)!
      var (term, sum, j) = (1.0 / 120, 0.0, 6.0)
      while abs(term) > 1e-19 {
        sum += term
        term *= z / j
        j += 1
      }
      five = sum
      four = z * five + 1 / 24.0
      three = z * four + 1 / 6.0
      two = z * three + 0.5
      one = z * two + 1
    } else {
      one = expm1(z) / z
      two = (one - 1) / z
      three = (two - 0.5) / z
      four = (three - 1 / 6.0) / z
      five = (four - 1 / 24.0) / z
    }
  }

  /// `phi_k(z)`.
  public subscript(k: Int) -> Double {
    switch k {
    case 0: zero
    case 1: one
    case 2: two
    case 3: three
    case 4: four
    case 5: five
    default: preconditionFailure("there is no phi_\(k) here: k is 0 to 5")
    }
  }
}
