// The state at the end of the last step and within it.
#pragma once
#include "Flow.hpp"

namespace kink {

template <int N, int W> void Flow<N, W>::write(const Theta &theta, int id, double *state) const {
  state[id] = theta[0] / p.unit;
  for (int q = 1; q < Q; ++q) state[q * m + id] = theta[q];
}

template <int N, int W> void Flow<N, W>::writeState(double *state) {
  forEachRun([&](Group &M, size_t from, size_t to) {
    for (size_t k = from; k < to; ++k) state[M.id[k]] = M.theta[0][k] / p.unit;
    for (int q = 1; q < Q; ++q)
      for (size_t k = from; k < to; ++k) state[q * m + M.id[k]] = M.theta[q][k];
  });
}

/// The same motion as in the step: modes of many neurons from the end back by `Psi(u) Psi(1)^-1`, others by
/// their series from the start, and neurons with events traced again up to `u`.
template <int N, int W> void Flow<N, W>::interpolate(double u, double *state) {
  // Modes that received neurons only now are overwritten below, where those are traced.
  std::map<const Group *, Matrix> back;
  for (auto &M : modes) {
    if (!M->size() || M->stamp != stamp || M->still || M->seriesStamp != stamp) continue;
    const Matrix at = propagatorAt(*M, u), &end = M->node[s - 1];
    Matrix A;
    for (int a = 0; a < Q; ++a)
      for (int b = 0; b < Q; ++b) {
        double v = 0;
        for (int c = 0; c < Q; ++c) v += at[a * Q + c] * ((c == 0) == (b == 0) ? 1 : -1) * end[b * Q + c];
        A[a * Q + b] = v;
      }
    back.emplace(M.get(), A);
  }
  forEachRun([&](Group &M, size_t from, size_t to) {
    const auto found = back.find(&M);
    for (size_t k = from; k < to; ++k) {
      const Theta theta = get(M, k);
      write(found == back.end() ? theta : apply(found->second, theta), M.id[k], state);
    }
  });
  forEach(kept.size(), kept.size() > 500, [&](size_t k) {
    const Kept &neuron = kept[k];
    Series C;
    const int terms = taylor(neuron.mode->b.data(), neuron.before, C);
    if (terms) write(at(C, terms, u), neuron.id, state);
  });
  const size_t block = 64, blocks = (moved.size() + block - 1) / block;
  forEach(blocks, moved.size() > 500, [&](size_t q) {
    ckink_counters none{};
    for (size_t k = q * block; k < std::min(moved.size(), (q + 1) * block); ++k) {
      Theta theta = moved[k].before;
      trace(theta, moved[k].from, nullptr, none, u);
      write(theta, moved[k].id, state);
    }
  });
}

}  // namespace kink
