// Products of numbers in double precision that are made in single precision: factors are rounded, up to DEPTH products in a row are summed
// in single precision, and those sums in double precision. An entry's error is about 1e-7 of the sum of its terms' moduli.
#include <cblas.h>
#include <string.h>

#include "CFlowKernels.h"
#include "tiles.h"

enum {
  DEPTH = 128,
  // Factors of so many rows are rounded at once: 80 KiB of the second-level cache; all buffers are on the stack.
  ROWS_AT_ONCE = 160,
  // Without tiles, so many columns.
  COLUMNS_AT_ONCE = 64,
  // Rows of a Gram matrix, and how many of their elements.
  BLOCK = 40,
  SLAB = 512,
};

#if defined(__x86_64__) && __has_attribute(min_vector_width)

typedef double row __attribute__((vector_size(64), aligned(8)));
typedef float narrow_row __attribute__((vector_size(64), aligned(4)));
typedef float half_row __attribute__((vector_size(32), aligned(4)));

// Without min_vector_width clang takes registers of 256 bits.
#define TILE __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define TILE_INLINE static inline __attribute__((always_inline)) TILE

#pragma clang fp contract(fast)

enum { WIDTH = 16, ROWS = 5, VECTORS = 4, PANEL = WIDTH * VECTORS };

TILE_INLINE void round_row(const double *from, long count, float *to) {
  long k = 0;
  for (; k + 8 <= count; k += 8) *(half_row *)(to + k) = __builtin_convertvector(*(const row *)(from + k), half_row);
  for (; k < count; k++) to[k] = (float)from[k];
}

TILE_INLINE row low(narrow_row v) {
  return __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), row);
}

TILE_INLINE row high(narrow_row v) {
  return __builtin_convertvector(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), row);
}

TILE_INLINE void add_row(row sum, double alpha, double beta, double *to) {
  row *target = (row *)to;
  *target = beta == 0 ? alpha * sum : alpha * sum + beta * *target;
}

/// `c = alpha left panel + beta c` for `rows` <= ROWS; `left` has ROWS elements for each of `inner`, `panel` has PANEL, of which
/// `columns` are real.
TILE_INLINE void product_tile(long rows, long columns, long inner, double alpha, const float *left,
                              const float *panel, double beta, double *c, long ldc) {
  narrow_row sum[ROWS][VECTORS] = {{{0}}};
  for (long j = 0; j < inner; j++) {
    narrow_row b[VECTORS];
    for (int v = 0; v < VECTORS; v++) b[v] = *(const narrow_row *)(panel + j * PANEL + v * WIDTH);
    for (long r = 0; r < rows; r++) {
      const float s = left[j * ROWS + r];
      for (int v = 0; v < VECTORS; v++) sum[r][v] = sum[r][v] + s * b[v];
    }
  }
  for (long r = 0; r < rows; r++) {
    double *to = c + r * ldc;
    if (columns == PANEL) {
      for (int v = 0; v < VECTORS; v++) {
        add_row(low(sum[r][v]), alpha, beta, to + v * WIDTH);
        add_row(high(sum[r][v]), alpha, beta, to + v * WIDTH + 8);
      }
      continue;
    }
    float own[PANEL];
    memcpy(own, sum[r], sizeof own);
    for (long k = 0; k < columns; k++) to[k] = beta == 0 ? alpha * own[k] : alpha * own[k] + beta * to[k];
  }
}

static TILE void tiled_product(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                               long lda, const double *b, long ldb, double beta, double *c, long ldc) {
  const long rowStep = transpose ? 1 : lda, innerStep = transpose ? lda : 1;
  _Alignas(64) float panel[DEPTH * PANEL], left[DEPTH * ROWS_AT_ONCE];
  for (long j = 0; j < inner; j += DEPTH) {
    const long depth = inner - j < DEPTH ? inner - j : DEPTH;
    const double factor = j == 0 ? beta : 1;
    for (long first = 0; first < rows; first += ROWS_AT_ONCE) {
      const long count = rows - first < ROWS_AT_ONCE ? rows - first : ROWS_AT_ONCE;
      for (long i = 0; i < count; i += ROWS)
        for (long e = 0; e < depth; e++)
          for (long r = 0; r < ROWS && i + r < count; r++)
            left[i * DEPTH + e * ROWS + r] = (float)a[(first + i + r) * rowStep + (j + e) * innerStep];
      for (long k = 0; k < columns; k += PANEL) {
        const long real = columns - k < PANEL ? columns - k : PANEL;
        for (long e = 0; e < depth; e++) {
          float *to = panel + e * PANEL;
          round_row(b + (j + e) * ldb + k, real, to);
          for (long l = real; l < PANEL; l++) to[l] = 0;
        }
        for (long i = 0; i < count; i += ROWS) {
          double *to = c + (first + i) * ldc + k;
          const float *own = left + i * DEPTH;
          if (i + ROWS <= count)
            product_tile(ROWS, real, depth, alpha, own, panel, factor, to, ldc);
          else
            for (long r = 0; i + r < count; r++)
              product_tile(1, real, depth, alpha, own + r, panel, factor, to + r * ldc, ldc);
        }
      }
    }
  }
}

TILE_INLINE double joined(narrow_row v) {
  const row s = low(v) + high(v);
  return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/// Four vectors' sums, in turn, in elements s and s + 4.
TILE_INLINE row joined_four(narrow_row a, narrow_row b, narrow_row c, narrow_row d) {
  const narrow_row p =
      __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29) +
      __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  const narrow_row q =
      __builtin_shufflevector(c, d, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29) +
      __builtin_shufflevector(c, d, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  const narrow_row u =
      __builtin_shufflevector(p, q, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29) +
      __builtin_shufflevector(p, q, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  return low(u) + high(u);
}

TILE_INLINE void give(double value, double beta, double *to) { *to = beta == 0 ? value : value + beta * *to; }

/// `c[r][s] = sum_k a_rk b_sk + beta c[r][s]` for `rows` <= ROWS, `columns` <= VECTORS, rows of length `inner`, a multiple of
/// WIDTH. Entries right of column `first + r` are left alone.
TILE_INLINE void dot_tile(long rows, long columns, long inner, const float *a, const float *b, double beta, double *c,
                          long ldc, long first) {
  narrow_row sum[ROWS][VECTORS] = {{{0}}};
  for (long k = 0; k < inner; k += WIDTH) {
    narrow_row x[VECTORS];
    for (long s = 0; s < columns; s++) x[s] = *(const narrow_row *)(b + s * SLAB + k);
    for (long r = 0; r < rows; r++) {
      const narrow_row y = *(const narrow_row *)(a + r * SLAB + k);
      for (long s = 0; s < columns; s++) sum[r][s] = sum[r][s] + y * x[s];
    }
  }
  for (long r = 0; r < rows; r++) {
    if (columns < VECTORS) {
      for (long s = 0; s < columns && s <= first + r; s++) give(joined(sum[r][s]), beta, c + r * ldc + s);
      continue;
    }
    const row four = joined_four(sum[r][0], sum[r][1], sum[r][2], sum[r][3]);
    for (long s = 0; s < VECTORS && s <= first + r; s++) give(four[s] + four[s + 4], beta, c + r * ldc + s);
  }
}

TILE_INLINE void round_block(long rows, long depth, long padded, const double *a, long ld, float *to) {
  for (long r = 0; r < rows; r++) {
    round_row(a + r * ld, depth, to + r * SLAB);
    for (long k = depth; k < padded; k++) to[r * SLAB + k] = 0;
  }
}

static TILE void tiled_gram(long rows, long columns, long inner, const double *a, const double *b, long ld, double beta,
                            double *c, long ldc) {
  const int isTriangle = a == b;
  _Alignas(64) float left[BLOCK * SLAB], right[BLOCK * SLAB];
  for (long k = 0; k < inner; k += SLAB) {
    const long depth = inner - k < SLAB ? inner - k : SLAB, padded = (depth + WIDTH - 1) / WIDTH * WIDTH;
    const double factor = k == 0 ? beta : 1;
    for (long j = 0; j < columns; j += BLOCK) {
      const long wide = columns - j < BLOCK ? columns - j : BLOCK;
      round_block(wide, depth, padded, b + j * ld + k, ld, right);
      for (long i = isTriangle ? j : 0; i < rows; i += BLOCK) {
        const long high = rows - i < BLOCK ? rows - i : BLOCK;
        const float *own = isTriangle && i == j ? right : left;
        if (own == left) round_block(high, depth, padded, a + i * ld + k, ld, left);
        for (long p = 0; p < high; p += ROWS) {
          const long height = high - p < ROWS ? high - p : ROWS;
          for (long q = 0; q < wide; q += VECTORS) {
            const long width = wide - q < VECTORS ? wide - q : VECTORS;
            const long first = isTriangle ? i + p - j - q : columns;
            if (first + height - 1 < 0) break;
            const float *x = own + p * SLAB, *y = right + q * SLAB;
            double *to = c + (i + p) * ldc + j + q;
            if (height == ROWS && width == VECTORS)
              dot_tile(ROWS, VECTORS, padded, x, y, factor, to, ldc, first);
            else
              for (long r = 0; r < height; r++)
                for (long s = 0; s < width; s++)
                  dot_tile(1, 1, padded, x + r * SLAB, y + s * SLAB, factor, to + r * ldc + s, ldc, first + r - s);
          }
        }
      }
    }
  }
}

#else

static void tiled_product(int transpose, long rows, long columns, long inner, double alpha, const double *a, long lda,
                          const double *b, long ldb, double beta, double *c, long ldc) {}

static void tiled_gram(long rows, long columns, long inner, const double *a, const double *b, long ld, double beta,
                       double *c, long ldc) {}

#endif

void cflow_gemm_mixed(int transpose, long rows, long columns, long inner, double alpha, const double *a, long lda,
                      const double *b, long ldb, double beta, double *c, long ldc) {
  if (cflow_has_tiles())
    tiled_product(transpose, rows, columns, inner, alpha, a, lda, b, ldb, beta, c, ldc);
  else
    cflow_blas_gemm_mixed(transpose, rows, columns, inner, alpha, a, lda, b, ldb, beta, c, ldc);
}

/// `c = alpha left right + beta c` with `right` transposed or not, both rounded already.
static void add_product(int transposed, long rows, long columns, long inner, double alpha, const float *left, long ldl,
                        const float *right, long ldr, double beta, double *c, long ldc, int isTriangle) {
  float sum[ROWS_AT_ONCE * COLUMNS_AT_ONCE];
  cblas_sgemm(CblasRowMajor, CblasNoTrans, transposed ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, (int)inner,
              1, left, (int)ldl, right, (int)ldr, 0, sum, (int)columns);
  for (long i = 0; i < rows; i++)
    for (long k = 0; k < columns && !(isTriangle && k > i); k++) {
      double *to = c + i * ldc + k;
      *to = alpha * sum[i * columns + k] + (beta == 0 ? 0 : beta * *to);
    }
}

void cflow_blas_gemm_mixed(int transpose, long rows, long columns, long inner, double alpha, const double *a, long lda,
                           const double *b, long ldb, double beta, double *c, long ldc) {
  const long rowStep = transpose ? 1 : lda, innerStep = transpose ? lda : 1;
  float left[ROWS_AT_ONCE * DEPTH], right[DEPTH * COLUMNS_AT_ONCE];
  for (long j = 0; j < inner; j += DEPTH) {
    const long depth = inner - j < DEPTH ? inner - j : DEPTH;
    for (long k = 0; k < columns; k += COLUMNS_AT_ONCE) {
      const long wide = columns - k < COLUMNS_AT_ONCE ? columns - k : COLUMNS_AT_ONCE;
      for (long e = 0; e < depth; e++)
        for (long l = 0; l < wide; l++) right[e * wide + l] = (float)b[(j + e) * ldb + k + l];
      for (long i = 0; i < rows; i += ROWS_AT_ONCE) {
        const long high = rows - i < ROWS_AT_ONCE ? rows - i : ROWS_AT_ONCE;
        for (long r = 0; r < high; r++)
          for (long e = 0; e < depth; e++) left[r * depth + e] = (float)a[(i + r) * rowStep + (j + e) * innerStep];
        add_product(0, high, wide, depth, alpha, left, depth, right, wide, j == 0 ? beta : 1, c + i * ldc + k, ldc, 0);
      }
    }
  }
}

void cflow_gram_tile_mixed(long rows, long columns, long inner, const double *a, const double *b, long ld, double beta,
                           double *c, long ldc) {
  if (cflow_has_tiles())
    tiled_gram(rows, columns, inner, a, b, ld, beta, c, ldc);
  else
    cflow_blas_gram_tile_mixed(rows, columns, inner, a, b, ld, beta, c, ldc);
}

void cflow_blas_gram_tile_mixed(long rows, long columns, long inner, const double *a, const double *b, long ld,
                                double beta, double *c, long ldc) {
  const int isTriangle = a == b;
  float left[BLOCK * DEPTH], right[BLOCK * DEPTH];
  for (long k = 0; k < inner; k += DEPTH) {
    const long depth = inner - k < DEPTH ? inner - k : DEPTH;
    for (long j = 0; j < columns; j += BLOCK) {
      const long wide = columns - j < BLOCK ? columns - j : BLOCK;
      for (long s = 0; s < wide; s++)
        for (long e = 0; e < depth; e++) right[s * depth + e] = (float)b[(j + s) * ld + k + e];
      for (long i = isTriangle ? j : 0; i < rows; i += BLOCK) {
        const long high = rows - i < BLOCK ? rows - i : BLOCK;
        for (long r = 0; r < high; r++)
          for (long e = 0; e < depth; e++) left[r * depth + e] = (float)a[(i + r) * ld + k + e];
        add_product(1, high, wide, depth, 1, left, depth, right, depth, k == 0 ? beta : 1, c + i * ldc + j, ldc,
                    isTriangle && i == j);
      }
    }
  }
}
