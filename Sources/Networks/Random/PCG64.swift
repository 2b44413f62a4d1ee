/// The generator PCG-XSL-RR 128/64 (O'Neill 2014, "PCG: a family of simple fast space-efficient
/// statistically good algorithms for random number generation", HMC-CS-2014-0905), seeded as NumPy seeds
/// it: the same 64-bit words as `numpy.random.PCG64(seed)`, on every machine.
///
///     s <- s M + c mod 2^128;  output: (high 64 bits XOR low 64 bits) rotated right by the top 6 bits
public struct PCG64: RandomNumberGenerator, Sendable {
  /// The name in records.
  public static let name = "pcg64"

  private var state: UInt128
  private let increment: UInt128

  /// Any seed is good; NumPy accepts the same ones.
  public init(seed: UInt64) {
    let words = SeedSequence(seed: seed).words(4)
    increment = (UInt128(words[2]) << 64 | UInt128(words[3])) << 1 | 1
    state = 0
    step()
    state &+= UInt128(words[0]) << 64 | UInt128(words[1])
    step()
  }

  private mutating func step() {
    state = state &* 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645 &+ increment
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    step()
    let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
    let rotation = UInt64(truncatingIfNeeded: state >> 122)
    return folded >> rotation | folded << (64 &- rotation & 63)
  }

  /// Uniform in `[0, 1)`, a multiple of `2^-53`.
  public mutating func nextUniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }
}
