// Two-layer networks with a piecewise-linear activation, integrated along their kinks. Internal to
// KinkAwareIntegrator: no API of the package. docs/kink-aware.md has the mathematics.
//
// States are laid out as in GradientFlow: a (m values), then each coordinate of w (m values each).
// Nothing here throws across the border; everything is a function of the arguments alone, to the
// bit, whatever the number of threads.
#ifndef CKINK_H
#define CKINK_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

#ifdef __cplusplus
extern "C" {
#endif

/// The largest input dimension and the largest number of distinct inputs.
enum { CKINK_MAX_DIMENSION = 64, CKINK_MAX_INPUTS = 512 };

/// `f(x) = kappa sum_k a_k sigma(w_k.x)`, squared loss, `sigma` of two slopes.
typedef struct {
  long width;
  int dimension;
  int samples;
  /// `samples` x `dimension`, row-major.
  const double *inputs;
  const double *targets;
  double kappa, kappa_prime;
  /// The slopes for `z < 0` and `z > 0`.
  double negative, positive;
} ckink_problem;

/// Calls `body(argument, i)` for `i` in `0..<count`, in any order, on any threads; returns when done.
typedef void (*ckink_parallel)(void *_Nullable context, size_t count, int threads,
                               void (*body)(void *argument, size_t i), void *argument);

typedef struct {
  double tolerance;
  /// 2 to 5.
  int stages;
  /// Whether a neuron stays on kinks that begin to repel it; else it leaves at once.
  bool stay;
  int threads;
  ckink_parallel parallel;
} ckink_options;

typedef enum {
  CKINK_OK = 0,
  /// The step fell below the resolution of time.
  CKINK_UNDERFLOW,
  /// The path became NaN or infinite however short the step.
  CKINK_NOT_FINITE,
  /// Nothing moves any more and no end of time is given.
  CKINK_AT_REST,
  CKINK_NO_MEMORY,
  /// The memory handed over does not belong to this problem.
  CKINK_BAD_MEMORY,
  /// The problem is beyond the limits, or two distinct inputs are parallel.
  CKINK_UNSUITABLE,
} ckink_status;

typedef struct {
  /// Accepted and rejected steps; of the latter, by the error test, by the iteration for the path, and
  /// because the loss would have risen.
  long accepted, rejected, error_test, iteration, climbs;
  /// Iterations for the path; each evaluates the residuals at all nodes.
  long iterations, set_ups;
  /// Neurons followed through their events, repetitions included.
  long traces;
  /// Events that are part of the solution.
  long crossings, captures, releases;
  /// Sliding neurons whose output weight changed sign: from there the solution is not unique.
  long sign_changes;
  /// Passages through w = 0, and stops there.
  long through_zero, held_at_zero;
  /// Corners at which no side was consistent to rounding.
  long unresolved;
  long modes;
} ckink_counters;

typedef struct ckink_flow ckink_flow;

/// Starts at `state`, or, given `memory` of an earlier flow at the same state, goes on from there bit
/// by bit. Null if that cannot be, for the reason in `status`.
ckink_flow *_Nullable ckink_create(const ckink_problem *problem, const ckink_options *options,
                                   double time, const double *state, double step,
                                   const double *_Nullable memory, size_t memory_length,
                                   ckink_status *status);
void ckink_destroy(ckink_flow *_Nullable flow);

/// One accepted step towards `limit`; `state` receives its end. After a failure `state` is as it was.
ckink_status ckink_advance(ckink_flow *flow, double limit, double *state);

double ckink_time(const ckink_flow *flow);
/// The next step to be tried and the last one taken.
double ckink_next_step(const ckink_flow *flow);
double ckink_last_step(const ckink_flow *flow);
ckink_counters ckink_count(const ckink_flow *flow);
/// The squared loss at the end of the last step.
double ckink_loss(const ckink_flow *flow);

/// The state at the fraction `u` of the last step.
ckink_status ckink_interpolate(ckink_flow *flow, double u, double *state);

/// What ``ckink_create`` needs to go on bit by bit: the length, and the values.
size_t ckink_memory_length(const ckink_flow *flow);
void ckink_memory(const ckink_flow *flow, double *memory);

// ---- Passes over neurons (passes.c). `theta` has `q` runs of `count` values.

/// `theta <- A theta`, `A` q x q.
void ckink_move(int q, const double *A, double *_Nonnull const *_Nonnull theta, size_t count);

/// The least of `alpha(end) alpha(start)` and of the `rows` (each q values) times `theta`; `alpha(end)`
/// is `A`'s first row times `theta`. At most 256 neurons.
void ckink_least(int q, const double *A, const double *rows, size_t row_count,
                 const double *_Nonnull const *_Nonnull theta, size_t count, double *least);

/// Eigenvalues and eigenvectors (column j in `vectors[i n + j]`) of a symmetric matrix, which is
/// destroyed. False if LAPACK failed.
bool ckink_eigen(int n, double *matrix, double *values, double *vectors);

#ifdef __cplusplus
}
#endif

#pragma clang assume_nonnull end
#endif
