import ODECore
import Networks

/// `sigma(z) = z` for `z > 0` and `slope z` otherwise (Maas, Hannun, Ng 2013). 1-homogeneous;
/// `sigma'(0) = slope`. With `slope = 1` it is linear and has no kink.
public struct LeakyReLU: Activation {
  /// `sigma'` for negative arguments.
  public let slope: Double

  /// `slope` must be finite; it may be negative (`-1` gives `|z|`).
  public init(slope: Double = 0.01) {
    precondition(slope.isFinite)
    self.slope = slope
  }

  public var name: String { "leaky-relu:\(slope)" }
  public var homogeneity: Int? { 1 }
  public var kinks: [Double] { slope == 1 ? [] : [0] }
  public var slopes: Slopes? { Slopes(negative: slope, positive: 1) }

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    evaluatePiecewiseLinear(Slopes(negative: slope, positive: 1), z, &value, &derivative)
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    fill(z, &result, with: 0)
  }
}
