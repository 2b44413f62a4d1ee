// The input dimension: known to the compiler where that pays, else a number.
#pragma once
#include "include/ckink.h"

namespace kink {

/// `D = d`, `Q = d + 1` numbers per neuron, `Cap` the room for `D` in fixed arrays.
template <int N> struct Dimension {
  static constexpr int Cap = N, D = N, Q = N + 1;
  explicit Dimension(int) {}
};

/// Any dimension up to `Cap`.
template <> struct Dimension<0> {
  static constexpr int Cap = CKINK_MAX_DIMENSION;
  const int D, Q;
  explicit Dimension(int d) : D(d), Q(d + 1) {}
};

}  // namespace kink
