// Sums over neurons: residuals, rates and bounds from the modes' moments, without a look at a neuron.
#pragma once
#include "Flow.hpp"

namespace kink {

template <int N, int W> void Flow<N, W>::addOuter(Matrix &M, const Theta &theta, double factor) const {
  for (int a = 0; a < Q; ++a)
    for (int b = 0; b < Q; ++b) M[a * Q + b] += factor * theta[a] * theta[b];
}

template <int N, int W> void Flow<N, W>::rebuildMoments() {
  forEach(modes.size(), m > 20000, [&](size_t q) {
    Group &M = *modes[q];
    M.moments.fill(0);
    for (size_t k = 0; k < M.size(); k += Block)
      for (int a = 0; a < Q; ++a)
        for (int b = 0; b <= a; ++b) {
          double v = 0;
          for (size_t j = k; j < std::min(M.size(), k + Block); ++j) v += M.theta[a][j] * M.theta[b][j];
          M.moments[a * Q + b] += v;
          if (a != b) M.moments[b * Q + a] += v;
        }
  });
}

/// From `sum_k s_ik alpha_k w_k.x_i` to `e_i`, in place.
template <int N, int W> void Flow<N, W>::toResiduals(double *f) const {
  for (int i = 0; i < n; ++i) f[i] = p.count[i] * p.outer() * f[i] - p.ySum[i];
}

template <int N, int W> Vec Flow<N, W>::residuals() const {
  Vec f(n, 0.0);
  for (auto &M : modes)
    if (M->size())
      for (int i = 0; i < n; ++i) f[i] += slope(*M, i) * inner(p.x(i), &M->moments[1]);
  toResiduals(f.data());
  return f;
}

/// `f` is a sum of terms `|alpha w.x| <= |x| |theta|^2 / 2`, each rounded.
template <int N, int W> double Flow<N, W>::roundingOfResiduals() const {
  double sum = 0, reach = 0;
  for (auto &M : modes)
    for (int q = 0; q < Q; ++q) sum += M->moments[q * Q + q];
  for (int i = 0; i < n; ++i)
    reach = std::max(reach, p.count[i] * std::max(p.outer() * sum * std::sqrt(inner(p.x(i), p.x(i))) / 2,
                                                  std::fabs(p.ySum[i]) / p.count[i]));
  return 2.2e-16 * reach * std::max(std::fabs(p.lo), std::fabs(p.hi));
}

/// The largest `|b|`: the fastest relative growth of any neuron. Over occupied modes, not from `|e|`: on a
/// plateau the residuals are large and nothing moves.
template <int N, int W> double Flow<N, W>::largestForce() const {
  double largest = 0;
  for (auto &M : modes) {
    if (!M->size() || M->stuck) continue;
    double b[Cap] = {};
    for (int i = 0; i < n; ++i)
      for (int q = 0; q < D; ++q) b[q] += e0[i] * M->U[i * D + q];
    largest = std::max(largest, std::sqrt(inner(b, b)) * p.kappa / p.total);
  }
  return largest;
}

/// `G` with `e' = -G e`: the Gram matrix times `m/n`, without the factors `count_i` of its rows.
template <int N, int W> Vec Flow<N, W>::rateMatrix() const {
  Vec G(size_t(n) * n, 0.0), projected(size_t(n) * D), slopes(n);
  const double c = p.kappa * p.kappa / (p.kappaPrime * p.total);
  for (auto &M : modes) {
    if (!M->size()) continue;
    for (int i = 0; i < n; ++i) {
      slopes[i] = slope(*M, i);
      if (slopes[i] != 0)
        for (int q = 0; q < D; ++q)
          projected[i * D + q] = slopes[i] * inner(&M->moments[(q + 1) * Q + 1], p.x(i));
    }
    for (int i = 0; i < n; ++i) {
      if (slopes[i] == 0) continue;
      for (int j = 0; j <= i; ++j)
        if (slopes[j] != 0)
          G[i * n + j] += c * (slopes[j] * inner(&projected[i * D], p.x(j)) +
                               M->moments[0] * inner(&M->U[i * D], &M->U[j * D]));
    }
  }
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < i; ++j) G[j * n + i] = G[i * n + j];
  return G;
}

/// `G = C K = C^1/2 V diag(lambda) V^T C^-1/2`, `C = diag(count)`, `V` the eigenvectors of
/// `C^1/2 K C^1/2`. The `n s` equations of a step then fall apart into `n` systems of order `s`.
template <int N, int W> bool Flow<N, W>::decomposeRates() {
  Vec G = rateMatrix(), V(size_t(n) * n);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) G[i * n + j] *= std::sqrt(p.count[i] * p.count[j]);
  for (double v : G)
    if (!std::isfinite(v)) return false;
  lambda.resize(n);
  left.resize(size_t(n) * n);
  right.resize(size_t(n) * n);
  ++counters.set_ups;
  if (!ckink_eigen(n, G.data(), lambda.data(), V.data())) return false;
  for (int i = 0; i < n; ++i) {
    lambda[i] = std::max(lambda[i], 0.0);
    for (int j = 0; j < n; ++j) {
      right[i * n + j] = std::sqrt(p.count[i]) * V[i * n + j];
      left[j * n + i] = V[i * n + j] / std::sqrt(p.count[i]);
    }
  }
  return true;
}

}  // namespace kink
