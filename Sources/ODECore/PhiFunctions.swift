import Foundation

/// The phi functions of exponential integrators at a real number:
///
///     phi_0(z) = exp(z),   phi_(k+1)(z) = (phi_k(z) - 1/k!) / z,   phi_k(0) = 1/k!.
///
/// Near zero, where the recurrence cancels, the Taylor series of `phi_4` and the recurrence backwards are used. Relative errors stay at
/// some units in the last place for `z <= 1`.
public struct PhiFunctions: Equatable, Sendable {
  public let zero: Double
  public let one: Double
  public let two: Double
  public let three: Double
  public let four: Double

  /// Evaluates all of them at `z`.
  public init(_ z: Double) {
    if abs(z) < 1 {
      // sum_j z^j / (j + 4)!
      var (term, sum, j) = (1.0 / 24, 0.0, 5.0)
      while abs(term) > 1e-18 {
        sum += term
        term *= z / j
        j += 1
      }
      four = sum
      three = z * four + 1 / 6.0
      two = z * three + 0.5
      one = z * two + 1
      zero = exp(z)
    } else {
      zero = exp(z)
      one = expm1(z) / z
      two = (one - 1) / z
      three = (two - 0.5) / z
      four = (three - 1 / 6.0) / z
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
    default: preconditionFailure("phi_\(k) is not here; k is 0 to 4")
    }
  }
}
