// A direct linear solver without a matrix: the caller factorises I - gamma J and solves with it.
//
// CVODE knows two kinds of solver without a matrix. A matrix-embedded one is never told to set up, so it
// would factorise in every iteration or repeat CVODE's heuristics; an iterative one is told, but CVODE
// then skips solves with small right-hand sides and asks for a tolerance. A *direct* solver with an
// empty matrix and a linear system function gets all that CVODE does for LU factors: when to set up again
// (gamma changed by 30 %, 20 steps, a failed iteration; `convfail` included), the counters nje and
// nsetups, and the correction by 2 / (1 + gamma / gamma_prepared) of solutions with a lagged gamma.
//
// Source: User Documentation for CVODE 6.4.1, sections "Linear system function" and "Implementing a
// custom SUNLinearSolver module"; "Mathematical considerations", eq. (2.11) and what follows it.

#include "csundials_internal.h"

static SUNMatrix_ID matrix_id(SUNMatrix matrix) { return SUNMATRIX_CUSTOM; }

static void destroy_matrix(SUNMatrix matrix) { SUNMatFreeEmpty(matrix); }

static SUNLinearSolver_Type solver_type(SUNLinearSolver linear) { return SUNLINEARSOLVER_DIRECT; }

static SUNLinearSolver_ID solver_id(SUNLinearSolver linear) { return SUNLINEARSOLVER_CUSTOM; }

static int initialize(SUNLinearSolver linear) { return SUNLS_SUCCESS; }

/// The linear system function, called just before, has factorised already.
static int set_up(SUNLinearSolver linear, SUNMatrix matrix) { return SUNLS_SUCCESS; }

static int solve(SUNLinearSolver linear, SUNMatrix matrix, N_Vector x, N_Vector b, realtype tol) {
  const int failure = csundials_solve_structured_(linear->content, x, b);
  if (failure == 0) return SUNLS_SUCCESS;
  return failure > 0 ? SUNLS_PACKAGE_FAIL_REC : SUNLS_PACKAGE_FAIL_UNREC;
}

static int free_solver(SUNLinearSolver linear) {
  // The content is the handle, which outlives its parts.
  linear->content = NULL;
  SUNLinSolFreeEmpty(linear);
  return SUNLS_SUCCESS;
}

int csundials_attach_structured_(csundials_cvode *s) {
  if (!s->callbacks.prepare_newton || !s->callbacks.solve_newton) return CV_ILL_INPUT;
  s->matrix = SUNMatNewEmpty(s->context);
  if (!s->matrix) return CV_MEM_FAIL;
  s->matrix->ops->getid = matrix_id;
  s->matrix->ops->destroy = destroy_matrix;
  s->linear = SUNLinSolNewEmpty(s->context);
  if (!s->linear) return CV_MEM_FAIL;
  s->linear->content = s;
  s->linear->ops->gettype = solver_type;
  s->linear->ops->getid = solver_id;
  s->linear->ops->initialize = initialize;
  s->linear->ops->setup = set_up;
  s->linear->ops->solve = solve;
  s->linear->ops->free = free_solver;
  int flag = CVodeSetLinearSolver(s->memory, s->linear, s->matrix);
  if (flag == CVLS_SUCCESS) flag = CVodeSetLinSysFn(s->memory, csundials_linear_system_);
  return flag == CVLS_SUCCESS ? CV_SUCCESS : CV_LINIT_FAIL;
}
