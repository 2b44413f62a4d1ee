// Eight neurons side by side through one mode: their Taylor series, the first event, the sums over the nodes.
#include <math.h>
#include <stdlib.h>

#include "clanes.h"
#include "ckink.h"

#define LEAST(x, y) ({ lanes a_ = (x), b_ = (y); SELECT(a_ < b_, a_, b_); })
#define MOST(x, y) ({ lanes a_ = (x), b_ = (y); SELECT(a_ > b_, a_, b_); })
#define MAGNITUDE(x) ({ lanes a_ = (x); (lanes)((lane_mask)a_ & 0x7fffffffffffffffLL); })
#define ANY(mask)                                                                          \
  ({                                                                                       \
    lane_mask m_ = (mask);                                                                 \
    ((m_[0] | m_[1]) | (m_[2] | m_[3]) | ((m_[4] | m_[5]) | (m_[6] | m_[7]))) != 0;        \
  })

size_t ckink_scratch(int D) {
  // A value; the series; b as each neuron sees it; a wall's series.
  return LANES * ((size_t)(CKINK_MAX_TERMS + 1) * (D + 1) + (size_t)CKINK_MAX_STAGES * D + CKINK_MAX_TERMS);
}

// b as a polynomial in u = (t - from) / (1 - from), times (1 - from).
CLANES_INLINE void shift(int D, int stages, const double *b, const double *from, lanes *own) {
  lanes start, length, power;
  start = LOAD(from);
  length = 1.0 - start;
  for (int k = 0; k < stages * D; k++) own[k] = SPLAT(b[k]);
  bool is_whole = true;
  for (int l = 0; l < LANES; l++) is_whole &= from[l] == 0;
  if (is_whole) return;
  for (int i = 0; i < stages; i++)
    for (int k = stages - 2; k >= i; k--)
      for (int c = 0; c < D; c++) own[k * D + c] += start * own[(k + 1) * D + c];
  power = length;
  for (int k = 0; k < stages; k++) {
    for (int c = 0; c < D; c++) own[k * D + c] *= power;
    power *= length;
  }
}

// The coefficients of theta(u): `(k + 1) alpha_{k+1} = sum b_j.W_{k-j}`, and W likewise. Returns their number, or 0.
CLANES_INLINE int expand(int d, int D, int stages, const lanes *b, const double *theta, lanes *C) {
  const int q = D + 1;
  lanes quiet_size = {0};
  for (int c = 0; c < q; c++) {
    C[c] = LOAD(theta + c * LANES);
    quiet_size += MAGNITUDE(C[c]);
  }
  quiet_size *= 1e-17;
  int quiet = 0;
  for (int k = 0; k + 1 < CKINK_MAX_TERMS; k++) {
    const lanes factor = SPLAT(1.0 / (k + 1));
    lanes *next = C + (k + 1) * q, largest;
    for (int c = 0; c < q; c++) next[c] = (lanes){0};
    for (int j = 0; j < stages && j <= k; j++) {
      const lanes *old = C + (k - j) * q, *bj = b + j * D;
      for (int c = 0; c < D; c++) next[0] += bj[c] * old[c + 1];
      for (int c = 0; c < d; c++) next[c + 1] += bj[c] * old[0];
    }
    largest = MAGNITUDE(next[0]);
    for (int c = 1; c < q; c++) largest = MOST(largest, MAGNITUDE(next[c]));
    for (int c = 0; c < q; c++) next[c] *= factor;
    // The recurrence reaches back `stages` terms: only as many quiet ones in a row end it.
    quiet = ANY(~(largest <= quiet_size)) ? 0 : quiet + 1;
    if (quiet == stages) return k + 2;
  }
  return 0;
}

CLANES_INLINE void value_at(int q, const lanes *C, int terms, const lanes *u, lanes *x) {
  for (int c = 0; c < q; c++) x[c] = C[(terms - 1) * q + c];
  for (int k = terms - 2; k >= 0; k--)
    for (int c = 0; c < q; c++) x[c] = x[c] * *u + C[k * q + c];
}

// Value and slope at t, even and odd terms apart, as in root.c.
CLANES_INLINE void value_and_slope(const lanes *c, int K, const lanes *t, lanes *value,
                                  lanes *slope) {
  const lanes x = *t * *t;
  lanes even = {0}, odd = {0}, even_slope = {0}, odd_slope = {0};
  if (K % 2 == 1) even = c[--K];
  for (int k = K - 2; k >= 0; k -= 2) {
    even_slope = even_slope * x + even;
    odd_slope = odd_slope * x + odd;
    even = even * x + c[k];
    odd = odd * x + c[k + 1];
  }
  *value = even + *t * odd;
  *slope = 2.0 * *t * (even_slope + *t * odd_slope) + odd;
}

// `ckink_root` for those lanes of `wanted` that fall from `c[0] > 0` to `at_end < 0`.
CLANES_INLINE void roots(const lanes *c, int terms, const lanes *at_end, const lane_mask *wanted,
                        lanes *root) {
  const lanes fa = c[0], q = *at_end - fa - c[1], zero = {0};
  const lanes discriminant = c[1] * c[1] - 4.0 * q * fa;
  const lane_mask is_real = discriminant > 0.0;
  const lanes parabola =
      -2.0 * fa / (c[1] - __builtin_elementwise_sqrt(SELECT(is_real, discriminant, zero)));
  lanes a = zero, b = SPLAT(1.0), t = SELECT(is_real, parabola, fa / (fa - *at_end)), result = b, v, dv;
  lane_mask open = *wanted;
  for (int iteration = 0; iteration < 60 && ANY(open); iteration++) {
    const lanes middle = 0.5 * (a + b);
    t = SELECT((t > a) & (t < b), t, middle);
    value_and_slope(c, terms, &t, &v, &dv);
    a = SELECT(v > 0.0, t, a);
    b = SELECT(v > 0.0, b, t);
    const lanes next = SELECT(dv != 0.0, t - v / dv, 0.5 * (a + b));
    const lane_mask is_inside = (next > a) & (next < b);
    const lane_mask is_done = (MAGNITUDE(next - t) < 1e-9) | (b - a < 4e-16) | (v == 0.0);
    result = SELECT(open & is_done, SELECT(is_inside & (v != 0.0), next, t), result);
    open &= ~is_done;
    t = next;
  }
  *root = SELECT(open, t, result);
}

static double horner(const double *c, int K, double t) {
  double v = 0;
  for (int k = K - 1; k >= 0; k--) v = v * t + c[k * LANES];
  return v;
}

// The first time in `breaks[0] < breaks[1] < ... <= 1` after `a` by which `h`, monotone between them, has the wrong
// sign: the root before it, or `CKINK_FAR`. `c` is the series of h.
static double first_root(const double *c, int terms, double a, const double *breaks, int count,
                         double fa, double at_end, double noise) {
  for (int q = 0; q < count; q++) {
    const double b = breaks[q], fb = b == 1 ? at_end : horner(c, terms, b);
    if (fb < fmin(fa, 0) - noise) return fa > 0 ? ckink_root(c, terms, LANES, a, b, fa, fb) : a;
    a = b;
    fa = fb;
  }
  return CKINK_FAR;
}

static void insert(double *breaks, int *count, double t) {
  int k = (*count)++;
  for (; k > 0 && breaks[k - 1] > t; k--) breaks[k] = breaks[k - 1];
  breaks[k] = t;
}

// A wall is met at `root` in u.
static void note(ckink_batch *batch, int lane, int wall, double root) {
  const double when = batch->from[lane] + (1 - batch->from[lane]) * root;
  if (when >= batch->when[lane]) return;
  batch->when[lane] = when;
  batch->which[lane] = wall;
}

// One neuron at one wall. `sign_change` is in u.
static void meet(const ckink_path *path, ckink_batch *batch, int lane, int wall, const double *c,
                 int terms, double at_end, double sign_change, double noise) {
  const double from = batch->from[lane], length = 1 - from;
  double breaks[CKINK_MAX_STAGES + 1];
  int count = 0;
  for (int q = 0; q < path->turn_count; q++)
    if (path->turn_wall[q] == wall && path->turn_time[q] > from)
      insert(breaks, &count, (path->turn_time[q] - from) / length);
  if (sign_change <= 1) insert(breaks, &count, sign_change);
  if (at_end >= -noise && count == 0) return;
  breaks[count++] = 1;
  const double root = first_root(c + lane, terms, 0, breaks, count, c[lane], at_end, noise);
  if (root <= 1) note(batch, lane, wall, root);
}

// `h' = alpha b.wall`: h is monotone between the zeros of alpha and of b.wall. Its signs there and at the end of the
// step decide, and every root is bracketed.
CLANES_INLINE void find_events(int D, const ckink_path *path, ckink_batch *batch, const lanes *C,
                              int terms, const lanes *end, double *alpha, double *wall_series) {
  const int q = D + 1;
  // A wall met within rounding is not met: dead neurons rest on theirs at h = +-1e-17.
  lanes noise = {0};
  double sign_change[LANES], noises[LANES], at_ends[LANES];
  for (int c = 0; c < q; c++) noise += 1e-14 * MAGNITUDE(C[c]);
  STORE(noises, noise);
  const bool turns = ANY(C[0] * end[0] < 0.0);
  for (int l = 0; l < LANES; l++) {
    batch->when[l] = CKINK_FAR;
    batch->which[l] = CKINK_NO_EVENT;
    sign_change[l] = CKINK_FAR;
  }
  if (turns) {
    for (int k = 0; k < terms; k++) STORE(alpha + k * LANES, C[k * q]);
    for (int l = 0; l < batch->count; l++) {
      const double first = C[0][l], last = end[0][l];
      if (!(first * last < 0)) continue;
      sign_change[l] = ckink_root(alpha + l, terms, LANES, 0, 1, first, last);
      if (path->ends_at_sign_change) {
        batch->when[l] = batch->from[l] + sign_change[l] * (1 - batch->from[l]);
        batch->which[l] = CKINK_SIGN_CHANGE;
      }
    }
  }
  for (int f = 0; f < path->wall_count; f++) {
    const double *wall = path->walls + (size_t)f * D;
    bool has_turns = turns;
    for (int t = 0; t < path->turn_count; t++) has_turns |= path->turn_wall[t] == f;
    lanes at_end = wall[0] * end[1];
    for (int c = 1; c < D; c++) at_end += wall[c] * end[c + 1];
    if (!has_turns && !ANY(at_end < -noise)) continue;
    for (int k = 0; k < terms; k++) {
      lanes v = wall[0] * C[k * q + 1];
      for (int c = 1; c < D; c++) v += wall[c] * C[k * q + c + 1];
      STORE(wall_series + k * LANES, v);
    }
    STORE(at_ends, at_end);
    if (has_turns) {
      for (int l = 0; l < batch->count; l++)
        meet(path, batch, l, f, wall_series, terms, at_ends[l], sign_change[l], noises[l]);
      continue;
    }
    // Monotone all the way.
    const lanes first = LOAD(wall_series);
    const lane_mask falls = at_end < LEAST(first, (lanes){0}) - noise, is_inside = first > 0.0;
    const lane_mask wanted = falls & is_inside;
    lanes root;
    roots((const lanes *)wall_series, terms, &at_end, &wanted, &root);
    for (int l = 0; l < batch->count; l++)
      if (falls[l]) note(batch, l, f, is_inside[l] ? root[l] : 0);
  }
  for (int l = 0; l < batch->count; l++)
    if (batch->release[l] < batch->when[l]) {
      batch->when[l] = batch->release[l];
      batch->which[l] = CKINK_RELEASE;
    }
}

CLANES_INLINE void add_up(int D, const ckink_path *path, const ckink_batch *batch, const lanes *C,
                         int terms, ckink_sum sum, lanes *x, double *sums) {
  const lanes from = LOAD(batch->from), when = LOAD(batch->when);
  lane_mask used = {0};
  for (int l = 0; l < batch->count; l++) used[l] = -1;
  for (int j = 0; j < path->stages; j++) {
    const lanes node = SPLAT(path->nodes[j]);
    const lane_mask present = used & (from < node) & (node <= when), absent = used & (node > when);
    const lane_mask counted = sum == CKINK_SUM_PRESENT ? present : absent;
    if (!ANY(counted)) continue;
    const lanes u = (node - from) / (1.0 - from);
    value_at(D + 1, C, terms, &u, x);
    for (int c = 0; c < D; c++) {
      const double v = JOIN(SELECT(counted, x[0] * x[c + 1], (lanes){0}));
      sums[j * D + c] += sum == CKINK_SUM_PRESENT ? v : -v;
    }
  }
}

CLANES_INLINE bool follow(int d, int D, int stages, const ckink_path *path, ckink_batch *batch,
                         double until, double *theta, ckink_sum sum, double *sums, lanes *x,
                         double *scratch) {
  const int q = D + 1;
  lanes *C = (lanes *)scratch, *own = C + CKINK_MAX_TERMS * q;
  double *wall_series = (double *)(own + CKINK_MAX_STAGES * D);
  shift(D, stages, path->b, batch->from, own);
  const int terms = expand(d, D, stages, own, theta, C);
  if (!terms) return false;
  const lanes one = SPLAT(1.0);
  value_at(q, C, terms, &one, x);
  // The wall's series serves for alpha first.
  find_events(D, path, batch, C, terms, x, wall_series, wall_series);
  const lanes from = LOAD(batch->from), when = LOAD(batch->when);
  if (ANY(when <= 1.0) || until < 1) {
    const lanes u = (LEAST(when, SPLAT(until)) - from) / (1.0 - from);
    value_at(q, C, terms, &u, x);
  }
  for (int c = 0; c < q; c++) STORE(theta + c * LANES, x[c]);
  if (sum != CKINK_SUM_NOTHING) add_up(D, path, batch, C, terms, sum, x, sums);
  return true;
}

CLANES_DISPATCH bool ckink_follow(const ckink_path *path, ckink_batch *batch, double until,
                                 double *theta, ckink_sum sum, double *sums, double *scratch) {
  for (int l = batch->count; l < LANES; l++) {
    batch->from[l] = 0;
    batch->release[l] = CKINK_FAR;
    for (int c = 0; c <= path->D; c++) theta[c * LANES + l] = 0;
  }
  if (path->d == 2 && path->D == 2 && path->stages == 3) {
    lanes x[3];
    return follow(2, 2, 3, path, batch, until, theta, sum, sums, x, scratch);
  }
  lanes *x = (lanes *)scratch;
  scratch += LANES * (path->D + 1);
  return follow(path->d, path->D, path->stages, path, batch, until, theta, sum, sums, x, scratch);
}
