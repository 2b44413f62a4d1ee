// Making and freeing a solver.

#include "csundials_internal.h"

#include <math.h>
#include <stdlib.h>

static int attach_newton(csundials_cvode *s, const csundials_options *options) {
  s->nonlinear = SUNNonlinSol_Newton(s->view, s->context);
  if (!s->nonlinear) return CV_MEM_FAIL;
  int flag = CVodeSetNonlinearSolver(s->memory, s->nonlinear);
  if (flag != CV_SUCCESS) return flag;

  if (options->linear == CSUNDIALS_STRUCTURED) return csundials_attach_structured_(s);
  if (options->linear != CSUNDIALS_SPGMR) return csundials_attach_matrix_(s, options);

  const bool preconditioned = s->callbacks.prepare_newton && s->callbacks.solve_newton;
  const bool banded = !preconditioned && options->has_band_preconditioner;
  s->linear = SUNLinSol_SPGMR(
    s->view, preconditioned || banded ? SUN_PREC_LEFT : SUN_PREC_NONE, options->krylov_dimension,
    s->context);
  if (!s->linear) return CV_MEM_FAIL;
  flag = CVodeSetLinearSolver(s->memory, s->linear, NULL);
  if (flag != CVLS_SUCCESS) return CV_LINIT_FAIL;
  if (s->callbacks.jacobian_times)
    flag = CVodeSetJacTimes(s->memory, NULL, csundials_jacobian_times_);
  if (flag == CVLS_SUCCESS && banded) {
    flag = CVBandPrecInit(s->memory, s->dimension, options->upper, options->lower);
    s->has_band_preconditioner = flag == CVLS_SUCCESS;
  }
  if (flag == CVLS_SUCCESS && preconditioned)
    flag =
      CVodeSetPreconditioner(s->memory, csundials_prepare_newton_, csundials_solve_newton_);
  return flag == CVLS_SUCCESS ? CV_SUCCESS : CV_LINIT_FAIL;
}

static int attach_fixed_point(csundials_cvode *s, const csundials_options *options) {
  // SUNDIALS takes a negative number for "accelerated" and has no vectors for it.
  if (options->acceleration < 0) return CV_ILL_INPUT;
  s->nonlinear = SUNNonlinSol_FixedPoint(s->view, options->acceleration, s->context);
  if (!s->nonlinear) return CV_MEM_FAIL;
  return CVodeSetNonlinearSolver(s->memory, s->nonlinear);
}

static int set_tolerances(csundials_cvode *s, const csundials_options *options) {
  if (!options->atols) return CVodeSStolerances(s->memory, options->rtol, options->atol);
  N_VSetArrayPointer((double *)options->atols, s->view);
  return CVodeSVtolerances(s->memory, options->rtol, s->view);
}

static int set_up(csundials_cvode *s, double t0, double *y0, const csundials_options *options) {
  // SUNDIALS 6 takes a pointer to an MPI communicator, 7 the communicator itself; NULL is "none" to 6.
  if (SUNContext_Create(NULL, &s->context) != 0) return CV_MEM_FAIL;
  s->view = N_VMake_Serial(s->dimension, y0, s->context);
  if (!s->view) return CV_MEM_FAIL;
  csundials_vectorise_(s->view);
  s->memory = CVodeCreate(options->method == CSUNDIALS_BDF ? CV_BDF : CV_ADAMS, s->context);
  if (!s->memory) return CV_MEM_FAIL;

  int flag = CVodeSetErrHandlerFn(s->memory, csundials_message_, s);
  if (flag == CV_SUCCESS) flag = CVodeSetUserData(s->memory, s);
  if (flag == CV_SUCCESS) flag = CVodeInit(s->memory, csundials_rhs_, t0, s->view);
  if (flag == CV_SUCCESS) flag = set_tolerances(s, options);
  if (flag == CV_SUCCESS) flag = CVodeSetMaxOrd(s->memory, options->max_order);
  if (flag == CV_SUCCESS && options->max_step > 0)
    flag = CVodeSetMaxStep(s->memory, options->max_step);
  if (flag == CV_SUCCESS && options->iteration_tolerance > 0)
    flag = CVodeSetNonlinConvCoef(s->memory, options->iteration_tolerance);
  if (flag == CV_SUCCESS)
    flag = options->nonlinear == CSUNDIALS_NEWTON ? attach_newton(s, options)
                                                  : attach_fixed_point(s, options);
  if (flag == CV_SUCCESS && options->sensitivities > 0)
    flag = csundials_attach_sensitivities_(s, y0, options);
  return flag;
}

csundials_cvode *csundials_cvode_create(
  int64_t dimension, double t0, double *y0, const csundials_options *options,
  const csundials_callbacks *callbacks, int *flag) {
  csundials_cvode *s = calloc(1, sizeof *s);
  if (!s) {
    *flag = CV_MEM_FAIL;
    return NULL;
  }
  s->callbacks = *callbacks;
  s->dimension = dimension;
  s->kind = options->linear;
  s->stop_time = INFINITY;
  s->start = s->jacobian_time = t0;
  *flag = set_up(s, t0, y0, options);
  if (*flag == CV_SUCCESS) return s;
  csundials_cvode_destroy(s);
  return NULL;
}

void csundials_cvode_destroy(csundials_cvode *s) {
  if (!s) return;
  if (s->memory) CVodeFree(&s->memory);
  if (s->views) N_VDestroyVectorArray(s->views, s->sensitivities);
  free(s->pattern);
  if (s->nonlinear_sensitivities) SUNNonlinSolFree(s->nonlinear_sensitivities);
  if (s->nonlinear) SUNNonlinSolFree(s->nonlinear);
  if (s->linear) SUNLinSolFree(s->linear);
  if (s->matrix) SUNMatDestroy(s->matrix);
  if (s->view) N_VDestroy(s->view);
  if (s->context) SUNContext_Free(&s->context);
  free(s);
}
