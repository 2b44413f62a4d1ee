// The handle's contents; not seen by Swift.
#ifndef CSUNDIALS_INTERNAL_H
#define CSUNDIALS_INTERNAL_H

#include "csundials.h"

#include <cvodes/cvodes.h>
#include <cvodes/cvodes_bandpre.h>
#include <cvodes/cvodes_ls.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_version.h>
#include <sunlinsol/sunlinsol_band.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunlinsol/sunlinsol_spgmr.h>
#include <sunmatrix/sunmatrix_band.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunmatrix/sunmatrix_sparse.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>
#include <sunnonlinsol/sunnonlinsol_newton.h>

struct csundials_cvode {
  csundials_callbacks callbacks;
  int64_t dimension;
  SUNContext context;
  void *memory;
  /// Wraps the caller's arrays: the data pointer is set before each use.
  N_Vector view;
  SUNMatrix matrix;
  SUNLinearSolver linear;
  SUNNonlinearSolver nonlinear;
  SUNNonlinearSolver nonlinear_sensitivities;
  csundials_linear kind;
  bool has_band_preconditioner;
  /// Of a sparse Jacobian, which SUNDIALS zeroes with the elements: N + 1 starts of columns, then their rows.
  int64_t *pattern;
  /// Where the integration began, where the Jacobian was last evaluated, and how often it has been.
  double start, jacobian_time;
  long jacobians;
  /// The number of sensitivity vectors, which follow y in the caller's arrays.
  int sensitivities;
  N_Vector *views;

  /// A callback failed: no callback is called any more in this step.
  bool aborted;
  csundials_nonfinite nonfinite;

  int64_t refused;
  double stop_time;
};

int csundials_rhs_(realtype t, N_Vector y, N_Vector dy, void *solver);
int csundials_jacobian_times_(
  N_Vector v, N_Vector jv, realtype t, N_Vector y, N_Vector fy, void *solver, N_Vector tmp);
int csundials_jacobian_(
  realtype t, N_Vector y, N_Vector fy, SUNMatrix jacobian, void *solver, N_Vector tmp1,
  N_Vector tmp2, N_Vector tmp3);
int csundials_sensitivity_rhs_(
  int count, realtype t, N_Vector y, N_Vector dy, int index, N_Vector s, N_Vector ds, void *solver,
  N_Vector tmp1, N_Vector tmp2);
int csundials_prepare_newton_(
  realtype t, N_Vector y, N_Vector fy, booleantype jok, booleantype *jcur, realtype gamma,
  void *solver);
int csundials_solve_newton_(
  realtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z, realtype gamma, realtype delta,
  int left_or_right, void *solver);
int csundials_linear_system_(
  realtype t, N_Vector y, N_Vector fy, SUNMatrix matrix, booleantype jok, booleantype *jcur,
  realtype gamma, void *solver, N_Vector tmp1, N_Vector tmp2, N_Vector tmp3);
int csundials_solve_structured_(csundials_cvode *solver, N_Vector z, N_Vector r);

/// The elements of y and of its sensitivities.
int64_t csundials_length_(const csundials_cvode *solver);

/// A matrix and a direct solver for it: a CVODE flag.
int csundials_attach_matrix_(csundials_cvode *solver, const csundials_options *options);

/// Sensitivities, from those in `y0`: a CVODE flag.
int csundials_attach_sensitivities_(
  csundials_cvode *solver, double *y0, const csundials_options *options);

/// The caller's Newton solves as a linear solver of SUNDIALS with its matrix: a CVODE flag.
int csundials_attach_structured_(csundials_cvode *solver);
void csundials_message_(
  int code, const char *module, const char *function, char *text, void *solver);

/// Gives `vector`, and what is cloned from it, the vectorised operations.
void csundials_vectorise_(N_Vector vector);

/// Notes that x[index], evaluated at t, is not finite.
void csundials_note_nonfinite_(
  csundials_cvode *solver, csundials_origin origin, double t, const double *x, int64_t index);

#endif
