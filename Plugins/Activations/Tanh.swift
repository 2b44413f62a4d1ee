import CMathKernels
import Networks

/// `sigma(z) = tanh z`, with `sigma' = 4 u / (1 + u)^2`, `u = exp(-2|z|)`, so that the derivative keeps its
/// digits in the tails. Errors: at most 3 ulp for the value, 5 for the derivative, 8 for the second.
public struct Tanh: Activation {
  /// The function has no parameters.
  public init() {}

  public let name = "tanh"

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    withBlocks(z, &value, &derivative) { cmath_tanh($0, $1, $2, $3) }
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    withBlocks(z, &result) { cmath_tanh_second($0, $1, $2) }
  }
}
