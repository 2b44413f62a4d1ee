#include "CStepperKernels.h"

#include <float.h>

#include "clanes.h"

static double largest_of(const double *v) {
  double m = v[0];
  for (int l = 1; l < 8; l++) m = v[l] > m ? v[l] : m;
  return m;
}

CLANES_DISPATCH
bool cstepper_combine(double *out, const double *y, double h, const double *c,
                      const double *const *k, size_t count, size_t from, size_t to) {
  lanes z0 = {0}, z1 = {0};
  size_t i = from;
  for (; i + 16 <= to; i += 16) {
    lanes s0 = {0}, s1 = {0};
    for (size_t j = 0; j < count; j++) {
      s0 += c[j] * LOAD(k[j] + i);
      s1 += c[j] * LOAD(k[j] + i + 8);
    }
    s0 *= h;
    s1 *= h;
    if (y) {
      s0 += LOAD(y + i);
      s1 += LOAD(y + i + 8);
    }
    STORE(out + i, s0);
    STORE(out + i + 8, s1);
    z0 += ZERO_IF_FINITE(s0);
    z1 += ZERO_IF_FINITE(s1);
  }
  z0 += z1;
  for (; i < to; i++) {
    double s = 0;
    for (size_t j = 0; j < count; j++) s += c[j] * k[j][i];
    s *= h;
    if (y) s += y[i];
    out[i] = s;
    z0[0] += ZERO_IF_FINITE(s);
  }
  return JOIN(z0) == 0;
}

CLANES_DISPATCH
bool cstepper_chebyshev(double *older, const double *newer, const double *y0, const double *f,
                        const double *f0, double mu, double nu, double gamma, double a, size_t from,
                        size_t to) {
  const double rest = 1 - mu - nu;
  lanes z0 = {0};
  size_t i = from;
  for (; i + 8 <= to; i += 8) {
    const lanes s = (mu * LOAD(newer + i) + nu * LOAD(older + i)) +
                    (rest * LOAD(y0 + i) + gamma * (LOAD(f + i) - a * LOAD(f0 + i)));
    STORE(older + i, s);
    z0 += ZERO_IF_FINITE(s);
  }
  for (; i < to; i++) {
    const double s = (mu * newer[i] + nu * older[i]) + (rest * y0[i] + gamma * (f[i] - a * f0[i]));
    older[i] = s;
    z0[0] += ZERO_IF_FINITE(s);
  }
  return JOIN(z0) == 0;
}

// y0 + theta d + theta (theta - 1) ((1 - 2 theta) d + (theta - 1) h f0 + theta h f1), d = y1 - y0;
// Hairer, Norsett, Wanner, Solving ODEs I, II.6 (6.7).
CLANES_DISPATCH
void cstepper_hermite(double *out, const double *y0, const double *y1, const double *f0,
                      const double *f1, double theta, double h, size_t from, size_t to) {
  const double q = theta * (theta - 1);
  const double cd = theta + q * (1 - 2 * theta), c0 = q * (theta - 1) * h, c1 = q * theta * h;
  for (size_t i = from; i < to; i++) {
    out[i] = y0[i] + (cd * (y1[i] - y0[i]) + (c0 * f0[i] + c1 * f1[i]));
  }
}

CLANES_DISPATCH
void cstepper_lerp(double *out, const double *y0, const double *y1, double theta, size_t from,
                   size_t to) {
  for (size_t i = from; i < to; i++) out[i] = y0[i] + theta * (y1[i] - y0[i]);
}

CLANES_DISPATCH
bool cstepper_is_finite(const double *x, size_t from, size_t to) { return clanes_all_finite(x, from, to); }

// The error's elements in eight lanes; a ragged end is padded with zeros, which count for nothing in
// any norm. `BODY` sees err, a = y0, b = y1 and adds to its accumulators.
#define ERROR_LOOP(BODY)                                                       \
  lanes z = {0};                                                               \
  for (size_t i = from; i < to; i += 8) {                                      \
    lanes err = {0}, a, b, f;                                                  \
    if (i + 8 <= to) {                                                         \
      for (size_t j = 0; j < count; j++) err += e[j] * LOAD(k[j] + i);         \
      a = LOAD(y0 + i);                                                        \
      b = LOAD(y1 + i);                                                        \
      f = LOAD(f1 + i);                                                        \
    } else {                                                                   \
      double pa[8] = {0}, pb[8] = {0}, pf[8] = {0}, pe[8] = {0};               \
      for (size_t l = 0; i + l < to; l++) {                                    \
        for (size_t j = 0; j < count; j++) pe[l] += e[j] * k[j][i + l];        \
        pa[l] = y0[i + l];                                                     \
        pb[l] = y1[i + l];                                                     \
        pf[l] = f1[i + l];                                                     \
      }                                                                        \
      err = LOAD(pe);                                                          \
      a = LOAD(pa);                                                            \
      b = LOAD(pb);                                                            \
      f = LOAD(pf);                                                            \
    }                                                                          \
    err *= h;                                                                  \
    z += ZERO_IF_FINITE(err) + ZERO_IF_FINITE(b) + ZERO_IF_FINITE(f);          \
    BODY                                                                       \
  }                                                                            \
  const bool finite = JOIN(z) == 0;

// With atol = 0 an element that is and stays zero must give 0, not 0/0.
#define RATIO                                                                                  \
  lanes larger = __builtin_elementwise_max(__builtin_elementwise_abs(a),                       \
                                           __builtin_elementwise_abs(b));                      \
  lanes scale = atol + rtol * larger;                                                          \
  lanes smallest = {DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN, DBL_MIN};   \
  lanes r = err / __builtin_elementwise_max(scale, smallest);

CLANES_DISPATCH
cstepper_sums cstepper_error_wrms(const double *y0, const double *y1, const double *f1, double h,
                                  const double *e, const double *const *k, size_t count,
                                  double atol, double rtol, size_t from, size_t to) {
  lanes total = {0};
  ERROR_LOOP(RATIO total += r * r;)
  return (cstepper_sums){.error = JOIN(total), .finite = finite};
}

CLANES_DISPATCH
cstepper_sums cstepper_error_max(const double *y0, const double *y1, const double *f1, double h,
                                 const double *e, const double *const *k, size_t count,
                                 double atol, double rtol, size_t from, size_t to) {
  lanes largest = {0};
  ERROR_LOOP(RATIO largest = __builtin_elementwise_max(largest, __builtin_elementwise_abs(r));)
  double t[LANES];
  STORE(t, largest);
  return (cstepper_sums){.error = largest_of(t), .finite = finite};
}

CLANES_DISPATCH
cstepper_sums cstepper_error_state(const double *y0, const double *y1, const double *f1, double h,
                                   const double *e, const double *const *k, size_t count,
                                   double atol, double rtol, size_t from, size_t to) {
  (void)atol, (void)rtol;
  lanes se = {0}, sa = {0}, sb = {0};
  ERROR_LOOP(se += err * err; sa += a * a; sb += b * b;)
  return (cstepper_sums){.error = JOIN(se), .y0 = JOIN(sa), .y1 = JOIN(sb), .finite = finite};
}

CLANES_DISPATCH
double cstepper_squares(const double *a, const double *b, size_t from, size_t to) {
  lanes s = {0};
  size_t i = from;
  for (; i + 8 <= to; i += 8) {
    lanes x = LOAD(a + i);
    if (b) x -= LOAD(b + i);
    s += x * x;
  }
  for (; i < to; i++) {
    const double x = b ? a[i] - b[i] : a[i];
    s[0] += x * x;
  }
  return JOIN(s);
}

CLANES_DISPATCH
cstepper_products cstepper_direction_products(const double *a, const double *v, const double *y,
                                              const double *fv, const double *f, size_t from,
                                              size_t to) {
  lanes ab = {0}, bb = {0}, aw = {0}, bw = {0}, ww = {0};
  for (size_t i = from; i < to; i += 8) {
    lanes p = {0}, b = {0}, w = {0};
    if (i + 8 <= to) {
      p = LOAD(a + i);
      b = LOAD(v + i) - LOAD(y + i);
      w = LOAD(fv + i) - LOAD(f + i);
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
  return (cstepper_products){JOIN(ab), JOIN(bb),
                             JOIN(aw), JOIN(bw),
                             JOIN(ww)};
}
