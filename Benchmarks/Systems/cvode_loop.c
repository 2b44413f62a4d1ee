// HIRES by CVODE from plain C, and the cost of its right-hand side alone: what an evaluation costs beside it.
//
//   cc -O2 Benchmarks/Systems/cvode_loop.c -o cvode_loop -lsundials_cvode -lm && ./cvode_loop 1e-6 1e-9
//
// Prints method, evaluations, nanoseconds for an evaluation of all, of f alone, and the difference.
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sunlinsol/sunlinsol_dense.h>
#include <sunmatrix/sunmatrix_dense.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>
#include <time.h>

static void hires(const double *y, double *d) {
  const double r = 280 * y[5] * y[7];
  d[0] = -1.71 * y[0] + 0.43 * y[1] + 8.32 * y[2] + 0.0007;
  d[1] = 1.71 * y[0] - 8.75 * y[1];
  d[2] = -10.03 * y[2] + 0.43 * y[3] + 0.035 * y[4];
  d[3] = 8.32 * y[1] + 1.71 * y[2] - 1.12 * y[3];
  d[4] = -1.745 * y[4] + 0.43 * y[5] + 0.43 * y[6];
  d[5] = -r + 0.69 * y[3] + 1.71 * y[4] - 0.43 * y[5] + 0.69 * y[6];
  d[6] = r - 1.81 * y[6];
  d[7] = -r + 1.81 * y[6];
}

static int rhs(realtype t, N_Vector y, N_Vector dy, void *data) {
  hires(NV_DATA_S(y), NV_DATA_S(dy));
  return 0;
}

static double now(void) {
  struct timespec t;
  // Of the processor, so that other work on the machine does not count.
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

/// One run; returns seconds, and the evaluations of f.
static double run(int method, double rtol, double atol, double end, long *evaluations) {
  SUNContext context;
  SUNContext_Create(NULL, &context);
  N_Vector y = N_VNew_Serial(8, context);
  const double start[8] = {1, 0, 0, 0, 0, 0, 0, 0.0057};
  memcpy(NV_DATA_S(y), start, sizeof start);
  void *memory = CVodeCreate(method, context);
  CVodeInit(memory, rhs, 0, y);
  CVodeSStolerances(memory, rtol, atol);
  CVodeSetMaxNumSteps(memory, 10000000);
  SUNMatrix matrix = NULL;
  SUNLinearSolver linear = NULL;
  SUNNonlinearSolver nonlinear = NULL;
  if (method == CV_BDF) {
    matrix = SUNDenseMatrix(8, 8, context);
    linear = SUNLinSol_Dense(y, matrix, context);
    CVodeSetLinearSolver(memory, linear, matrix);
  } else {
    nonlinear = SUNNonlinSol_FixedPoint(y, 0, context);
    CVodeSetNonlinearSolver(memory, nonlinear);
  }
  double t = 0;
  const double began = now();
  while (t < end) CVode(memory, end, y, &t, CV_ONE_STEP);
  const double seconds = now() - began;
  long own = 0, differences = 0;
  CVodeGetNumRhsEvals(memory, &own);
  if (linear) CVodeGetNumLinRhsEvals(memory, &differences);
  *evaluations = own + differences;
  CVodeFree(&memory);
  if (nonlinear) SUNNonlinSolFree(nonlinear);
  if (linear) SUNLinSolFree(linear);
  if (matrix) SUNMatDestroy(matrix);
  N_VDestroy(y);
  SUNContext_Free(&context);
  return seconds;
}

int main(int count, char **arguments) {
  const double rtol = count > 1 ? atof(arguments[1]) : 1e-6, atol = count > 2 ? atof(arguments[2]) : 1e-9;
  double y[8] = {0.1, 0.01, 0.01, 0.02, 0.1, 0.5, 0.003, 0.003}, d[8], sum = 0;
  const double began = now();
  const int calls = 20000000;
  for (int i = 0; i < calls; i++) {
    hires(y, d);
    y[0] += 1e-12 * d[7];
    __asm__ volatile("" ::: "memory");
    sum += d[0];
  }
  const double alone = (now() - began) / calls;
  for (int method = CV_ADAMS; method <= CV_BDF; method++) {
    enum { REPEATS = 21 };
    double seconds[REPEATS];
    long evaluations = 0;
    for (int i = 0; i < REPEATS; i++) seconds[i] = run(method, rtol, atol, 50, &evaluations);
    qsort(seconds, REPEATS, sizeof *seconds, ascending);
    const double each = seconds[REPEATS / 2] / evaluations;
    printf("%s %ld evaluations, %.0f ns each, f alone %.1f ns, overhead %.0f ns\n",
           method == CV_BDF ? "cvode-bdf" : "cvode-adams", evaluations, 1e9 * each, 1e9 * alone, 1e9 * (each - alone));
  }
  return sum == 0.123;
}
