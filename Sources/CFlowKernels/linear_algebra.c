// The few routines of OpenBLAS and LAPACK that the flow uses.
#include <cblas.h>
#include <stdlib.h>

#include "CFlowKernels.h"

// Not in every cblas.h.
extern void openblas_set_num_threads(int);
extern char *openblas_get_corename(void);

extern void dsyevr_(const char *jobz, const char *range, const char *uplo, const int *n, double *a,
                    const int *lda, const double *vl, const double *vu, const int *il,
                    const int *iu, const double *abstol, int *m, double *w, double *z,
                    const int *ldz, int *isuppz, double *work, const int *lwork, int *iwork,
                    const int *liwork, int *info);

void cflow_blas_use_one_thread(void) { openblas_set_num_threads(1); }

const char *cflow_blas_core_name(void) { return openblas_get_corename(); }

void cflow_gemm(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                long lda, const double *b, long ldb, double beta, double *c, long ldc) {
  cblas_dgemm(CblasRowMajor, transpose ? CblasTrans : CblasNoTrans, CblasNoTrans, (int)rows,
              (int)columns, (int)inner, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

void cflow_syrk(long n, long inner, double alpha, const double *a, double *c) {
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)inner, alpha, a, (int)inner, 1,
              c, (int)n);
}

long cflow_symmetric_eigenvalues(long length, double *matrix, int largestOnly, double *values) {
  const int n = (int)length, ldz = 1;
  const double unused = 0, abstol = 0;
  int found = 0, info = 0, lwork = -1, liwork = -1, liworkBest = 0;
  double lworkBest = 0, z = 0;
  int *support = malloc(2 * (size_t)n * sizeof *support);
  double *all = malloc((size_t)n * sizeof *all);
  if (!support || !all) {
    free(support);
    free(all);
    return -1000;
  }
  const char *range = largestOnly ? "I" : "A";
  dsyevr_("N", range, "L", &n, matrix, &n, &unused, &unused, &n, &n, &abstol, &found, all, &z, &ldz,
          support, &lworkBest, &lwork, &liworkBest, &liwork, &info);
  if (info == 0) {
    lwork = (int)lworkBest;
    liwork = liworkBest;
    double *work = malloc((size_t)lwork * sizeof *work);
    int *iwork = malloc((size_t)liwork * sizeof *iwork);
    if (work && iwork) {
      dsyevr_("N", range, "L", &n, matrix, &n, &unused, &unused, &n, &n, &abstol, &found, all, &z,
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
