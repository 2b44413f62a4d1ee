// The elementary functions that the kernels share, branch-free so that loops over them vectorise.
#ifndef CMATHKERNELS_ELEMENTARY_H
#define CMATHKERNELS_ELEMENTARY_H

#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)

#define CMATH_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__linux__) && defined(__clang__)
#define CMATH_DISPATCH \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CMATH_DISPATCH
#endif

// Adding 1.5 * 2^52 rounds to the nearest whole number, which then stands in the low bits.
#define CMATH_ROUNDING 6755399441055744.0

CMATH_INLINE uint64_t cmath_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

CMATH_INLINE double cmath_from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

CMATH_INLINE double cmath_abs(double x) {
  return cmath_from_bits(cmath_bits(x) & 0x7fffffffffffffffu);
}

// |magnitude| with the sign of `sign`.
CMATH_INLINE double cmath_copysign(double magnitude, double sign) {
  return cmath_from_bits((cmath_bits(magnitude) & 0x7fffffffffffffffu) |
                         (cmath_bits(sign) & 0x8000000000000000u));
}

// exp(x) and exp(x) - 1 for x <= 0, NaN for NaN.
typedef struct {
  double exp;
  double expm1;
} cmath_exponential;

// x = k log 2 + r with |r| <= (log 2)/2 (log 2 in two parts, as in fdlibm's e_exp.c), then
// exp(r) - 1 by its Taylor polynomial of degree 13: the next term is below 2^-56 of the sum.
CMATH_INLINE cmath_exponential cmath_exp_negative(double x) {
  x = x < -746.0 ? -746.0 : x;  // exp(-746) rounds to 0
  double shifted = x * 1.44269504088896338700e+00 + CMATH_ROUNDING;
  double k = shifted - CMATH_ROUNDING;
  double high = x - k * 6.93147180369123816490e-01;
  double low = k * 1.90821492927058770002e-10;
  double r = high - low;
  double correction = (high - r) - low;
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  double e = r + (r * r * p + (correction + correction * r));
  // 2^k in two factors, since k may be below -1022.
  int tiny = k < -1000.0;
  double lift = tiny ? 100.0 : 0.0;
  double scale = cmath_from_bits((cmath_bits(shifted + lift) + 1023u) << 52);
  double rest = tiny ? 0x1p-100 : 1.0;
  cmath_exponential result;
  result.exp = (scale + scale * e) * rest;
  // `e` keeps its relative accuracy for k = 0; below -54 powers of two the sum is -1 whatever `e` is.
  double power = scale * rest;
  result.expm1 = power * e + (power - 1.0);
  return result;
}

// log(1 + u) for 0 <= u <= 1, by 1 + u = 2^h (1 + f) with 1 + f in [1/sqrt 2, sqrt 2] and, as in
// fdlibm's s_log1p.c, s = f / (2 + f), log(1 + f) = f - f^2/2 + s (f^2/2 + sum_j 2 s^2j / (2j + 1)).
CMATH_INLINE double cmath_log1p_unit(double u) {
  int halved = u > 0.41421356237309515;
  double f = halved ? (u - 1.0) * 0.5 : u;
  double s = f / (2.0 + f);
  double z = s * s;
  double p = 2.0 / 23.0;
  p = p * z + 2.0 / 21.0;
  p = p * z + 2.0 / 19.0;
  p = p * z + 2.0 / 17.0;
  p = p * z + 2.0 / 15.0;
  p = p * z + 2.0 / 13.0;
  p = p * z + 2.0 / 11.0;
  p = p * z + 2.0 / 9.0;
  p = p * z + 2.0 / 7.0;
  p = p * z + 2.0 / 5.0;
  p = p * z + 2.0 / 3.0;
  p = p * z;
  double half_square = 0.5 * f * f;
  double high = halved ? 6.93147180369123816490e-01 : 0.0;
  double low = halved ? 1.90821492927058770002e-10 : 0.0;
  return high - ((half_square - (s * (half_square + p) + low)) - f);
}

#endif
