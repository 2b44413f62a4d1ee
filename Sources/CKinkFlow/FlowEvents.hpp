// When a neuron's mode ends: it meets a kink, a kink lets go, or its output weight changes sign while it slides.
#pragma once
#include "Flow.hpp"

namespace kink {

/// The sign structure of the mode's kinks over the step, and when a sliding mode lets go.
template <int N, int W> void Flow<N, W>::readyEvents(Group &M) {
  ready(M);
  if (M.eventStamp.load(std::memory_order_acquire) == stamp) return;
  std::lock_guard<std::mutex> guard(lock);
  if (M.eventStamp.load(std::memory_order_relaxed) == stamp) return;
  M.turnTime.clear();
  M.turnFacet.clear();
  double rate[MaxS], roots[MaxS];
  for (size_t f = 0; f < M.facets.size(); ++f) {
    for (int k = 0; k < s; ++k) rate[k] = inner(&M.b[k * D], p.x(M.facets[f]));
    const int count = rootsOnUnit(rate, s, 0, roots);
    for (int q = 0; q < count; ++q) {
      M.turnTime.push_back(roots[q]);
      M.turnFacet.push_back(int(f));
    }
  }
  M.release = releaseAfter(M, 0);
  M.eventStamp.store(stamp, std::memory_order_release);
}

/// The first time after `t0` at which an equivalent control `s_j = z_j / e_j` leaves `[lo, hi]`, by the path
/// `p` *and* by the path through `e0`, `p + (e0 - p(0)) l0`, `l0 = prod(1 - t/c_j)`, which is continuous from
/// step to step: without the second, the jump of `p` between steps would let go and catch again.
template <int N, int W> Release Flow<N, W>::releaseAfter(const Group &M, double t0) const {
  Release first;
  if (M.stuck) return first;
  for (size_t a = 0; a < M.S.size(); ++a) {
    double z[2][MaxS + 1], e[2][MaxS + 1], F[2][MaxS + 1];
    const int j = M.S[a];
    const double de = e0[j] - P[j];
    double dz = 0;
    for (int i = 0; i < n; ++i) dz += M.Z[a * n + i] * (e0[i] - P[i]);
    for (int k = 0; k <= s; ++k) {
      z[0][k] = 0;
      e[0][k] = k < s ? P[k * n + j] : 0;
      if (k < s)
        for (int i = 0; i < n; ++i) z[0][k] += M.Z[a * n + i] * P[k * n + i];
      z[1][k] = z[0][k] + dz * radau.atStart[k];
      e[1][k] = e[0][k] + de * radau.atStart[k];
    }
    for (int up = 0; up < 2; ++up) {
      double breaks[4 * (MaxS + 1)];
      int count = 0;
      for (int c = 0; c < 2; ++c) {
        // e_j keeps its sign while it holds the neuron.
        const double sign = horner(e[c], s + 1, t0) >= 0 ? 1 : -1;
        for (int k = 0; k <= s; ++k)
          F[c][k] = sign * (up ? p.hi * e[c][k] - z[c][k] : z[c][k] - p.lo * e[c][k]);
        count += rootsOnUnit(F[c], s + 1, t0, breaks + count);
      }
      if (count == 0 && (horner(F[0], s + 1, t0) >= 0 || horner(F[1], s + 1, t0) >= 0)) continue;
      breaks[count++] = 1;
      std::sort(breaks, breaks + count);
      double from = t0;
      for (int q = 0; q < count && from < first.when; ++q) {
        const double middle = 0.5 * (from + breaks[q]);
        if (horner(F[0], s + 1, middle) < 0 && horner(F[1], s + 1, middle) < 0) {
          first = {from, j, up == 1};
          break;
        }
        from = breaks[q];
      }
    }
  }
  return first;
}

/// The earliest `t > t0` at which a watched `h_i` has the wrong sign.
///
/// `h_i' = alpha b.x_i`, so `h_i` is monotone between the zeros of alpha and of `b.x_i`: its signs there and at
/// the end of the step decide, and every root is bracketed. `coefficient(f, k)` is the `k`-th coefficient of the
/// side of facet `f`, or of alpha for `f = -1`, in `u = (t - offset)/(1 - offset)`.
template <int N, int W>
template <class Coefficient>
auto Flow<N, W>::nextEvent(const Group &M, const Theta &first, const Theta &end, double t0, double offset,
                           int terms, Coefficient coefficient) const -> Next {
  Next next;
  const double L = 1 - offset, u0 = (t0 - offset) / L;
  // A kink met within rounding is not met: dead neurons rest on theirs at h = +-1e-17.
  double noise = 0;
  for (int q = 0; q < Q; ++q) noise += 1e-14 * std::fabs(first[q]);
  double signChange = Far, c[MaxTerms];
  if (first[0] * end[0] < 0) {
    for (int k = 0; k < terms; ++k) c[k] = coefficient(-1, k);
    signChange = rootInBracket(c, terms, u0, 1, first[0], end[0]);
    if (M.slide && !options.stay) {
      next.when = offset + signChange * L;
      next.kind = Next::signChange;
    }
  }
  for (size_t f = 0; f < M.facets.size(); ++f) {
    const int i = M.facets[f];
    const double atEnd = M.side(i) * dot(end, p.x(i));
    double breaks[MaxS + 2];
    int count = 0;
    for (size_t q = 0; q < M.turnTime.size(); ++q)
      if (M.turnFacet[q] == int(f) && M.turnTime[q] > t0) breaks[count++] = (M.turnTime[q] - offset) / L;
    if (signChange <= 1) breaks[count++] = signChange;
    if (atEnd >= -noise && count == 0) continue;
    breaks[count++] = 1;
    std::sort(breaks, breaks + count);
    for (int k = 0; k < terms; ++k) c[k] = coefficient(int(f), k);
    double a = u0, fa = M.side(i) * dot(first, p.x(i));
    for (int q = 0; q < count && offset + a * L < next.when; ++q) {
      const double b = breaks[q], fb = b == 1 ? atEnd : horner(c, terms, b);
      if (fb < std::min(fa, 0.0) - noise) {
        const double root = offset + L * (fa > 0 ? rootInBracket(c, terms, a, b, fa, fb) : a);
        if (root < next.when) {
          next.when = root;
          next.kind = Next::kink;
          next.which = i;
        }
        break;
      }
      a = b;
      fa = fb;
    }
  }
  return next;
}

}  // namespace kink
