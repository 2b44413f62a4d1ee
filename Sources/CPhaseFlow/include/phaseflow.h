/*
 * phaseflow.h: PhaseFlow as a library for C and for every language that can call C.
 *
 *   cc program.c $(pkg-config --cflags --libs phaseflow)
 *
 * Two doors. phaseflow_solve integrates y' = f(t, y) with f a C function, by any of the program's integrators.
 * phaseflow_run, phaseflow_resume and phaseflow_sweep take what the program's commands of these names take, as the text
 * of a YAML or JSON file with the same keys.
 *
 * RESULTS. Every call returns a phaseflow_result, never NULL, also for a mistake of its caller: a status, texts by name,
 * arrays of doubles by name. It owns all that it hands out, until phaseflow_result_free.
 *
 * STRUCTURES of options start with their size: write `.struct_size = sizeof(...)`; what is left out is zero, and zero
 * means "the default" for every field.
 *
 * THREADS. Calls are independent of one another and may be made from any threads. The library installs no signal
 * handlers, writes nothing to standard output, and keeps no pointer of yours after a call has returned, but for plug-ins'
 * tables and the log's function.
 *
 * VERSIONS. Within PHASEFLOW_INTERFACE_VERSION n functions and trailing fields of structures are only ever added.
 */
#ifndef PHASEFLOW_H
#define PHASEFLOW_H

#include <stddef.h>
#include <stdint.h>

#include "phaseflow_plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang assume_nonnull begin
#endif

#define PHASEFLOW_INTERFACE_VERSION 1u

/* The version that the library speaks; compare it with the header's. */
PHASEFLOW_EXPORT uint32_t phaseflow_interface_version(void);
/* The program's version, for people: "0.1.0". */
PHASEFLOW_EXPORT const char *phaseflow_version(void);

/* ------------------------------------------------------------------ results */

typedef struct phaseflow_result phaseflow_result;

/* How a call ended, the program's exit codes. */
#define PHASEFLOW_DONE 0
/* The integration failed; what there was is in the result. */
#define PHASEFLOW_FAILED 1
/* The arguments cannot be; the text "message" says what would be right. */
#define PHASEFLOW_WRONG_USAGE 2
/* Progress asked to end it. */
#define PHASEFLOW_INTERRUPTED 130

PHASEFLOW_EXPORT int32_t phaseflow_result_status(const phaseflow_result *result);

/* A text, UTF-8, or NULL if there is none of that name. Each result has "message", one sentence on how it ended, and
 * "returnCode", such as "success", "stopped", "nonFinite"; what else there is stands at each function below. */
PHASEFLOW_EXPORT const char *PHASEFLOW_NULLABLE phaseflow_result_text(
    const phaseflow_result *result, const char *name);

/* An array of doubles; the last index runs fastest. */
typedef struct phaseflow_array {
  size_t struct_size;
  const char *name;
  const double *values;
  size_t rank;
  size_t shape[3];
} phaseflow_array;

PHASEFLOW_EXPORT size_t phaseflow_result_array_count(const phaseflow_result *result);
/* Describes array i, from 0, in `*array`; returns 0, or 1 if there is no such array. */
PHASEFLOW_EXPORT int32_t phaseflow_result_array(
    const phaseflow_result *result, size_t i, phaseflow_array *array);

PHASEFLOW_EXPORT void phaseflow_result_free(phaseflow_result *PHASEFLOW_NULLABLE result);

/* ------------------------------------------------------------------ progress */

/* How far a call is. Numbers that the call does not have are NAN, or 0. */
typedef struct phaseflow_progress {
  size_t struct_size;
  /* From 0 to 1. */
  double fraction;
  /* t; the loss of a network. */
  double time, loss;
  /* Accepted steps. */
  uint64_t steps;
  /* Runs of a sweep: done, of how many, failed. */
  uint64_t done, total, failed;
} phaseflow_progress;

/* Nonzero ends the call in order, with PHASEFLOW_INTERRUPTED. A sweep calls it from a thread of its own. */
typedef int32_t (*phaseflow_progress_function)(
    const phaseflow_progress *progress, void *PHASEFLOW_NULLABLE user);

/* Takes warnings, which are dropped otherwise; called from any thread. NULL: drop them again. */
PHASEFLOW_EXPORT void phaseflow_set_log(
    void (*PHASEFLOW_NULLABLE log)(const char *message, void *PHASEFLOW_NULLABLE user),
    void *PHASEFLOW_NULLABLE user);

/* ------------------------------------------------------------------ any ODE */

/* Writes f(t, y), N numbers; NAN where f is not defined, and the method tries a smaller step. Nonzero ends the
 * integration, with PHASEFLOW_FAILED and the return code "failed". */
typedef int32_t (*phaseflow_right_hand_side)(
    double t, const double *y, double *ydot, void *PHASEFLOW_NULLABLE user);
/* Writes df_i/dy_j to jacobian[i + j * N], N * N numbers, all zero before. */
typedef int32_t (*phaseflow_jacobian)(
    double t, const double *y, double *jacobian, void *PHASEFLOW_NULLABLE user);
/* Writes g(t, y), one number whose sign changes are located. */
typedef int32_t (*phaseflow_event_function)(
    double t, const double *y, double *g, void *PHASEFLOW_NULLABLE user);

typedef struct phaseflow_event_request {
  size_t struct_size;
  phaseflow_event_function PHASEFLOW_REQUIRED function;
  void *PHASEFLOW_NULLABLE user;
  /* 1: only where g rises, -1: only where it falls, 0: both. */
  int32_t direction;
  /* k > 0: the integration ends at the k-th crossing. */
  int32_t terminal;
} phaseflow_event_request;

typedef struct phaseflow_solve_options {
  size_t struct_size;
  /* A name with parameters, as phaseflow_catalog lists them: "dormand-prince", "rkc(norm: max)"; NULL: "auto". */
  const char *PHASEFLOW_NULLABLE integrator;
  /* Relative and absolute tolerance; both 0: 1e-6 and 1e-9. */
  double rtol, atol;
  /* N absolute tolerances by component, in place of atol. */
  const double *PHASEFLOW_NULLABLE atols;
  /* The first step is no longer; no step is longer; 0: as the method chooses. */
  double first_step, max_step;
  /* The size of all steps of a method with fixed steps; 0: a part of the stability limit. */
  double step;
  /* After so many accepted steps it ends with "maxSteps"; 0: after 10^8. */
  uint64_t max_steps;

  phaseflow_jacobian PHASEFLOW_NULLABLE jacobian;
  /* Nonzero: J_ij is zero unless -upper_bandwidth <= i - j <= lower_bandwidth. */
  int32_t is_banded;
  size_t lower_bandwidth, upper_bandwidth;

  size_t event_count;
  const phaseflow_event_request *PHASEFLOW_NULLABLE events;

  /* Where the solution is wanted, in any order; NULL: at every accepted step. */
  size_t time_count;
  const double *PHASEFLOW_NULLABLE times;
  /* Nonzero: the result can be evaluated at any time of the interval. */
  int32_t dense_output;

  phaseflow_progress_function PHASEFLOW_NULLABLE progress;
  void *PHASEFLOW_NULLABLE progress_user;
  /* Seconds between two calls; 0: 0.2. */
  double progress_interval;

  /* N numbers each, or NULL: every function above then gets y in `y_buffer`, and the right-hand side writes to
   * `ydot_buffer`, always the same memory, for languages that are slow to make arrays of pointers. */
  double *PHASEFLOW_NULLABLE y_buffer;
  double *PHASEFLOW_NULLABLE ydot_buffer;

  /* Components, from 0, that begin at zero or above and cannot fall below: f is never given them below zero, nor does it let them
   * fall further where they are; the remark "projected" tells how far that changed the solution. */
  size_t positive_count;
  const size_t *PHASEFLOW_NULLABLE positive;
} phaseflow_solve_options;

/* Integrates y' = f(t, y), y(t0) = y0 of N numbers, to t_end, which may lie before t0.
 *
 * Arrays: "t" [k] and "y" [k, N]; "end" [N + 1], the last time reached and y there; for each event i "event.i.t" [c] and
 * "event.i.y" [c, N]. Texts: "statistics", a JSON object with nfev, njev, nsetups, accepted, rejected and the rest;
 * "choice", which method "auto" took; "remarks", a JSON list. */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_solve(
    phaseflow_right_hand_side PHASEFLOW_REQUIRED f, void *PHASEFLOW_NULLABLE user, size_t N, double t0,
    double t_end, const double *y0, const phaseflow_solve_options *PHASEFLOW_NULLABLE options);

/* Writes the dense output of phaseflow_solve at `count` times to y [count, N]; beyond the interval the first and the last
 * step's polynomials go on. Returns 0, or 1 if the result has no dense output. */
PHASEFLOW_EXPORT int32_t phaseflow_result_evaluate(
    const phaseflow_result *result, size_t count, const double *t, double *y);

/* ------------------------------------------------------------------ runs and sweeps */

typedef struct phaseflow_options {
  size_t struct_size;
  /* Tables of plug-ins in this process, see phaseflow_plugin.h; they must stay for the life of the process. */
  size_t plugin_count;
  const phaseflow_plugin *PHASEFLOW_REQUIRED const *PHASEFLOW_NULLABLE plugins;
  /* Samples in memory: `data: arrays` means them. inputs [sample_count, input_count] without the bias coordinate. */
  size_t sample_count, input_count;
  const double *PHASEFLOW_NULLABLE inputs;
  const double *PHASEFLOW_NULLABLE targets;
  /* A new folder for the results; a sweep's store, new or to be gone on with. NULL: a run keeps nothing on disk. */
  const char *PHASEFLOW_NULLABLE out;
  phaseflow_progress_function PHASEFLOW_NULLABLE progress;
  void *PHASEFLOW_NULLABLE progress_user;
  /* Seconds between two calls; 0: 0.2. */
  double progress_interval;
  /* Seconds between checkpoints; 0: 10 for a run, 60 for a sweep. */
  double checkpoint_interval;
  /* Of a sweep: runs at the same time, 0: as many as there are cores; nonzero: failed runs are done again; nonzero: a
   * preset at a size that ends soon. */
  size_t workers;
  int32_t retry_failed;
  int32_t quick;
  /* Of phaseflow_run: a YAML file over which the configuration is laid, as flags are. */
  const char *PHASEFLOW_NULLABLE base_file;
} phaseflow_options;

/* Integrates one flow or system as `phaseflow run` does; `configuration` is the text of its YAML file, JSON included.
 *
 * Arrays: "column.NAME" [rows] for each column of trajectory.csv, "time" among them; "state" and "initialState", [m, d + 1]
 * with columns a, w_1, ..., w_d of a network, [N] of a system; "table.OBSERVER-TABLE" [rows, columns].
 * Texts: "summary", the JSON of summary.json; "configuration", the complete YAML; "folder"; "columns.OBSERVER-TABLE", a
 * JSON list. */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_run(
    const char *configuration, const phaseflow_options *PHASEFLOW_NULLABLE options);

/* Goes on with the run in the folder `path`, which was killed or interrupted; `out` is not looked at. */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_resume(
    const char *path, const phaseflow_options *PHASEFLOW_NULLABLE options);

/* Draws the pictures of a run's result, PNG and SVG, into `folder`, by gnuplot. The text "files" is a JSON list of the PNG
 * files' paths. */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_draw(const phaseflow_result *run, const char *folder);

/* The same; `progress` is called every 0.2 seconds and may end it, with PHASEFLOW_INTERRUPTED. */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_draw_watched(
    const phaseflow_result *run, const char *folder, phaseflow_progress_function PHASEFLOW_NULLABLE progress,
    void *PHASEFLOW_NULLABLE user);

/* Starts the sweep in the store `out`, or goes on with it; `definition` is a preset's name or the text of a sweep's file.
 * The store is SQLite's file sweep.sqlite in that folder.
 *
 * Texts: "summary", the JSON that `phaseflow sweep start --json` prints; "runs", that of `sweep export --json`; "folder";
 * "files", a JSON list of the pictures. */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_sweep(
    const char *definition, const phaseflow_options *PHASEFLOW_NULLABLE options);

/* What a sweep's store holds: the same texts without "files". */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_read_sweep(const char *path);

/* Texts: "plugins", the JSON of `phaseflow plugins --json`; "runSchema" and "sweepSchema", the JSON Schemas of both files. */
PHASEFLOW_EXPORT phaseflow_result *phaseflow_catalog(const phaseflow_options *PHASEFLOW_NULLABLE options);

#ifdef __clang__
#pragma clang assume_nonnull end
#pragma clang diagnostic pop
#endif

#ifdef __cplusplus
}
#endif

#endif
