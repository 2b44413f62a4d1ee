import Foundation

/// Whether an event that should have at most probability `p` was seen too often.
public struct BinomialTest: Equatable, Sendable {
  /// Events seen.
  public let successes: Int
  /// Out of so many independent draws.
  public let draws: Int
  /// `p`.
  public let probability: Double

  /// The test of so many successes in so many draws against a probability.
  public init(successes: Int, draws: Int, probability: Double) {
    precondition(draws >= 0 && successes <= draws)
    self.successes = successes
    self.draws = draws
    self.probability = probability
  }

  /// Below this chance the claim counts as refuted: one false alarm in a thousand.
  public static let significance = 1e-3

  /// `P(X >= successes)` for `X ~ Binomial(draws, p)`.
  public var chance: Double {
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

  /// Whether ``chance`` is below ``significance``.
  public var isRefuted: Bool { chance < Self.significance }
}
