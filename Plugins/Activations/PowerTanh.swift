import CMathKernels
import Networks

/// `sigma(z) = z^k tanh z`, whose multiplicity at 0 is `k + 1`: the family with which initial condensation is studied (Zhou, Zhou, Luo, Zhang, Xu,
/// NeurIPS 2022, arXiv 2105.11686).
public struct PowerTanh: Activation {
  /// The exponent of `z`.
  public let power: Int

  /// `power` must be at least 1.
  public init(power: Int) {
    precondition(power >= 1)
    self.power = power
  }

  public var name: String { "power-tanh:\(power)" }

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    let k = power
    withBlocks(z, &value, &derivative) { z, value, derivative, count in
      cmath_tanh(z, value, derivative, count)
      for i in 0..<count {
        let below = Self.power(z![i], k - 1)
        derivative![i] = below * (Double(k) * value![i] + z![i] * derivative![i])
        value![i] *= below * z![i]
      }
    }
  }

  /// `k(k-1) z^(k-2) tanh z + 2k z^(k-1) tanh' z + z^k tanh'' z`.
  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    let k = power
    withBlocks(z, &result) { z, result, count in
      cmath_tanh_second(z, result, count)
      withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * Self.blockLength) { scratch in
        let (t, slope) = (scratch.baseAddress!, scratch.baseAddress! + Self.blockLength)
        for start in stride(from: 0, to: count, by: Self.blockLength) {
          let block = min(Self.blockLength, count - start)
          cmath_tanh(z! + start, t, slope, block)
          for i in 0..<block {
            let x = z![start + i]
            let below = Self.power(x, k - 1)
            let bent = k < 2 ? 0 : Double(k * (k - 1)) * Self.power(x, k - 2) * t[i]
            result![start + i] = bent + below * (2 * Double(k) * slope[i] + x * result![start + i])
          }
        }
      }
    }
  }

  private static let blockLength = 256

  @inline(__always)
  private static func power(_ x: Double, _ k: Int) -> Double {
    var result = 1.0
    for _ in 0..<k { result *= x }
    return result
  }
}
