// The few routines of OpenBLAS and LAPACK that the flow uses.
#include <cblas.h>
#include <stdlib.h>

#include "CFlowKernels.h"
#include "tiles.h"

// Not in every cblas.h.
extern void openblas_set_num_threads(int);
extern char *openblas_get_corename(void);
extern char *openblas_get_config(void);

extern void dsyevr_(const char *jobz, const char *range, const char *uplo, const int *n, double *a,
                    const int *lda, const double *vl, const double *vu, const int *il,
                    const int *iu, const double *abstol, int *m, double *w, double *z,
                    const int *ldz, int *isuppz, double *work, const int *lwork, int *iwork,
                    const int *liwork, int *info);

extern void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *ipiv, int *info);
extern void dgetrs_(const char *trans, const int *n, const int *nrhs, const double *a,
                    const int *lda, const int *ipiv, double *b, const int *ldb, int *info);
extern void dgecon_(const char *norm, const int *n, const double *a, const int *lda,
                    const double *anorm, double *rcond, double *work, int *iwork, int *info);
extern void dsytrf_(const char *uplo, const int *n, double *a, const int *lda, int *ipiv,
                    double *work, const int *lwork, int *info);
extern void dsytrs_(const char *uplo, const int *n, const int *nrhs, const double *a,
                    const int *lda, const int *ipiv, double *b, const int *ldb, int *info);
extern void dsycon_(const char *uplo, const int *n, const double *a, const int *lda,
                    const int *ipiv, const double *anorm, double *rcond, double *work, int *iwork,
                    int *info);
extern void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau,
                    double *work, const int *lwork, int *info);
extern void dgeqp3_(const int *m, const int *n, double *a, const int *lda, int *jpvt, double *tau,
                    double *work, const int *lwork, int *info);
extern void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda,
                    const double *tau, double *work, const int *lwork, int *info);

void cflow_blas_use_one_thread(void) { openblas_set_num_threads(1); }

const char *cflow_blas_core_name(void) { return openblas_get_corename(); }

const char *cflow_blas_configuration(void) { return openblas_get_config(); }

void cflow_gemm(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                long lda, const double *b, long ldb, double beta, double *c, long ldc) {
  if (cflow_has_tiles())
    cflow_tiled_product(transpose, rows, columns, inner, alpha, a, lda, b, ldb, beta, c, ldc);
  else
    cflow_blas_gemm(transpose, rows, columns, inner, alpha, a, lda, b, ldb, beta, c, ldc);
}

int cflow_uses_tiles(void) { return cflow_has_tiles(); }

void cflow_blas_gemm(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                     long lda, const double *b, long ldb, double beta, double *c, long ldc) {
  cblas_dgemm(CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)rows,
              (int)columns, (int)inner, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

void cflow_syrk(long n, long inner, double alpha, const double *a, double *c) {
  if (cflow_has_tiles()) return cflow_tiled_gram(n, n, inner, alpha, a, a, inner, 1, c, n);
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)inner, alpha, a, (int)inner, 1,
              c, (int)n);
}

long cflow_symmetric_eigenvalues(long length, double *matrix, int largestOnly, double *values,
                                 double *vectors) {
  const int n = (int)length, ldz = vectors ? n : 1;
  const double unused = 0, abstol = 0;
  int found = 0, info = 0, lwork = -1, liwork = -1, liworkBest = 0;
  double lworkBest = 0, none = 0;
  double *z = vectors ? vectors : &none;
  const char *job = vectors ? "V" : "N";
  int *support = malloc(2 * (size_t)n * sizeof *support);
  double *all = malloc((size_t)n * sizeof *all);
  if (!support || !all) {
    free(support);
    free(all);
    return -1000;
  }
  const char *range = largestOnly ? "I" : "A";
  dsyevr_(job, range, "L", &n, matrix, &n, &unused, &unused, &n, &n, &abstol, &found, all, z, &ldz,
          support, &lworkBest, &lwork, &liworkBest, &liwork, &info);
  if (info == 0) {
    lwork = (int)lworkBest;
    liwork = liworkBest;
    double *work = malloc((size_t)lwork * sizeof *work);
    int *iwork = malloc((size_t)liwork * sizeof *iwork);
    if (work && iwork) {
      dsyevr_(job, range, "L", &n, matrix, &n, &unused, &unused, &n, &n, &abstol, &found, all, z,
              &ldz, support, work, &lwork, iwork, &liwork, &info);
    } else {
      info = -1000;
    }
    free(work);
    free(iwork);
  }
  if (info == 0)
    for (int i = 0; i < (largestOnly ? 1 : n); i++) values[i] = all[i];
  free(support);
  free(all);
  return info;
}

void cflow_multiply_transposed(long n, long inner, const double *a, const double *b, double *c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)inner, 1, a, (int)inner,
              b, (int)inner, 1, c, (int)n);
}

long cflow_lu_factor(long length, double *a, int *pivots, double *work, double *rcond) {
  const int n = (int)length;
  int info = 0, conditionInfo = 0;
  double norm = 0;
  for (long j = 0; j < length; j++) {
    double sum = 0;
    for (long i = 0; i < length; i++) sum += __builtin_fabs(a[i + j * length]);
    if (!(sum <= norm)) norm = sum;
  }
  *rcond = 0;
  if (!(norm < 1e300)) return 1;
  dgetrf_(&n, &n, a, &n, pivots, &info);
  if (info == 0) dgecon_("1", &n, a, &n, &norm, rcond, work, pivots + n, &conditionInfo);
  return info;
}

void cflow_lu_solve(long length, const double *a, const int *pivots, double *b) {
  const int n = (int)length, one = 1;
  int info = 0;
  dgetrs_("N", &n, &one, a, &n, pivots, b, &n, &info);
}

long cflow_symmetric_factor(long length, double *a, int *pivots, double *work, double *rcond) {
  const int n = (int)length, lwork = 64 * n;
  int info = 0, conditionInfo = 0;
  double norm = 0;
  for (long j = 0; j < length; j++) {
    double sum = 0;
    for (long i = 0; i < length; i++)
      sum += __builtin_fabs(i >= j ? a[i + j * length] : a[j + i * length]);
    if (!(sum <= norm)) norm = sum;
  }
  *rcond = 0;
  if (!(norm < 1e300)) return 1;
  dsytrf_("L", &n, a, &n, pivots, work, &lwork, &info);
  if (info == 0) dsycon_("L", &n, a, &n, pivots, &norm, rcond, work, pivots + n, &conditionInfo);
  return info;
}

void cflow_symmetric_solve(long length, const double *a, const int *pivots, double *b) {
  const int n = (int)length, one = 1;
  int info = 0;
  dsytrs_("L", &n, &one, a, &n, pivots, b, &n, &info);
}

long cflow_row_space(long n, long d, const double *x, double *basis, double *coordinates) {
  // Row-major x is column-major x^T = Q R; coordinates_i is column i of R.
  const int rows = (int)d, columns = (int)n, lwork = 64 * columns;
  int info = 0;
  double *q = malloc((size_t)(n * d) * sizeof *q);
  double *tau = malloc((size_t)n * sizeof *tau);
  double *work = malloc((size_t)lwork * sizeof *work);
  if (q && tau && work) {
    for (long i = 0; i < n * d; i++) q[i] = x[i];
    dgeqrf_(&rows, &columns, q, &rows, tau, work, &lwork, &info);
    for (long i = 0; info == 0 && i < n; i++)
      for (long j = 0; j < n; j++) coordinates[i * n + j] = j <= i ? q[j + i * d] : 0;
    if (info == 0) dorgqr_(&rows, &columns, &columns, q, &rows, tau, work, &lwork, &info);
    for (long j = 0; info == 0 && j < d; j++)
      for (long i = 0; i < n; i++) basis[j * n + i] = q[j + i * d];
  } else {
    info = -1000;
  }
  free(q);
  free(tau);
  free(work);
  return info;
}

long cflow_span(long n, long d, const double *x, double *basis, long *rank) {
  // Row-major x is column-major x^T: x^T P = Q R with |R_11| >= |R_22| >= ..., columns of Q are rows of the basis.
  const int rows = (int)d, columns = (int)n, lwork = 64 * (columns > rows ? columns : rows);
  const long most = n < d ? n : d;
  int info = 0;
  double *q = malloc((size_t)(n * d) * sizeof *q);
  double *tau = malloc((size_t)most * sizeof *tau);
  double *work = malloc((size_t)lwork * sizeof *work);
  int *pivots = calloc((size_t)n, sizeof *pivots);
  *rank = 0;
  if (q && tau && work && pivots) {
    for (long i = 0; i < n * d; i++) q[i] = x[i];
    dgeqp3_(&rows, &columns, q, &rows, pivots, tau, work, &lwork, &info);
    const double least = (double)(n > d ? n : d) * 0x1p-52 * __builtin_fabs(q[0]);
    while (info == 0 && *rank < most && __builtin_fabs(q[*rank + *rank * d]) > least) ++*rank;
    const int used = (int)*rank;
    if (info == 0) dorgqr_(&rows, &used, &used, q, &rows, tau, work, &lwork, &info);
    for (long i = 0; info == 0 && i < *rank * d; i++) basis[i] = q[i];
  } else {
    info = -1000;
  }
  free(q);
  free(tau);
  free(work);
  free(pivots);
  return info;
}
