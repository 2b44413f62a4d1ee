// Neurons that move alike.
#pragma once
#include <array>
#include <atomic>
#include <vector>

#include "Bits.hpp"
#include "Dimension.hpp"
#include "Problem.hpp"
#include "Radau.hpp"

namespace kink {

/// "Not in this step", in units of the step.
constexpr double Far = 2;

/// Where an equivalent control leaves `[lo, hi]`: when, at which kink, through which end.
struct Release {
  double when = Far;
  int kink = -1;
  bool high = false;
};

/// All neurons with one sign pattern and one sliding set: they share `b`, hence one propagator.
template <int N, int W> struct Mode {
  static constexpr int Cap = Dimension<N>::Cap, MaxS = Radau::MaxStages;
  /// `(alpha, w)`.
  using Theta = std::array<double, Cap + 1>;
  /// Row-major, `Q x Q`.
  using Matrix = std::array<double, (Cap + 1) * (Cap + 1)>;

  // ---- What the mode is.
  /// The free kinks with `h > 0`, and those slid on.
  Bits<W> plus, slide;
  /// `w = 0`, held there.
  bool stuck = false;
  /// `n x D`: `b = -(kappa/n) sum_i e_i U_i`.
  Vec U;
  /// The kinks slid on, and `|S| x n` numbers with `s_j e_j = (Z e)_j`.
  std::vector<int> S;
  Vec Z;
  /// Kinks through which a neuron can leave.
  std::vector<int> facets;

  // ---- Its neurons.
  /// Structure of arrays.
  std::array<Vec, Cap + 1> theta;
  std::vector<int> id;
  /// `sum theta theta^T`.
  Matrix moments{};
  bool recount = false;

  // ---- Along the current path; valid for the path whose number is in the stamp.
  std::atomic<long> stamp{-1}, eventStamp{-1};
  /// Coefficients of `H b(t)`, `D` each.
  Vec b;
  /// `b = 0`: nothing moves.
  bool still = false;
  Release release;
  /// When `b.x_i` changes sign, and for which facet.
  std::vector<double> turnTime;
  std::vector<int> turnFacet;
  /// The propagator's Taylor coefficients, their number, and its values at the nodes.
  long seriesStamp = -1;
  std::vector<Matrix> series, node;
  int terms = 0;
  /// The series of alpha, then of each facet's side of `h`, as rows to be multiplied by theta.
  long rowStamp = -1;
  std::vector<Theta> rows;
  /// `sum alpha w` at the nodes.
  Vec v;

  size_t size() const { return id.size(); }
  double side(int i) const { return plus.has(i) ? 1 : -1; }
};

}  // namespace kink
