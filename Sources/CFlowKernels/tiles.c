// Products of a few hundred rows with long rows of neurons, by register tiles of AVX-512.
//
// OpenBLAS serves every other processor and shape. It is called where it is better; on these shapes its packing costs as much as
// a tenth of the work, and its builds before 0.3.22 take AVX2 kernels on AMD's processors with AVX-512. Multiply-adds
// are fused, as in any BLAS.
#include "tiles.h"

#if defined(__x86_64__) && __has_attribute(min_vector_width)
#include <string.h>

typedef double row __attribute__((vector_size(64), aligned(8)));

// Without min_vector_width clang takes registers of 256 bits.
#define TILE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define TILE_INLINE static inline __attribute__((always_inline)) TILE

#pragma clang fp contract(fast)

enum {
  WIDTH = 8,
  // 5 x 4 accumulators, 4 columns and a broadcast fit into 32 registers.
  ROWS = 5,
  VECTORS = 4,
  PANEL = WIDTH * VECTORS,
  // A panel of 32 columns takes 32 KiB of the first-level cache.
  DEPTH = 128,
};

int cflow_has_tiles(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

/// `c = alpha a b + beta c` for `rows` <= ROWS and one packed panel, of which `columns` are real.
TILE_INLINE void product_tile(long rows, long columns, long inner, double alpha, const double *a, long rowStep,
                              long innerStep, const double *panel, double beta, double *c, long ldc) {
  row sum[ROWS][VECTORS] = {{{0}}};
  for (long j = 0; j < inner; j++) {
    row b[VECTORS];
    for (int v = 0; v < VECTORS; v++) b[v] = *(const row *)(panel + j * PANEL + v * WIDTH);
    for (long r = 0; r < rows; r++) {
      const double s = a[r * rowStep + j * innerStep];
      for (int v = 0; v < VECTORS; v++) sum[r][v] = sum[r][v] + s * b[v];
    }
  }
  for (long r = 0; r < rows; r++) {
    double *to = c + r * ldc;
    if (columns == PANEL) {
      for (int v = 0; v < VECTORS; v++) {
        row *target = (row *)(to + v * WIDTH);
        *target = beta == 0 ? alpha * sum[r][v] : alpha * sum[r][v] + beta * *target;
      }
      continue;
    }
    double own[PANEL];
    memcpy(own, sum[r], sizeof own);
    for (long k = 0; k < columns; k++) to[k] = beta == 0 ? alpha * own[k] : alpha * own[k] + beta * to[k];
  }
}

TILE void cflow_tiled_product(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                              long lda, const double *b, long ldb, double beta, double *c, long ldc) {
  const long rowStep = transpose ? 1 : lda, innerStep = transpose ? lda : 1;
  _Alignas(64) double panel[DEPTH * PANEL];
  for (long j = 0; j < inner; j += DEPTH) {
    const long depth = inner - j < DEPTH ? inner - j : DEPTH;
    const double factor = j == 0 ? beta : 1;
    for (long k = 0; k < columns; k += PANEL) {
      const long count = columns - k < PANEL ? columns - k : PANEL;
      for (long e = 0; e < depth; e++) {
        double *to = panel + e * PANEL;
        const double *from = b + (j + e) * ldb + k;
        if (count == PANEL) {
          memcpy(to, from, PANEL * sizeof(double));
          continue;
        }
        for (long l = 0; l < PANEL; l++) to[l] = l < count ? from[l] : 0;
      }
      long i = 0;
      for (; i + ROWS <= rows; i += ROWS)
        product_tile(ROWS, count, depth, alpha, a + i * rowStep + j * innerStep, rowStep, innerStep, panel, factor,
                     c + i * ldc + k, ldc);
      for (; i < rows; i++)
        product_tile(1, count, depth, alpha, a + i * rowStep + j * innerStep, rowStep, innerStep, panel, factor,
                     c + i * ldc + k, ldc);
    }
  }
}

TILE_INLINE double joined(row v) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

/// `c[r][s] = alpha sum_k a_rk b_sk + beta c[r][s]` for `rows` <= ROWS, `columns` <= VECTORS. Entries right of column `first + r`
/// are left alone.
TILE_INLINE void dot_tile(long rows, long columns, long inner, double alpha, const double *a, const double *b, long ld,
                          double beta, double *c, long ldc, long first) {
  row sum[ROWS][VECTORS] = {{{0}}};
  long k = 0;
  for (; k + WIDTH <= inner; k += WIDTH) {
    row x[VECTORS];
    for (long s = 0; s < columns; s++) x[s] = *(const row *)(b + s * ld + k);
    for (long r = 0; r < rows; r++) {
      const row y = *(const row *)(a + r * ld + k);
      for (long s = 0; s < columns; s++) sum[r][s] = sum[r][s] + y * x[s];
    }
  }
  double end[ROWS][VECTORS] = {{0}};
  for (; k < inner; k++)
    for (long r = 0; r < rows; r++)
      for (long s = 0; s < columns; s++) end[r][s] += a[r * ld + k] * b[s * ld + k];
  for (long r = 0; r < rows; r++)
    for (long s = 0; s < columns; s++) {
      if (s > first + r) continue;
      double *to = c + r * ldc + s;
      const double value = alpha * (joined(sum[r][s]) + end[r][s]);
      *to = beta == 0 ? value : value + beta * *to;
    }
}

TILE void cflow_tiled_gram(long rows, long columns, long inner, double alpha, const double *a, const double *b, long ld,
                           double beta, double *c, long ldc) {
  const int isTriangle = a == b;
  for (long i = 0; i < rows; i += ROWS) {
    const long height = rows - i < ROWS ? rows - i : ROWS;
    const long end = isTriangle && i + height < columns ? i + height : columns;
    for (long j = 0; j < end; j += VECTORS) {
      const long width = columns - j < VECTORS ? columns - j : VECTORS;
      const double *x = a + i * ld, *y = b + j * ld;
      double *to = c + i * ldc + j;
      const long first = isTriangle ? i - j : columns;
      if (height == ROWS && width == VECTORS)
        dot_tile(ROWS, VECTORS, inner, alpha, x, y, ld, beta, to, ldc, first);
      else
        for (long r = 0; r < height; r++)
          for (long s = 0; s < width; s++)
            dot_tile(1, 1, inner, alpha, x + r * ld, y + s * ld, ld, beta, to + r * ldc + s, ldc, first + r - s);
    }
  }
}

#else

int cflow_has_tiles(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

void cflow_tiled_product(int transpose, long rows, long columns, long inner, double alpha, const double *a, long lda,
                         const double *b, long ldb, double beta, double *c, long ldc) {}

void cflow_tiled_gram(long rows, long columns, long inner, double alpha, const double *a, const double *b, long ld,
                      double beta, double *c, long ldc) {}

#endif
