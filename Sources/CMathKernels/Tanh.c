#include "CMathKernels.h"
#include "Elementary.h"

// With u = exp(-2|z|) and t = u - 1: tanh|z| = -t / (1 + u), 1 - tanh^2 z = 4 u / (1 + u)^2. Both keep
// their relative accuracy for every z, as 1 - tanh * tanh would not.

CMATH_DISPATCH void cmath_tanh(const double *restrict z, double *restrict value,
                               double *restrict derivative, size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    cmath_exponential e = cmath_exp_negative(-2.0 * cmath_abs(z[i]));
    double sum = 1.0 + e.exp;
    value[i] = cmath_copysign(e.expm1 / sum, z[i]);
    derivative[i] = 4.0 * e.exp / (sum * sum);
  }
}

CMATH_DISPATCH void cmath_tanh_second(const double *restrict z, double *restrict result,
                                      size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    cmath_exponential e = cmath_exp_negative(-2.0 * cmath_abs(z[i]));
    double sum = 1.0 + e.exp;
    double magnitude = 8.0 * e.exp * e.expm1 / (sum * sum * sum);
    result[i] = cmath_copysign(magnitude, -z[i]);
  }
}
