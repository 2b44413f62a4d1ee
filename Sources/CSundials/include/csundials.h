// CVODE behind an opaque handle. No API: see ../README.md.
#ifndef CSUNDIALS_H
#define CSUNDIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "csundials_arkode.h"

#ifdef __cplusplus
extern "C" {
#endif

/// One CVODE solver with its vectors, matrices, solvers and context.
typedef struct csundials_cvode csundials_cvode;

typedef enum {
  CSUNDIALS_ADAMS = 1,
  CSUNDIALS_BDF = 2,
} csundials_method;

typedef enum {
  CSUNDIALS_FIXED_POINT = 0,
  CSUNDIALS_NEWTON = 1,
} csundials_nonlinear;

typedef enum {
  CSUNDIALS_DENSE = 1,
  CSUNDIALS_SPGMR = 2,
  /// `prepare_newton` and `solve_newton` as a direct solver
  CSUNDIALS_STRUCTURED = 3,
  CSUNDIALS_BAND = 4,
  /// by KLU
  CSUNDIALS_SPARSE = 5,
} csundials_linear;

/// What `csundials_cvode_step` returns. The values are CVODE's own (checked at compile time), besides
/// the last three, which are the shim's.
enum {
  CSUNDIALS_SUCCESS = 0,
  CSUNDIALS_TSTOP_RETURN = 1,
  CSUNDIALS_ROOT_RETURN = 2,
  CSUNDIALS_WARNING = 99,
  CSUNDIALS_TOO_MUCH_WORK = -1,
  CSUNDIALS_TOO_MUCH_ACC = -2,
  CSUNDIALS_ERR_FAILURE = -3,
  CSUNDIALS_CONV_FAILURE = -4,
  CSUNDIALS_LINIT_FAIL = -5,
  CSUNDIALS_LSETUP_FAIL = -6,
  CSUNDIALS_LSOLVE_FAIL = -7,
  CSUNDIALS_RHSFUNC_FAIL = -8,
  CSUNDIALS_FIRST_RHSFUNC_ERR = -9,
  CSUNDIALS_REPTD_RHSFUNC_ERR = -10,
  CSUNDIALS_UNREC_RHSFUNC_ERR = -11,
  CSUNDIALS_RTFUNC_FAIL = -12,
  CSUNDIALS_NLS_INIT_FAIL = -13,
  CSUNDIALS_NLS_SETUP_FAIL = -14,
  CSUNDIALS_CONSTR_FAIL = -15,
  CSUNDIALS_NLS_FAIL = -16,
  CSUNDIALS_MEM_FAIL = -20,
  CSUNDIALS_MEM_NULL = -21,
  CSUNDIALS_ILL_INPUT = -22,
  CSUNDIALS_NO_MALLOC = -23,
  CSUNDIALS_BAD_K = -24,
  CSUNDIALS_BAD_T = -25,
  CSUNDIALS_BAD_DKY = -26,
  CSUNDIALS_TOO_CLOSE = -27,
  CSUNDIALS_VECTOROP_ERR = -28,
  CSUNDIALS_UNRECOGNIZED_ERR = -99,
  /// A callback returned nonzero: it was not called again, whatever CVODE made of it.
  CSUNDIALS_ABORTED = -1000,
  /// The step passed CVODE's tests with a state that is NaN or infinite.
  CSUNDIALS_STATE_NONFINITE = -1002,
};

/// What `prepare_newton` and `solve_newton` return if a smaller gamma may help.
enum { CSUNDIALS_RECOVERABLE = 2 };

/// The caller's functions. Each returns 0, or another value to abort the step. Vectors have the solver's
/// dimension and are valid during the call only.
typedef struct {
  void *_Nullable context;
  /// dy = f(t, y)
  int (*_Nonnull rhs)(void *_Nullable context, double t, const double *_Nonnull y, double *_Nonnull dy);
  /// jv = J(t, y) v
  int (*_Nullable jacobian_times)(
    void *_Nullable context, double t, const double *_Nonnull y, const double *_Nonnull v,
    double *_Nonnull jv);
  /// J(t, y), zeroed before the call. CSUNDIALS_DENSE: column-major. CSUNDIALS_BAND: (i, j) at
  /// i - j + s + j (s + lower + 1), s = min(N - 1, lower + upper). CSUNDIALS_SPARSE: the pattern's elements in
  /// their order.
  int (*_Nullable jacobian)(
    void *_Nullable context, double t, const double *_Nonnull y, double *_Nonnull jacobian);
  /// ds = J(t, y) s + df/dp_index, dy = f(t, y); with sensitivities only
  int (*_Nullable sensitivity)(
    void *_Nullable context, double t, const double *_Nonnull y, const double *_Nonnull dy, int index,
    const double *_Nonnull s, double *_Nonnull ds);
  /// set up P = I - gamma J(t, y)
  int (*_Nullable prepare_newton)(
    void *_Nullable context, double t, const double *_Nonnull y, double gamma);
  /// solve P z = r
  int (*_Nullable solve_newton)(
    void *_Nullable context, const double *_Nonnull r, double *_Nonnull z);
  /// CVODE's own messages; `code` is CSUNDIALS_WARNING or an error flag
  void (*_Nullable message)(
    void *_Nullable context, int code, const char *_Nonnull function, const char *_Nonnull text);
} csundials_callbacks;

typedef struct {
  csundials_method method;
  csundials_nonlinear nonlinear;
  /// vectors of Anderson acceleration for the fixed point, 0 for none
  int acceleration;
  /// with Newton only
  csundials_linear linear;
  /// of SPGMR
  int krylov_dimension;
  /// of CSUNDIALS_BAND and of the preconditioner
  int64_t lower, upper;
  /// of CSUNDIALS_SPGMR, by differences, where the caller has none of its own
  bool has_band_preconditioner;
  /// of CSUNDIALS_SPARSE: N + 1 starts of columns, then the rows of each, ascending, the diagonal among them; copied
  const int64_t *_Nullable pattern;
  /// The number of vectors s_i = dy/dp_i, which follow y wherever a state is given or returned: N elements each.
  int sensitivities;
  /// |p_i|, or 1: the tolerances of s_i are those of y over that; copied
  const double *_Nullable scales;
  int max_order;
  double rtol;
  double atol;
  /// one per component in place of `atol`; copied
  const double *_Nullable atols;
  /// 0 for no bound
  double max_step;
  /// what Newton's iteration may leave, in units of the local error's tolerance; 0 for CVODE's default, 0.1
  double iteration_tolerance;
} csundials_options;

/// Where the solver stands after a step or a failed attempt.
typedef struct {
  /// the time that CVode returned: the step's end
  double returned_time;
  /// t_n
  double time;
  /// the size of the last accepted step, signed
  double last_step;
  /// the size to be tried next, signed
  double next_step;
  int64_t steps;
  int order;
} csundials_report;

/// What was not finite.
typedef enum {
  CSUNDIALS_ALL_FINITE = 0,
  CSUNDIALS_RHS,
  CSUNDIALS_JACOBIAN_TIMES,
  CSUNDIALS_JACOBIAN,
  CSUNDIALS_NEWTON_SOLVE,
  CSUNDIALS_SENSITIVITY,
  CSUNDIALS_STATE,
} csundials_origin;

/// The last value so far that was NaN or infinite.
typedef struct {
  csundials_origin origin;
  int64_t index;
  double time;
  double value;
  /// the number of steps accepted before it
  int64_t steps;
} csundials_nonfinite;

/// CVODE's counters, by the names of its manual. `refused` is the shim's own: evaluations
/// that CVODE counts in nfe and nfe_ls, but that were not made after a callback had failed.
typedef struct {
  int64_t nst, nfe, nfe_ls, netf, nni, nnf, ncfn, nsetups, nje, njtimes, nli, nlcf, npe, nps, refused;
  int last_order;
  double last_step;
} csundials_statistics;

/// Makes a solver; `y0` is copied. Returns NULL and a CVODE flag if that fails, with nothing leaked.
csundials_cvode *_Nullable csundials_cvode_create(
  int64_t dimension, double t0, double *_Nonnull y0, const csundials_options *_Nonnull options,
  const csundials_callbacks *_Nonnull callbacks, int *_Nonnull flag);

void csundials_cvode_destroy(csundials_cvode *_Nullable solver);

/// Steps do not pass `t`; infinite to take the bound away.
int csundials_cvode_set_stop_time(csundials_cvode *_Nonnull solver, double t);

/// The first step; signed.
int csundials_cvode_set_initial_step(csundials_cvode *_Nonnull solver, double h);

/// CVode in CV_ONE_STEP mode: a new step.
/// `y` receives the state at `returned_time` and serves as CVODE's working vector meanwhile.
int csundials_cvode_step(
  csundials_cvode *_Nonnull solver, double tout, double *_Nonnull y,
  csundials_report *_Nonnull report);

/// CVodeGetDky, k = 0.
int csundials_cvode_interpolate(csundials_cvode *_Nonnull solver, double t, double *_Nonnull y);

void csundials_cvode_statistics(
  csundials_cvode *_Nonnull solver, csundials_statistics *_Nonnull statistics);

csundials_nonfinite csundials_cvode_nonfinite(csundials_cvode *_Nonnull solver);

/// The flag's name in CVODE's manual; "unknown" if it has none.
const char *_Nonnull csundials_flag_name(int flag);

/// The version of SUNDIALS at run time, e.g. "6.4.1".
void csundials_version(char *_Nonnull text, int capacity);

/// Whether no element is NaN or infinite.
bool csundials_all_finite(const double *_Nonnull x, int64_t count);

#ifdef __cplusplus
}
#endif

#endif
