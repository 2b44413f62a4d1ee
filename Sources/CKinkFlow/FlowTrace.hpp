// One neuron through its events.
#pragma once
#include "Flow.hpp"

namespace kink {

/// Follows `theta` from the start of the step to `until`; adds its true minus its undisturbed share of `f` at the
/// nodes to `shares` (`s x n`) if given. Returns the mode it ends in.
///
/// A mode's propagator is used where there is one (`theta` is then pulled back to the start of the step); else
/// a series of the neuron's own, in `u = (t - t0)/(1 - t0)`.
template <int N, int W>
auto Flow<N, W>::trace(Theta &theta, Group *mode, double *shares, ckink_counters &count, double until)
    -> Group * {
  Series C;
  Vec own(MaxS * D);
  double t0 = 0;
  ++count.traces;
  for (int event = 0;; ++event) {
    Group &M = *mode;
    readyEvents(M);
    const bool whole = M.rowStamp == stamp && !M.still;
    const double L = 1 - t0;
    int terms = 1;
    const Theta first = theta;
    if (whole && t0 > 0) theta = applyInverse(propagatorAt(M, t0), theta);
    auto state = [&](double t) {
      if (M.still) return theta;
      return whole ? apply(propagatorAt(M, t), theta) : at(C, terms, (t - t0) / L);
    };
    auto share = [&](double from, double to, double sign) {
      for (int j = 0; j < s; ++j) {
        if (radau.c[j] <= from || radau.c[j] > to) continue;
        const Theta x = whole ? apply(M.node[j], theta) : state(radau.c[j]);
        for (int i = 0; i < n; ++i) shares[j * n + i] += sign * slope(M, i) * x[0] * dot(x, p.x(i));
      }
    };
    if (M.still || L <= 0) {
      if (shares && event) share(t0, 1, 1);
      return mode;
    }
    if (whole) {
      terms = M.terms;
    } else {
      std::copy(M.b.begin(), M.b.begin() + s * D, own.begin());
      if (t0 > 0) {
        for (int i = 0; i < s; ++i)
          for (int k = s - 2; k >= i; --k)
            for (int q = 0; q < D; ++q) own[k * D + q] += t0 * own[(k + 1) * D + q];
        double power = L;
        for (int k = 0; k < s; ++k, power *= L)
          for (int q = 0; q < D; ++q) own[k * D + q] *= power;
      }
      terms = taylor(own.data(), theta, C);
      if (!terms) {
        tooFar = true;
        return mode;
      }
    }
    const Theta end = whole ? apply(M.node[s - 1], theta) : at(C, terms, 1);
    Next next;
    // No neuron was ever seen to need so many; the limit keeps an inconsistent corner from hanging.
    if (event < 60) {
      if (whole) {
        next = nextEvent(M, first, end, t0, 0, terms, [&](int f, int k) {
          const Theta &row = M.rows[(f + 1) * terms + k];
          double v = 0;
          for (int q = 0; q < Q; ++q) v += row[q] * theta[q];
          return v;
        });
      } else {
        next = nextEvent(M, first, end, t0, t0, terms, [&](int f, int k) {
          return f < 0 ? C[k][0] : M.side(M.facets[f]) * dot(C[k], p.x(M.facets[f]));
        });
      }
      if (M.slide) {
        const Release release = M.release.when < t0 ? releaseAfter(M, t0) : M.release;
        if (release.when < next.when) next = {release.when, Next::release, release.kink, release.high};
      }
    } else {
      ++count.unresolved;
    }
    if (shares && event) share(t0, std::min(next.when, 1.0), 1);
    if (shares && !event && next.when <= 1) share(next.when, 1, -1);
    if (next.when > until) {
      theta = until < 1 ? state(until) : end;
      project(M, theta);
      return mode;
    }
    theta = state(next.when);
    const Vec e = pathAt(next.when);
    switch (next.kind) {
    case Next::release:
      ++count.releases;
      mode = modeFor(next.high ? M.plus.with(next.which) : M.plus.without(next.which),
                     M.slide.without(next.which));
      break;
    case Next::signChange:
      mode = leaveRepelling(M, theta, e, count);
      break;
    case Next::kink:
      mode = arrive(M, theta, next.which, e, count);
      snap(theta, next.which);
      break;
    }
    project(*mode, theta);
    t0 = next.when;
  }
}

/// Puts `w` on kink `i`.
template <int N, int W> void Flow<N, W>::snap(Theta &theta, int i) const {
  const double *x = p.x(i);
  const double c = dot(theta, x) / inner(x, x);
  for (int q = 0; q < D; ++q) theta[q + 1] -= c * x[q];
}

/// Puts `w` on all kinks that the mode slides on.
template <int N, int W> void Flow<N, W>::project(const Group &M, Theta &theta) const {
  if (M.stuck) {
    for (int q = 1; q < Q; ++q) theta[q] = 0;
    return;
  }
  const int k = int(M.S.size());
  if (k == 1) snap(theta, M.S[0]);
  if (k < 2) return;
  Vec C(k * k), r(k);
  for (int a = 0; a < k; ++a) {
    r[a] = dot(theta, p.x(M.S[a]));
    for (int b = 0; b < k; ++b) C[a * k + b] = inner(p.x(M.S[a]), p.x(M.S[b]));
  }
  if (!solveDense(k, C.data(), r.data())) return;
  for (int a = 0; a < k; ++a)
    for (int q = 0; q < D; ++q) theta[q + 1] -= r[a] * p.x(M.S[a])[q];
}

}  // namespace kink
