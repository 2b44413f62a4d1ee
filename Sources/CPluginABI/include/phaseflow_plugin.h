/*
 * phaseflow_plugin.h: plug-ins for PhaseFlow that are loaded while it runs.
 *
 * A plug-in is a shared library, written in any language that can export a C function. This header
 * is all that its author needs; it depends on the C standard library only and nothing is linked.
 *
 *   1. Fill in a phaseflow_activation, phaseflow_loss or phaseflow_observer.
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
 * An activation is sigma, a loss is l, an observer watches theta(t) and R(t). A sample x has d
 * coordinates, the last of which is the constant 1 of the bias.
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
 * once; they get a pointer to const and should mean it. An observer's instance is used by one thread at
 * a time.
 *
 * VERSIONS. A library built with PHASEFLOW_ABI_VERSION n loads into programs that speak version n.
 * Within a version, fields are only ever appended, optional ones, and old libraries go on working.
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
} phaseflow_loss;

/* ------------------------------------------------------------------ observers */

/* The network at one time; valid, with all it points to, only during the call. The program fills it
 * in; a field that a later version appended is there only if struct_size reaches it. */
typedef struct phaseflow_snapshot {
  size_t struct_size;
  /* t of the flow. */
  double time;
  /* m, the number of neurons. */
  size_t width;
  /* d, the bias coordinate included. */
  size_t input_dimension;
  /* n. */
  size_t sample_count;
  /* kappa and kappa': f(x) = kappa sum_k a_k sigma(w_k . x),
   * a_k' = -(1/kappa') dR/da_k,  w_k' = -kappa' dR/dw_k. */
  double kappa, kappa_prime;
  /* width * (input_dimension + 1) numbers: a_k is state[k], coordinate j of w_k is
   * state[(j + 1) * width + k]; k and j count from 0, the bias weight is j = input_dimension - 1. */
  const double *state;
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
} phaseflow_snapshot;

/* Takes one result of `finish`: a key and a number (not finite: null in summary.json). A key given
 * twice keeps the last number. `sink` is what `finish` got. */
typedef void (*phaseflow_emit)(void *sink, const char *key, double value);

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
      void *PHASEFLOW_NULLABLE instance, const phaseflow_snapshot *snapshot);
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE step)(
      void *PHASEFLOW_NULLABLE instance, const phaseflow_snapshot *snapshot);
  /* Required if there are columns. Writes one number for each. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE record)(
      void *PHASEFLOW_NULLABLE instance, const phaseflow_snapshot *snapshot, double *values);
  /* Calls `emit(sink, key, value)` for each number that goes into summary.json. */
  const char *PHASEFLOW_NULLABLE (*PHASEFLOW_NULLABLE finish)(
      void *PHASEFLOW_NULLABLE instance, const phaseflow_snapshot *snapshot, phaseflow_emit emit,
      void *sink);

  /* Nonzero: predictions, residuals and loss are wanted in `step` too. They cost about as much there
   * as an evaluation of the right-hand side. */
  int32_t step_wants_outputs;

  /* What must survive when a run is killed and resumed, as plain numbers. All three or none.
   * memory_count says how many numbers there are now, save_memory writes them, and restore_memory, in
   * the resumed run, gets them right after `begin`, which again sees the start. */
  size_t (*PHASEFLOW_NULLABLE memory_count)(const void *PHASEFLOW_NULLABLE instance);
  void (*PHASEFLOW_NULLABLE save_memory)(
      const void *PHASEFLOW_NULLABLE instance, double *values);
  void (*PHASEFLOW_NULLABLE restore_memory)(
      void *PHASEFLOW_NULLABLE instance, size_t count, const double *values);
} phaseflow_observer;

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
