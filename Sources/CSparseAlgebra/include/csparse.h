// LU factors of sparse matrices, real and complex, by KLU. No API; the Swift target ImplicitRungeKutta is the only caller.
// Matrices are given by columns: `starts`, n + 1 of them, and ascending `rows`; complex numbers are pairs (real, imaginary).
#ifndef CSPARSE_H
#define CSPARSE_H

#include <stdint.h>

typedef struct csparse_lu csparse_lu;

// Orders the pattern once for all. The arrays are copied. NULL if memory is short or the pattern is structurally singular.
csparse_lu *_Nullable csparse_new(int32_t n, const int32_t *_Nonnull starts, const int32_t *_Nonnull rows,
                                  int is_complex);
// Factorises the matrix with these values. Returns 0, or another number if it is singular.
int csparse_factor(csparse_lu *_Nonnull lu, double *_Nonnull values);
// Solves A x = b in place with the last factors.
void csparse_solve(csparse_lu *_Nonnull lu, double *_Nonnull b);
void csparse_free(csparse_lu *_Nullable lu);

#endif
