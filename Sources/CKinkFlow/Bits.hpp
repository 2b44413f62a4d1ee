// Sets of kinks.
#pragma once
#include <array>
#include <cstdint>

namespace kink {

/// A set of integers below `64 W`.
template <int W> struct Bits {
  std::array<uint64_t, W> words{};

  bool has(int i) const { return words[i >> 6] >> (i & 63) & 1; }
  void insert(int i) { words[i >> 6] |= uint64_t(1) << (i & 63); }
  void remove(int i) { words[i >> 6] &= ~(uint64_t(1) << (i & 63)); }
  Bits with(int i) const { Bits r = *this; r.insert(i); return r; }
  Bits without(int i) const { Bits r = *this; r.remove(i); return r; }
  Bits flipped(int i) const { return has(i) ? without(i) : with(i); }
  explicit operator bool() const {
    uint64_t any = 0;
    for (uint64_t w : words) any |= w;
    return any != 0;
  }
  /// `{0, ..., n - 1}`.
  static Bits below(int n) {
    Bits r;
    for (int i = 0; i < n; ++i) r.insert(i);
    return r;
  }
  Bits operator|(const Bits &b) const { Bits r; for (int i = 0; i < W; ++i) r.words[i] = words[i] | b.words[i]; return r; }
  /// Set difference.
  Bits operator-(const Bits &b) const { Bits r; for (int i = 0; i < W; ++i) r.words[i] = words[i] & ~b.words[i]; return r; }
  bool operator==(const Bits &b) const { return words == b.words; }
  bool operator<(const Bits &b) const { return words < b.words; }
};

}  // namespace kink
