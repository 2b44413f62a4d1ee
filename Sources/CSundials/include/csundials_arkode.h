// ARKODE's ARKStep behind an opaque handle. No API: see ../README.md.
#ifndef CSUNDIALS_ARKODE_H
#define CSUNDIALS_ARKODE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(__clang__)
#define _Nonnull
#define _Nullable
#endif

/// One ARKStep integrator with its vectors, matrix, solvers and context.
typedef struct csundials_arkode csundials_arkode;

/// The caller's functions: 0 is success, > 0 asks for a smaller step, < 0 aborts.
typedef struct {
  void *_Nullable context;
  /// what is integrated explicitly; NULL for a diagonally implicit method
  int (*_Nullable explicit_rhs)(void *_Nullable context, double t, const double *_Nonnull y, double *_Nonnull dy);
  /// what is integrated implicitly; NULL for an explicit method
  int (*_Nullable implicit_rhs)(void *_Nullable context, double t, const double *_Nonnull y, double *_Nonnull dy);
  /// the Jacobian of the implicit part, zeroed before; may not be NULL if that is not
  int (*_Nullable jacobian)(void *_Nullable context, double t, const double *_Nonnull y, double *_Nonnull jacobian);
  void (*_Nullable message)(void *_Nullable context, int code, const char *_Nonnull text);
} csundials_arkode_callbacks;

typedef struct {
  double rtol;
  double atol;
  /// one per component in place of `atol`; copied
  const double *_Nullable atols;
  /// 0 for no bound
  double max_step;
  double initial_step;
  /// every step is `initial_step`, without error control
  bool is_fixed_step;
  /// of the implicit part's Jacobian, laid out as for CVODE
  bool is_banded;
  int64_t lower, upper;
  /// used where no table is named
  int order;
  /// Butcher tables by their names in ARKODE's manual; NULL for the default of that order
  const char *_Nullable explicit_table;
  const char *_Nullable implicit_table;
} csundials_arkode_options;

typedef struct {
  int64_t steps, attempts, error_failures, nonlinear_iterations, solve_failures, setups, jacobians;
  double time, last_step, next_step;
  int order;
} csundials_arkode_statistics;

/// Returns NULL and a flag of ARKODE if it cannot be made, with nothing leaked; `y0` is copied.
csundials_arkode *_Nullable csundials_arkode_create(
  int64_t dimension, double t0, double *_Nonnull y0, const csundials_arkode_options *_Nonnull options,
  const csundials_arkode_callbacks *_Nonnull callbacks, int *_Nonnull flag);
void csundials_arkode_destroy(csundials_arkode *_Nullable solver);

/// One step that does not pass `limit`, finite or not; `y` receives the state. Returns a flag of ARKODE.
int csundials_arkode_step(csundials_arkode *_Nonnull solver, double limit, double *_Nonnull y);

/// ARKStepGetDky, k = 0.
int csundials_arkode_interpolate(csundials_arkode *_Nonnull solver, double t, double *_Nonnull y);

void csundials_arkode_get(csundials_arkode *_Nonnull solver, csundials_arkode_statistics *_Nonnull statistics);

/// The flag's name in ARKODE's manual, copied to `text`.
void csundials_arkode_flag_name(int flag, char *_Nonnull text, int capacity);

#ifdef __cplusplus
}
#endif

#endif
