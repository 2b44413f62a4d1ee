import CMathKernels
import Networks

/// `sigma(z) = sin z`. Errors: at most 2 ulp for the value and the derivatives, at every argument.
public struct Sine: Activation {
  /// The function has no parameters.
  public init() {}

  public let name = "sin"

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    withBlocks(z, &value, &derivative) { cmath_sin($0, $1, $2, $3) }
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    withBlocks(z, &result) { cmath_sin_second($0, $1, $2) }
  }
}
