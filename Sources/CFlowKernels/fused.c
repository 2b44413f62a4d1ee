// Fused passes for piecewise-linear activations, sigma(z) = q z + (p - q) max(z, 0).
//
// z = w_k.x_i is computed where it is needed. Forward, samples go in blocks of up to eight whose sums
// stay in registers while the chunk's neurons stream by; backward, neurons go in eights and all
// samples are summed up on the spot.
#include "CFlowKernels.h"
#include "clanes.h"

/// `z[r] = w_k.x_r` for `nb` samples, neurons k...k+7.
#define PREACTIVATIONS(z, w, k)                                                        \
  do {                                                                                 \
    lanes w_ = LOAD((w) + (k));                                                        \
    for (int r = 0; r < nb; r++) z[r] = w_ * SPLAT(x[r * d]);                          \
    for (long j = 1; j < d; j++) {                                                     \
      w_ = LOAD((w) + j * ld + (k));                                                   \
      for (int r = 0; r < nb; r++) z[r] = z[r] + w_ * SPLAT(x[r * d + j]);             \
    }                                                                                  \
  } while (0)

// ---- forward

CLANES_INLINE void outputs_block(long count, long ld, long d, int nb, const double *a,
                                const double *w, const double *x, double *acc) {
  lanes sum[8], z[8];
  for (int r = 0; r < nb; r++) sum[r] = LOAD(acc + r * LANES);
  for (long k = 0; k < count; k += LANES) {
    PREACTIVATIONS(z, w, k);
    lanes ak = LOAD(a + k);
    for (int r = 0; r < nb; r++) sum[r] = sum[r] + ak * POSITIVE_PART(z[r]);
  }
  for (int r = 0; r < nb; r++) STORE(acc + r * LANES, sum[r]);
}

CLANES_INLINE void tangent_block(long count, long ld, long d, int nb, const double *a,
                                const double *w, const double *va, const double *vw,
                                const double *x, double *acc) {
  lanes sum[8], z[8], dz[8];
  for (int r = 0; r < nb; r++) sum[r] = LOAD(acc + r * LANES);
  for (long k = 0; k < count; k += LANES) {
    PREACTIVATIONS(z, w, k);
    PREACTIVATIONS(dz, vw, k);
    lanes ak = LOAD(a + k), vk = LOAD(va + k);
    for (int r = 0; r < nb; r++)
      sum[r] = sum[r] + SELECT(z[r] > 0.0, vk * z[r] + ak * dz[r], (lanes){0});
  }
  for (int r = 0; r < nb; r++) STORE(acc + r * LANES, sum[r]);
}

/// `linear[j] = sum_k a_k w_kj`, or added to what is there.
CLANES_DISPATCH static void linear_sums(long count, long ld, long d, const double *a, const double *w,
                                       double *sums, int add) {
  for (long j = 0; j < d; j++) {
    const double *row = w + j * ld;
    lanes s = {0};
    long k = 0;
    for (; k + LANES <= count; k += LANES) s = s + LOAD(a + k) * LOAD(row + k);
    if (k < count) {
      double pa[LANES], pw[LANES];
      pad_rows(1, count - k, a + k, 0, pa);
      pad_rows(1, count - k, row + k, 0, pw);
      s = s + LOAD(pa) * LOAD(pw);
    }
    double total = JOIN(s);
    sums[j] = add ? sums[j] + total : total;
  }
}

// `CALL(d, nb)` with constants where that pays: d = 2, and any block of samples.
#define BY_SIZE(CALL)                                      \
  if (d == 2) {                                            \
    switch (nb) {                                          \
      case 1: CALL(2, 1); break;                           \
      case 2: CALL(2, 2); break;                           \
      case 3: CALL(2, 3); break;                           \
      case 4: CALL(2, 4); break;                           \
      case 5: CALL(2, 5); break;                           \
      case 6: CALL(2, 6); break;                           \
      case 7: CALL(2, 7); break;                           \
      default: CALL(2, 8); break;                          \
    }                                                      \
  } else if (nb == 8) {                                    \
    CALL(d, 8);                                            \
  } else if (nb == 4) {                                    \
    CALL(d, 4);                                            \
  } else {                                                 \
    CALL(d, 1);                                            \
  }

/// The next block of samples: eight; for d = 2 whatever is left, else four or one.
CLANES_INLINE int block_size(long d, long left) {
  if (left >= 8) return 8;
  if (d == 2) return (int)left;
  return left >= 4 ? 4 : 1;
}

CLANES_DISPATCH void cflow_fused_outputs(long count, long ld, long d, long n, const double *a,
                                        const double *w, const double *x0, double *sums,
                                        double *linear) {
  long whole = count / LANES * LANES, rest = count - whole;
  double pa[LANES], pw[CFLOW_MAX_FUSED_DIMENSION * LANES];
  if (rest) {
    pad_rows(1, rest, a + whole, 0, pa);
    pad_rows(d, rest, w + whole, ld, pw);
  }
  for (long i = 0; i < n;) {
    int nb = block_size(d, n - i);
    const double *x = x0 + i * d;
    double acc[8 * LANES];
    memset(acc, 0, sizeof acc);
#define CALL(D, NB)                                          \
  do {                                                       \
    outputs_block(whole, ld, D, NB, a, w, x, acc);           \
    if (rest) outputs_block(LANES, LANES, D, NB, pa, pw, x, acc); \
  } while (0)
    BY_SIZE(CALL)
#undef CALL
    for (int r = 0; r < nb; r++) sums[i + r] = JOIN(LOAD(acc + r * LANES));
    i += nb;
  }
  if (linear) linear_sums(count, ld, d, a, w, linear, 0);
}

CLANES_DISPATCH void cflow_fused_outputs_tangent(long count, long ld, long d, long n, const double *a,
                                                const double *w, const double *va, const double *vw,
                                                const double *x0, double *sums, double *linear) {
  long whole = count / LANES * LANES, rest = count - whole;
  double pa[LANES], pva[LANES];
  double pw[CFLOW_MAX_FUSED_DIMENSION * LANES], pvw[CFLOW_MAX_FUSED_DIMENSION * LANES];
  if (rest) {
    pad_rows(1, rest, a + whole, 0, pa);
    pad_rows(1, rest, va + whole, 0, pva);
    pad_rows(d, rest, w + whole, ld, pw);
    pad_rows(d, rest, vw + whole, ld, pvw);
  }
  for (long i = 0; i < n;) {
    int nb = block_size(d, n - i);
    const double *x = x0 + i * d;
    double acc[8 * LANES];
    memset(acc, 0, sizeof acc);
#define CALL(D, NB)                                                          \
  do {                                                                       \
    tangent_block(whole, ld, D, NB, a, w, va, vw, x, acc);                   \
    if (rest) tangent_block(LANES, LANES, D, NB, pa, pw, pva, pvw, x, acc);  \
  } while (0)
    BY_SIZE(CALL)
#undef CALL
    for (int r = 0; r < nb; r++) sums[i + r] = JOIN(LOAD(acc + r * LANES));
    i += nb;
  }
  if (linear) {
    linear_sums(count, ld, d, va, w, linear, 0);
    linear_sums(count, ld, d, a, vw, linear, 1);
  }
}

// ---- backward

/// Adds the samples' terms to the neurons' sums `g` (and `h`, if `two`).
#define ADD_ACTIVE(nb_, d_, two)                                                         \
  do {                                                                                   \
    enum { nb = nb_ };                                                                   \
    lanes z[nb];                                                                         \
    PREACTIVATIONS(z, w, k);                                                             \
    for (long j = 0; j < (d_); j++) {                                                    \
      lanes t = g[j];                                                                    \
      for (int r = 0; r < nb; r++) t = t + SELECT(z[r] > 0.0, SPLAT(l[r * d + j]), (lanes){0});   \
      g[j] = t;                                                                          \
    }                                                                                    \
    if (two)                                                                             \
      for (long j = 0; j < (d_); j++) {                                                  \
        lanes t = h[j];                                                                  \
        for (int r = 0; r < nb; r++) t = t + SELECT(z[r] > 0.0, SPLAT(q[r * d + j]), (lanes){0}); \
        h[j] = t;                                                                        \
      }                                                                                  \
  } while (0)

#define OVER_SAMPLES(d_, n_, two)                                              \
  do {                                                                         \
    const double *x = x0, *l = lx, *q = qx;                                    \
    long i = 0;                                                                \
    for (; i + 8 <= (n_); i += 8, x += 8 * d, l += 8 * d, q += (two) * 8 * d)  \
      ADD_ACTIVE(8, d_, two);                                                  \
    for (; i + 4 <= (n_); i += 4, x += 4 * d, l += 4 * d, q += (two) * 4 * d)  \
      ADD_ACTIVE(4, d_, two);                                                  \
    for (; i < (n_); i++, x += d, l += d, q += (two) * d) ADD_ACTIVE(1, d_, two); \
  } while (0)

CLANES_INLINE void gradient_block(long count, long ld, long d, long n, const double *a,
                                 const double *w, const double *x0, const double *lx,
                                 const double *g0, double ca, double cw, double *da, double *dw,
                                 long lddw) {
  const double *qx = lx;
  lanes g[CFLOW_MAX_FUSED_DIMENSION], *h = g;
  for (long k = 0; k < count; k += LANES) {
    for (long j = 0; j < d; j++) g[j] = SPLAT(g0[j]);
    OVER_SAMPLES(d, n, 0);
    lanes dot = LOAD(w + k) * g[0];
    lanes scaled = LOAD(a + k) * SPLAT(cw);
    STORE(dw + k, scaled * g[0]);
    for (long j = 1; j < d; j++) {
      dot = dot + LOAD(w + j * ld + k) * g[j];
      STORE(dw + j * lddw + k, scaled * g[j]);
    }
    STORE(da + k, dot * SPLAT(ca));
  }
}

CLANES_INLINE void gradient_tangent_block(long count, long ld, long d, long n, const double *a,
                                         const double *w, const double *va, const double *vw,
                                         const double *x0, const double *lx, const double *g0,
                                         const double *qx, const double *h0, double ca, double cw,
                                         double *ja, double *jw, long ldjw) {
  lanes g[CFLOW_MAX_FUSED_DIMENSION], h[CFLOW_MAX_FUSED_DIMENSION];
  for (long k = 0; k < count; k += LANES) {
    for (long j = 0; j < d; j++) {
      g[j] = SPLAT(g0[j]);
      h[j] = SPLAT(h0[j]);
    }
    OVER_SAMPLES(d, n, 1);
    lanes dot = {0}, ak = LOAD(a + k), vk = LOAD(va + k);
    for (long j = 0; j < d; j++) {
      dot = dot + (LOAD(w + j * ld + k) * h[j] + LOAD(vw + j * ld + k) * g[j]);
      STORE(jw + j * ldjw + k, SPLAT(cw) * (ak * h[j] + vk * g[j]));
    }
    STORE(ja + k, dot * SPLAT(ca));
  }
}

#define BY_SAMPLES(CALL)          \
  if (d == 2) {                   \
    switch (n) {                  \
      case 1: CALL(2, 1); break;  \
      case 2: CALL(2, 2); break;  \
      case 3: CALL(2, 3); break;  \
      case 4: CALL(2, 4); break;  \
      case 5: CALL(2, 5); break;  \
      case 6: CALL(2, 6); break;  \
      case 7: CALL(2, 7); break;  \
      case 8: CALL(2, 8); break;  \
      default: CALL(2, n); break; \
    }                             \
  } else {                        \
    CALL(d, n);                   \
  }

CLANES_DISPATCH void cflow_fused_gradient(long count, long ld, long d, long n, const double *a,
                                         const double *w, const double *x, const double *lx,
                                         const double *g0, double ca, double cw, double *da,
                                         double *dw, long lddw) {
  long whole = count / LANES * LANES, rest = count - whole;
#define CALL(D, N) gradient_block(whole, ld, D, N, a, w, x, lx, g0, ca, cw, da, dw, lddw)
  BY_SAMPLES(CALL)
#undef CALL
  if (rest) {
    double pa[LANES], pda[LANES];
    double pw[CFLOW_MAX_FUSED_DIMENSION * LANES], pdw[CFLOW_MAX_FUSED_DIMENSION * LANES];
    pad_rows(1, rest, a + whole, 0, pa);
    pad_rows(d, rest, w + whole, ld, pw);
    gradient_block(LANES, LANES, d, n, pa, pw, x, lx, g0, ca, cw, pda, pdw, LANES);
    memcpy(da + whole, pda, (size_t)rest * sizeof *da);
    for (long j = 0; j < d; j++)
      memcpy(dw + j * lddw + whole, pdw + j * LANES, (size_t)rest * sizeof *dw);
  }
}

CLANES_DISPATCH void cflow_fused_gradient_tangent(long count, long ld, long d, long n, const double *a,
                                                 const double *w, const double *va, const double *vw,
                                                 const double *x, const double *lx, const double *g0,
                                                 const double *qx, const double *h0, double ca,
                                                 double cw, double *ja, double *jw, long ldjw) {
  long whole = count / LANES * LANES, rest = count - whole;
#define CALL(D, N) \
  gradient_tangent_block(whole, ld, D, N, a, w, va, vw, x, lx, g0, qx, h0, ca, cw, ja, jw, ldjw)
  BY_SAMPLES(CALL)
#undef CALL
  if (rest) {
    enum { size = CFLOW_MAX_FUSED_DIMENSION * LANES };
    double pa[LANES], pva[LANES], pja[LANES], pw[size], pvw[size], pjw[size];
    pad_rows(1, rest, a + whole, 0, pa);
    pad_rows(1, rest, va + whole, 0, pva);
    pad_rows(d, rest, w + whole, ld, pw);
    pad_rows(d, rest, vw + whole, ld, pvw);
    gradient_tangent_block(LANES, LANES, d, n, pa, pw, pva, pvw, x, lx, g0, qx, h0, ca, cw, pja, pjw,
                           LANES);
    memcpy(ja + whole, pja, (size_t)rest * sizeof *ja);
    for (long j = 0; j < d; j++)
      memcpy(jw + j * ldjw + whole, pjw + j * LANES, (size_t)rest * sizeof *jw);
  }
}
