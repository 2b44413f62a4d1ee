// Motion along the path: theta' = [[0, b^T], [b, 0]] theta, by Taylor series to rounding. The generator is in
// so(1, d), so |w|^2 - alpha^2 is kept, which is (77).
#pragma once
#include "Flow.hpp"

namespace kink {

/// `H b(t)` of the mode along the current path.
template <int N, int W> void Flow<N, W>::ready(Group &M) {
  // Double-checked: the store below releases what an acquiring reader then sees.
  if (M.stamp.load(std::memory_order_acquire) == stamp) return;
  std::lock_guard<std::mutex> guard(lock);
  if (M.stamp.load(std::memory_order_relaxed) == stamp) return;
  double sum = 0;
  const double c = -p.kappa / p.total * H;
  for (int k = 0; k < s; ++k)
    for (int q = 0; q < D; ++q) {
      double v = 0;
      for (int i = 0; i < n; ++i) v += P[k * n + i] * M.U[i * D + q];
      M.b[k * D + q] = M.stuck ? 0 : c * v;
      sum += std::fabs(M.b[k * D + q]);
    }
  M.still = sum == 0;
  M.stamp.store(stamp, std::memory_order_release);
}

/// `theta(u)` along `b(u) = sum_j b_j u^j`: `(k + 1) C_{k+1} = sum_j B_j C_{k-j}`. Returns the number of
/// terms, 0 if there would be too many.
template <int N, int W> int Flow<N, W>::taylor(const double *b, const Theta &theta, Series &C) const {
  double scale = 0;
  for (int q = 0; q < Q; ++q) scale += std::fabs(theta[q]);
  C[0] = theta;
  int quiet = 0;
  for (int k = 0; k + 1 < MaxTerms; ++k) {
    Theta next{};
    for (int j = 0; j < s && j <= k; ++j) {
      const Theta &old = C[k - j];
      const double *bj = b + j * D;
      for (int q = 0; q < D; ++q) {
        next[0] += bj[q] * old[q + 1];
        next[q + 1] += bj[q] * old[0];
      }
    }
    const double f = 1.0 / (k + 1);
    double largest = 0;
    for (int q = 0; q < Q; ++q) {
      C[k + 1][q] = f * next[q];
      largest = std::max(largest, std::fabs(next[q]));
    }
    // The recurrence reaches back s terms: only s quiet ones in a row end it.
    quiet = largest <= 1e-17 * scale ? quiet + 1 : 0;
    if (quiet == s) return k + 2;
  }
  return 0;
}

template <int N, int W> auto Flow<N, W>::at(const Series &C, int terms, double u) const -> Theta {
  Theta r = C[terms - 1];
  for (int k = terms - 2; k >= 0; --k)
    for (int q = 0; q < Q; ++q) r[q] = r[q] * u + C[k][q];
  return r;
}

/// The mode's propagator `Psi(u)`: the same recurrence, all columns at once.
template <int N, int W> void Flow<N, W>::propagate(Group &M) {
  ready(M);
  if (M.seriesStamp == stamp) return;
  M.seriesStamp = stamp;
  if (M.series.empty()) {
    M.series.reserve(MaxTerms);
    M.node.resize(s);
  }
  M.series.resize(1);
  M.series[0].fill(0);
  for (int q = 0; q < Q; ++q) M.series[0][q * Q + q] = 1;
  int quiet = 0;
  M.terms = 0;
  for (int k = 0; k + 1 < MaxTerms; ++k) {
    Matrix next;
    std::fill_n(next.begin(), Q * Q, 0.0);
    for (int j = 0; j < s && j <= k; ++j) {
      const Matrix &old = M.series[k - j];
      const double *b = &M.b[j * D];
      for (int q = 0; q < D; ++q)
        for (int r = 0; r < Q; ++r) {
          next[r] += b[q] * old[(q + 1) * Q + r];
          next[(q + 1) * Q + r] += b[q] * old[r];
        }
    }
    const double f = 1.0 / (k + 1);
    double largest = 0;
    for (int r = 0; r < Q * Q; ++r) {
      largest = std::max(largest, std::fabs(next[r]));
      next[r] *= f;
    }
    M.series.push_back(next);
    quiet = largest <= 1e-17 ? quiet + 1 : 0;
    if (quiet == s) {
      M.terms = k + 2;
      break;
    }
  }
  if (!M.terms) {
    M.terms = MaxTerms;
    tooFar = true;
  }
  for (int j = 0; j < s; ++j) M.node[j] = propagatorAt(M, radau.c[j]);
}

template <int N, int W> auto Flow<N, W>::propagatorAt(const Group &M, double u) const -> Matrix {
  Matrix R = M.series[M.terms - 1];
  for (int k = M.terms - 2; k >= 0; --k)
    for (int r = 0; r < Q * Q; ++r) R[r] = R[r] * u + M.series[k][r];
  return R;
}

template <int N, int W> auto Flow<N, W>::apply(const Matrix &A, const Theta &theta) const -> Theta {
  Theta r{};
  for (int a = 0; a < Q; ++a)
    for (int b = 0; b < Q; ++b) r[a] += A[a * Q + b] * theta[b];
  return r;
}

/// The inverse of a Lorentz matrix is `eta A^T eta`, `eta = diag(1, -1, ..., -1)`.
template <int N, int W> auto Flow<N, W>::applyInverse(const Matrix &A, const Theta &theta) const -> Theta {
  Theta r{};
  for (int a = 0; a < Q; ++a)
    for (int b = 0; b < Q; ++b) r[a] += ((a == 0) == (b == 0) ? 1 : -1) * A[b * Q + a] * theta[b];
  return r;
}

template <int N, int W> Vec Flow<N, W>::pathAt(double u) const {
  Vec e(n);
  for (int i = 0; i < n; ++i) e[i] = horner(&P[i], s, u, n);
  return e;
}

}  // namespace kink
