import CMathKernels
import Networks

/// `sigma(z) = 1 / (1 + exp(-z))`; never overflows. Errors: at most 3 ulp for the value, 5 for the
/// derivative, 8 for the second.
public struct Sigmoid: Activation {
  /// The function has no parameters.
  public init() {}

  public let name = "sigmoid"

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    withBlocks(z, &value, &derivative) { cmath_sigmoid($0, $1, $2, $3) }
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    withBlocks(z, &result) { cmath_sigmoid_second($0, $1, $2) }
  }
}
