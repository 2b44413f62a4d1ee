import Foundation
import Networks

/// `l(f, y) = log(1 + exp(-y f))` for targets -1 and 1. With `u = exp(-|y f|)` it is
/// `max(-y f, 0) + log(1 + u)`, which neither overflows nor loses the digits of a small loss.
public struct LogisticLoss: Loss {
  /// The loss has no parameters.
  public init() {}

  public let name = "logistic"

  public func validate(targets: [Double]) throws { try requireSigns(targets, loss: name) }

  public func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    forEachSample(f, y, &value, &derivative) { f, y in
      let margin = y * f
      let u = exp(-abs(margin))
      return (max(-margin, 0) + log1p(u), -y * (margin > 0 ? u : 1) / (1 + u))
    }
  }

  public func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>
  ) {
    forEachSample(f, y, &result) { f, y in
      let u = exp(-abs(y * f))
      return y * y * u / ((1 + u) * (1 + u))
    }
  }
}
