#include "CMathKernels.h"
#include "Elementary.h"

// With u = exp(-|z|): s = 1 / (1 + u) for z >= 0 and u / (1 + u) for z < 0, s (1 - s) = u / (1 + u)^2.

CMATH_DISPATCH void cmath_sigmoid(const double *restrict z, double *restrict value,
                                  double *restrict derivative, size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    double u = cmath_exp_negative(-cmath_abs(z[i])).exp;
    double sum = 1.0 + u;
    value[i] = (z[i] < 0.0 ? u : 1.0) / sum;
    derivative[i] = u / (sum * sum);
  }
}

CMATH_DISPATCH void cmath_sigmoid_second(const double *restrict z, double *restrict result,
                                         size_t count) {
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    cmath_exponential e = cmath_exp_negative(-cmath_abs(z[i]));
    double sum = 1.0 + e.exp;
    double magnitude = e.exp * e.expm1 / (sum * sum * sum);
    result[i] = cmath_copysign(magnitude, -z[i]);
  }
}
