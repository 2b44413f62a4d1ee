import Networks

/// `sigma(z) = min(max(z, -1), 1)` (Collobert 2004): linear with kinks at -1 and 1. Not homogeneous.
public struct HardTanh: Activation {
  /// The function has no parameters.
  public init() {}

  public var name: String { "hard-tanh" }
  public var kinks: [Double] { [-1, 1] }
  public var pieces: PiecewiseLinear? {
    PiecewiseLinear(breakpoints: [-1, 1], slopes: [0, 1, 0], offset: -1)
  }

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    withBlocks(z, &value, &derivative) { z, value, derivative, count in
      for i in 0..<count {
        derivative![i] = z![i] > -1 && z![i] <= 1 ? 1 : 0
        // A NaN stays one.
        value![i] = z![i] < -1 ? -1 : z![i] > 1 ? 1 : z![i]
      }
    }
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    fill(z, &result, with: 0)
  }
}
