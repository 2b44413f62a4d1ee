import Foundation
import Networks

/// The cross-entropy of `c` classes: with `p = softmax(f)` and targets that are a distribution, one-hot or soft,
///
///     l(f, y) = -sum_q y_q log p_q = log sum_q exp(f_q) - sum_q y_q f_q,   dl/df = p - y,   d^2l/df^2 = diag(p) - p p^T.
///
/// The largest output is subtracted first, so that nothing overflows. The second derivative is singular along `(1, ..., 1)`.
public struct CrossEntropyLoss: CoupledLoss {
  /// The loss has no parameters.
  public init() {}

  public let name = "cross-entropy"

  public func validate(targets: [Double], outputs c: Int) throws {
    for i in 0..<targets.count / c {
      let y = targets[(i * c)..<((i + 1) * c)]
      let isDistribution = y.allSatisfy { $0 >= 0 } && abs(y.reduce(0, +) - 1) <= 1e-9
      guard c > 1, isDistribution else {
        throw LossTargetError(
          loss: name, index: i, target: y.first!,
          expected:
            "one of two or more outputs that are a distribution, as labels 0, 1, ... turned into one output each"
        )
      }
    }
  }

  public func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, outputs c: Int, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    for i in 0..<f.count / c {
      var largest = f[i * c]
      for q in 1..<max(c, 1) { largest = max(largest, f[i * c + q]) }
      var (sum, product) = (0.0, 0.0)
      for q in 0..<c {
        let e = exp(f[i * c + q] - largest)
        derivative[i * c + q] = e
        sum += e
        product += y[i * c + q] * (f[i * c + q] - largest)
      }
      for q in 0..<c { derivative[i * c + q] = derivative[i * c + q] / sum - y[i * c + q] }
      value[i] = log(sum) - product
    }
  }

  public func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, outputs c: Int, into result: inout MutableSpan<Double>
  ) {
    for i in 0..<f.count / c {
      var largest = f[i * c]
      for q in 1..<max(c, 1) { largest = max(largest, f[i * c + q]) }
      var sum = 0.0
      for q in 0..<c { sum += exp(f[i * c + q] - largest) }
      for q in 0..<c {
        let p = exp(f[i * c + q] - largest) / sum
        for r in 0..<c {
          let other = exp(f[i * c + r] - largest) / sum
          result[(i * c + q) * c + r] = (q == r ? p : 0) - p * other
        }
      }
    }
  }
}
