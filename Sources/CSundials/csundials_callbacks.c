// CVODE's callbacks, passed on to the caller's. A failure of the caller's function is final (-1); a
// value that is not finite is recoverable (+1): CVODE then tries a smaller step.

#include "csundials_internal.h"

#include <math.h>
#include <string.h>

void csundials_note_nonfinite_(
  csundials_cvode *solver, csundials_origin origin, double t, const double *x, int64_t index) {
  long steps = 0;
  CVodeGetNumSteps(solver->memory, &steps);
  solver->nonfinite = (csundials_nonfinite){
    .origin = origin, .index = index, .time = t, .value = x[index], .steps = steps};
}

/// 0 if all of `x` is finite, else notes the first culprit and returns 1.
static int check_finite(
  csundials_cvode *solver, csundials_origin origin, double t, const double *x, int64_t count) {
  if (csundials_all_finite(x, count)) return 0;
  int64_t i = 0;
  while (isfinite(x[i])) i++;
  csundials_note_nonfinite_(solver, origin, t, x, i);
  return 1;
}

static int abort_step(csundials_cvode *solver) {
  solver->aborted = true;
  return -1;
}

int csundials_rhs_(realtype t, N_Vector y, N_Vector dy, void *data) {
  csundials_cvode *solver = data;
  if (solver->aborted) {
    solver->refused++;
    return -1;
  }
  double *out = NV_DATA_S(dy);
  if (solver->callbacks.rhs(solver->callbacks.context, t, NV_DATA_S(y), out) != 0)
    return abort_step(solver);
  return check_finite(solver, CSUNDIALS_RHS, t, out, solver->dimension);
}

int csundials_jacobian_times_(
  N_Vector v, N_Vector jv, realtype t, N_Vector y, N_Vector fy, void *data, N_Vector tmp) {
  csundials_cvode *solver = data;
  if (solver->aborted) return -1;
  double *out = NV_DATA_S(jv);
  const csundials_callbacks *call = &solver->callbacks;
  if (call->jacobian_times(call->context, t, NV_DATA_S(y), NV_DATA_S(v), out) != 0)
    return abort_step(solver);
  return check_finite(solver, CSUNDIALS_JACOBIAN_TIMES, t, out, solver->dimension);
}

int csundials_jacobian_(
  realtype t, N_Vector y, N_Vector fy, SUNMatrix jacobian, void *data, N_Vector tmp1,
  N_Vector tmp2, N_Vector tmp3) {
  csundials_cvode *solver = data;
  if (solver->aborted) return -1;
  const int64_t n = solver->dimension;
  double *out;
  int64_t count;
  switch (solver->kind) {
    case CSUNDIALS_BAND:
      out = SM_DATA_B(jacobian);
      count = SM_LDATA_B(jacobian);
      break;
    case CSUNDIALS_SPARSE:
      out = SM_DATA_S(jacobian);
      count = solver->pattern[n];
      memcpy(SM_INDEXPTRS_S(jacobian), solver->pattern, (size_t)(n + 1) * sizeof(int64_t));
      memcpy(SM_INDEXVALS_S(jacobian), solver->pattern + n + 1, (size_t)count * sizeof(int64_t));
      break;
    default:
      out = SM_DATA_D(jacobian);
      count = n * n;
  }
  if (solver->callbacks.jacobian(solver->callbacks.context, t, NV_DATA_S(y), out) != 0)
    return abort_step(solver);
  return check_finite(solver, CSUNDIALS_JACOBIAN, t, out, count);
}

int csundials_sensitivity_rhs_(
  int count, realtype t, N_Vector y, N_Vector dy, int index, N_Vector s, N_Vector ds, void *data,
  N_Vector tmp1, N_Vector tmp2) {
  csundials_cvode *solver = data;
  if (solver->aborted) return -1;
  double *out = NV_DATA_S(ds);
  if (
    solver->callbacks.sensitivity(
      solver->callbacks.context, t, NV_DATA_S(y), NV_DATA_S(dy), index, NV_DATA_S(s), out) != 0)
    return abort_step(solver);
  return check_finite(solver, CSUNDIALS_SENSITIVITY, t, out, solver->dimension);
}

/// What the caller's `prepare_newton` or `solve_newton` returned, as CVODE wants it.
static int outcome(csundials_cvode *solver, int returned) {
  if (returned == CSUNDIALS_RECOVERABLE) return 1;
  return returned == 0 ? 0 : abort_step(solver);
}

int csundials_prepare_newton_(
  realtype t, N_Vector y, N_Vector fy, booleantype jok, booleantype *jcur, realtype gamma,
  void *data) {
  csundials_cvode *solver = data;
  if (solver->aborted) return -1;
  // Always from the present point, whatever `jok` allows.
  *jcur = SUNTRUE;
  return outcome(
    solver, solver->callbacks.prepare_newton(solver->callbacks.context, t, NV_DATA_S(y), gamma));
}

int csundials_solve_newton_(
  realtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z, realtype gamma, realtype delta,
  int left_or_right, void *data) {
  csundials_cvode *solver = data;
  if (solver->aborted) return -1;
  double *out = NV_DATA_S(z);
  const int failure =
    outcome(solver, solver->callbacks.solve_newton(solver->callbacks.context, NV_DATA_S(r), out));
  return failure ? failure
                 : check_finite(solver, CSUNDIALS_NEWTON_SOLVE, t, out, solver->dimension);
}

int csundials_linear_system_(
  realtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, booleantype jok, booleantype *jcur,
  realtype gamma, void *data, N_Vector tmp1, N_Vector tmp2, N_Vector tmp3) {
  return csundials_prepare_newton_(t, y, fy, jok, jcur, gamma, data);
}

int csundials_solve_structured_(csundials_cvode *solver, N_Vector z, N_Vector r) {
  double t = 0;
  CVodeGetCurrentTime(solver->memory, &t);
  return csundials_solve_newton_(t, NULL, NULL, r, z, 0, 0, 0, solver);
}

void csundials_message_(
  int code, const char *module, const char *function, char *text, void *data) {
  (void)module;
  csundials_cvode *solver = data;
  // What CVODE says of a step that the caller aborted is no news.
  if (solver->aborted || solver->callbacks.message == NULL) return;
  solver->callbacks.message(solver->callbacks.context, code, function, text);
}
