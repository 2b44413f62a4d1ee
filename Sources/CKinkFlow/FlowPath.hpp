// The residual path of a step: collocation at the Radau nodes, by simplified Newton iteration on moments, repeated
// until the events no longer change it.
#pragma once
#include "Flow.hpp"

namespace kink {

/// `E = e[theta(c_j; p)]` along the current path: modes by their moments, plus what neurons with events add.
template <int N, int W> void Flow<N, W>::nodeResiduals() {
  ++stamp;
  ++counters.iterations;
  forEach(modes.size(), modes.size() * D * Q > 1000, [&](size_t q) {
    Group &M = *modes[q];
    if (!M.size()) return;
    std::fill(M.v.begin(), M.v.end(), 0.0);
    if (shared(M)) {
      // The (w, alpha) column of Psi M Psi^T.
      propagate(M);
      for (int j = 0; j < s; ++j) {
        const Matrix &A = M.node[j];
        double y[Cap + 1];
        for (int a = 0; a < Q; ++a) {
          y[a] = 0;
          for (int c = 0; c < Q; ++c) y[a] += M.moments[a * Q + c] * A[c];
        }
        for (int a = 0; a < D; ++a)
          for (int c = 0; c < Q; ++c) M.v[j * D + a] += A[(a + 1) * Q + c] * y[c];
      }
      return;
    }
    ready(M);
    Series C;
    for (size_t k = 0; k < M.size(); ++k) {
      const int terms = taylor(M.b.data(), get(M, k), C);
      if (!terms) {
        tooFar = true;
        return;
      }
      for (int j = 0; j < s; ++j) {
        const Theta x = at(C, terms, radau.c[j]);
        for (int a = 0; a < D; ++a) M.v[j * D + a] += x[0] * x[a + 1];
      }
    }
  });
  E = correction;
  for (auto &M : modes)
    if (M->size())
      for (int j = 0; j < s; ++j)
        for (int i = 0; i < n; ++i) {
          const double slope = this->slope(*M, i);
          if (slope != 0) E[j * n + i] += slope * inner(&M->v[j * D], p.x(i));
        }
  for (int j = 0; j < s; ++j) toResiduals(&E[j * n]);
}

template <int N, int W> void Flow<N, W>::setPath() {
  P.assign(s * n, 0);
  for (int k = 0; k < s; ++k)
    for (int j = 0; j < s; ++j) {
      const double f = radau.toPower[k][j];
      for (int i = 0; i < n; ++i) P[k * n + i] += f * node[j * n + i];
    }
}

/// The last path continued (to half a step beyond its own length), shifted to start at `e0`.
template <int N, int W> void Flow<N, W>::predict() {
  node.resize(s * n);
  for (int j = 0; j < s; ++j)
    for (int i = 0; i < n; ++i) {
      double v = e0[i];
      if (lastH > 0) {
        const double beyond = std::min(radau.c[j] * H / lastH, 1.5);
        v += horner(&lastP[i], s, 1 + beyond, n) - horner(&lastP[i], s, 1, n);
      }
      node[j * n + i] = v;
    }
  setPath();
}

template <int N, int W> void Flow<N, W>::invertRates() {
  inverse.assign(size_t(n) * s * s, 0);
  Vec L(s * s);
  for (int i = 0; i < n; ++i) {
    double *K = &inverse[size_t(i) * s * s];
    for (int j = 0; j < s; ++j) {
      K[j * s + j] = 1;
      for (int l = 0; l < s; ++l) L[j * s + l] = (j == l) + H * lambda[i] * radau.A[j][l];
    }
    solveDense(s, L.data(), K, s);
  }
}

/// `delta = (1 + H A (x) G)^-1 (E - node)`; returns its largest entry.
template <int N, int W> double Flow<N, W>::correct(Vec &delta) {
  Vec transformed(s * n, 0.0);
  for (int j = 0; j < s; ++j)
    for (int a = 0; a < n; ++a) {
      double v = 0;
      for (int i = 0; i < n; ++i) v += left[size_t(a) * n + i] * (E[j * n + i] - node[j * n + i]);
      transformed[j * n + a] = v;
    }
  double column[MaxS];
  for (int a = 0; a < n; ++a) {
    for (int j = 0; j < s; ++j) {
      column[j] = 0;
      for (int l = 0; l < s; ++l) column[j] += inverse[(size_t(a) * s + j) * s + l] * transformed[l * n + a];
    }
    for (int j = 0; j < s; ++j) transformed[j * n + a] = column[j];
  }
  double size = 0;
  for (int j = 0; j < s; ++j)
    for (int i = 0; i < n; ++i) {
      double v = 0;
      for (int a = 0; a < n; ++a) v += right[size_t(i) * n + a] * transformed[j * n + a];
      delta[j * n + i] = v;
      // A NaN must not get lost in a maximum.
      size = std::fabs(v) <= size ? size : std::fabs(v);
    }
  return size;
}

/// Solves for the path over a step of length `H`. False if it does not contract.
template <int N, int W> bool Flow<N, W>::solvePath() {
  const int count = s * n;
  correction.assign(count, 0);
  moved.clear();
  counted = {};
  tooFar = false;
  predict();
  invertRates();
  double scale = 0;
  for (double v : e0) scale = std::max(scale, std::fabs(v));
  // A change v of the path turns the neurons by less than rapidity v.
  const double rapidity = H * p.kappa / p.total * p.reach, small = 1e-2 * options.tolerance;
  const double floor = std::max(1e-15 * scale, 4 * noise);
  auto negligible = [&](double v) { return (rapidity * v < small && v < 30 * small * scale) || v < floor; };
  Vec delta(count), old;
  int rounds = 0;
  double previous = INFINITY, lastChange = INFINITY;
  for (int iteration = 0; iteration < 24; ++iteration) {
    nodeResiduals();
    const double size = correct(delta);
    if (!std::isfinite(size) || tooFar || (size > 2 * previous && size > 1e-12 * scale + 8 * noise)) return false;
    for (int k = 0; k < count; ++k) node[k] += delta[k];
    setPath();
    previous = size;
    if (!negligible(size)) continue;
    // Events along this path. Done when they no longer change it: else the next step's residuals would not
    // start where this path ends, and held neurons would let go and be caught in every step.
    ++stamp;
    detect();
    old = correction;
    traceAll();
    double change = 0;
    for (int k = 0; k < count; ++k)
      change = std::max(change, std::fabs(correction[k] - old[k]) * p.count[k % n] * p.outer());
    if (tooFar || ++rounds > 8 || (rounds > 2 && change > 0.5 * lastChange && change > floor)) return false;
    lastChange = change;
    if (negligible(change) ||
        (rapidity * change < 0.1 * options.tolerance && change < std::min(options.tolerance, 3e-3) * scale))
      return true;
    previous = INFINITY;
  }
  return false;
}

/// The step's error over the tolerance: the rapidity of the path's defect `p(0) - e0`, which is the relative
/// error of the state, and its share in `e` through `(1 + g H G)^-1`.
template <int N, int W> double Flow<N, W>::errorOfStep() const {
  const double g = 0.1;
  double defect = 0, scale = 0, share = 0;
  Vec x(n), y(n);
  for (int i = 0; i < n; ++i) {
    scale = std::max(scale, std::fabs(e0[i]));
    x[i] = P[i] - e0[i];
    defect = std::max(defect, std::fabs(x[i]) - 8 * noise);
  }
  for (int a = 0; a < n; ++a) {
    double v = 0;
    for (int i = 0; i < n; ++i) v += left[size_t(a) * n + i] * x[i];
    y[a] = v * g * H * lambda[a] / (1 + g * H * lambda[a]);
  }
  for (int i = 0; i < n; ++i) {
    double v = 0;
    for (int a = 0; a < n; ++a) v += right[size_t(i) * n + a] * y[a];
    share = std::max(share, std::fabs(v));
  }
  const double allowed = std::min(10 * options.tolerance, 0.03) * scale + 8 * noise;
  return std::max(g * H * p.kappa / p.total * p.reach * defect / options.tolerance,
                  share > 0 ? share / allowed : 0);
}

}  // namespace kink
