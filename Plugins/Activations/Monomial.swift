import Networks

/// `sigma(z) = z^p`, `p`-homogeneous; `p = 1` is the identity, `p = 2` the quadratic networks of the
/// phase-retrieval literature.
public struct Monomial: Activation {
  /// The exponent.
  public let power: Int

  /// `power` must be at least 1.
  public init(power: Int) {
    precondition(power >= 1)
    self.power = power
  }

  public var name: String { "monomial:\(power)" }
  public var homogeneity: Int? { power }
  public var slopes: Slopes? { power == 1 ? Slopes(negative: 1, positive: 1) : nil }

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    let (p, factor) = (power, Double(power))
    withBlocks(z, &value, &derivative) { z, value, derivative, count in
      for i in 0..<count { value![i] = 1 }
      // After the last factor but one `value` holds z^(p-1).
      for _ in 0..<(p - 1) {
        for i in 0..<count { value![i] *= z![i] }
      }
      for i in 0..<count {
        derivative![i] = factor * value![i]
        value![i] *= z![i]
      }
    }
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    fill(z, &result, with: Double(power) * Double(power - 1))
    if power < 3 { return }
    let p = power
    withBlocks(z, &result) { z, result, count in
      for _ in 0..<(p - 2) {
        for i in 0..<count { result![i] *= z![i] }
      }
    }
  }
}
