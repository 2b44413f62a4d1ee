// The modes and their neurons.
#pragma once
#include "Flow.hpp"

namespace kink {

template <int N, int W> auto Flow<N, W>::modeFor(Kinks plus, Kinks slide, bool stuck) -> Group * {
  std::lock_guard<std::mutex> guard(lock);
  plus = plus - slide;
  const auto [place, isNew] = index.try_emplace({plus, slide}, nullptr);
  if (!isNew) return place->second;
  auto made = std::make_unique<Group>();
  Group &M = *made;
  M.plus = plus;
  M.slide = slide;
  M.stuck = stuck;
  M.b.assign(MaxS * D, 0);
  M.v.assign(MaxS * D, 0);
  M.U.assign(size_t(n) * D, 0);
  for (int i = 0; i < n; ++i) {
    if (slide.has(i)) {
      M.S.push_back(i);
    } else {
      for (int q = 0; q < D; ++q) M.U[i * D + q] = slope(M, i) * p.x(i)[q];
    }
  }
  const int k = int(M.S.size());
  if (k && !stuck) {
    // The equivalent control keeps X_S b = 0: X_S X_S^T (s e)_S = -X_S sum_free.
    Vec C(k * k), B(size_t(k) * n);
    for (int a = 0; a < k; ++a) {
      for (int c = 0; c < k; ++c) C[a * k + c] = inner(p.x(M.S[a]), p.x(M.S[c]));
      for (int i = 0; i < n; ++i) B[a * n + i] = -inner(p.x(M.S[a]), &M.U[i * D]);
    }
    if (!solveDense(k, C.data(), B.data(), n)) {
      index.erase(place);
      throw SingularKinks();
    }
    M.Z = B;
    for (int i = 0; i < n; ++i)
      if (!slide.has(i))
        for (int a = 0; a < k; ++a)
          for (int q = 0; q < D; ++q) M.U[i * D + q] += M.Z[a * n + i] * p.x(M.S[a])[q];
  }
  for (int i = 0; i < n; ++i)
    if (!slide.has(i) && isFacet(M, i)) M.facets.push_back(i);
  fresh.push_back(std::move(made));
  place->second = fresh.back().get();
  return place->second;
}

/// New modes join in the order of their keys, whichever thread met them first.
template <int N, int W> void Flow<N, W>::adopt() {
  std::sort(fresh.begin(), fresh.end(), [](auto &a, auto &b) {
    return std::make_pair(a->plus, a->slide) < std::make_pair(b->plus, b->slide);
  });
  counters.modes += long(fresh.size());
  for (auto &M : fresh) modes.push_back(std::move(M));
  fresh.clear();
}

template <int N, int W> void Flow<N, W>::dropEmpty() {
  auto isGone = [&](const std::unique_ptr<Group> &M) {
    if (M->size()) return false;
    index.erase({M->plus, M->slide});
    return true;
  };
  modes.erase(std::remove_if(modes.begin(), modes.end(), isGone), modes.end());
}

/// In the plane a free cone has two walls; beyond, every kink is watched.
template <int N, int W> bool Flow<N, W>::isFacet(const Group &M, int i) const {
  if (!p.hasKinks()) return false;
  if (D != 2 || M.slide) return true;
  for (int sign = -1; sign <= 1; sign += 2) {
    const double w[2] = {-sign * p.x(i)[1], sign * p.x(i)[0]};
    bool bounds = true;
    for (int j = 0; j < n && bounds; ++j)
      if (j != i) {
        const double h = w[0] * p.x(j)[0] + w[1] * p.x(j)[1];
        bounds = M.plus.has(j) ? h >= -1e-14 : h <= 1e-14;
      }
    if (bounds) return true;
  }
  return false;
}

template <int N, int W> void Flow<N, W>::push(Group &M, const Theta &theta, int id) {
  for (int q = 0; q < Q; ++q) M.theta[q].push_back(theta[q]);
  M.id.push_back(id);
}

template <int N, int W> auto Flow<N, W>::get(const Group &M, size_t slot) const -> Theta {
  Theta theta{};
  for (int q = 0; q < Q; ++q) theta[q] = M.theta[q][slot];
  return theta;
}

/// The last neuron takes the free place.
template <int N, int W> void Flow<N, W>::removeSlot(Group &M, size_t slot) {
  for (int q = 0; q < Q; ++q) {
    M.theta[q][slot] = M.theta[q].back();
    M.theta[q].pop_back();
  }
  M.id[slot] = M.id.back();
  M.id.pop_back();
}

}  // namespace kink
