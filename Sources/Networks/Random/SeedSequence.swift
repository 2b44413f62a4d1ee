/// Spreads a seed's bits over any number of words (M. O'Neill, "Developing a seed_seq alternative", 2015),
/// with the constants and the layout of NumPy's `SeedSequence`.
struct SeedSequence {
  private var pool: [UInt32]

  /// The seed's 32-bit words, the least significant first, are the entropy.
  init(seed: UInt64) {
    let high = UInt32(truncatingIfNeeded: seed >> 32)
    let entropy = [UInt32(truncatingIfNeeded: seed)] + (high == 0 ? [] : [high])
    var constant: UInt32 = 0x43b0_d7e5
    func hash(_ word: UInt32) -> UInt32 {
      var value = word ^ constant
      constant &*= 0x931e_8875
      value &*= constant
      return value ^ value >> 16
    }
    func mix(_ x: UInt32, _ y: UInt32) -> UInt32 {
      let value = 0xca01_f9dd &* x &- 0x4973_f715 &* y
      return value ^ value >> 16
    }
    pool = [0, 0, 0, 0]
    for i in pool.indices { pool[i] = hash(i < entropy.count ? entropy[i] : 0) }
    for source in pool.indices {
      for target in pool.indices where target != source {
        pool[target] = mix(pool[target], hash(pool[source]))
      }
    }
  }

  /// `count` words of 64 bits.
  func words(_ count: Int) -> [UInt64] {
    var constant: UInt32 = 0x8b51_f9dd
    let halves = (0..<(2 * count)).map { i in
      var value = pool[i % pool.count] ^ constant
      constant &*= 0x58f3_8ded
      value &*= constant
      return UInt64(value ^ value >> 16)
    }
    return (0..<count).map { halves[2 * $0] | halves[2 * $0 + 1] << 32 }
  }
}
