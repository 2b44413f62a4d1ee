/// 0 if `x` is finite, NaN if not. NaN survives every sum, so a sum of these tells, in any order, whether all terms are
/// finite; it vectorises, a search does not.
@inlinable @inline(__always)
public func zeroIfFinite(_ x: Double) -> Double { x * 0 }

/// The same in each of eight lanes.
@inlinable @inline(__always)
public func zeroIfFinite(_ x: SIMD8<Double>) -> SIMD8<Double> { x * 0 }

extension UnsafeBufferPointer<Double> {
  /// The index of the first element that is NaN or infinite.
  public var firstNonFinite: Int? {
    var sum = 0.0
    for x in self { sum += zeroIfFinite(x) }
    return sum.isNaN ? firstIndex { !$0.isFinite } : nil
  }
}
