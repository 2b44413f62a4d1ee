// The inner loops of KinkAwareIntegrator: internal, no API of the package. docs/kink-aware.md has the mathematics.
//
// A neuron is `theta = (alpha, W)`, `q = 1 + D` numbers; the first `d` of the `D` coordinates of W move, a last one
// that does not is the constant 1 (needed for kinks away from zero). Neurons lie in `q` rows of stride `ld`.
//
// Products and sums are not contracted, and sums over neurons run in eight fixed lanes: every instruction set gives
// the same bits.
#ifndef CKINK_H
#define CKINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

enum {
  CKINK_MAX_STAGES = 5,
  /// Terms of a Taylor series; a step that needs more is too long.
  CKINK_MAX_TERMS = 48,
  /// Neurons followed side by side.
  CKINK_LANES = 8,
};

/// What ends a neuron's motion in a mode, where it is not the number of the wall it meets.
enum { CKINK_NO_EVENT = -1, CKINK_SIGN_CHANGE = -2, CKINK_RELEASE = -3 };

/// "Not in this step", in units of the step.
#define CKINK_FAR 2.0

/// How all neurons of a mode move in a step of length 1: `alpha' = b.W`, `W' = alpha b` (its first `d` coordinates).
typedef struct {
  int d, D, stages;
  /// The collocation nodes.
  const double *nodes;
  /// `b(t) = sum_j b_j t^j`, `stages` x D.
  const double *b;
  /// `wall_count` x D: `h = wall.W` is positive within the mode.
  const double *walls;
  int wall_count;
  /// When some wall's `b.wall` changes sign, and which wall's, `turn_count` of each.
  const double *turn_time;
  const int *turn_wall;
  int turn_count;
  /// Whether a neuron has to leave when alpha changes sign.
  bool ends_at_sign_change;
} ckink_path;

/// Up to eight neurons on their way through a step, `theta` q x 8.
typedef struct {
  int count;
  /// When each enters the mode, and when the mode lets it go.
  double from[CKINK_LANES], release[CKINK_LANES];
  /// The first event, `CKINK_FAR` if there is none in the step, and which one.
  double when[CKINK_LANES];
  int which[CKINK_LANES];
} ckink_batch;

/// Which nodes ``ckink_follow`` sums `alpha W` over.
typedef enum {
  CKINK_SUM_NOTHING,
  /// Added, from `from` to `when`.
  CKINK_SUM_PRESENT,
  /// Subtracted, after `when`.
  CKINK_SUM_ABSENT,
} ckink_sum;

/// The length of the scratch memory for ``ckink_follow``.
size_t ckink_scratch(int D);

/// Follows a batch from `from` to its first event or to `until`, whichever comes first; `theta` (q x 8) receives the
/// state there, `sums` (stages x D, added to) the sum over neurons of `alpha W` at the nodes.
///
/// Each neuron has a Taylor series of its own, summed to rounding. False if it has too many terms.
bool ckink_follow(const ckink_path *path, ckink_batch *batch, double until, double *theta,
                  ckink_sum sum, double *sums, double *scratch);

/// The Taylor coefficients of the propagator `Psi(t)`, q x q each (with room for `CKINK_MAX_TERMS` of them and one number
/// more), and its values at the nodes. Returns the number of terms, 0 if there would be too many.
int ckink_propagator(const ckink_path *path, double *series, double *at_nodes);

/// `Psi(t)` from its coefficients.
void ckink_propagator_at(int q, const double *series, int terms, double t, double *psi);

/// The only root in `(a, b)` of the polynomial `sum_k c[k stride] t^k` of `K` terms with opposite signs `fa`, `fb` at
/// the ends: Newton's method kept inside the bracket.
double ckink_root(const double *c, int K, int stride, double a, double b, double fa, double fb);

/// `theta <- A theta`, `A` q x q.
void ckink_move(int q, const double *A, double *theta, size_t ld, size_t count);

/// The least of `alpha(end) alpha(start)` and of the `rows` (each q values) times `theta`; `alpha(end)` is `A`'s
/// first row times `theta`.
void ckink_least(int q, const double *A, const double *rows, size_t row_count,
                 const double *theta, size_t ld, size_t count, double *least);

/// `moments += sum theta theta^T`, q x q.
void ckink_moments(int q, const double *theta, size_t ld, size_t count, double *moments);

/// Eigenvalues and eigenvectors (column j in `vectors[i n + j]`) of a symmetric matrix, which is
/// destroyed. False if LAPACK failed.
bool ckink_eigen(int n, double *matrix, double *values, double *vectors);

#pragma clang assume_nonnull end
#endif
