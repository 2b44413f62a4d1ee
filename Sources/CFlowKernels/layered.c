// Layered passes: pre-activations as a matrix, then the activation, then sums. They serve every
// activation; for large d the two products with `x` are GEMMs instead (linear_algebra.c).
#include "CFlowKernels.h"
#include "clanes.h"

CLANES_DISPATCH void cflow_preactivations(long count, long ld, long d, long n, const double *w,
                                         const double *x, double *z) {
  for (long i = 0; i < n; i++) {
    double *zi = z + i * count;
    const double *xi = x + i * d;
    long k = 0;
    for (; k + 4 * LANES <= count; k += 4 * LANES) {
      lanes s[4];
      for (int b = 0; b < 4; b++) s[b] = LOAD(w + k + b * LANES) * SPLAT(xi[0]);
      for (long j = 1; j < d; j++)
        for (int b = 0; b < 4; b++)
          s[b] = s[b] + LOAD(w + j * ld + k + b * LANES) * SPLAT(xi[j]);
      for (int b = 0; b < 4; b++) STORE(zi + k + b * LANES, s[b]);
    }
    for (; k < count; k++) {
      double s = w[k] * xi[0];
      for (long j = 1; j < d; j++) s = s + w[j * ld + k] * xi[j];
      zi[k] = s;
    }
  }
}

CLANES_DISPATCH void cflow_slope_features(long length, const double *z, double p, double q, double *v,
                                         double *s) {
  for (long k = 0; k < length; k++) {
    double slope = z[k] > 0 ? p : q;
    s[k] = slope;
    v[k] = slope * z[k];
  }
}

/// Adds `term(k)` over the chunk into eight lanes; `term` is an expression in the index `K`.
#define LANE_SUM(count, TERM)                                      \
  ({                                                               \
    lanes sum_ = {0};                                              \
    long k_ = 0;                                                   \
    for (; k_ + LANES <= (count); k_ += LANES)                     \
      for (int e_ = 0; e_ < LANES; e_++) {                         \
        const long K = k_ + e_;                                    \
        sum_[e_] = sum_[e_] + (TERM);                              \
      }                                                            \
    for (int e_ = 0; k_ + e_ < (count); e_++) {                    \
      const long K = k_ + e_;                                      \
      sum_[e_] = sum_[e_] + (TERM);                                \
    }                                                              \
    JOIN(sum_);                                                    \
  })

CLANES_DISPATCH void cflow_weighted_sums(long count, long n, const double *a, const double *v,
                                        double *sums) {
  for (long i = 0; i < n; i++) {
    const double *vi = v + i * count;
    sums[i] = LANE_SUM(count, a[K] * vi[K]);
  }
}

CLANES_DISPATCH void cflow_slope_sums(long count, long n, const double *a, const double *z, double p,
                                     double q, double *sums) {
  for (long i = 0; i < n; i++) {
    const double *zi = z + i * count;
    sums[i] = LANE_SUM(count, a[K] * ((zi[K] > 0 ? p : q) * zi[K]));
  }
}

CLANES_DISPATCH void cflow_weighted_sums_tangent(long count, long n, const double *a,
                                                const double *va, const double *v, const double *s,
                                                const double *dz, double *sums) {
  for (long i = 0; i < n; i++) {
    const double *vi = v + i * count, *si = s + i * count, *dzi = dz + i * count;
    sums[i] = LANE_SUM(count, va[K] * vi[K] + a[K] * si[K] * dzi[K]);
  }
}

CLANES_DISPATCH void cflow_layer_gradient(long count, long n, const double *restrict a,
                                         const double *restrict l, const double *restrict v,
                                         const double *restrict s, double ca, double cw,
                                         double *restrict da, double *restrict p) {
  for (long k = 0; k < count; k++) da[k] = 0;
  for (long i = 0; i < n; i++) {
    const double *restrict vi = v + i * count, *restrict si = s + i * count;
    double *restrict pi = p + i * count;
    const double li = ca * l[i], lw = cw * l[i];
    for (long k = 0; k < count; k++) {
      da[k] = da[k] + li * vi[k];
      pi[k] = lw * a[k] * si[k];
    }
  }
}

CLANES_DISPATCH void cflow_layer_gradient_tangent(
    long count, long n, const double *restrict a, const double *restrict va,
    const double *restrict l, const double *restrict q, const double *restrict v,
    const double *restrict s, const double *restrict c, const double *restrict dz, double ca,
    double cw, double *restrict ja, double *restrict p) {
  for (long k = 0; k < count; k++) ja[k] = 0;
  for (long i = 0; i < n; i++) {
    const double *restrict vi = v + i * count, *restrict si = s + i * count;
    const double *restrict dzi = dz + i * count;
    double *restrict pi = p + i * count;
    const double li = l[i], qi = q[i];
    for (long k = 0; k < count; k++) {
      ja[k] = ja[k] + ca * (qi * vi[k] + li * si[k] * dzi[k]);
      pi[k] = cw * ((qi * a[k] + li * va[k]) * si[k]);
    }
    if (!c) continue;
    const double *restrict ci = c + i * count;
    for (long k = 0; k < count; k++) pi[k] = pi[k] + cw * li * a[k] * ci[k] * dzi[k];
  }
}

CLANES_DISPATCH void cflow_input_sums(long count, long d, long n, const double *p, const double *x,
                                     double *dw, long lddw) {
  for (long j = 0; j < d; j++) {
    double *row = dw + j * lddw;
    long k = 0;
    for (; k + 4 * LANES <= count; k += 4 * LANES) {
      lanes s[4] = {{0}, {0}, {0}, {0}};
      for (long i = 0; i < n; i++)
        for (int b = 0; b < 4; b++)
          s[b] = s[b] + LOAD(p + i * count + k + b * LANES) * SPLAT(x[i * d + j]);
      for (int b = 0; b < 4; b++) STORE(row + k + b * LANES, s[b]);
    }
    for (; k < count; k++) {
      double s = 0;
      for (long i = 0; i < n; i++) s = s + p[i * count + k] * x[i * d + j];
      row[k] = s;
    }
  }
}

CLANES_DISPATCH void cflow_gram(long count, long n, const double *v, const double *u, double *gram) {
  for (long i = 0; i < n; i++)
    for (long j = 0; j <= i; j++) {
      const double *vi = v + i * count, *vj = v + j * count;
      double sum = u ? LANE_SUM(count, (u[K] * vi[K]) * (u[K] * vj[K])) : LANE_SUM(count, vi[K] * vj[K]);
      gram[i * n + j] += sum;
    }
}

CLANES_DISPATCH void cflow_scale_columns(long count, long n, const double *restrict a,
                                        const double *restrict s, double *restrict p) {
  for (long i = 0; i < n; i++)
    for (long k = 0; k < count; k++) p[i * count + k] = a[k] * s[i * count + k];
}

/// Runs `BODY`, which sets `norm` for neurons K...K+7 (fewer at the end: `rest` lanes are real), and
/// keeps the largest; NaN wins.
#define LARGEST(count, BODY)                                                     \
  ({                                                                             \
    lanes top_ = {0};                                                            \
    for (long K = 0; K < (count); K += LANES) {                                  \
      const long rest = (count) - K < LANES ? (count) - K : LANES;               \
      lanes norm = {0};                                                          \
      BODY;                                                                      \
      top_ = SELECT(norm <= top_, top_, SELECT(top_ == top_, norm, top_));       \
    }                                                                            \
    double best_ = 0;                                                            \
    for (int e_ = 0; e_ < LANES; e_++)                                           \
      if (best_ == best_ && !(top_[e_] <= best_)) best_ = top_[e_];              \
    best_;                                                                       \
  })

/// Eight elements, the ones beyond `rest` zero.
#define LOAD_REST(p)                                            \
  ({                                                            \
    lanes r_ = {0};                                             \
    const double *p_ = (p);                                     \
    if (rest == LANES)                                          \
      r_ = LOAD(p_);                                            \
    else                                                        \
      for (long e_ = 0; e_ < rest; e_++) r_[e_] = p_[e_];       \
    r_;                                                         \
  })

#define MAGNITUDE(v) ({ lanes g_ = (v); SELECT(g_ < 0.0, -g_, g_); })

CLANES_DISPATCH double cflow_largest_column(long count, long d, const double *g) {
  return LARGEST(count, {
    for (long j = 0; j < d; j++) {
      lanes gj = LOAD_REST(g + j * count + K);
      norm = norm + gj * gj;
    }
  });
}

CLANES_DISPATCH double cflow_largest_block(long count, long d, long n, long rows, const double *g,
                                          const double *a, const double *c, const double *r,
                                          double kappaPrime) {
  return LARGEST(count, {
    lanes bend = {0};
    for (long j = 0; j < d; j++) {
      lanes gj = LOAD_REST(g + j * count + K);
      norm = norm + gj * gj;
    }
    if (rows > 0) {
      for (long q = 0; q < rows; q++) {
        lanes entry = {0};
        for (long i = 0; i < n; i++) entry = entry + SPLAT(r[q * n + i]) * LOAD_REST(c + i * count + K);
        bend = bend + entry * entry;
      }
      for (int e = 0; e < LANES; e++) bend[e] = __builtin_sqrt(bend[e]);
    } else {
      for (long i = 0; i < n; i++)
        bend = bend + SPLAT(r[i]) * MAGNITUDE(LOAD_REST(c + i * count + K));
    }
    bend = SPLAT(0.5 * kappaPrime) * MAGNITUDE(LOAD_REST(a + K)) * bend;
    norm = norm + bend * bend;
    for (int e = 0; e < LANES; e++) norm[e] = __builtin_sqrt(norm[e]);
    norm = norm + bend;
  });
}
