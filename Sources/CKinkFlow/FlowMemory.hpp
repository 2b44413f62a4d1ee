// Going on later, bit by bit: what the state alone does not tell. The order of the neurons in their modes decides
// how sums are rounded, the moments are carried along, alpha = kappa' a does not survive a division by kappa'.
#pragma once
#include "Flow.hpp"

namespace kink {

// Layout: a header of 12 numbers; the last path (s n); then for each mode its two sets (2 W numbers of 32 bits
// each), whether it is stuck, its size, its moments (Q^2), and id and alpha of each neuron.
constexpr double MemoryMark = 20250.77;
constexpr int MemoryHeader = 12;

template <int N, int W> size_t Flow<N, W>::memoryLength() const {
  const size_t perMode = 4 * W + 2 + size_t(Q) * Q;
  return MemoryHeader + size_t(s) * n + modes.size() * perMode + 2 * m;
}

template <int N, int W> void Flow<N, W>::writeMemory(double *out) const {
  const double header[MemoryHeader] = {MemoryMark, double(W), double(Q), double(s), double(n), double(m),
                                       lastH, double(hold), double(taken), double(counters.climbs),
                                       double(modes.size()), double(memoryLength())};
  out = std::copy(header, header + MemoryHeader, out);
  for (int k = 0; k < s * n; ++k) *out++ = lastH > 0 ? lastP[k] : 0;
  for (auto &M : modes) {
    for (const Kinks *set : {&M->plus, &M->slide})
      for (uint64_t word : set->words) {
        *out++ = double(uint32_t(word));
        *out++ = double(uint32_t(word >> 32));
      }
    *out++ = M->stuck;
    *out++ = double(M->size());
    out = std::copy_n(M->moments.begin(), Q * Q, out);
    for (int id : M->id) *out++ = id;
    out = std::copy(M->theta[0].begin(), M->theta[0].end(), out);
  }
}

template <int N, int W>
void Flow<N, W>::resume(double t, const double *state, double step, const double *memory, size_t length) {
  const double *in = memory, *const end = memory + length;
  auto next = [&] {
    if (in == end || !std::isfinite(*in)) throw BadMemory();
    return *in++;
  };
  auto whole = [&](double largest) {
    const double v = next();
    if (!(v >= 0 && v <= largest && v == std::floor(v))) throw BadMemory();
    return size_t(v);
  };
  const double expected[6] = {MemoryMark, double(W), double(Q), double(s), double(n), double(m)};
  for (double v : expected)
    if (next() != v) throw BadMemory();
  time = t;
  lastH = next();
  hold = int(whole(1000));
  taken = long(whole(1e15));
  counters.climbs = long(whole(1e9));
  const size_t modeCount = whole(1e12);
  if (next() != double(length)) throw BadMemory();
  lastP.resize(s * n);
  for (double &v : lastP) v = next();

  std::vector<bool> seen(m, false);
  size_t total = 0;
  for (size_t mode = 0; mode < modeCount; ++mode) {
    Kinks sets[2];
    for (Kinks &set : sets)
      for (uint64_t &word : set.words) {
        word = whole(4294967295.0);
        word |= uint64_t(whole(4294967295.0)) << 32;
      }
    const Kinks all = Kinks::below(n);
    if (sets[0] - all || sets[1] - all) throw BadMemory();
    const bool stuck = whole(1) == 1;
    const size_t count = whole(double(m));
    Group &M = *modeFor(sets[0], sets[1], stuck);
    if (fresh.empty()) throw BadMemory();
    for (int k = 0; k < Q * Q; ++k) M.moments[k] = next();
    for (size_t k = 0; k < count; ++k) {
      const size_t id = whole(double(m) - 1);
      if (seen[id]) throw BadMemory();
      seen[id] = true;
      push(M, initial(state, id), int(id));
    }
    for (size_t k = 0; k < count; ++k) M.theta[0][k] = next();
    total += count;
    adopt();
  }
  if (total != m || in != end) throw BadMemory();
  e0 = eNow = residuals();
  noise = roundingOfResiduals();
  loss = p.risk(eNow.data());
  nextStep = step;
}

}  // namespace kink
