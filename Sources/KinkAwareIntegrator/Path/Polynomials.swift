import CKinkFlow

/// `sum_k c[k stride] t^k`, `K` terms.
@inline(__always)
func horner(_ c: UnsafePointer<Double>, _ K: Int, _ t: Double, stride: Int = 1) -> Double {
  var v = 0.0
  var k = K - 1
  while k >= 0 {
    v = v * t + c[k * stride]
    k -= 1
  }
  return v
}

/// The sign changes in `(t0, 1)` of a polynomial of `K <= 8` terms, ascending: between the roots of its derivative it is
/// monotone. `out` takes `K - 1` values. Returns their number.
func rootsOnUnit(
  _ c: UnsafePointer<Double>, _ K: Int, from t0: Double, _ out: UnsafeMutablePointer<Double>
) -> Int {
  guard K >= 2 else { return 0 }
  return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * K) { scratch in
    let derivative = scratch.baseAddress!
    let breaks = derivative + K
    for k in 1..<K { derivative[k - 1] = Double(k) * c[k] }
    var count = rootsOnUnit(derivative, K - 1, from: t0, breaks)
    breaks[count] = 1
    count += 1
    var (found, a, fa) = (0, t0, horner(c, K, t0))
    for b in UnsafeBufferPointer(start: breaks, count: count) {
      let fb = horner(c, K, b)
      if fa * fb < 0 {
        out[found] = ckink_root(c, Int32(K), 1, a, b, fa, fb)
        found += 1
      }
      (a, fa) = (b, fb)
    }
    return found
  }
}

/// The first time in `(t0, limit)` from which on two polynomials of `K <= 6` terms are both negative; `CKINK_FAR` if
/// there is none.
func firstBothNegative(
  _ f: UnsafePointer<Double>, _ g: UnsafePointer<Double>, _ K: Int, after t0: Double, before limit: Double
) -> Double {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * K + 1) { scratch in
    let breaks = scratch.baseAddress!
    var count = rootsOnUnit(f, K, from: t0, breaks)
    count += rootsOnUnit(g, K, from: t0, breaks + count)
    if count == 0, horner(f, K, t0) >= 0 || horner(g, K, t0) >= 0 { return CKINK_FAR }
    breaks[count] = 1
    var all = UnsafeMutableBufferPointer(start: breaks, count: count + 1)
    all.sort()
    var from = t0
    for k in 0...count where from < limit {
      let middle = 0.5 * (from + breaks[k])
      if horner(f, K, middle) < 0, horner(g, K, middle) < 0 { return from }
      from = breaks[k]
    }
    return CKINK_FAR
  }
}
