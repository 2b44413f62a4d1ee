import Foundation
import Networks

/// `l(f, y) = exp(-y f)` for targets -1 and 1, AdaBoost's loss. It exceeds the largest double for
/// `y f < -709.78`: value and derivatives are then infinite, so that a run ends as not finite instead of
/// going on with a wrong gradient. No NaN comes from a finite `f`.
public struct ExponentialMarginLoss: Loss {
  /// The loss has no parameters.
  public init() {}

  public let name = "exponential-margin"

  public func validate(targets: [Double]) throws { try requireSigns(targets, loss: name) }

  public func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    forEachSample(f, y, &value, &derivative) { f, y in
      let l = exp(-y * f)
      return (l, -y * l)
    }
  }

  public func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>
  ) {
    forEachSample(f, y, &result) { f, y in y * y * exp(-y * f) }
  }
}
