// ARKODE's time-stepping module ARKStep: explicit, diagonally implicit and additive Runge-Kutta methods.
//
// Wrapped parts of the *User Documentation for ARKODE* (5.4.1), chapter "Using ARKStep": initialisation and deallocation, tolerances, linear
// solver interface, optional inputs (tables, steps, stop time), solver function, interpolated output, optional outputs.

#include "csundials_arkode.h"

#include <arkode/arkode_arkstep.h>
#include <float.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <sunlinsol/sunlinsol_band.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_band.h>
#include <sunmatrix/sunmatrix_dense.h>

struct csundials_arkode {
  csundials_arkode_callbacks callbacks;
  int64_t dimension;
  SUNContext context;
  void *memory;
  /// Wraps the caller's arrays: the data pointer is set before each use.
  N_Vector view;
  SUNMatrix matrix;
  SUNLinearSolver linear;
  double limit;
};

static int explicit_rhs(realtype t, N_Vector y, N_Vector dy, void *data) {
  const csundials_arkode_callbacks *call = &((csundials_arkode *)data)->callbacks;
  return call->explicit_rhs(call->context, t, NV_DATA_S(y), NV_DATA_S(dy));
}

static int implicit_rhs(realtype t, N_Vector y, N_Vector dy, void *data) {
  const csundials_arkode_callbacks *call = &((csundials_arkode *)data)->callbacks;
  return call->implicit_rhs(call->context, t, NV_DATA_S(y), NV_DATA_S(dy));
}

static int jacobian(realtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, void *data, N_Vector tmp1, N_Vector tmp2,
                    N_Vector tmp3) {
  const csundials_arkode_callbacks *call = &((csundials_arkode *)data)->callbacks;
  double *out = SUNMatGetID(matrix) == SUNMATRIX_BAND ? SM_DATA_B(matrix) : SM_DATA_D(matrix);
  return call->jacobian(call->context, t, NV_DATA_S(y), out);
}

static void message(int code, const char *module, const char *function, char *text, void *data) {
  const csundials_arkode_callbacks *call = &((csundials_arkode *)data)->callbacks;
  if (call->message) call->message(call->context, code, text);
}

/// With ARKODE's defaults DIRK methods fail on stiff problems: f at a stage amplifies what Newton's iteration left
/// by the stiffness, and spoils the error estimate. So f is deduced from the stage, the iteration is held tighter, and begins at the
/// interpolant of the last step. Additive methods gain nothing from the latter two.
static int set_iteration(csundials_arkode *s) {
  int flag = ARKStepSetDeduceImplicitRhs(s->memory, 1);
  // Relaxation oscillators ask for steps that are shorter by many powers of ten from one to the next.
  if (flag == ARK_SUCCESS) flag = ARKStepSetMaxErrTestFails(s->memory, 20);
  if (s->callbacks.explicit_rhs) return flag;
  if (flag == ARK_SUCCESS) flag = ARKStepSetMaxNonlinIters(s->memory, 8);
  if (flag == ARK_SUCCESS) flag = ARKStepSetNonlinConvCoef(s->memory, 0.01);
  if (flag == ARK_SUCCESS) flag = ARKStepSetPredictorMethod(s->memory, 1);
  return flag;
}

static int attach_newton(csundials_arkode *s, const csundials_arkode_options *options) {
  s->matrix = options->is_banded
    ? SUNBandMatrix(s->dimension, options->upper, options->lower, s->context)
    : SUNDenseMatrix(s->dimension, s->dimension, s->context);
  if (!s->matrix) return ARK_MEM_FAIL;
  s->linear = options->is_banded ? SUNLinSol_Band(s->view, s->matrix, s->context)
                                 : SUNLinSol_Dense(s->view, s->matrix, s->context);
  if (!s->linear) return ARK_MEM_FAIL;
  int flag = ARKStepSetLinearSolver(s->memory, s->linear, s->matrix);
  if (flag == ARK_SUCCESS) flag = ARKStepSetJacFn(s->memory, jacobian);
  return flag == ARK_SUCCESS ? set_iteration(s) : flag;
}

static int set_tables(csundials_arkode *s, const csundials_arkode_options *options) {
  if (!options->explicit_table && !options->implicit_table) return ARKStepSetOrder(s->memory, options->order);
  return ARKStepSetTableName(s->memory, options->implicit_table ? options->implicit_table : "ARKODE_DIRK_NONE",
                             options->explicit_table ? options->explicit_table : "ARKODE_ERK_NONE");
}

static int set_up(csundials_arkode *s, double t0, double *y0, const csundials_arkode_options *options) {
  if (SUNContext_Create(NULL, &s->context) != 0) return ARK_MEM_FAIL;
  s->view = N_VMake_Serial(s->dimension, y0, s->context);
  if (!s->view) return ARK_MEM_FAIL;
  s->memory = ARKStepCreate(s->callbacks.explicit_rhs ? explicit_rhs : NULL,
                            s->callbacks.implicit_rhs ? implicit_rhs : NULL, t0, s->view, s->context);
  if (!s->memory) return ARK_MEM_FAIL;
  int flag = ARKStepSetErrHandlerFn(s->memory, message, s);
  if (flag == ARK_SUCCESS) flag = ARKStepSetUserData(s->memory, s);
  if (flag == ARK_SUCCESS) flag = set_tables(s, options);
  if (flag == ARK_SUCCESS && options->atols) {
    N_VSetArrayPointer((double *)options->atols, s->view);
    flag = ARKStepSVtolerances(s->memory, options->rtol, s->view);
  } else if (flag == ARK_SUCCESS) {
    flag = ARKStepSStolerances(s->memory, options->rtol, options->atol);
  }
  if (flag == ARK_SUCCESS && s->callbacks.implicit_rhs) flag = attach_newton(s, options);
  if (flag == ARK_SUCCESS && options->max_step > 0) flag = ARKStepSetMaxStep(s->memory, options->max_step);
  if (flag == ARK_SUCCESS)
    flag = options->is_fixed_step ? ARKStepSetFixedStep(s->memory, options->initial_step)
                                  : ARKStepSetInitStep(s->memory, options->initial_step);
  return flag;
}

csundials_arkode *csundials_arkode_create(int64_t dimension, double t0, double *y0,
                                          const csundials_arkode_options *options,
                                          const csundials_arkode_callbacks *callbacks, int *flag) {
  csundials_arkode *s = calloc(1, sizeof *s);
  if (!s) {
    *flag = ARK_MEM_FAIL;
    return NULL;
  }
  s->callbacks = *callbacks;
  s->dimension = dimension;
  s->limit = NAN;
  *flag = set_up(s, t0, y0, options);
  if (*flag == ARK_SUCCESS) return s;
  csundials_arkode_destroy(s);
  return NULL;
}

void csundials_arkode_destroy(csundials_arkode *s) {
  if (!s) return;
  if (s->memory) ARKStepFree(&s->memory);
  if (s->linear) SUNLinSolFree(s->linear);
  if (s->matrix) SUNMatDestroy(s->matrix);
  if (s->view) N_VDestroy(s->view);
  if (s->context) SUNContext_Free(&s->context);
  free(s);
}

int csundials_arkode_step(csundials_arkode *s, double limit, double *y) {
  const double stop = isinf(limit) ? copysign(DBL_MAX, limit) : limit;
  if (s->limit != stop) {
    const int flag = ARKStepSetStopTime(s->memory, stop);
    if (flag != ARK_SUCCESS) return flag;
    s->limit = stop;
  }
  double returned = 0;
  N_VSetArrayPointer(y, s->view);
  return ARKStepEvolve(s->memory, stop, s->view, &returned, ARK_ONE_STEP);
}

int csundials_arkode_interpolate(csundials_arkode *s, double t, double *y) {
  N_VSetArrayPointer(y, s->view);
  return ARKStepGetDky(s->memory, t, 0, s->view);
}

void csundials_arkode_get(csundials_arkode *s, csundials_arkode_statistics *statistics) {
  void *m = s->memory;
  // Getters of parts that are not attached leave their zero.
  long steps = 0, attempts = 0, failures = 0, iterations = 0, solves = 0, setups = 0, jacobians = 0;
  ARKStepGetNumSteps(m, &steps);
  ARKStepGetNumStepAttempts(m, &attempts);
  ARKStepGetNumErrTestFails(m, &failures);
  if (s->linear) {
    ARKStepGetNumNonlinSolvIters(m, &iterations);
    ARKStepGetNumStepSolveFails(m, &solves);
    ARKStepGetNumLinSolvSetups(m, &setups);
    ARKStepGetNumJacEvals(m, &jacobians);
  }
  double time = 0, last = 0, next = 0;
  ARKStepGetCurrentTime(m, &time);
  ARKStepGetLastStep(m, &last);
  ARKStepGetCurrentStep(m, &next);
  ARKodeButcherTable implicit = NULL, explicit = NULL;
  ARKStepGetCurrentButcherTables(m, &implicit, &explicit);
  *statistics = (csundials_arkode_statistics){
    .steps = steps, .attempts = attempts, .error_failures = failures, .nonlinear_iterations = iterations,
    .solve_failures = solves, .setups = setups, .jacobians = jacobians, .time = time, .last_step = last,
    .next_step = next, .order = implicit ? implicit->q : explicit ? explicit->q : 0};
}

void csundials_arkode_flag_name(int flag, char *text, int capacity) {
  char *name = ARKStepGetReturnFlagName(flag);
  snprintf(text, (size_t)capacity, "%s", name ? name : "unknown");
  free(name);
}
