// Sums of outer products, compressed.
#include <cblas.h>
#include <math.h>
#include <stdlib.h>

#include "cdeep.h"

extern void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
                    const int *lwork, int *info);
extern void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau,
                    double *work, const int *lwork, int *info);
extern void dgesvd_(const char *jobu, const char *jobvt, const int *m, const int *n, double *a,
                    const int *lda, double *s, double *u, const int *ldu, double *vt, const int *ldvt,
                    double *work, const int *lwork, int *info);

/// QR of the `count x length` rows, as the columns of a `length x count` matrix: rows become orthonormal, `r` (count x count,
/// column-major) the triangle. Returns LAPACK's info.
static int orthonormalise(int count, int length, double *rows, double *r, double *tau, double *work, int lwork) {
  int info = 0;
  dgeqrf_(&length, &count, rows, &length, tau, work, &lwork, &info);
  if (info) return info;
  for (int j = 0; j < count; j++)
    for (int i = 0; i < count; i++) r[i + j * count] = i <= j ? rows[i + (long)j * length] : 0;
  dorgqr_(&length, &count, &count, rows, &length, tau, work, &lwork, &info);
  return info;
}

/// The first `kept` rows of `diag(sqrt s) op(x) rows`, in place; `x` is count x count, row-major.
static void turn(int count, int kept, int length, CBLAS_TRANSPOSE op, const double *x, const double *s,
                 double *rows, double *scratch) {
  cblas_dgemm(CblasRowMajor, op, CblasNoTrans, kept, length, count, 1, x, count, rows, length, 0, scratch, length);
  for (long q = 0; q < kept; q++) {
    const double scale = sqrt(s[q]);
    for (long j = 0; j < length; j++) rows[q * length + j] = scale * scratch[q * length + j];
  }
}

long cdeep_compress(long count, long units, long inputs, double tolerance, long most, double *u, double *v,
                    double *dropped) {
  const int r = (int)count, nu = (int)units, nv = (int)inputs;
  const long longest = units > inputs ? units : inputs;
  *dropped = 0;
  if (r == 0) return 0;
  if (r > nu || r > nv) return -1;
  const int lwork = 64 * r + (int)longest;
  double *memory = malloc(((size_t)(5 * r) * r + 2 * (size_t)r + (size_t)lwork + (size_t)r * longest) * sizeof *memory);
  if (!memory) return -1000;
  double *ru = memory, *rv = ru + r * r, *core = rv + r * r, *x = core + r * r, *yt = x + r * r;
  double *s = yt + r * r, *tau = s + r, *work = tau + r, *scratch = work + lwork;
  int info = orthonormalise(r, nu, u, ru, tau, work, lwork);
  if (!info) info = orthonormalise(r, nv, v, rv, tau, work, lwork);
  if (!info) {
    // sum_q u_q v_q^T = Q_u (R_u R_v^T) Q_v^T.
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, r, r, r, 1, ru, r, rv, r, 0, core, r);
    dgesvd_("A", "A", &r, &r, core, &r, s, x, &r, yt, &r, work, &lwork, &info);
  }
  long kept = -1;
  if (!info) {
    double all = 0, tail = 0;
    for (int q = 0; q < r; q++) all += s[q] * s[q];
    kept = r;
    while (kept > 0 && (kept > most || tail + s[kept - 1] * s[kept - 1] <= tolerance * tolerance * all)) {
      tail += s[kept - 1] * s[kept - 1];
      kept--;
    }
    *dropped = sqrt(tail);
    // With C = X S Y^T, row q of the new u is sum_p X[p,q] (row p of Q_u), of the new v sum_p Y[p,q] (row p of Q_v). Read
    // row-major, `x` is X^T and `yt` is Y.
    turn(r, (int)kept, nu, CblasNoTrans, x, s, u, scratch);
    turn(r, (int)kept, nv, CblasTrans, yt, s, v, scratch);
  }
  free(memory);
  return info ? -1 : kept;
}

double cdeep_product_square(long count, long units, long inputs, const double *u, const double *v,
                            const double *signs, double *gram) {
  const int r = (int)count;
  if (r == 0) return 0;
  double *gu = gram, *gv = gram + count * count;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, r, (int)units, 1, u, (int)units, 0, gu, r);
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, r, (int)inputs, 1, v, (int)inputs, 0, gv, r);
  double sum = 0;
  for (long i = 0; i < count; i++)
    for (long j = 0; j <= i; j++)
      sum += (i == j ? 1 : 2) * signs[i] * signs[j] * gu[i * count + j] * gv[i * count + j];
  return sum > 0 ? sum : 0;
}
