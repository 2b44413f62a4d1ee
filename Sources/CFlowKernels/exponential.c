// What exponential integrators need: kernels of the Gram matrix by tiles, Cholesky factors, exact motion of neurons.
#include <cblas.h>
#include <math.h>

#include "CFlowKernels.h"
#include "tiles.h"
#include "clanes.h"

extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
extern void dstev_(const char *jobz, const int *n, double *d, double *e, double *z, const int *ldz,
                   double *work, int *info);

void cflow_gram_tile(long rows, long columns, long inner, const double *a, const double *b, long ld,
                     double beta, double *c, long ldc) {
  if (cflow_has_tiles())
    cflow_tiled_gram(rows, columns, inner, 1, a, b, ld, beta, c, ldc);
  else if (a == b)
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)rows, (int)inner, 1, a, (int)ld, beta, c,
                (int)ldc);
  else
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)columns, (int)inner, 1, a,
                (int)ld, b, (int)ld, beta, c, (int)ldc);
}

long cflow_cholesky(long length, double *a) {
  const int n = (int)length;
  int info = 0;
  // The upper triangle of a column-major matrix is the lower one of a row-major matrix.
  dpotrf_("U", &n, a, &n, &info);
  return info;
}

void cflow_cholesky_solve(long n, const double *a, double *x) {
  cblas_dtrsv(CblasColMajor, CblasUpper, CblasTrans, CblasNonUnit, (int)n, a, (int)n, x, 1);
  cblas_dtrsv(CblasColMajor, CblasUpper, CblasNoTrans, CblasNonUnit, (int)n, a, (int)n, x, 1);
}

long cflow_tridiagonal_eigen(long length, double *diagonal, double *off, double *vectors,
                             double *work) {
  const int n = (int)length;
  int info = 0;
  dstev_("V", &n, diagonal, off, vectors, &n, work, &info);
  return info;
}

void cflow_gemv(int transpose, long rows, long columns, double alpha, const double *a, const double *x,
                double beta, double *y) {
  cblas_dgemv(CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, alpha, a,
              (int)columns, x, 1, beta, y, 1);
}

CLANES_DISPATCH void cflow_impulses(long count, long n, const double *restrict e,
                                   const double *restrict a, const double *restrict s, int adds,
                                   double *restrict p) {
  for (long i = 0; i < n; i++) {
    const double *restrict si = s + i * count;
    double *restrict pi = p + i * count;
    const double ei = e[i];
    if (adds)
      for (long k = 0; k < count; k++) pi[k] = pi[k] + ei * (a[k] * si[k]);
    else
      for (long k = 0; k < count; k++) pi[k] = ei * (a[k] * si[k]);
  }
}

CLANES_DISPATCH void cflow_slope_impulses(long count, long n, double c, const double *restrict e,
                                         const double *restrict z, double p, double q, int adds,
                                         double *restrict sum) {
  for (long i = 0; i < n; i++) {
    const double *restrict zi = z + i * count;
    double *restrict si = sum + i * count;
    const double up = c * e[i] * p, down = c * e[i] * q;
    if (adds)
      for (long k = 0; k < count; k++) si[k] = si[k] + (zi[k] > 0 ? up : down);
    else
      for (long k = 0; k < count; k++) si[k] = zi[k] > 0 ? up : down;
  }
}

CLANES_DISPATCH void cflow_weighted_values(long count, long n, double c, const double *restrict e,
                                          const double *restrict v, double *restrict a) {
  for (long i = 0; i < n; i++) {
    const double *restrict vi = v + i * count;
    const double ei = c * e[i];
    for (long k = 0; k < count; k++) a[k] = a[k] + ei * vi[k];
  }
}

CLANES_DISPATCH void cflow_hyperbolic(long count, long d, const double *restrict g,
                                     double kappaPrime, const double *restrict a,
                                     const double *restrict w, long ld, double *restrict a1,
                                     double *restrict w1, double *restrict length,
                                     double *restrict along) {
  for (long k = 0; k < count; k++) length[k] = along[k] = 0;
  for (long j = 0; j < d; j++)
    for (long k = 0; k < count; k++) {
      const double gk = g[j * count + k];
      length[k] = length[k] + gk * gk;
      along[k] = along[k] + gk * w[j * ld + k];
    }
  for (long k = 0; k < count; k++) {
    // With y = |g|^2 = x^2: sinh(x)/x and (cosh(x) - 1)/y, by series that are right to rounding for y <= 1/4, and
    // by 2 (sinh(x/2)/x)^2 for the latter beyond.
    const double y = length[k], dot = along[k];
    double s = 1 + y / 6 * (1 + y / 20 * (1 + y / 42 * (1 + y / 72 * (1 + y / 110))));
    double c = 0.5 * (1 + y / 12 * (1 + y / 30 * (1 + y / 56 * (1 + y / 90 * (1 + y / 132)))));
    if (!(y <= 0.25)) {
      const double x = sqrt(y), q = sinh(x / 2) / x;
      s = sinh(x) / x;
      c = 2 * q * q;
    }
    a1[k] = (1 + c * y) * a[k] + s / kappaPrime * dot;
    length[k] = c * dot + s * kappaPrime * a[k];
  }
  for (long j = 0; j < d; j++)
    for (long k = 0; k < count; k++) w1[j * ld + k] = w[j * ld + k] + g[j * count + k] * length[k];
}
