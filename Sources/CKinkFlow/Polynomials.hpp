// Polynomials in power form: values and bracketed roots.
#pragma once
#include <cmath>

namespace kink {

/// `sum_k c[k stride] t^k`, `K` terms.
inline double horner(const double *c, int K, double t, int stride = 1) {
  double v = 0;
  for (int k = K - 1; k >= 0; --k) v = v * t + c[k * stride];
  return v;
}

/// The only root in `(a, b)` of a polynomial with opposite signs `fa`, `fb` at the ends: Newton's method
/// kept inside the bracket.
inline double rootInBracket(const double *c, int K, double a, double b, double fa, double fb) {
  if (fa == 0) return a;
  double t = a - fa * (b - a) / (fb - fa);
  if (a == 0) {
    // The parabola through value and slope at 0 and the value at b.
    const double q = (fb - fa - c[1] * b) / (b * b), disc = c[1] * c[1] - 4 * q * fa;
    if (disc > 0) t = -2 * fa / (c[1] + (fa > 0 ? -1 : 1) * std::sqrt(disc));
  }
  for (int iteration = 0; iteration < 60; ++iteration) {
    if (!(t > a && t < b)) t = 0.5 * (a + b);
    double v = 0, dv = 0;
    for (int k = K - 1; k >= 0; --k) {
      dv = dv * t + v;
      v = v * t + c[k];
    }
    if (v == 0) return t;
    if ((v > 0) == (fa > 0)) {
      a = t;
    } else {
      b = t;
    }
    const double next = dv != 0 ? t - v / dv : 0.5 * (a + b);
    // Convergence is quadratic: after a change of 1e-9 the next value is exact.
    if (std::fabs(next - t) < 1e-9 || b - a < 4e-16) return next > a && next < b ? next : t;
    t = next;
  }
  return t;
}

/// The sign changes in `(t0, 1)` of a polynomial of low degree, ascending: between the roots of its
/// derivative it is monotone. `out` takes `K - 1` values. Returns their number.
inline int rootsOnUnit(const double *c, int K, double t0, double *out) {
  if (K < 2) return 0;
  double derivative[16], critical[17];
  for (int k = 1; k < K; ++k) derivative[k - 1] = k * c[k];
  int count = rootsOnUnit(derivative, K - 1, t0, critical), found = 0;
  critical[count++] = 1;
  double a = t0, fa = horner(c, K, a);
  for (int q = 0; q < count; ++q) {
    const double b = critical[q], fb = horner(c, K, b);
    if (fa * fb < 0) out[found++] = rootInBracket(c, K, a, b, fa, fb);
    a = b;
    fa = fb;
  }
  return found;
}

}  // namespace kink
