// Products and Gram matrices by register tiles; internal to linear_algebra.c, exponential.c and mixed.c.
#ifndef TILES_H
#define TILES_H

/// Whether the processor can run the other functions. They do nothing where it is 0.
int cflow_has_tiles(void);

/// ``cflow_gemm``.
void cflow_tiled_product(int transpose, long rows, long columns, long inner, double alpha, const double *a, long lda,
                         const double *b, long ldb, double beta, double *c, long ldc);

/// `c = alpha a b^T + beta c`; if `a` is `b`, the lower triangle only.
void cflow_tiled_gram(long rows, long columns, long inner, double alpha, const double *a, const double *b, long ld,
                      double beta, double *c, long ldc);

#endif
