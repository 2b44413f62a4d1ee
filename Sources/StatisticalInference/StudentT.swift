import Foundation

/// Student's t distribution for whole degrees of freedom, by the finite sums of Abramowitz and Stegun, *Handbook of
/// Mathematical Functions* (1964), 26.7.3 and 26.7.4.
public enum StudentT {
  /// `P(T <= t)`; `degreesOfFreedom >= 1`.
  public static func cumulative(_ t: Double, degreesOfFreedom nu: Int) -> Double {
    precondition(nu >= 1)
    if t.isInfinite { return t > 0 ? 1 : 0 }
    let theta = atan(t / Double(nu).squareRoot())
    let (sine, cosine2) = (sin(theta), cos(theta) * cos(theta))
    // Each term is the one before times (k-1)/k cos^2: k = 2, 4, ... for even nu, 3, 5, ... for odd.
    var (term, sum) = (1.0, 0.0)
    var k = nu.isMultiple(of: 2) ? 2 : 3
    while k <= nu {
      sum += term
      term *= Double(k - 1) / Double(k) * cosine2
      k += 2
    }
    let twoSided =
      nu.isMultiple(of: 2) ? sine * sum : 2 / .pi * (theta + (nu == 1 ? 0 : sine * cos(theta) * sum))
    return 0.5 + twoSided / 2
  }

  /// The `t` with `P(T <= t) = p`, `0 < p < 1`, to about ten digits.
  public static func quantile(_ p: Double, degreesOfFreedom nu: Int) -> Double {
    precondition(p > 0 && p < 1)
    if p < 0.5 { return -quantile(1 - p, degreesOfFreedom: nu) }
    var (low, high) = (0.0, 1.0)
    while cumulative(high, degreesOfFreedom: nu) < p { (low, high) = (high, 2 * high) }
    while high - low > 1e-11 * high {
      let middle = 0.5 * (low + high)
      if middle <= low || middle >= high { break }
      if cumulative(middle, degreesOfFreedom: nu) < p { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }
}
