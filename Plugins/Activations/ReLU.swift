import Networks

/// `sigma(z) = max(z, 0)`, the paper's activation. 1-homogeneous; `sigma'(0) = 0`.
public struct ReLU: Activation {
  /// The function has no parameters.
  public init() {}

  public let name = "relu"
  public let homogeneity: Int? = 1
  public let kinks = [0.0]
  public let slopes: Slopes? = .relu

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    evaluatePiecewiseLinear(.relu, z, &value, &derivative)
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    fill(z, &result, with: 0)
  }
}
