// Dense LU factors, real and complex, by LAPACK. No API; the Swift target ImplicitRungeKutta is the only caller.
// Matrices are column-major; complex numbers are pairs (real, imaginary).
#ifndef CDENSE_H
#define CDENSE_H

#include <stdint.h>

// Factorises `a`, n x n, in place; `pivots` has n elements. Returns 0, or k > 0 if pivot k is exactly zero.
int cdense_factor(int64_t n, double *_Nonnull a, int32_t *_Nonnull pivots);
// Solves A x = b in place with these factors.
void cdense_solve(int64_t n, const double *_Nonnull a, const int32_t *_Nonnull pivots, double *_Nonnull b);
// The same for complex matrices: 2 n^2 and 2 n doubles.
int cdense_factor_complex(int64_t n, double *_Nonnull a, int32_t *_Nonnull pivots);
void cdense_solve_complex(int64_t n, const double *_Nonnull a, const int32_t *_Nonnull pivots, double *_Nonnull b);

// The same for band matrices in LAPACK's layout with room for fill: leading dimension 2 lower + upper + 1, element
// (i, j) at lower + upper + i - j + j * leading.
int cdense_factor_band(int64_t n, int64_t lower, int64_t upper, double *_Nonnull a, int32_t *_Nonnull pivots);
void cdense_solve_band(int64_t n, int64_t lower, int64_t upper, const double *_Nonnull a,
                       const int32_t *_Nonnull pivots, double *_Nonnull b);
int cdense_factor_band_complex(int64_t n, int64_t lower, int64_t upper, double *_Nonnull a,
                               int32_t *_Nonnull pivots);
void cdense_solve_band_complex(int64_t n, int64_t lower, int64_t upper, const double *_Nonnull a,
                               const int32_t *_Nonnull pivots, double *_Nonnull b);

#endif
