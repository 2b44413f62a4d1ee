#include "cdense.h"

#include <stdlib.h>

// LAPACK's own symbols, as OpenBLAS exports them.
extern void dgetrf_(const int *, const int *, double *, const int *, int *, int *);
extern void dgetrs_(const char *, const int *, const int *, const double *, const int *, const int *, double *,
                    const int *, int *, size_t);
extern void zgetrf_(const int *, const int *, double *, const int *, int *, int *);
extern void zgetrs_(const char *, const int *, const int *, const double *, const int *, const int *, double *,
                    const int *, int *, size_t);
extern void dgbtrf_(const int *, const int *, const int *, const int *, double *, const int *, int *, int *);
extern void dgbtrs_(const char *, const int *, const int *, const int *, const int *, const double *, const int *,
                    const int *, double *, const int *, int *, size_t);
extern void zgbtrf_(const int *, const int *, const int *, const int *, double *, const int *, int *, int *);
extern void zgbtrs_(const char *, const int *, const int *, const int *, const int *, const double *, const int *,
                    const int *, double *, const int *, int *, size_t);

static const int one = 1;

int cdense_factor(int64_t n, double *a, int32_t *pivots) {
  const int m = (int)n;
  int info = 0;
  dgetrf_(&m, &m, a, &m, pivots, &info);
  return info;
}

void cdense_solve(int64_t n, const double *a, const int32_t *pivots, double *b) {
  const int m = (int)n;
  int info = 0;
  dgetrs_("N", &m, &one, a, &m, pivots, b, &m, &info, 1);
}

int cdense_factor_complex(int64_t n, double *a, int32_t *pivots) {
  const int m = (int)n;
  int info = 0;
  zgetrf_(&m, &m, a, &m, pivots, &info);
  return info;
}

void cdense_solve_complex(int64_t n, const double *a, const int32_t *pivots, double *b) {
  const int m = (int)n;
  int info = 0;
  zgetrs_("N", &m, &one, a, &m, pivots, b, &m, &info, 1);
}

int cdense_factor_band(int64_t n, int64_t lower, int64_t upper, double *a, int32_t *pivots) {
  const int m = (int)n, kl = (int)lower, ku = (int)upper, leading = 2 * kl + ku + 1;
  int info = 0;
  dgbtrf_(&m, &m, &kl, &ku, a, &leading, pivots, &info);
  return info;
}

void cdense_solve_band(int64_t n, int64_t lower, int64_t upper, const double *a, const int32_t *pivots, double *b) {
  const int m = (int)n, kl = (int)lower, ku = (int)upper, leading = 2 * kl + ku + 1;
  int info = 0;
  dgbtrs_("N", &m, &kl, &ku, &one, a, &leading, pivots, b, &m, &info, 1);
}

int cdense_factor_band_complex(int64_t n, int64_t lower, int64_t upper, double *a, int32_t *pivots) {
  const int m = (int)n, kl = (int)lower, ku = (int)upper, leading = 2 * kl + ku + 1;
  int info = 0;
  zgbtrf_(&m, &m, &kl, &ku, a, &leading, pivots, &info);
  return info;
}

void cdense_solve_band_complex(int64_t n, int64_t lower, int64_t upper, const double *a, const int32_t *pivots,
                               double *b) {
  const int m = (int)n, kl = (int)lower, ku = (int)upper, leading = 2 * kl + ku + 1;
  int info = 0;
  zgbtrs_("N", &m, &kl, &ku, &one, a, &leading, pivots, b, &m, &info, 1);
}
