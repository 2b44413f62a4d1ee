// Who meets an event on the current path: one pass over the neurons with a few rows per mode.
#pragma once
#include "Flow.hpp"

namespace kink {

template <int N, int W> void Flow<N, W>::detect() {
  events.clear();
  struct Chunk {
    Group *M;
    size_t from, to;
  };
  std::vector<Chunk> chunks;
  for (auto &owned : modes) {
    Group &M = *owned;
    if (!M.size()) continue;
    readyEvents(M);
    if (M.still) continue;
    if (shared(M)) {
      propagate(M);
      rowsOf(M);
    }
    for (size_t k = 0; k < M.size(); k += 16 * Block)
      chunks.push_back({&M, k, std::min(M.size(), k + 16 * Block)});
  }
  std::vector<std::vector<int>> hits(chunks.size());
  forEach(chunks.size(), m > 20000,
          [&](size_t c) { detectIn(*chunks[c].M, chunks[c].from, chunks[c].to, hits[c]); });
  for (size_t c = 0; c < chunks.size(); ++c)
    for (int k : hits[c]) events.push_back({chunks[c].M, k});
}

template <int N, int W> void Flow<N, W>::rowsOf(Group &M) {
  M.rowStamp = stamp;
  M.rows.resize((M.facets.size() + 1) * M.terms);
  for (int k = 0; k < M.terms; ++k)
    for (int c = 0; c < Q; ++c) {
      M.rows[k][c] = M.series[k][c];
      for (size_t f = 0; f < M.facets.size(); ++f) {
        double v = 0;
        for (int a = 0; a < D; ++a) v += p.x(M.facets[f])[a] * M.series[k][(a + 1) * Q + c];
        M.rows[(f + 1) * M.terms + k][c] = M.side(M.facets[f]) * v;
      }
    }
}

/// The slots in `from..<to` with a wrong sign at the end or where `b.x_i` vanishes, or whose alpha changes sign;
/// all of them if the mode lets go.
template <int N, int W>
void Flow<N, W>::detectIn(Group &M, size_t from, size_t to, std::vector<int> &hits) {
  if (M.release.when <= 1) {
    for (size_t k = from; k < to; ++k) hits.push_back(int(k));
    return;
  }
  if (M.facets.empty() && !M.slide) return;
  if (!shared(M)) {
    Series C;
    for (size_t k = from; k < to; ++k) {
      const int terms = taylor(M.b.data(), get(M, k), C);
      if (!terms) {
        tooFar = true;
        return;
      }
      const Theta end = at(C, terms, 1);
      bool hit = end[0] * C[0][0] < 0;
      for (size_t f = 0; f < M.facets.size() && !hit; ++f)
        hit = M.side(M.facets[f]) * dot(end, p.x(M.facets[f])) < 0;
      for (size_t g = 0; g < M.turnTime.size() && !hit; ++g) {
        const int i = M.facets[M.turnFacet[g]];
        hit = M.side(i) * dot(at(C, terms, M.turnTime[g]), p.x(i)) < 0;
      }
      if (hit) hits.push_back(int(k));
    }
    return;
  }
  // Rows whose products with theta must stay positive.
  Vec rows;
  auto addRow = [&](const Matrix &A, int i) {
    for (int c = 0; c < Q; ++c) {
      double v = 0;
      for (int a = 0; a < D; ++a) v += M.side(i) * p.x(i)[a] * A[(a + 1) * Q + c];
      rows.push_back(v);
    }
  };
  for (int i : M.facets) addRow(M.node[s - 1], i);
  for (size_t g = 0; g < M.turnTime.size(); ++g)
    addRow(propagatorAt(M, M.turnTime[g]), M.facets[M.turnFacet[g]]);
  double least[Block];
  const double *start[Cap + 1];
  for (size_t k0 = from; k0 < to; k0 += Block) {
    const size_t length = std::min(Block, to - k0);
    for (int c = 0; c < Q; ++c) start[c] = M.theta[c].data() + k0;
    ckink_least(Q, M.node[s - 1].data(), rows.data(), rows.size() / Q, start, length, least);
    for (size_t k = 0; k < length; ++k)
      if (least[k] < 0) hits.push_back(int(k0 + k));
  }
}

/// Traces all events along the path: shares go to `correction` in fixed blocks, the new places to `moved`.
template <int N, int W> void Flow<N, W>::traceAll() {
  const size_t count = events.size(), block = 64, blocks = (count + block - 1) / block;
  Vec part(blocks * s * n, 0.0);
  std::vector<ckink_counters> counts(blocks);
  moved.resize(count);
  forEach(blocks, count > 500, [&](size_t q) {
    for (size_t k = q * block; k < std::min(count, (q + 1) * block); ++k) {
      const Event &event = events[k];
      Moved &v = moved[k];
      v = {event.mode, event.slot, get(*event.mode, event.slot), {}, nullptr, event.mode->id[event.slot]};
      v.after = v.before;
      v.to = trace(v.after, event.mode, &part[q * s * n], counts[q]);
    }
  });
  correction.assign(s * n, 0);
  counted = {};
  for (size_t q = 0; q < blocks; ++q) {
    for (int k = 0; k < s * n; ++k) correction[k] += part[q * s * n + k];
    const ckink_counters &c = counts[q];
    counted.crossings += c.crossings;
    counted.captures += c.captures;
    counted.releases += c.releases;
    counted.sign_changes += c.sign_changes;
    counted.through_zero += c.through_zero;
    counted.held_at_zero += c.held_at_zero;
    counted.unresolved += c.unresolved;
  }
  counters.traces += long(count);
  adopt();
}

}  // namespace kink
