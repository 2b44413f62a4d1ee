import Foundation

/// Whether an event that should have at most probability `p` was seen too often.
struct BinomialTest {
  /// Events seen.
  let successes: Int
  /// Out of so many independent draws.
  let draws: Int
  /// `p`.
  let probability: Double

  /// Below this chance the claim counts as refuted: one false alarm in a thousand.
  static let significance = 1e-3

  /// `P(X >= successes)` for `X ~ Binomial(draws, p)`.
  var chance: Double {
    if probability >= 1 || successes <= 0 { return 1 }
    if probability <= 0 { return 0 }
    let (n, p) = (Double(draws), probability)
    let sum = (successes...draws).reduce(0.0) { sum, i in
      let k = Double(i)
      let logarithm = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p)
      return sum + exp(logarithm)
    }
    return min(1, sum)
  }

  var isRefuted: Bool { chance < Self.significance }
}
