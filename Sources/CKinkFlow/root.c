// Bracketed roots of polynomials in power form.
#include <math.h>

#include "ckink.h"

#pragma clang fp contract(off)

// Even and odd terms apart, `E(t^2) + t O(t^2)`: four short chains of dependent operations instead of two long ones.
static inline void value_and_slope(const double *c, int K, int stride, double t, double *value,
                                   double *slope) {
  const double x = t * t;
  double even = 0, odd = 0, even_slope = 0, odd_slope = 0;
  if (K % 2 == 1) even = c[--K * stride];
  for (int k = K - 2; k >= 0; k -= 2) {
    even_slope = even_slope * x + even;
    odd_slope = odd_slope * x + odd;
    even = even * x + c[k * stride];
    odd = odd * x + c[(k + 1) * stride];
  }
  *value = even + t * odd;
  *slope = 2 * t * (even_slope + t * odd_slope) + odd;
}

double ckink_root(const double *c, int K, int stride, double a, double b, double fa, double fb) {
  if (fa == 0) return a;
  double t = a - fa * (b - a) / (fb - fa);
  if (a == 0) {
    // The parabola through value and slope at 0 and the value at b.
    const double slope = c[stride], q = (fb - fa - slope * b) / (b * b);
    const double discriminant = slope * slope - 4 * q * fa;
    if (discriminant > 0) t = -2 * fa / (slope + (fa > 0 ? -1 : 1) * sqrt(discriminant));
  }
  for (int iteration = 0; iteration < 60; iteration++) {
    if (!(t > a && t < b)) t = 0.5 * (a + b);
    double v, dv;
    value_and_slope(c, K, stride, t, &v, &dv);
    if (v == 0) return t;
    if ((v > 0) == (fa > 0)) {
      a = t;
    } else {
      b = t;
    }
    const double next = dv != 0 ? t - v / dv : 0.5 * (a + b);
    // Convergence is quadratic: after a change of 1e-9 the next value is exact.
    if (fabs(next - t) < 1e-9 || b - a < 4e-16) return next > a && next < b ? next : t;
    t = next;
  }
  return t;
}
