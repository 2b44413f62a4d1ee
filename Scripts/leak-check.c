// Every way to make, run, fail and free a solver of the C shim; meant to run under valgrind.
// Exits with 1 if a step does not end as it should, so that an empty run cannot pass.
// With an argument it times f-calls of an oscillator instead: `leak-check N` prints ns per call.

#include "csundials.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N = 30 };

typedef struct {
  int64_t calls;
  int64_t fail_at;
  int64_t nan_from;
  int messages;
} counter;

static int next(counter *c) { return ++c->calls == c->fail_at; }

static int rhs(void *context, double t, const double *y, double *dy) {
  counter *c = context;
  if (next(c)) return 1;
  for (int i = 0; i < N; i++) dy[i] = -(double)(i + 1) * y[i] + sin(t);
  if (c->nan_from && c->calls >= c->nan_from) dy[N - 1] = NAN;
  return 0;
}

static int jacobian_times(void *context, double t, const double *y, const double *v, double *jv) {
  for (int i = 0; i < N; i++) jv[i] = -(double)(i + 1) * v[i];
  return next(context);
}

static int jacobian(void *context, double t, const double *y, double *j) {
  for (int i = 0; i < N; i++) j[i + i * N] = -(double)(i + 1);
  return next(context);
}

static double prepared;

static int prepare(void *context, double t, const double *y, double gamma) {
  prepared = gamma;
  return next(context);
}

static int solve(void *context, const double *r, double *z) {
  for (int i = 0; i < N; i++) z[i] = r[i] / (1 + prepared * (i + 1));
  return next(context);
}

static void message(void *context, int code, const char *function, const char *text) {
  ((counter *)context)->messages += code != 0 && strlen(function) > 0 && strlen(text) > 0;
}

/// The flag with which the run to t = 1 ends, or with which it could not be made.
static int run(const csundials_options *options, csundials_callbacks callbacks, counter *c) {
  double y[2][N], found[N];
  for (int i = 0; i < N; i++) y[0][i] = 1;
  callbacks.context = c;
  int flag = 0;
  csundials_cvode *solver = csundials_cvode_create(N, 0, y[0], options, &callbacks, &flag);
  if (!solver) return flag;
  csundials_report report = {0};
  csundials_cvode_set_stop_time(solver, 1);
  do {
    flag = csundials_cvode_step(solver, 1, y[report.steps % 2], &report);
    if (flag >= 0) csundials_cvode_interpolate(solver, report.time, found);
  } while (flag >= 0 && report.time < 1);
  csundials_statistics statistics;
  csundials_cvode_statistics(solver, &statistics);
  csundials_cvode_destroy(solver);
  return flag;
}

static int failures;

static void expect(int condition, const char *what, int flag) {
  if (condition) return;
  failures++;
  printf("unexpected: %s gave %s (%d)\n", what, csundials_flag_name(flag), flag);
}

static void check(csundials_options options, csundials_callbacks callbacks) {
  counter c = {0};
  int flag = run(&options, callbacks, &c);
  expect(flag >= 0, "a sound run", flag);
  const int64_t calls = c.calls;
  for (int64_t k = 1; k < calls; k += 1 + k / 4) {
    c = (counter){.fail_at = k};
    flag = run(&options, callbacks, &c);
    expect(flag == CSUNDIALS_ABORTED && c.calls == k, "a failing callback", flag);
  }
  for (int64_t k = 1; k < calls; k += 1 + k / 2) {
    c = (counter){.nan_from = k};
    flag = run(&options, callbacks, &c);
    expect(flag < 0 || k > calls / 2, "NaN", flag);
  }
}

static int oscillate(void *context, double t, const double *y, double *dy) {
  dy[0] = y[1];
  dy[1] = -y[0];
  return 0;
}

static void time_calls(double end) {
  csundials_options options = {
    .method = CSUNDIALS_ADAMS, .max_order = 12, .rtol = 1e-6, .atol = 1e-9, .max_step = 1e-3};
  csundials_callbacks callbacks = {.rhs = oscillate};
  double y[2][2] = {{1, 0}, {0, 0}};
  int flag = 0;
  csundials_cvode *solver = csundials_cvode_create(2, 0, y[0], &options, &callbacks, &flag);
  csundials_cvode_set_stop_time(solver, end);
  csundials_report report = {0};
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  while (report.time < end) csundials_cvode_step(solver, end, y[report.steps % 2], &report);
  clock_gettime(CLOCK_MONOTONIC, &b);
  csundials_statistics statistics;
  csundials_cvode_statistics(solver, &statistics);
  const double ns = (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec);
  printf(
    "%lld evaluations, %lld steps, %.1f ns per evaluation\n", (long long)statistics.nfe,
    (long long)statistics.nst, ns / statistics.nfe);
  csundials_cvode_destroy(solver);
}

int main(int count, char **arguments) {
  if (count > 1) {
    time_calls(atof(arguments[1]));
    return 0;
  }
  const csundials_callbacks plain = {.rhs = rhs, .message = message};
  csundials_callbacks dense = plain, krylov = plain;
  dense.jacobian = jacobian;
  krylov.jacobian_times = jacobian_times;
  krylov.prepare_newton = prepare;
  krylov.solve_newton = solve;

  double atols[N];
  for (int i = 0; i < N; i++) atols[i] = 1e-9;
  csundials_options adams = {
    .method = CSUNDIALS_ADAMS, .nonlinear = CSUNDIALS_FIXED_POINT, .max_order = 12, .rtol = 1e-6,
    .atol = 1e-9, .max_step = 0.1};
  check(adams, plain);
  adams.acceleration = 2;
  adams.atols = atols;
  check(adams, plain);
  csundials_options bdf = {
    .method = CSUNDIALS_BDF, .nonlinear = CSUNDIALS_NEWTON, .linear = CSUNDIALS_DENSE,
    .max_order = 5, .rtol = 1e-6, .atol = 1e-9, .max_step = 0.1};
  check(bdf, plain);
  check(bdf, dense);
  bdf.linear = CSUNDIALS_SPGMR;
  bdf.krylov_dimension = 5;
  check(bdf, plain);
  check(bdf, krylov);

  // Solvers that cannot be made, at different stages of their making.
  counter c = {0};
  csundials_options bad = bdf;
  bad.rtol = -1;
  int flag = run(&bad, krylov, &c);
  expect(flag == CSUNDIALS_ILL_INPUT, "a negative tolerance", flag);
  bad = bdf;
  bad.max_order = -1;
  flag = run(&bad, krylov, &c);
  expect(flag == CSUNDIALS_ILL_INPUT, "a negative order", flag);
  bad = adams;
  bad.acceleration = -1;
  flag = run(&bad, plain, &c);
  expect(flag == CSUNDIALS_ILL_INPUT, "a negative number of vectors", flag);
  expect(c.messages > 0, "messages", 0);
  printf("%s\n", failures ? "FAILED" : "all ended as they should");
  return failures != 0;
}
