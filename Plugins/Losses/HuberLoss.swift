import ODECore
import Networks

/// `l(f, y) = e^2 / 2` for `|e| <= delta` and `delta (|e| - delta / 2)` beyond, `e = f - y` (Huber 1964,
/// doi:10.1214/aoms/1177703732). `l''` jumps from 1 to 0 at `|e| = delta`.
public struct HuberLoss: Loss {
  /// The residual at which the loss goes over from quadratic to linear.
  public let delta: Double

  /// `delta` must be positive and finite.
  public init(delta: Double = 1) {
    precondition(delta > 0 && delta.isFinite)
    self.delta = delta
  }

  public var name: String { "huber:\(delta)" }

  public func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    let delta = delta
    forEachSample(f, y, &value, &derivative) { f, y in
      let e = f - y
      return abs(e) > delta
        ? (delta * (abs(e) - 0.5 * delta), e > 0 ? delta : -delta) : (0.5 * e * e, e)
    }
  }

  public func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>
  ) {
    let delta = delta
    forEachSample(f, y, &result) { f, y in abs(f - y) > delta ? 0 : 1 }
  }
}
