// The start: which neuron is in which mode, and the first step.
#pragma once
#include "Flow.hpp"

namespace kink {

template <int N, int W>
Flow<N, W>::Flow(const ckink_problem &problem, const ckink_options &options)
    : Dimension<N>(problem.dimension), p(problem), options(options), radau(options.stages), s(options.stages),
      n(p.n), m(size_t(problem.width)) {}

template <int N, int W> auto Flow<N, W>::initial(const double *state, size_t k) const -> Theta {
  Theta theta{};
  theta[0] = p.unit * state[k];
  for (int q = 1; q < Q; ++q) theta[q] = state[q * m + k];
  return theta;
}

template <int N, int W> void Flow<N, W>::start(double t, const double *state, double step) {
  time = t;
  // Where a neuron that starts on a kink goes depends on the residuals.
  e0.assign(n, 0);
  for (size_t k = 0; k < m; ++k) {
    const Theta theta = initial(state, k);
    for (int i = 0; i < n; ++i) {
      const double h = dot(theta, p.x(i));
      e0[i] += theta[0] * (h > 0 ? p.hi : p.lo) * h;
    }
  }
  toResiduals(e0.data());
  for (size_t k = 0; k < m; ++k) {
    Theta theta = initial(state, k);
    Kinks plus, on;
    double size = 0;
    for (int q = 0; q < Q; ++q) size += std::fabs(theta[q]);
    for (int i = 0; i < n; ++i) {
      const double h = dot(theta, p.x(i));
      if (!p.hasKinks()) {
        plus.insert(i);
      } else if (std::fabs(h) <= 1e-14 * size) {
        on.insert(i);
      } else if (h > 0) {
        plus.insert(i);
      }
    }
    Group *M = modeFor(plus, {});
    if (on) {
      M = startOnKinks(*M, theta, on);
      project(*M, theta);
    }
    push(*M, theta, int(k));
  }
  adopt();
  rebuildMoments();
  e0 = eNow = residuals();
  noise = roundingOfResiduals();
  loss = p.risk(eNow.data());
  nextStep = step;
  if (!(step > 0)) firstStep();
}

/// A fraction of the fastest time, of growth of a neuron or of decay of the residuals.
template <int N, int W> void Flow<N, W>::firstStep() {
  const Vec G = rateMatrix();
  double trace = 0;
  for (int i = 0; i < n; ++i) trace += p.count[i] * G[i * n + i];
  nextStep = std::pow(options.tolerance, 1.0 / (s + 1)) * 0.5 / (largestForce() + trace);
}

}  // namespace kink
