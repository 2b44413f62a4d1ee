#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

extension PCG64 {
  /// The next standard normal number, by the 256-layer ziggurat (Marsaglia and Tsang 2000,
  /// doi:10.18637/jss.v005.i08): the numbers of `numpy.random.default_rng(seed).standard_normal`.
  ///
  /// The order in which bits are used is that of NumPy (`random_standard_normal` in its
  /// `distributions.c`; BSD licence, see `NOTICE.md`). In 99.3% of the cases only exact
  /// arithmetic is used. The tail beyond 3.654 (one number in 3900) takes the C library's `log1p`, which
  /// on another system may differ in the last digit, with NumPy as with us.
  public mutating func nextNormal() -> Double {
    while true {
      var bits = next()
      let layer = Int(bits & 0xff)
      bits >>= 8
      let isNegative = bits & 1 == 1
      let magnitude = bits >> 1 & 0x000f_ffff_ffff_ffff
      let x = Double(magnitude) * ZigguratTables.widths[layer]
      if magnitude < ZigguratTables.acceptance[layer] { return isNegative ? -x : x }
      if layer == 0 { return nextTail(isNegative: magnitude >> 8 & 1 == 1) }
      let upper = ZigguratTables.densities[layer - 1]
      let lower = ZigguratTables.densities[layer]
      if (upper - lower) * nextUniform() + lower < exp(-0.5 * x * x) { return isNegative ? -x : x }
    }
  }

  /// Marsaglia's method for the tail beyond `r`.
  private mutating func nextTail(isNegative: Bool) -> Double {
    while true {
      let x = -ZigguratTables.inverseTailStart * log1p(-nextUniform())
      let y = -log1p(-nextUniform())
      if y + y > x * x {
        return isNegative ? -(ZigguratTables.tailStart + x) : ZigguratTables.tailStart + x
      }
    }
  }
}
