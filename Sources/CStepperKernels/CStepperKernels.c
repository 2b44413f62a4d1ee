#include "CStepperKernels.h"

#include <float.h>
#include <math.h>

// A fused multiply-add would make the bits depend on the instruction set.
#pragma clang fp contract(off)

#if defined(__x86_64__) && defined(__linux__)
#define CSTEPPER_CLONES \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CSTEPPER_CLONES
#endif

// Eight lanes whatever the hardware has; loads and stores at any address.
typedef double lanes __attribute__((vector_size(64), aligned(8), may_alias));
#define AT(p, i) (*(lanes *)((p) + (i)))
#define FROM(p, i) (*(const lanes *)((p) + (i)))

static double sum(const double *v) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}
static double max8(const double *v) {
  double m = v[0];
  for (int l = 1; l < 8; l++) m = v[l] > m ? v[l] : m;
  return m;
}

// A sum of x * 0 is NaN exactly if some x is not finite.
CSTEPPER_CLONES
bool cstepper_combine(double *out, const double *y, double h, const double *c,
                      const double *const *k, size_t count, size_t from, size_t to) {
  lanes z0 = {0}, z1 = {0};
  size_t i = from;
  for (; i + 16 <= to; i += 16) {
    lanes s0 = {0}, s1 = {0};
    for (size_t j = 0; j < count; j++) {
      s0 += c[j] * FROM(k[j], i);
      s1 += c[j] * FROM(k[j], i + 8);
    }
    s0 *= h;
    s1 *= h;
    if (y) {
      s0 += FROM(y, i);
      s1 += FROM(y, i + 8);
    }
    AT(out, i) = s0;
    AT(out, i + 8) = s1;
    z0 += s0 * 0.0;
    z1 += s1 * 0.0;
  }
  double z[8];
  AT(z, 0) = z0 + z1;
  for (; i < to; i++) {
    double s = 0;
    for (size_t j = 0; j < count; j++) s += c[j] * k[j][i];
    s *= h;
    if (y) s += y[i];
    out[i] = s;
    z[0] += s * 0.0;
  }
  return !isnan(sum(z));
}

CSTEPPER_CLONES
bool cstepper_chebyshev(double *older, const double *newer, const double *y0, const double *f,
                        const double *f0, double mu, double nu, double gamma, double a, size_t from,
                        size_t to) {
  const double rest = 1 - mu - nu;
  lanes z0 = {0};
  size_t i = from;
  for (; i + 8 <= to; i += 8) {
    const lanes s = (mu * FROM(newer, i) + nu * FROM(older, i)) +
                    (rest * FROM(y0, i) + gamma * (FROM(f, i) - a * FROM(f0, i)));
    AT(older, i) = s;
    z0 += s * 0.0;
  }
  double z[8];
  AT(z, 0) = z0;
  for (; i < to; i++) {
    const double s = (mu * newer[i] + nu * older[i]) + (rest * y0[i] + gamma * (f[i] - a * f0[i]));
    older[i] = s;
    z[0] += s * 0.0;
  }
  return !isnan(sum(z));
}

// y0 + theta d + theta (theta - 1) ((1 - 2 theta) d + (theta - 1) h f0 + theta h f1), d = y1 - y0;
// Hairer, Norsett, Wanner, Solving ODEs I, II.6 (6.7).
CSTEPPER_CLONES
void cstepper_hermite(double *out, const double *y0, const double *y1, const double *f0,
                      const double *f1, double theta, double h, size_t from, size_t to) {
  const double q = theta * (theta - 1);
  const double cd = theta + q * (1 - 2 * theta), c0 = q * (theta - 1) * h, c1 = q * theta * h;
  for (size_t i = from; i < to; i++) {
    out[i] = y0[i] + (cd * (y1[i] - y0[i]) + (c0 * f0[i] + c1 * f1[i]));
  }
}

CSTEPPER_CLONES
void cstepper_lerp(double *out, const double *y0, const double *y1, double theta, size_t from,
                   size_t to) {
  for (size_t i = from; i < to; i++) out[i] = y0[i] + theta * (y1[i] - y0[i]);
}

CSTEPPER_CLONES
bool cstepper_is_finite(const double *x, size_t from, size_t to) {
  lanes z0 = {0};
  size_t i = from;
  for (; i + 8 <= to; i += 8) z0 += FROM(x, i) * 0.0;
  double z[8];
  AT(z, 0) = z0;
  for (; i < to; i++) z[0] += x[i] * 0.0;
  return !isnan(sum(z));
}

// The error's elements in eight lanes; a ragged end is padded with zeros, which count for nothing in
// any norm. `BODY` sees err, a = y0, b = y1 and adds to its accumulators.
#define ERROR_LOOP(BODY)                                                       \
  lanes z = {0};                                                               \
  for (size_t i = from; i < to; i += 8) {                                      \
    lanes err = {0}, a, b, f;                                                  \
    if (i + 8 <= to) {                                                         \
      for (size_t j = 0; j < count; j++) err += e[j] * FROM(k[j], i);          \
      a = FROM(y0, i);                                                         \
      b = FROM(y1, i);                                                         \
      f = FROM(f1, i);                                                         \
    } else {                                                                   \
      double pa[8] = {0}, pb[8] = {0}, pf[8] = {0}, pe[8] = {0};               \
      for (size_t l = 0; i + l < to; l++) {                                    \
        for (size_t j = 0; j < count; j++) pe[l] += e[j] * k[j][i + l];        \
        pa[l] = y0[i + l];                                                     \
        pb[l] = y1[i + l];                                                     \
        pf[l] = f1[i + l];                                                     \
      }                                                                        \
      err = FROM(pe, 0);                                                       \
      a = FROM(pa, 0);                                                         \
      b = FROM(pb, 0);                                                         \
      f = FROM(pf, 0);                                                         \
    }                                                                          \
    err *= h;                                                                  \
    z += err * 0.0 + b * 0.0 + f * 0.0;                                        \
    BODY                                                                       \
  }                                                                            \
  double zs[8];                                                                \
  AT(zs, 0) = z;                                                               \
  const bool finite = !isnan(sum(zs));

// With atol = 0 an element that is and stays zero must give 0, not 0/0.
#define RATIO                                                                                  \
  lanes larger = __builtin_elementwise_max(__builtin_elementwise_abs(a),                       \
                                           __builtin_elementwise_abs(b));                      \
  lanes scale = atol + rtol * larger;                                                          \
  lanes smallest = {DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN};   \
  lanes r = err / __builtin_elementwise_max(scale, smallest);

CSTEPPER_CLONES
cstepper_sums cstepper_error_wrms(const double *y0, const double *y1, const double *f1, double h,
                                  const double *e, const double *const *k, size_t count,
                                  double atol, double rtol, size_t from, size_t to) {
  lanes total = {0};
  ERROR_LOOP(RATIO total += r * r;)
  double t[8];
  AT(t, 0) = total;
  return (cstepper_sums){.error = sum(t), .finite = finite};
}

CSTEPPER_CLONES
cstepper_sums cstepper_error_max(const double *y0, const double *y1, const double *f1, double h,
                                 const double *e, const double *const *k, size_t count,
                                 double atol, double rtol, size_t from, size_t to) {
  lanes largest = {0};
  ERROR_LOOP(RATIO largest = __builtin_elementwise_max(largest, __builtin_elementwise_abs(r));)
  double t[8];
  AT(t, 0) = largest;
  return (cstepper_sums){.error = max8(t), .finite = finite};
}

CSTEPPER_CLONES
cstepper_sums cstepper_error_state(const double *y0, const double *y1, const double *f1, double h,
                                   const double *e, const double *const *k, size_t count,
                                   double atol, double rtol, size_t from, size_t to) {
  (void)atol, (void)rtol;
  lanes se = {0}, sa = {0}, sb = {0};
  ERROR_LOOP(se += err * err; sa += a * a; sb += b * b;)
  double te[8], ta[8], tb[8];
  AT(te, 0) = se;
  AT(ta, 0) = sa;
  AT(tb, 0) = sb;
  return (cstepper_sums){.error = sum(te), .y0 = sum(ta), .y1 = sum(tb), .finite = finite};
}

CSTEPPER_CLONES
double cstepper_squares(const double *a, const double *b, size_t from, size_t to) {
  lanes s = {0};
  size_t i = from;
  for (; i + 8 <= to; i += 8) {
    lanes x = FROM(a, i);
    if (b) x -= FROM(b, i);
    s += x * x;
  }
  double t[8];
  AT(t, 0) = s;
  for (; i < to; i++) {
    const double x = b ? a[i] - b[i] : a[i];
    t[0] += x * x;
  }
  return sum(t);
}

CSTEPPER_CLONES
cstepper_products cstepper_direction_products(const double *a, const double *v, const double *y,
                                              const double *fv, const double *f, size_t from,
                                              size_t to) {
  lanes ab = {0}, bb = {0}, aw = {0}, bw = {0}, ww = {0};
  for (size_t i = from; i < to; i += 8) {
    lanes p = {0}, b = {0}, w = {0};
    if (i + 8 <= to) {
      p = FROM(a, i);
      b = FROM(v, i) - FROM(y, i);
      w = FROM(fv, i) - FROM(f, i);
    } else {
      for (size_t l = 0; i + l < to; l++) {
        p[l] = a[i + l];
        b[l] = v[i + l] - y[i + l];
        w[l] = fv[i + l] - f[i + l];
      }
    }
    ab += p * b;
    bb += b * b;
    aw += p * w;
    bw += b * w;
    ww += w * w;
  }
  return (cstepper_products){sum((const double *)&ab), sum((const double *)&bb),
                             sum((const double *)&aw), sum((const double *)&bw),
                             sum((const double *)&ww)};
}
