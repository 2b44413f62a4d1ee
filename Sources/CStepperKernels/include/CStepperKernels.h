// Vector kernels of the explicit steppers: linear combinations of stages and error norms, each in one
// pass over memory and without allocation, on the elements `from <= i < to` of vectors of any length.
// No API; the Swift target RungeKutta is the only caller.
//
// Results do not depend on the SIMD width: sums run in eight fixed lanes, and multiplication and
// addition are never contracted (not even by `-ffp-contract=on`, the default; `=fast` would override the pragma).
#ifndef CSTEPPER_KERNELS_H
#define CSTEPPER_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

// out = y + h * (c[0] k[0] + ... + c[count-1] k[count-1]), or without y where y is NULL.
// Returns whether every element of out is finite.
bool cstepper_combine(double *_Nonnull out, const double *_Nullable y, double h,
                      const double *_Nonnull c, const double *_Nullable const *_Nonnull k, size_t count,
                      size_t from, size_t to);

// A stage of a Chebyshev method in place of the one before the last:
// older = (1 - mu - nu) y0 + mu newer + nu older + gamma (f - a f0). Returns whether it is finite.
bool cstepper_chebyshev(double *_Nonnull older, const double *_Nonnull newer, const double *_Nonnull y0,
                        const double *_Nonnull f, const double *_Nonnull f0, double mu, double nu,
                        double gamma, double a, size_t from, size_t to);

// out = cubic Hermite polynomial at theta in [0, 1] through (y0, f0) and (y1, f1), h apart.
void cstepper_hermite(double *_Nonnull out, const double *_Nonnull y0, const double *_Nonnull y1,
                      const double *_Nonnull f0, const double *_Nonnull f1, double theta, double h,
                      size_t from, size_t to);

// out = y0 + theta (y1 - y0).
void cstepper_lerp(double *_Nonnull out, const double *_Nonnull y0, const double *_Nonnull y1,
                   double theta, size_t from, size_t to);

// What an error norm is made of; see below.
typedef struct {
  double error;
  double y0;
  double y1;
  // Whether y1, the derivative there and the error estimate are finite in every element.
  bool finite;
} cstepper_sums;

// Parts of norms of err = h * sum_j e[j] k[j], with s_i = atol + rtol max(|y0_i|, |y1_i|):
//   wrms  error = sum_i (err_i / s_i)^2
//   max   error = max_i |err_i| / s_i
//   state error = sum_i err_i^2, y0 = sum_i y0_i^2, y1 = sum_i y1_i^2
// f1 is checked for finiteness only.
cstepper_sums cstepper_error_wrms(const double *_Nonnull y0, const double *_Nonnull y1,
                                  const double *_Nonnull f1, double h, const double *_Nonnull e,
                                  const double *_Nullable const *_Nonnull k, size_t count, double atol,
                                  double rtol, size_t from, size_t to);
cstepper_sums cstepper_error_max(const double *_Nonnull y0, const double *_Nonnull y1,
                                 const double *_Nonnull f1, double h, const double *_Nonnull e,
                                 const double *_Nullable const *_Nonnull k, size_t count, double atol,
                                 double rtol, size_t from, size_t to);
cstepper_sums cstepper_error_state(const double *_Nonnull y0, const double *_Nonnull y1,
                                   const double *_Nonnull f1, double h, const double *_Nonnull e,
                                   const double *_Nullable const *_Nonnull k, size_t count, double atol,
                                   double rtol, size_t from, size_t to);

// sum_i (a_i - b_i)^2, or without b where b is NULL.
double cstepper_squares(const double *_Nonnull a, const double *_Nullable b, size_t from, size_t to);

// Products of two directions and of the change that the second makes: with b = v - y, w = fv - f.
typedef struct {
  double ab, bb, aw, bw, ww;
} cstepper_products;
cstepper_products cstepper_direction_products(const double *_Nonnull a, const double *_Nonnull v,
                                              const double *_Nonnull y, const double *_Nonnull fv,
                                              const double *_Nonnull f, size_t from, size_t to);

// Whether every element is finite.
bool cstepper_is_finite(const double *_Nonnull x, size_t from, size_t to);

#endif
