import ODECore

/// `sum_i (x_i - y_i)^2` and, if `y` is nil, `sum_i x_i^2`, over eight lanes: Swift keeps the order
/// of additions, so a plain loop would not be vectorised.
func sumOfSquares(
  _ x: UnsafeBufferPointer<Double>, minus y: UnsafeBufferPointer<Double>? = nil
) -> Double {
  if let y { precondition(x.count == y.count) }
  var sums = SIMD8<Double>.zero
  let count = x.count
  let blocks = count - count % 8
  let xs = UnsafeRawPointer(x.baseAddress)
  let ys = y.flatMap { UnsafeRawPointer($0.baseAddress) }
  var i = 0
  while i < blocks {
    var v = xs!.loadUnaligned(fromByteOffset: i * 8, as: SIMD8<Double>.self)
    if let ys { v -= ys.loadUnaligned(fromByteOffset: i * 8, as: SIMD8<Double>.self) }
    sums += v * v
    i += 8
  }
  var sum = sums.sum()
  while i < count {
    let v = x[i] - (y.map { $0[i] } ?? 0)
    sum += v * v
    i += 1
  }
  return sum
}

/// The largest of numbers that are at least 0, and 0 of none; NaN if one of them is not finite.
func largestElement(_ x: UnsafeBufferPointer<Double>) -> Double {
  var largest = SIMD8<Double>.zero
  var poison = SIMD8<Double>.zero
  let blocks = x.count - x.count % 8
  let xs = UnsafeRawPointer(x.baseAddress)
  var i = 0
  while i < blocks {
    let v = xs!.loadUnaligned(fromByteOffset: i * 8, as: SIMD8<Double>.self)
    largest = pointwiseMax(largest, v)
    poison += zeroIfFinite(v)
    i += 8
  }
  var result = largest.max()
  var rest = poison.sum()
  while i < x.count {
    result = Swift.max(result, x[i])
    rest += zeroIfFinite(x[i])
    i += 1
  }
  return rest.isNaN ? .nan : result
}
