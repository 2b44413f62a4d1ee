// Blocks of the structured Newton solve where sigma'' = 0: arrows, solved in closed form.
#include "CFlowKernels.h"
#include "clanes.h"

CLANES_DISPATCH long cflow_arrow_factor(long count, long d, double gamma, double kappaPrime,
                                       double *restrict g, long ld, double *restrict pivot) {
  for (long k = 0; k < count; k++) pivot[k] = 0;
  for (long j = 0; j < d; j++)
    for (long k = 0; k < count; k++) {
      double e = gamma * g[j * ld + k];
      g[j * ld + k] = e;
      pivot[k] = pivot[k] + e * e;
    }
  long negative = 0, singular = -1;
  for (long k = 0; k < count; k++) {
    const double p = 1 - pivot[k];
    // NaN and infinity are caught, too.
    if (!(__builtin_fabs(p) > CFLOW_SMALLEST_BLOCK_EIGENVALUE && __builtin_fabs(p) < 1e300)) singular = k;
    negative += p < 0;
    pivot[k] = kappaPrime * p;
  }
  return singular >= 0 ? -1 - singular : negative;
}

CLANES_DISPATCH void cflow_arrow_features(long count, long n, double kappaPrime,
                                         const double *restrict a, const double *restrict v,
                                         const double *restrict s, const double *restrict gx,
                                         const double *restrict pivot, int negativeOnly,
                                         double *restrict h) {
  for (long i = 0; i < n; i++)
    for (long k = 0; k < count; k++) {
      const double p = pivot[k], size = __builtin_fabs(p);
      const double scale = negativeOnly && p > 0 ? 0 : 1 / __builtin_sqrt(size);
      h[i * count + k] =
          (v[i * count + k] - kappaPrime * a[k] * s[i * count + k] * gx[i * count + k]) * scale;
    }
}

CLANES_DISPATCH void cflow_arrow_apply(long count, long d, double kappaPrime,
                                      const double *restrict g, long ldg,
                                      const double *restrict pivot, double *restrict a,
                                      double *restrict w, long ldw) {
  enum { BLOCK = 64 };
  for (long k0 = 0; k0 < count; k0 += BLOCK) {
    const long end = count - k0 < BLOCK ? count - k0 : BLOCK;
    double dot[BLOCK] = {0};
    for (long j = 0; j < d; j++)
      for (long k = 0; k < end; k++) dot[k] = dot[k] + g[j * ldg + k0 + k] * w[j * ldw + k0 + k];
    for (long k = 0; k < end; k++) a[k0 + k] = (a[k0 + k] - kappaPrime * dot[k]) / pivot[k0 + k];
    for (long j = 0; j < d; j++)
      for (long k = 0; k < end; k++) {
        double *e = w + j * ldw + k0 + k;
        *e = kappaPrime * (*e - g[j * ldg + k0 + k] * a[k0 + k]);
      }
  }
}
