import Networks

/// `l(f, y) = (f - y)^2 / 2`, so that `R = 1/(2n) sum_i (f_i - y_i)^2`, (10) of the paper, and `l'` is
/// the residual `e_i`. Called `mse` after its usual name, though `R` is half the mean squared error.
public struct SquaredLoss: Loss {
  /// The loss has no parameters.
  public init() {}

  public let name = "mse"
  public let isSquared = true

  public func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    forEachSample(f, y, &value, &derivative) { f, y in
      let e = f - y
      return (0.5 * e * e, e)
    }
  }

  public func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>
  ) {
    forEachSample(f, y, &result) { _, _ in 1 }
  }
}
