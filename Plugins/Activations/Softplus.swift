import ODECore
import CMathKernels
import Networks

/// `sigma(z) = log(1 + exp(beta z)) / beta`, a smooth ReLU, which it becomes for `beta` to infinity; never
/// overflows. Errors for `beta = 1`: at most 3 ulp for the value, 5 for the derivatives; a multiplication of `z`
/// and one of the result more otherwise.
public struct Softplus: Activation {
  /// The sharpness: for large values the function is near ReLU.
  public let beta: Double

  /// `beta` must be positive and finite.
  public init(beta: Double = 1) {
    precondition(beta > 0 && beta.isFinite)
    self.beta = beta
  }

  public var name: String { beta == 1 ? "softplus" : "softplus:\(beta)" }

  public func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    if beta == 1 {
      return withBlocks(z, &value, &derivative) { cmath_softplus($0, $1, $2, $3) }
    }
    let b = beta
    withScratch { scratch, capacity in
      withBlocks(z, &value, &derivative) { z, value, derivative, count in
        for start in stride(from: 0, to: count, by: capacity) {
          let n = min(capacity, count - start)
          for i in 0..<n { scratch[i] = b * z![start + i] }
          cmath_softplus(scratch, value! + start, derivative! + start, n)
          for i in start..<start + n { value![i] /= b }
        }
      }
    }
  }

  public func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    if beta == 1 { return withBlocks(z, &result) { cmath_softplus_second($0, $1, $2) } }
    let b = beta
    withScratch { scratch, capacity in
      withBlocks(z, &result) { z, result, count in
        for start in stride(from: 0, to: count, by: capacity) {
          let n = min(capacity, count - start)
          for i in 0..<n { scratch[i] = b * z![start + i] }
          cmath_softplus_second(scratch, result! + start, n)
          for i in start..<start + n { result![i] *= b }
        }
      }
    }
  }

  /// Room for scaled arguments, on the stack.
  private func withScratch(_ body: (UnsafeMutablePointer<Double>, Int) -> Void) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 512) { body($0.baseAddress!, $0.count) }
  }
}
