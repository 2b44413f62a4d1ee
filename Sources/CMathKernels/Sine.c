#include <math.h>

#include "CMathKernels.h"
#include "Elementary.h"

// z = q pi/2 + r + tail with |r| <= pi/4, pi/2 in three parts of 33, 33 and 53 bits (fdlibm's
// e_rem_pio2.c): the products with q are exact for q < 2^20. Then the Taylor polynomials of sine
// (degree 17) and cosine (degree 18), whose next terms are below 2^-63 on that interval, with
// fdlibm's corrections for the tail (k_sin.c, k_cos.c).

#define CMATH_LARGEST_SINE_ARGUMENT 0x1p19

CMATH_DISPATCH static int sine_blocks(const double *restrict z, double *restrict value,
                                      double *restrict derivative, size_t count) {
  uint64_t large = 0;
#pragma clang loop vectorize(assume_safety)
  for (size_t i = 0; i < count; i++) {
    double x = z[i];
    large |= (uint64_t)(cmath_abs(x) <= CMATH_LARGEST_SINE_ARGUMENT) ^ 1u;
    double shifted = x * 6.36619772367581382433e-01 + CMATH_ROUNDING;
    double q = shifted - CMATH_ROUNDING;
    uint64_t quadrant = cmath_bits(shifted);

    double w = x - q * 1.57079632673412561417e+00;
    double v = q * 6.07710050630396597660e-11;
    double difference = w - v;
    double back = difference - w;
    double error = (w - (difference - back)) - (v + back);
    double rest = error - q * 2.02226624879595063154e-21;
    double r = difference + rest;
    double tail = (difference - r) + rest;

    double s = r * r;
    double p = 1.0 / 355687428096000.0;
    p = p * s - 1.0 / 1307674368000.0;
    p = p * s + 1.0 / 6227020800.0;
    p = p * s - 1.0 / 39916800.0;
    p = p * s + 1.0 / 362880.0;
    p = p * s - 1.0 / 5040.0;
    p = p * s + 1.0 / 120.0;
    double cube = s * r;
    double sine = r - ((s * (0.5 * tail - cube * p) - tail) + cube * (1.0 / 6.0));

    double c = -1.0 / 6402373705728000.0;
    c = c * s + 1.0 / 20922789888000.0;
    c = c * s - 1.0 / 87178291200.0;
    c = c * s + 1.0 / 479001600.0;
    c = c * s - 1.0 / 3628800.0;
    c = c * s + 1.0 / 40320.0;
    c = c * s - 1.0 / 720.0;
    c = c * s + 1.0 / 24.0;
    double half = 0.5 * s;
    double top = 1.0 - half;
    double cosine = top + (((1.0 - top) - half) + (s * s * c - r * tail));

    // Quadrants 1 and 3 swap the two; 2 and 3 negate the sine, 1 and 2 the cosine.
    int odd = (quadrant & 1u) != 0;
    uint64_t sine_sign = (quadrant & 2u) << 62;
    uint64_t cosine_sign = ((quadrant + 1u) & 2u) << 62;
    value[i] = cmath_from_bits(cmath_bits(odd ? cosine : sine) ^ sine_sign);
    derivative[i] = cmath_from_bits(cmath_bits(odd ? sine : cosine) ^ cosine_sign);
  }
  return large != 0;
}

void cmath_sin(const double *z, double *value, double *derivative, size_t count) {
  if (!sine_blocks(z, value, derivative, count)) return;
  for (size_t i = 0; i < count; i++) {
    if (!(cmath_abs(z[i]) <= CMATH_LARGEST_SINE_ARGUMENT)) {
      value[i] = sin(z[i]);
      derivative[i] = cos(z[i]);
    }
  }
}

void cmath_sin_second(const double *z, double *result, size_t count) {
  double cosine[256];
  while (count > 0) {
    size_t block = count < 256 ? count : 256;
    cmath_sin(z, result, cosine, block);
    for (size_t i = 0; i < block; i++) result[i] = -result[i];
    z += block;
    result += block;
    count -= block;
  }
}
