// Blocks of the structured Newton solve: small symmetric matrices, one for each neuron.
//
// A block has q = r + 1 rows, those of w (r coordinates) first and that of a last; its lower triangle
// is packed by rows: element (i, j), j <= i, of neuron k at ((i (i + 1) / 2 + j) count + k).
#include <math.h>

#include "CFlowKernels.h"
#include "clanes.h"

enum { MAX_ORDER = CFLOW_MAX_BLOCK_ORDER, MAX_PACKED = MAX_ORDER * (MAX_ORDER + 1) / 2 };

#define PACKED(i, j) ((i) * ((i) + 1) / 2 + (j))

extern void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                   double *w, double *work, const int *lwork, int *info);

// ---- blocks

CLANES_DISPATCH void cflow_weigh_rows(long count, long n, const double *restrict l,
                                     const double *restrict s, double *restrict p) {
  for (long i = 0; i < n; i++)
    for (long k = 0; k < count; k++) p[i * count + k] = l[i] * s[i * count + k];
}

CLANES_DISPATCH void cflow_block_assemble(long count, long r, const double *restrict a, double cg,
                                         const double *restrict g, double cc,
                                         double *restrict blocks) {
  for (long i = 0; i < r; i++)
    for (long j = 0; j <= i; j++) {
      double *restrict row = blocks + PACKED(i, j) * count;
      const double one = i == j;
      for (long k = 0; k < count; k++) row[k] = one + cc * a[k] * row[k];
    }
  for (long j = 0; j < r; j++) {
    double *restrict row = blocks + PACKED(r, j) * count;
    for (long k = 0; k < count; k++) row[k] = cg * g[j * count + k];
  }
  double *restrict last = blocks + PACKED(r, r) * count;
  for (long k = 0; k < count; k++) last[k] = 1;
}

/// The first `used` of eight elements, the rest zero; and back.
#define TAKE(v, p, used)                              \
  do {                                                \
    if ((used) == LANES) {                            \
      v = LOAD(p);                                    \
    } else {                                          \
      v = (lanes){0};                                 \
      for (long e_ = 0; e_ < (used); e_++) v[e_] = (p)[e_]; \
    }                                                 \
  } while (0)
#define GIVE(v, p, used)                              \
  do {                                                \
    if ((used) == LANES) {                            \
      STORE(p, v);                                    \
    } else {                                          \
      for (long e_ = 0; e_ < (used); e_++) (p)[e_] = v[e_]; \
    }                                                 \
  } while (0)

#define LANE_SQRT(v) \
  ({ lanes q_ = (v); for (int e_ = 0; e_ < LANES; e_++) q_[e_] = __builtin_sqrt(q_[e_]); q_; })

/// Eight blocks: `t` from E to T = R^-1 where E = R R^T; a bit of the result for each block that is not
/// safely positive definite.
CLANES_INLINE int cholesky_inverse(long q, lanes *t) {
  lanes size = SPLAT(1.0);
  for (long i = 0; i < q; i++) {
    const lanes e = t[PACKED(i, i)], b = SELECT(e < 0.0, -e, e);
    size = SELECT(b > size, b, size);
  }
  // A pivot is at least the smallest eigenvalue: below this, the eigenvalues are looked at themselves.
  const lanes floor1 = SPLAT(CFLOW_SMALLEST_BLOCK_EIGENVALUE), floor2 = SPLAT(1e-13) * size;
  const lanes least = SELECT(floor1 > floor2, floor1, floor2);
  lane_mask good = (lane_mask){-1, -1, -1, -1, -1, -1, -1, -1};
  for (long j = 0; j < q; j++) {
    lanes pivot = t[PACKED(j, j)];
    for (long c = 0; c < j; c++) pivot = pivot - t[PACKED(j, c)] * t[PACKED(j, c)];
    const lane_mask ok = pivot > least;
    good = good & ok;
    pivot = SELECT(ok, pivot, SPLAT(1.0));
    const lanes inverse = 1.0 / LANE_SQRT(pivot);
    t[PACKED(j, j)] = inverse;
    for (long i = j + 1; i < q; i++) {
      lanes e = t[PACKED(i, j)];
      for (long c = 0; c < j; c++) e = e - t[PACKED(i, c)] * t[PACKED(j, c)];
      t[PACKED(i, j)] = e * inverse;
    }
  }
  for (long i = 1; i < q; i++)
    for (long j = 0; j < i; j++) {
      lanes sum = {0};
      for (long c = j; c < i; c++) sum = sum + t[PACKED(i, c)] * t[PACKED(c, j)];
      t[PACKED(i, j)] = -(sum * t[PACKED(i, i)]);
    }
  int bad = 0;
  for (int e = 0; e < LANES; e++) bad |= good[e] ? 0 : 1 << e;
  return bad;
}

/// E^-1 = T^T T.
CLANES_INLINE void product_of_factors(long q, const lanes *t, lanes *inverse) {
  for (long i = 0; i < q; i++)
    for (long j = 0; j <= i; j++) {
      lanes sum = {0};
      for (long c = i; c < q; c++) sum = sum + t[PACKED(c, i)] * t[PACKED(c, j)];
      inverse[PACKED(i, j)] = sum;
    }
}

/// The inverse of neuron k's block by its eigenvalues; 0, or 1 if it is singular.
static int inverse_by_eigenvalues(long count, long q, long k, const double *blocks, double *result) {
  double e[MAX_ORDER * MAX_ORDER], values[MAX_ORDER], work[34 * MAX_ORDER];
  const int n = (int)q, lwork = 34 * MAX_ORDER;
  int info = 0;
  double largest = 1, least = INFINITY;
  for (long i = 0; i < q; i++)
    for (long j = 0; j <= i; j++) {
      double element = blocks[PACKED(i, j) * count + k];
      if (!isfinite(element)) return 1;
      e[i + j * q] = element;
    }
  dsyev_("V", "L", &n, e, &n, values, work, &lwork, &info);
  if (info != 0) return 1;
  for (long c = 0; c < q; c++) {
    largest = fmax(largest, fabs(values[c]));
    least = fmin(least, fabs(values[c]));
  }
  if (!(least > CFLOW_SMALLEST_BLOCK_EIGENVALUE) || !(least > 1e-14 * largest)) return 1;
  for (long i = 0; i < q; i++)
    for (long j = 0; j <= i; j++) {
      double sum = 0;
      for (long c = 0; c < q; c++) sum = sum + e[i + c * q] * e[j + c * q] / values[c];
      result[PACKED(i, j) * count + k] = sum;
    }
  return 0;
}

#define BLOCK_LOOP(q)                                                                              \
  do {                                                                                             \
    const long packed = PACKED(q, 0);                                                              \
    for (long k = 0; k < count; k += LANES) {                                                      \
      const long used = count - k < LANES ? count - k : LANES;                                     \
      for (long p = 0; p < packed; p++) TAKE(t[p], blocks + p * count + k, used);                  \
      if (used < LANES)                                                                            \
        for (long i = 0; i < q; i++)                                                               \
          for (long e = used; e < LANES; e++) t[PACKED(i, i)][e] = 1;                              \
      const int bad = cholesky_inverse(q, t);                                                      \
      product_of_factors(q, t, inverse);                                                           \
      for (long p = 0; p < packed; p++) {                                                          \
        GIVE(inverse[p], inverses + p * ld + k, used);                                             \
        GIVE(t[p], factors + p * count + k, used);                                                 \
      }                                                                                            \
      if (bad)                                                                                     \
        for (long e = 0; e < used; e++)                                                            \
          if (bad >> e & 1) unsafe[unsafe_count++] = (int)(k + e);                                 \
    }                                                                                              \
  } while (0)

CLANES_DISPATCH static long factor_all(long count, long q, const double *blocks, double *factors,
                                      double *inverses, long ld, int *unsafe) {
  lanes t[MAX_PACKED], inverse[MAX_PACKED];
  long unsafe_count = 0;
  if (q == 3)
    BLOCK_LOOP(3L);
  else
    BLOCK_LOOP(q);
  return unsafe_count;
}

long cflow_block_factor(long count, long q, const double *blocks, double *factors, double *inverses,
                        long ld, int *unsafe) {
  const long unsafe_count = factor_all(count, q, blocks, factors, inverses, ld, unsafe);
  double own[MAX_PACKED];
  for (long u = 0; u < unsafe_count; u++) {
    const long k = unsafe[u];
    // One neuron at a time: gathered, inverted, scattered.
    double gathered[MAX_PACKED];
    for (long p = 0; p < PACKED(q, 0); p++) gathered[p] = blocks[p * count + k];
    if (inverse_by_eigenvalues(1, q, 0, gathered, own)) return -1 - k;
    for (long p = 0; p < PACKED(q, 0); p++) inverses[p * ld + k] = own[p];
  }
  return unsafe_count;
}

CLANES_DISPATCH void cflow_block_scale(long count, long q, double cw, double ca, double *rows,
                                      long ld, int both) {
  // T S: columns; S E^-1 S: both sides. S = diag(cw, ..., cw, ca).
  for (long i = 0; i < q; i++)
    for (long j = 0; j <= i; j++) {
      const double c = (j == q - 1 ? ca : cw) * (both ? (i == q - 1 ? ca : cw) : 1);
      for (long k = 0; k < count; k++) rows[PACKED(i, j) * ld + k] *= c;
    }
}

#define APPLY(q)                                                                                \
  do {                                                                                          \
    for (long k = 0; k < count; k++) {                                                          \
      double in[MAX_ORDER], out[MAX_ORDER];                                                     \
      for (long i = 0; i < q - 1; i++) in[i] = w[i * ldw + k];                                  \
      in[q - 1] = a[k];                                                                         \
      for (long i = 0; i < q; i++) out[i] = 0;                                                  \
      for (long i = 0; i < q; i++)                                                              \
        for (long j = 0; j <= i; j++) {                                                         \
          const double e = inverses[PACKED(i, j) * ld + k];                                     \
          out[i] = out[i] + e * in[j];                                                          \
          if (j < i) out[j] = out[j] + e * in[i];                                               \
        }                                                                                       \
      for (long i = 0; i < q - 1; i++) w[i * ldw + k] = out[i];                                 \
      a[k] = out[q - 1];                                                                        \
    }                                                                                           \
  } while (0)

/// The same with eight neurons at a time for any order.
CLANES_DISPATCH static void apply_lanes(long count, long q, const double *inverses, long ld,
                                       double *a, double *w, long ldw) {
  lanes in[MAX_ORDER], out[MAX_ORDER];
  for (long k = 0; k < count; k += LANES) {
    const long used = count - k < LANES ? count - k : LANES;
    for (long i = 0; i < q; i++) {
      const double *from = i < q - 1 ? w + i * ldw + k : a + k;
      TAKE(in[i], from, used);
      out[i] = (lanes){0};
    }
    for (long i = 0; i < q; i++)
      for (long j = 0; j <= i; j++) {
        lanes e;
        TAKE(e, inverses + PACKED(i, j) * ld + k, used);
        out[i] = out[i] + e * in[j];
        if (j < i) out[j] = out[j] + e * in[i];
      }
    for (long i = 0; i < q; i++) {
      double *to = i < q - 1 ? w + i * ldw + k : a + k;
      GIVE(out[i], to, used);
    }
  }
}

CLANES_DISPATCH void cflow_block_apply(long count, long q, const double *restrict inverses, long ld,
                                      double *restrict a, double *restrict w, long ldw) {
  if (q == 3)
    APPLY(3L);
  else
    apply_lanes(count, q, inverses, ld, a, w, ldw);
}

#define FEATURES(r)                                                                            \
  do {                                                                                         \
    const long q = (r) + 1, stride = q * count;                                                \
    for (long i = 0; i < n; i++) {                                                             \
      const double *restrict vi = v + i * count, *restrict si = s + i * count;                 \
      const double *restrict xi = x + i * (r);                                                 \
      for (long c = 0; c < q; c++) {                                                           \
        double *restrict h = result + i * stride + c * count;                                  \
        const long top = symmetric || c == (r) ? (r) : c + 1;                                  \
        const double *restrict last =                                                          \
            c == (r) || symmetric ? rows + PACKED(r, c) * ld : (const double *)0;              \
        for (long k = 0; k < count; k++) {                                                     \
          double t = 0;                                                                        \
          for (long j = 0; j < top; j++)                                                       \
            t = t + rows[(j <= c ? PACKED(c, j) : PACKED(j, c)) * ld + k] * xi[j];             \
          t = t * (a[k] * si[k]);                                                              \
          h[k] = last ? t + last[k] * vi[k] : t;                                               \
        }                                                                                      \
      }                                                                                        \
    }                                                                                          \
  } while (0)

CLANES_DISPATCH void cflow_block_features(long count, long r, long n, const double *restrict a,
                                         const double *restrict v, const double *restrict s,
                                         const double *restrict x, const double *restrict rows,
                                         long ld, int symmetric, double *restrict result) {
  if (r == 2)
    FEATURES(2L);
  else
    FEATURES(r);
}

CLANES_DISPATCH void cflow_plain_features(long count, long r, long n, const double *restrict a,
                                         const double *restrict v, const double *restrict s,
                                         const double *restrict x, double *restrict result) {
  for (long i = 0; i < n; i++) {
    double *restrict h = result + i * (r + 1) * count;
    const double *restrict vi = v + i * count, *restrict si = s + i * count;
    for (long c = 0; c < r; c++)
      for (long k = 0; k < count; k++) h[c * count + k] = a[k] * si[k] * x[i * r + c];
    for (long k = 0; k < count; k++) h[r * count + k] = vi[k];
  }
}
