/*
 * phaseflow_plugin.h: plug-ins for PhaseFlow that are loaded while it runs.
 *
 * A plug-in is a shared library, written in any language that can export a C function. This header
 * is all that its author needs; it depends on the C standard library only and nothing is linked.
 *
 *   1. Fill in a phaseflow_activation, phaseflow_loss, phaseflow_observer, phaseflow_system or
 *      phaseflow_integrator.
 *   2. List it in a phaseflow_plugin.
 *   3. Export phaseflow_plugin_entry, which returns a pointer to that.
 *   4. Build a shared library:      cc -O3 -fPIC -shared -o swish.so swish.c -lm
 *   5. See what the program says:   phaseflow plugins check ./swish.so
 *   6. Use it:                      phaseflow run --plugin ./swish.so --activation swish ...
 *
 * `phaseflow plugins new activation my-swish --language c --out my-swish` writes a working example.
 *
 * THE PROBLEM. A network of m neurons, f(x) = kappa sum_k a_k sigma(w_k . x), is trained on n samples
 * (x_i, y_i) by gradient flow, theta' = -M grad R, with the risk R = (1/n) sum_i l(f(x_i), y_i).
 * An activation is sigma, a loss is l. A sample x has d coordinates, the last of which is the constant 1
 * of the bias. A system is an ODE of your own, y' = f(t, y). An observer watches the solution y(t) of
 * either; of a network, y is theta, and it sees R(t) and the outputs too. An integrator is a method that
 * solves either.
 *
 * CONVENTIONS
 * - Every structure starts with its size. Write `.struct_size = sizeof(...)`; all other fields that
 *   you leave out are zero, and zero means "none" for each field that is not marked "required".
 * - Everything that phaseflow_plugin_entry returns must stay valid and unchanged for the life of the
 *   process: use static storage. The library is never unloaded.
 * - Arrays passed to your functions hold the stated number of doubles, never overlap, and are valid
 *   only during the call. `count` may be any number from 1 up; element i of a result depends on
 *   element i of the inputs only, since the program cuts long arrays into blocks as it likes.
 * - Strings are UTF-8 and end with a zero.
 * - A function that can fail returns NULL for success, or the reason as a string that stays valid
 *   until your library is called again. No exception, longjmp or Swift error may leave your
 *   functions.
 * - Names are what users type: lower-case letters, digits and '-', first a letter: [a-z][a-z0-9-]*.
 *
 * PARAMETERS. `swish:1.5` and `swish:beta=1.5` pass a number to your plug-in. Declare each one; the
 * program parses, checks the range, supplies defaults, and hands all values to `create` in the order
 * of declaration.
 *
 * INSTANCES. Each use of a plug-in calls `create` once and, in the end, `destroy` once. What `create`
 * stores in `*instance` is passed to all other functions. If `create` is NULL, they get the
 * descriptor's `context` instead. `context` is yours; the program only passes it on.
 *
 * THREADS. Functions of an activation or loss may be called for one instance from several threads at
 * once; they get a pointer to const and should mean it. All other instances are used by one thread at
 * a time.
 *
 * VERSIONS. A library built with PHASEFLOW_ABI_VERSION n loads into programs that speak version n.
 * Within a version, fields are only ever appended, optional ones. A library with an older header of the
 * same version goes on working, and so does one with a newer header as long as it leaves out, or can do
 * without, what this program does not know.
 *
 * NUMBERS. Results must be finite for finite arguments. The program looks, and says which plug-in gave a
 * NaN or an infinity.
 *
 * A plug-in runs inside the program, with all its rights: load only what you trust.
 */
#ifndef PHASEFLOW_PLUGIN_H
#define PHASEFLOW_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Nullability, for compilers that know it and for readers. Unmarked pointers are never NULL. */
#ifdef __clang__
#define PHASEFLOW_NULLABLE _Nullable
#define PHASEFLOW_NONNULL _Nonnull
#define PHASEFLOW_REQUIRED _Null_unspecified /* must not be NULL; the program checks that */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang assume_nonnull begin
#else
#define PHASEFLOW_NULLABLE
#define PHASEFLOW_NONNULL
#define PHASEFLOW_REQUIRED
#endif

#if defined(_WIN32)
#define PHASEFLOW_EXPORT __declspec(dllexport)
#else
#define PHASEFLOW_EXPORT __attribute__((visibility("default")))
#endif

/* The version of everything below. */
#define PHASEFLOW_ABI_VERSION 1u

/* ------------------------------------------------------------------ parameters */

/* One number that may follow a plug-in's name. */
typedef struct phaseflow_parameter {
  size_t struct_size;
  /* Required. The key in `name:key=value`. */
  const char *PHASEFLOW_REQUIRED name;
  /* Used where the user says nothing; minimum <= default_value <= maximum. */
  double default_value;
  /* What is allowed, both ends included. Use -INFINITY and INFINITY for no limit; the value itself is
   * always finite. */
  double minimum, maximum;

  /* Appended later. What it is, in a few words, for `phaseflow plugins`. */
  const char *PHASEFLOW_NULLABLE summary;
  /* Nonzero: only whole numbers are allowed. */
  int32_t is_integer;
} phaseflow_parameter;

/* ------------------------------------------------------------------ activations */

/* An activation function sigma, applied element by element. */
typedef struct phaseflow_activation {
  size_t struct_size;
  /* Required. The name for --activation. */
  const char *PHASEFLOW_REQUIRED name;
  /* One line for `phaseflow plugins`. */
  const char *PHASEFLOW_NULLABLE summary;
  size_t parameter_count;
  const phaseflow_parameter *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE parameters;
  void *PHASEFLOW_NULLABLE context;

  /* p >= 1 such that sigma(c z) = c^p sigma(z) for all c > 0, or 0 if there is none. The program's
   * conservation law, and --alpha --beta1 --beta2, need p = 1. Holds for all parameters. */
  int32_t homogeneity;

  /* Makes an instance from `parameter_count` values and stores it in `*instance`. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE create)(
      void *PHASEFLOW_NULLABLE context, const double *parameters,
      void *PHASEFLOW_NULLABLE *PHASEFLOW_NONNULL instance);
  /* Frees what `create` made. */
  void (*PHASEFLOW_NULLABLE destroy)(void *PHASEFLOW_NULLABLE instance);

  /* Required. value[i] = sigma(z[i]), derivative[i] = sigma'(z[i]); at a kink the left derivative. */
  void (*PHASEFLOW_REQUIRED evaluate)(
      const void *PHASEFLOW_NULLABLE instance, size_t count, const double *z, double *value,
      double *derivative);
  /* Required. result[i] = sigma''(z[i]); 0 at a kink. */
  void (*PHASEFLOW_REQUIRED second_derivative)(
      const void *PHASEFLOW_NULLABLE instance, size_t count, const double *z, double *result);

  /* Where sigma' jumps, ascending. Writes at most `capacity` points and returns how many there are;
   * if that is more, it is called again with more room. NULL: sigma is smooth. */
  size_t (*PHASEFLOW_NULLABLE kinks)(
      const void *PHASEFLOW_NULLABLE instance, size_t capacity, double *points);

  /* Only for sigma(z) = negative * min(z, 0) + positive * max(z, 0): writes both slopes. The program
   * then uses a kernel of its own in place of `evaluate`, and needs neither `kinks` (the kink is 0,
   * if the slopes differ) nor `homogeneity` (it is 1). */
  void (*PHASEFLOW_NULLABLE slopes)(
      const void *PHASEFLOW_NULLABLE instance, double *negative, double *positive);

  /* Appended later. Where it comes from: authors, year, doi. */
  const char *PHASEFLOW_NULLABLE citation;
} phaseflow_activation;

/* ------------------------------------------------------------------ losses */

/* The loss l(f, y) of one sample with prediction f and target y. */
typedef struct phaseflow_loss {
  size_t struct_size;
  /* Required. The name for --loss. */
  const char *PHASEFLOW_REQUIRED name;
  /* One line for `phaseflow plugins`. */
  const char *PHASEFLOW_NULLABLE summary;
  size_t parameter_count;
  const phaseflow_parameter *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE parameters;
  void *PHASEFLOW_NULLABLE context;

  /* Makes an instance from `parameter_count` values and stores it in `*instance`. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE create)(
      void *PHASEFLOW_NULLABLE context, const double *parameters,
      void *PHASEFLOW_NULLABLE *PHASEFLOW_NONNULL instance);
  /* Frees what `create` made. */
  void (*PHASEFLOW_NULLABLE destroy)(void *PHASEFLOW_NULLABLE instance);

  /* Required. value[i] = l(f[i], y[i]), derivative[i] = its derivative by f. */
  void (*PHASEFLOW_REQUIRED evaluate)(
      const void *PHASEFLOW_NULLABLE instance, size_t count, const double *f, const double *y,
      double *value, double *derivative);
  /* Required. result[i] = the second derivative of l(f[i], y[i]) by f. */
  void (*PHASEFLOW_REQUIRED second_derivative)(
      const void *PHASEFLOW_NULLABLE instance, size_t count, const double *f, const double *y,
      double *result);

  /* Whether the loss makes sense for the target y (nonzero: yes). NULL: it does for all. */
  int32_t (*PHASEFLOW_NULLABLE accepts_target)(
      const void *PHASEFLOW_NULLABLE instance, double y);
  /* For the message when it does not: "-1 or 1". */
  const char *PHASEFLOW_NULLABLE target_requirement;

  /* Appended later. Where it comes from: authors, year, doi. */
  const char *PHASEFLOW_NULLABLE citation;
} phaseflow_loss;

/* ------------------------------------------------------------------ observers */

/* The network at one time; valid, with all it points to, only during the call. The program fills it
 * in; a field that a later version appended is there only if struct_size reaches it. */
typedef struct phaseflow_network {
  size_t struct_size;
  /* m, the number of neurons. a_k is y[k], coordinate j of w_k is y[(j + 1) * width + k]; k and j count
   * from 0, the bias weight is j = input_dimension - 1. */
  size_t width;
  /* d, the bias coordinate included. */
  size_t input_dimension;
  /* n. */
  size_t sample_count;
  /* kappa and kappa': f(x) = kappa sum_k a_k sigma(w_k . x),
   * a_k' = -(1/kappa') dR/da_k,  w_k' = -kappa' dR/dw_k. */
  double kappa, kappa_prime;
  /* sample_count rows of input_dimension numbers, row after row. */
  const double *inputs;
  /* sample_count numbers y_i. */
  const double *targets;
  /* f(x_i) and dl/df at (f(x_i), y_i), for squared loss f(x_i) - y_i; sample_count numbers each.
   * NULL only in `step` without step_wants_outputs. */
  const double *PHASEFLOW_NULLABLE predictions;
  const double *PHASEFLOW_NULLABLE residuals;
  /* R. NaN only in `step` without step_wants_outputs. */
  double loss;
  /* sigma: its functions, with create and destroy NULL, and what they get first; both stay valid from `begin` to
   * `destroy`. */
  const phaseflow_activation *activation;
  const void *activation_instance;
} phaseflow_network;

/* The solution at one time; valid, with all it points to, only during the call. */
typedef struct phaseflow_moment {
  size_t struct_size;
  /* t, and where the step began that ended here (`step` only; else t again). */
  double time, previous_time;
  /* N. */
  size_t dimension;
  /* N numbers. */
  const double *y;
  /* The network whose weights y holds; NULL for a system. */
  const phaseflow_network *PHASEFLOW_NULLABLE network;
  /* The problem's; final_time may lie before initial_time, or be infinite. */
  double initial_time, final_time;
  /* In `finish`, how the run ended, as in summary.json: "success", "stopped", ...; else NULL. */
  const char *PHASEFLOW_NULLABLE return_code;
} phaseflow_moment;

/* Takes one result of `finish`: a key and a number (not finite: null in summary.json). A key given
 * twice keeps the last number. `sink` is what `finish` got. */
typedef void (*phaseflow_emit)(
    void *sink, const char *PHASEFLOW_REQUIRED key, double value);

/* Watches a run. Calls come in this order: create; begin, once, at the start; then step at the end of
 * each accepted step and record at each recorded time, the first and the last included; finish, once,
 * after the last record; destroy. A run that fails goes to destroy at once. An observer never
 * changes the steps taken. */
typedef struct phaseflow_observer {
  size_t struct_size;
  /* Required. The name for --observe, and the key in summary.json. */
  const char *PHASEFLOW_REQUIRED name;
  /* One line for `phaseflow plugins`. */
  const char *PHASEFLOW_NULLABLE summary;
  size_t parameter_count;
  const phaseflow_parameter *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE parameters;
  void *PHASEFLOW_NULLABLE context;

  /* The columns that `record` adds to trajectory.csv: names without commas, quotes or line ends. */
  size_t column_count;
  const char *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE columns;

  /* Makes an instance from `parameter_count` values and stores it in `*instance`. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE create)(
      void *PHASEFLOW_NULLABLE context, const double *parameters,
      void *PHASEFLOW_NULLABLE *PHASEFLOW_NONNULL instance);
  /* Frees what `create` made. */
  void (*PHASEFLOW_NULLABLE destroy)(void *PHASEFLOW_NULLABLE instance);

  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE begin)(
      void *PHASEFLOW_NULLABLE instance, const phaseflow_moment *moment);
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE step)(
      void *PHASEFLOW_NULLABLE instance, const phaseflow_moment *moment);
  /* Required if there are columns. Writes one number for each. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE record)(
      void *PHASEFLOW_NULLABLE instance, const phaseflow_moment *moment, double *values);
  /* Calls `emit(sink, key, value)` for each number that goes into summary.json. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE finish)(
      void *PHASEFLOW_NULLABLE instance, const phaseflow_moment *moment, phaseflow_emit emit,
      void *sink);

  /* Nonzero: it watches networks only. Then moment->network is never NULL, and a run of a system refuses
   * it. */
  int32_t needs_network;
  /* Nonzero: predictions, residuals and loss of a network are wanted in `step` too. They cost about as much
   * there as an evaluation of the right-hand side. */
  int32_t step_wants_outputs;

  /* What must survive when a run is killed and resumed, as plain numbers. All three or none.
   * memory_count says how many numbers there are now, save_memory writes them, and restore_memory, in
   * the resumed run, gets them right after `begin`, which again sees the start. */
  size_t (*PHASEFLOW_NULLABLE memory_count)(const void *PHASEFLOW_NULLABLE instance);
  void (*PHASEFLOW_NULLABLE save_memory)(
      const void *PHASEFLOW_NULLABLE instance, double *values);
  void (*PHASEFLOW_NULLABLE restore_memory)(
      void *PHASEFLOW_NULLABLE instance, size_t count, const double *values);

  /* Appended later. Where it comes from: authors, year, doi. */
  const char *PHASEFLOW_NULLABLE citation;
} phaseflow_observer;

/* ------------------------------------------------------------------ ODE systems */

/* A function g(t, y) of a system whose sign changes are located along the solution. */
typedef struct phaseflow_event {
  size_t struct_size;
  /* Required. For messages and summary.json. */
  const char *PHASEFLOW_REQUIRED name;
  /* 1: only where g rises through zero, -1: only where it falls, 0: both. */
  int32_t direction;
  /* Nonzero: the run ends there. */
  int32_t is_terminal;
  /* Required. g(t, y); `event` is the place in the system's list, from 0, so that one function can serve
   * several. */
  double (*PHASEFLOW_REQUIRED value)(
      const void *PHASEFLOW_NULLABLE instance, size_t event, double t, const double *y);
  /* Changes the state where the event is, N numbers in place, as the bounce of a ball does; the method then begins
   * anew. A reason that is returned ends the run. NULL: the event changes nothing. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE change)(
      const void *PHASEFLOW_NULLABLE instance, size_t event, double t, double *y);
} phaseflow_event;

/* An initial value problem y' = f(t, y), y(initial_time) = y0, of N unknowns. */
typedef struct phaseflow_system {
  size_t struct_size;
  /* Required. The name for --system. */
  const char *PHASEFLOW_REQUIRED name;
  /* One line for `phaseflow plugins`. */
  const char *PHASEFLOW_NULLABLE summary;
  /* Where it comes from: authors, year, doi. */
  const char *PHASEFLOW_NULLABLE citation;
  size_t parameter_count;
  const phaseflow_parameter *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE parameters;
  void *PHASEFLOW_NULLABLE context;

  /* Makes an instance from `parameter_count` values and stores it in `*instance`. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE create)(
      void *PHASEFLOW_NULLABLE context, const double *parameters,
      void *PHASEFLOW_NULLABLE *PHASEFLOW_NONNULL instance);
  /* Frees what `create` made. */
  void (*PHASEFLOW_NULLABLE destroy)(void *PHASEFLOW_NULLABLE instance);

  /* Where y0 is given, and where a run ends without --t-end. If they are equal, --t-end is needed. */
  double initial_time, final_time;

  /* Required. N, at least 1; always the same for one instance. */
  size_t (*PHASEFLOW_REQUIRED dimension)(const void *PHASEFLOW_NULLABLE instance);
  /* Required. Writes y0, N numbers. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_REQUIRED initial_state)(
      const void *PHASEFLOW_NULLABLE instance, double *y);
  /* Required. Writes f(t, y), N numbers: a function of t and y alone. Methods try states that the solution
   * never reaches; where f is not defined, write NAN, and the method will try a smaller step. A reason
   * that is returned ends the run. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_REQUIRED derivative)(
      const void *PHASEFLOW_NULLABLE instance, double t, const double *y, double *dy);

  /* The name of y_i, i from 0: a column of trajectory.csv, without commas, quotes or line ends. NULL: y0,
   * y1, ... */
  const char *PHASEFLOW_REQUIRED (*PHASEFLOW_NULLABLE component_name)(
      const void *PHASEFLOW_NULLABLE instance, size_t i);

  /* Writes df_i/dy_j to jacobian[i + j * N], N * N numbers, all zero before. Implicit methods use
   * differences of f without it. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE jacobian)(
      const void *PHASEFLOW_NULLABLE instance, double t, const double *y, double *jacobian);
  /* Writes the Jacobian times v. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE jacobian_vector_product)(
      const void *PHASEFLOW_NULLABLE instance, double t, const double *y, const double *v, double *jv);
  /* The largest modulus of the Jacobian's eigenvalues, rather too large than too small. Euler and RK4
   * choose their step by it. */
  double (*PHASEFLOW_NULLABLE spectral_radius)(
      const void *PHASEFLOW_NULLABLE instance, double t, const double *y);

  size_t event_count;
  const phaseflow_event *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE events;

  /* Functions of (t, y) that are constant along every exact solution, names and values: an error estimate
   * for free, reported by the observer `invariants`. */
  size_t invariant_count;
  const char *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE invariant_names;
  void (*PHASEFLOW_NULLABLE invariants)(
      const void *PHASEFLOW_NULLABLE instance, double t, const double *y, double *values);

  /* Times at which f may jump, by t alone: no step crosses one, the method lands there and begins anew. Constant ones,
   * in any order; */
  size_t discontinuity_count;
  const double *PHASEFLOW_NULLABLE discontinuities;
  /* and those that a function tells: the first one after t, or before t where direction is -1; INFINITY or NAN if there
   * is none. It must lie beyond t. */
  double (*PHASEFLOW_NULLABLE next_discontinuity)(
      const void *PHASEFLOW_NULLABLE instance, double t, int32_t direction);

  /* Of J(i, j) = df_i/dy_j only elements with -upper_bandwidth <= i - j <= lower_bandwidth are not zero, if
   * is_banded is not 0: differences of f and factors then cost far less. */
  int32_t is_banded;
  size_t lower_bandwidth, upper_bandwidth;

  /* The components are positions q_0 ... q_(N/2-1), then momenta or velocities p_0 ..., of q' = g(t, p),
   * p' = f(t, q), if it is not 0: symplectic methods apply. */
  int32_t is_partitioned;

  /* Writes the places (rows[k], columns[k]) of the elements of J(i, j) = df_i/dy_j that may differ from zero, up to
   * `capacity` of them, in any order, and returns how many there are in all, 0 if nobody knows; it is called with capacity 0 first. The
   * diagonal need not be among them. cvode-bdf then factorises a sparse matrix, and differences share evaluations. */
  size_t (*PHASEFLOW_NULLABLE sparsity)(
      const void *PHASEFLOW_NULLABLE instance, size_t capacity, size_t *PHASEFLOW_NULLABLE rows,
      size_t *PHASEFLOW_NULLABLE columns);

  /* Both or none: f split into a stiff part and the rest, f = stiff_part + nonstiff_part, N numbers each, for arkode-imex,
   * which integrates the first implicitly, the other explicitly. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE stiff_part)(
      const void *PHASEFLOW_NULLABLE instance, double t, const double *y, double *dy);
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE nonstiff_part)(
      const void *PHASEFLOW_NULLABLE instance, double t, const double *y, double *dy);
} phaseflow_system;

/* ------------------------------------------------------------------ integrators */

/* What `advance` and `start` of an integrator, and the functions of a problem, return. */
#define PHASEFLOW_OK 0
/* A function of the problem failed: give up at once. The program knows why. */
#define PHASEFLOW_STOP 1
/* f or the state became NaN or infinite, and smaller steps did not help. */
#define PHASEFLOW_NON_FINITE 2
/* The step size fell to the resolution of t. */
#define PHASEFLOW_STEP_UNDERFLOW 3
/* A nonlinear or linear iteration failed again and again. */
#define PHASEFLOW_NO_CONVERGENCE 4
/* The method cannot start, a tolerance that it does not like for example. */
#define PHASEFLOW_CANNOT_START 5
/* The tolerances ask for more than the arithmetic can give. */
#define PHASEFLOW_TOO_ACCURATE 6
/* The steps that stability allows are so short that the run would not end. */
#define PHASEFLOW_TOO_STIFF 7

/* What an integrator gets: y' = f(t, y) from y(initial_time). Filled in by the program; valid, with all it
 * points to, until `stop` returns. Pass `host` to its functions; nothing of it may be called by two threads
 * at once. A function that returns anything but PHASEFLOW_OK has failed: return PHASEFLOW_STOP. */
typedef struct phaseflow_problem {
  size_t struct_size;
  void *host;
  /* N. */
  size_t dimension;
  /* Time runs towards final_time, which may lie before initial_time, or be infinite. */
  double initial_time, final_time;
  /* N numbers. */
  const double *initial_state;
  /* --rtol and --atol. */
  double rtol, atol;
  /* --step: the size (positive) of every step of a method with takes_fixed_steps; else 0. */
  double fixed_step;

  /* Writes f(t, y), N numbers. They may be NaN where the method tries too large a step. */
  int32_t (*derivative)(void *host, double t, const double *y, double *dy);
  /* NULL if the system does not know it: */
  /* df_i/dy_j to jacobian[i + j * N], N * N numbers. */
  int32_t (*PHASEFLOW_NULLABLE jacobian)(void *host, double t, const double *y, double *jacobian);
  /* the Jacobian times v; */
  int32_t (*PHASEFLOW_NULLABLE jacobian_vector_product)(
      void *host, double t, const double *y, const double *v, double *jv);
  /* an upper estimate of the largest modulus of the Jacobian's eigenvalues; */
  int32_t (*PHASEFLOW_NULLABLE spectral_radius)(void *host, double t, const double *y, double *rho);
  /* the solution z of (I - gamma J) z = r, after prepare_newton for the matrix at (t, y). Either may return
   * PHASEFLOW_NO_CONVERGENCE for a singular matrix: try a smaller gamma. Both or none. */
  int32_t (*PHASEFLOW_NULLABLE prepare_newton)(void *host, double t, const double *y, double gamma);
  int32_t (*PHASEFLOW_NULLABLE solve_newton)(void *host, const double *r, double *z);

  /* A run that goes on where an earlier one of the same method stopped: next_step as last reported (0 if
   * this is a new run), and what save_memory wrote. */
  double next_step;
  size_t memory_count;
  const double *PHASEFLOW_NULLABLE memory;
} phaseflow_problem;

/* What one call of `advance` did. Zero before; the method fills it in. */
typedef struct phaseflow_step {
  size_t struct_size;
  /* Required. The end of the step. */
  double time;
  /* Required. N numbers, the state there. They must stay unchanged until `advance` succeeds again, so a
   * failed or rejected attempt needs memory of its own. */
  const double *PHASEFLOW_NULLABLE y;
  /* The signed size of the step that would be tried next. */
  double next_step;
  /* Attempts thrown away during this call, and those of them that failed the error test. */
  uint64_t rejected, error_test_failures;
  /* The order of the method in this step. */
  int32_t order;
  /* If `advance` failed: what happened and what may help, valid until the next call. */
  const char *PHASEFLOW_NULLABLE message;
} phaseflow_step;

/* A method for y' = f(t, y): it takes accepted steps one at a time. The program evaluates events, calls
 * observers and counts evaluations of f. */
typedef struct phaseflow_integrator {
  size_t struct_size;
  /* Required. The name for --integrator. */
  const char *PHASEFLOW_REQUIRED name;
  const char *PHASEFLOW_NULLABLE summary;
  const char *PHASEFLOW_NULLABLE citation;
  size_t parameter_count;
  const phaseflow_parameter *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE parameters;
  void *PHASEFLOW_NULLABLE context;

  /* Makes an instance, the method with its options, from `parameter_count` values. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE create)(
      void *PHASEFLOW_NULLABLE context, const double *parameters,
      void *PHASEFLOW_NULLABLE *PHASEFLOW_NONNULL instance);
  void (*PHASEFLOW_NULLABLE destroy)(void *PHASEFLOW_NULLABLE instance);

  /* The order of a method with fixed steps: halving them divides the error by 2^order. `phaseflow plugins
   * check` measures it. 0: not claimed. */
  int32_t order;
  /* Nonzero: every step has the size fixed_step of the problem, shorter only to land on the limit. Zero: the
   * method chooses its steps by the tolerances. */
  int32_t takes_fixed_steps;

  /* Required. Prepares the integration of `problem` and stores what evolves in `*state`; one instance may have
   * several at once. If it fails, `*message` says why, and `stop` is not called. */
  int32_t (*PHASEFLOW_REQUIRED start)(
      const void *PHASEFLOW_NULLABLE instance, const phaseflow_problem *problem,
      void *PHASEFLOW_NULLABLE *PHASEFLOW_NONNULL state,
      const char *PHASEFLOW_NULLABLE *PHASEFLOW_NONNULL message);
  /* Frees what `start` made. */
  void (*PHASEFLOW_NULLABLE stop)(void *PHASEFLOW_NULLABLE state);
  /* Required. Takes exactly one accepted step towards `limit`, which lies ahead and may be infinite; never
   * beyond it, and when it gets there, `time` is `limit` to the last bit. */
  int32_t (*PHASEFLOW_REQUIRED advance)(
      void *PHASEFLOW_NULLABLE state, double limit, phaseflow_step *step);
  /* Writes the dense output at t, a time within the last step, its ends included. It changes nothing about
   * later steps. NULL: the program interpolates by cubic Hermite polynomials. */
  int32_t (*PHASEFLOW_NULLABLE interpolate)(void *PHASEFLOW_NULLABLE state, double t, double *y);

  /* What besides next_step must survive for a resumed run to go on as if never stopped: as for
   * observers. `start` gets it in problem->memory. Both or none. */
  size_t (*PHASEFLOW_NULLABLE memory_count)(const void *PHASEFLOW_NULLABLE state);
  void (*PHASEFLOW_NULLABLE save_memory)(const void *PHASEFLOW_NULLABLE state, double *values);
} phaseflow_integrator;

/* ------------------------------------------------------------------ the library */

/* All that a library brings. These first two fields keep their place in every version. */
typedef struct phaseflow_plugin {
  size_t struct_size;
  /* Required: PHASEFLOW_ABI_VERSION. */
  uint32_t abi_version;

  size_t activation_count;
  const phaseflow_activation *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE activations;
  size_t loss_count;
  const phaseflow_loss *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE losses;
  size_t observer_count;
  const phaseflow_observer *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE observers;

  /* Appended later. The library's own version, for `phaseflow plugins`. */
  const char *PHASEFLOW_NULLABLE version;
  size_t system_count;
  const phaseflow_system *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE systems;
  size_t integrator_count;
  const phaseflow_integrator *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE integrators;
} phaseflow_plugin;

/* The one function that the program looks up by name. It is called once for each time the library is
 * opened and returns the same each time. */
PHASEFLOW_EXPORT const phaseflow_plugin *PHASEFLOW_REQUIRED phaseflow_plugin_entry(void);

#ifdef __clang__
#pragma clang assume_nonnull end
#pragma clang diagnostic pop
#endif

#ifdef __cplusplus
}
#endif

#endif
