// Products of the structured Newton solve with the n x N matrix of output gradients, (v_ik; a_k s_ik x_i) for
// neuron k at sample i: both read the features once, and store nothing per neuron and sample.
#include "CFlowKernels.h"
#include "clanes.h"

#define OUTPUTS(d)                                                                             \
  do {                                                                                         \
    for (long i = 0; i < n; i++) {                                                             \
      const double *vi = v + i * count, *si = s + i * count, *xi = x + i * (d);                \
      lanes sum = {0};                                                                         \
      long k = 0;                                                                              \
      for (; k + LANES <= count; k += LANES) {                                                 \
        lanes dz = LOAD(vw + k) * SPLAT(xi[0]);                                                \
        for (long j = 1; j < (d); j++) dz = dz + LOAD(vw + j * ld + k) * SPLAT(xi[j]);         \
        sum = sum + (LOAD(va + k) * LOAD(vi + k) + LOAD(a + k) * LOAD(si + k) * dz);           \
      }                                                                                        \
      for (int e = 0; k + e < count; e++) {                                                    \
        double dz = vw[k + e] * xi[0];                                                         \
        for (long j = 1; j < (d); j++) dz = dz + vw[j * ld + k + e] * xi[j];                   \
        sum[e] = sum[e] + (va[k + e] * vi[k + e] + a[k + e] * si[k + e] * dz);                 \
      }                                                                                        \
      sums[i] = JOIN(sum);                                                                     \
    }                                                                                          \
  } while (0)

CLANES_DISPATCH void cflow_direction_outputs(long count, long ld, long d, long n, const double *a,
                                            const double *va, const double *vw, const double *v,
                                            const double *s, const double *x, double *sums) {
  if (d == 2)
    OUTPUTS(2L);
  else
    OUTPUTS(d);
}

enum { MAX_COMBINED = CFLOW_MAX_COMBINED_DIMENSION };

#define COMBINE(d)                                                                           \
  do {                                                                                       \
    for (long k = 0; k < count; k += LANES) {                                                \
      lanes sa = {0}, sw[MAX_COMBINED];                                                      \
      for (long j = 0; j < (d); j++) sw[j] = (lanes){0};                                     \
      if (k + LANES <= count) {                                                              \
        for (long i = 0; i < n; i++) {                                                       \
          const lanes ci = SPLAT(c[i]);                                                      \
          const lanes t = ci * LOAD(s + i * count + k);                                      \
          sa = sa + ci * LOAD(v + i * count + k);                                            \
          for (long j = 0; j < (d); j++) sw[j] = sw[j] + t * SPLAT(x[i * (d) + j]);          \
        }                                                                                    \
        const lanes ak = LOAD(a + k) * SPLAT(factor);                                        \
        STORE(ba + k, sa * SPLAT(factor));                                                   \
        for (long j = 0; j < (d); j++) STORE(bw + j * ldb + k, sw[j] * ak);                  \
      } else {                                                                               \
        for (long e = 0; k + e < count; e++) {                                               \
          for (long i = 0; i < n; i++) {                                                     \
            const double t = c[i] * s[i * count + k + e];                                    \
            sa[e] = sa[e] + c[i] * v[i * count + k + e];                                     \
            for (long j = 0; j < (d); j++) sw[j][e] = sw[j][e] + t * x[i * (d) + j];         \
          }                                                                                  \
          ba[k + e] = sa[e] * factor;                                                        \
          for (long j = 0; j < (d); j++) bw[j * ldb + k + e] = sw[j][e] * (a[k + e] * factor); \
        }                                                                                    \
      }                                                                                      \
    }                                                                                        \
  } while (0)

CLANES_DISPATCH void cflow_combine_gradients(long count, long d, long n, double factor,
                                            const double *a, const double *c, const double *v,
                                            const double *s, const double *x, double *ba,
                                            double *bw, long ldb) {
  if (d == 2)
    COMBINE(2L);
  else
    COMBINE(d);
}
