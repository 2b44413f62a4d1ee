import Networks

/// `sigma(z) = z`: the network is linear in `x`. 1-homogeneous, no kink.
public struct Identity: Activation {
  /// The function has no parameters.
  public init() {}

  public let name = "identity"
  public let homogeneity: Int? = 1
  public let slopes: Slopes? = Slopes(negative: 1, positive: 1)

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    evaluatePiecewiseLinear(Slopes(negative: 1, positive: 1), z, &value, &derivative)
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    fill(z, &result, with: 0)
  }
}
