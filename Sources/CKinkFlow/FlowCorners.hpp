// Where a neuron goes from a kink, a corner, or w = 0: Filippov's convex combinations.
#pragma once
#include "Flow.hpp"

namespace kink {

/// Whether the sides `plus` and the sliding set `slide` carry themselves: each kink slid on has its equivalent
/// control inside `(lo, hi)` and, if in `asked`, attracts; each free kink of `asked` is left on its side or
/// not re-entered. `sign` is that of alpha; `speed2` receives the square of the velocity.
template <int N, int W>
bool Flow<N, W>::consistent(Kinks plus, Kinks slide, Kinks asked, double sign, const Vec &e,
                            double *speed2) const {
  int S[Cap + 1], k = 0;
  for (int i = 0; i < n; ++i)
    if (slide.has(i)) {
      if (k >= D) return false;
      S[k++] = i;
    }
  double sum[Cap] = {}, scale = 0;
  for (int i = 0; i < n; ++i) {
    scale = std::max(scale, std::fabs(e[i]) * inner(p.x(i), p.x(i)));
    if (slide.has(i)) continue;
    const double f = e[i] * (plus.has(i) ? p.hi : p.lo);
    for (int q = 0; q < D; ++q) sum[q] += f * p.x(i)[q];
  }
  if (k) {
    double small[16], r[Cap + 1];
    Vec large(k > 4 ? k * k : 0);
    double *C = k > 4 ? large.data() : small;
    for (int a = 0; a < k; ++a) {
      r[a] = -inner(p.x(S[a]), sum);
      for (int b = 0; b < k; ++b) C[a * k + b] = inner(p.x(S[a]), p.x(S[b]));
    }
    if (!solveDense(k, C, r)) return false;
    for (int a = 0; a < k; ++a) {
      const double ea = e[S[a]];
      if (sign * ea <= 0 && asked.has(S[a])) return false;
      if (!(r[a] / ea > p.lo + 1e-13) || !(r[a] / ea < p.hi - 1e-13)) return false;
      for (int q = 0; q < D; ++q) sum[q] += r[a] * p.x(S[a])[q];
    }
  }
  for (int i = 0; i < n; ++i)
    if (asked.has(i) && !slide.has(i)) {
      const double outwards = -sign * inner(sum, p.x(i)) * (plus.has(i) ? 1 : -1);
      if (outwards < -1e-13 * scale) return false;
    }
  if (speed2) *speed2 = inner(sum, sum);
  return true;
}

/// The neuron has met kink `i`: it crosses, is held, or stands in a corner.
template <int N, int W>
auto Flow<N, W>::arrive(const Group &M, const Theta &x, int i, const Vec &e, ckink_counters &count) -> Group * {
  const double size = std::sqrt(inner(&x[1], &x[1])), sign = x[0] >= 0 ? 1 : -1;
  Kinks corner = M.slide.with(i);
  for (int j = 0; j < n; ++j)
    if (!corner.has(j) && std::fabs(dot(x, p.x(j))) <= 1e-12 * (size + 1e-3 * std::fabs(x[0])) *
                                                           std::sqrt(inner(p.x(j), p.x(j))))
      corner.insert(j);
  // A tighter test made the choice depend on rounding.
  if (n > 1 && size <= 1e-10 * std::fabs(x[0])) return throughZero(M, sign, e, count);
  if (consistent(M.plus.flipped(i), M.slide, corner, sign, e)) {
    ++count.crossings;
    return modeFor(M.plus.flipped(i), M.slide);
  }
  if (consistent(M.plus.without(i), M.slide.with(i), corner, sign, e)) {
    ++count.captures;
    return modeFor(M.plus.without(i), M.slide.with(i));
  }
  return enumerate(M, corner, sign, e, count, false, M.plus.flipped(i));
}

/// All assignments on the kinks of a corner (the first eight of them): the consistent one that holds most, or,
/// if `steepest`, the one with the largest velocity.
template <int N, int W>
auto Flow<N, W>::enumerate(const Group &M, Kinks corner, double sign, const Vec &e, ckink_counters &count,
                           bool steepest, Kinks fallback) -> Group * {
  int kinks[8], k = 0;
  long assignments = 1;
  for (int i = 0; i < n && k < 8; ++i)
    if (corner.has(i)) {
      kinks[k++] = i;
      assignments *= 3;
    }
  Kinks bestPlus = fallback, bestSlide = M.slide;
  double best = -1;
  for (long c = 0; c < assignments; ++c) {
    Kinks plus = M.plus - corner, slide = M.slide - corner;
    long rest = c;
    int held = 0;
    for (int a = 0; a < k; ++a, rest /= 3) {
      if (rest % 3 == 1) plus.insert(kinks[a]);
      if (rest % 3 == 2) {
        slide.insert(kinks[a]);
        ++held;
      }
    }
    double speed2;
    if (!consistent(plus, slide, corner, sign, e, &speed2)) continue;
    const double score = steepest ? speed2 : held + 1;
    if (score > best) {
      best = score;
      bestPlus = plus;
      bestSlide = slide;
    }
  }
  if (best < 0) {
    ++count.unresolved;
  } else if (!steepest) {
    if (bestSlide - M.slide) {
      ++count.captures;
    } else {
      ++count.crossings;
    }
  }
  return modeFor(bestPlus, bestSlide);
}

/// alpha changes sign while the neuron slides: the kinks now repel. A curve of maximal slope leaves, on the
/// steeper side. The new sign of alpha is that of `alpha' = b.w`.
template <int N, int W>
auto Flow<N, W>::leaveRepelling(const Group &M, const Theta &x, const Vec &e, ckink_counters &count) -> Group * {
  ++count.sign_changes;
  double rate = 0;
  for (int q = 0; q < D; ++q) {
    double b = 0;
    for (int i = 0; i < n; ++i) b -= e[i] * M.U[i * D + q];
    rate += b * x[q + 1];
  }
  return enumerate(M, M.slide, rate >= 0 ? 1 : -1, e, count, true, M.plus);
}

/// `w = 0`: every kink meets. Straight on if that is consistent, else a way out that carries itself, else the
/// neuron is held.
template <int N, int W>
auto Flow<N, W>::throughZero(const Group &M, double sign, const Vec &e, ckink_counters &count) -> Group * {
  ++count.through_zero;
  const Kinks all = Kinks::below(n), opposite = all - M.plus - M.slide;
  if (!M.stuck && consistent(opposite, M.slide, all - M.slide, sign, e)) return modeFor(opposite, M.slide);
  if (D == 2) {
    // Every way out of the plane's origin: the cones, then the rays.
    for (int j = 0; j < n; ++j)
      for (int turn = -1; turn <= 1; turn += 2) {
        double w[Cap] = {};
        w[0] = -turn * p.x(j)[1];
        w[1] = turn * p.x(j)[0];
        Kinks plus;
        for (int i = 0; i < n; ++i)
          if (i != j && inner(w, p.x(i)) > 0) plus.insert(i);
        for (const Kinks &cone : {plus, plus.with(j)})
          if (consistent(cone, {}, all, sign, e)) return modeFor(cone, {});
        if (consistent(plus, Kinks().with(j), all, sign, e)) return modeFor(plus, Kinks().with(j));
      }
  } else {
    // Pattern -> velocity -> pattern, from many starts.
    std::vector<Kinks> starts = {opposite, opposite | M.slide, M.plus, M.plus | M.slide};
    for (int i = 0; i < n; ++i) {
      Kinks half;
      for (int j = 0; j < n; ++j)
        if (inner(p.x(i), p.x(j)) > 0) half.insert(j);
      starts.push_back(half);
      starts.push_back(all - half);
    }
    for (Kinks plus : starts)
      for (int iteration = 0; iteration < 2 * n; ++iteration) {
        if (consistent(plus, {}, all, sign, e)) return modeFor(plus, {});
        double v[Cap] = {};
        for (int i = 0; i < n; ++i)
          for (int q = 0; q < D; ++q) v[q] -= sign * e[i] * (plus.has(i) ? p.hi : p.lo) * p.x(i)[q];
        plus = {};
        for (int i = 0; i < n; ++i)
          if (inner(v, p.x(i)) > 0) plus.insert(i);
      }
  }
  ++count.held_at_zero;
  return modeFor({}, all, true);
}

/// A start exactly on kinks: the steepest consistent side, or held.
template <int N, int W> auto Flow<N, W>::startOnKinks(const Group &M, const Theta &theta, Kinks on) -> Group * {
  double rate = 0;
  for (int i = 0; i < n; ++i) rate -= e0[i] * (M.plus.has(i) ? p.hi : p.lo) * dot(theta, p.x(i));
  const double sign = theta[0] != 0 ? (theta[0] > 0 ? 1 : -1) : rate >= 0 ? 1 : -1;
  ckink_counters none{};
  if (on == Kinks::below(n) && inner(&theta[1], &theta[1]) <= 1e-20 * theta[0] * theta[0])
    return throughZero(M, sign, e0, none);
  return enumerate(M, on, sign, e0, none, true, M.plus);
}

/// Neurons held at `w = 0` leave when the residuals allow it; looked at between steps.
template <int N, int W> void Flow<N, W>::releaseHeldAtZero() {
  const auto place = index.find({Kinks(), Kinks::below(n)});
  if (place == index.end() || !place->second->size() || !place->second->stuck) return;
  Group &M = *place->second;
  ckink_counters none{};
  for (size_t k = M.size(); k-- > 0;) {
    const Theta theta = get(M, k);
    Group *to = throughZero(M, theta[0] >= 0 ? 1 : -1, e0, none);
    if (to == &M) continue;
    push(*to, theta, M.id[k]);
    addOuter(to->moments, theta, 1);
    addOuter(M.moments, theta, -1);
    removeSlot(M, k);
  }
  adopt();
}

}  // namespace kink
