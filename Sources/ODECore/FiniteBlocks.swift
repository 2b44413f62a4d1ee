/// Whether no element of the blocks, of the same length, is NaN or infinite; in one pass over both.
package func areFinite(_ u: Span<Double>, _ v: Span<Double>) -> Bool {
  precondition(u.count == v.count)
  return u.withUnsafeBytes { u in
    v.withUnsafeBytes { v in
      // Over eight lanes: Swift keeps the order of additions, so a plain loop would not be vectorised.
      let count = u.count / 8
      var lanes = SIMD8<Double>.zero
      var i = 0
      while i + 8 <= count {
        lanes += zeroIfFinite(u.loadUnaligned(fromByteOffset: 8 * i, as: SIMD8<Double>.self))
        lanes += zeroIfFinite(v.loadUnaligned(fromByteOffset: 8 * i, as: SIMD8<Double>.self))
        i += 8
      }
      var sum = lanes.sum()
      while i < count {
        sum += zeroIfFinite(u.loadUnaligned(fromByteOffset: 8 * i, as: Double.self))
        sum += zeroIfFinite(v.loadUnaligned(fromByteOffset: 8 * i, as: Double.self))
        i += 1
      }
      return !sum.isNaN
    }
  }
}

extension Span<Double> {
  /// Whether no element is NaN or infinite.
  package var isFinite: Bool { areFinite(self, self) }
}
