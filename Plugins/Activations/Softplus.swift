import CMathKernels
import GradientFlow

/// `sigma(z) = log(1 + exp z) = max(z, 0) + log(1 + exp(-|z|))`, a smooth ReLU; never overflows. Errors:
/// at most 3 ulp for the value, 5 for the derivatives.
public struct Softplus: Activation {
  public init() {}

  public let name = "softplus"

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    withBlocks(z, &value, &derivative) { cmath_softplus($0, $1, $2, $3) }
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    withBlocks(z, &result) { cmath_softplus_second($0, $1, $2) }
  }
}
