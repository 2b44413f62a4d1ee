// Forward sensitivities by CVODES: s_i = dy/dp_i beside y, each step's y first, then all s_i with the same matrix.

#include "csundials_internal.h"

int64_t csundials_length_(const csundials_cvode *s) { return (s->sensitivities + 1) * s->dimension; }

int csundials_attach_sensitivities_(csundials_cvode *s, double *y0, const csundials_options *options) {
  const int count = options->sensitivities;
  if (!s->callbacks.sensitivity) return CV_ILL_INPUT;
  s->views = N_VCloneEmptyVectorArray(count, s->view);
  if (!s->views) return CV_MEM_FAIL;
  s->sensitivities = count;
  for (int i = 0; i < count; i++) N_VSetArrayPointer(y0 + (i + 1) * s->dimension, s->views[i]);
  int flag = CVodeSensInit1(s->memory, count, CV_STAGGERED, csundials_sensitivity_rhs_, s->views);
  // Only the scales are used: the right-hand sides are the caller's.
  if (flag == CV_SUCCESS)
    flag = CVodeSetSensParams(s->memory, NULL, (double *)options->scales, NULL);
  if (flag == CV_SUCCESS) flag = CVodeSensEEtolerances(s->memory);
  if (flag == CV_SUCCESS) flag = CVodeSetSensErrCon(s->memory, SUNTRUE);
  if (flag != CV_SUCCESS) return flag;
  s->nonlinear_sensitivities = options->nonlinear == CSUNDIALS_NEWTON
    ? SUNNonlinSol_NewtonSens(count, s->view, s->context)
    : SUNNonlinSol_FixedPointSens(count, s->view, options->acceleration, s->context);
  if (!s->nonlinear_sensitivities) return CV_MEM_FAIL;
  return CVodeSetNonlinearSolverSensStg(s->memory, s->nonlinear_sensitivities);
}
