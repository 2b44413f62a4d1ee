// Direct solvers with a matrix: dense, banded, sparse.

#include "csundials_internal.h"

#include <stdlib.h>
#include <string.h>

// <sunlinsol/sunlinsol_klu.h> includes <klu.h>, which Debian keeps where no search path of a package can lead.
SUNLinearSolver SUNLinSol_KLU(N_Vector y, SUNMatrix matrix, SUNContext context);

static int make_sparse(csundials_cvode *s, const int64_t *pattern) {
  if (!pattern) return CV_ILL_INPUT;
  const size_t count = (size_t)(s->dimension + 1 + pattern[s->dimension]);
  s->pattern = malloc(count * sizeof *s->pattern);
  if (!s->pattern) return CV_MEM_FAIL;
  memcpy(s->pattern, pattern, count * sizeof *s->pattern);
  s->matrix =
    SUNSparseMatrix(s->dimension, s->dimension, pattern[s->dimension], CSC_MAT, s->context);
  if (!s->matrix) return CV_MEM_FAIL;
  s->linear = SUNLinSol_KLU(s->view, s->matrix, s->context);
  return s->linear ? CV_SUCCESS : CV_MEM_FAIL;
}

static int make_band(csundials_cvode *s, int64_t lower, int64_t upper) {
  s->matrix = SUNBandMatrix(s->dimension, upper, lower, s->context);
  if (!s->matrix) return CV_MEM_FAIL;
  s->linear = SUNLinSol_Band(s->view, s->matrix, s->context);
  return s->linear ? CV_SUCCESS : CV_MEM_FAIL;
}

static int make_dense(csundials_cvode *s) {
  s->matrix = SUNDenseMatrix(s->dimension, s->dimension, s->context);
  if (!s->matrix) return CV_MEM_FAIL;
  s->linear = SUNLinSol_Dense(s->view, s->matrix, s->context);
  return s->linear ? CV_SUCCESS : CV_MEM_FAIL;
}

int csundials_attach_matrix_(csundials_cvode *s, const csundials_options *options) {
  int flag = options->linear == CSUNDIALS_SPARSE ? make_sparse(s, options->pattern)
             : options->linear == CSUNDIALS_BAND ? make_band(s, options->lower, options->upper)
                                                 : make_dense(s);
  if (flag != CV_SUCCESS) return flag;
  flag = CVodeSetLinearSolver(s->memory, s->linear, s->matrix);
  if (flag == CVLS_SUCCESS && s->callbacks.jacobian)
    flag = CVodeSetJacFn(s->memory, csundials_jacobian_);
  return flag == CVLS_SUCCESS ? CV_SUCCESS : CV_LINIT_FAIL;
}
