#include "CMathKernels.h"
#include "Elementary.h"

// log(1 + exp z) = max(z, 0) + log(1 + u) with u = exp(-|z|), which cannot overflow.

CMATH_DISPATCH void cmath_softplus(const double *restrict z, double *restrict value,
                                   double *restrict derivative, size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    double u = cmath_exp_negative(-cmath_abs(z[i])).exp;
    value[i] = (z[i] > 0.0 ? z[i] : 0.0) + cmath_log1p_unit(u);
    derivative[i] = (z[i] < 0.0 ? u : 1.0) / (1.0 + u);
  }
}

CMATH_DISPATCH void cmath_softplus_second(const double *restrict z, double *restrict result,
                                          size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    double u = cmath_exp_negative(-cmath_abs(z[i])).exp;
    double sum = 1.0 + u;
    result[i] = u / (sum * sum);
  }
}
