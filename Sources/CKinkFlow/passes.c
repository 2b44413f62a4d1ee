// Loops over all neurons of a mode. Products and sums are not contracted, so that every instruction set
// gives the same bits.
#include "ckink.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && \
    __has_attribute(target_clones)
#define CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLONES
#endif

#pragma clang fp contract(off)

enum { BLOCK = 64, MAX_Q = CKINK_MAX_DIMENSION + 1 };

CLONES void ckink_move(int q, const double *A, double *const *theta, size_t count) {
  double x[MAX_Q][BLOCK], y[BLOCK];
  for (size_t start = 0; start < count; start += BLOCK) {
    const size_t length = count - start < BLOCK ? count - start : BLOCK;
    for (int c = 0; c < q; c++)
      for (size_t k = 0; k < length; k++) x[c][k] = theta[c][start + k];
    for (int a = 0; a < q; a++) {
      for (size_t k = 0; k < length; k++) y[k] = A[a * q] * x[0][k];
      for (int c = 1; c < q; c++)
        for (size_t k = 0; k < length; k++) y[k] += A[a * q + c] * x[c][k];
      for (size_t k = 0; k < length; k++) theta[a][start + k] = y[k];
    }
  }
}

// v = row.theta
static inline __attribute__((always_inline)) void row_times(int q, const double *row,
                                                            const double *const *theta,
                                                            size_t start, size_t length,
                                                            double *restrict v) {
  for (size_t k = 0; k < length; k++) v[k] = row[0] * theta[0][start + k];
  for (int c = 1; c < q; c++)
    for (size_t k = 0; k < length; k++) v[k] += row[c] * theta[c][start + k];
}

CLONES void ckink_least(int q, const double *A, const double *rows, size_t row_count,
                        const double *const *theta, size_t count, double *least) {
  double v[BLOCK], m[BLOCK];
  for (size_t start = 0; start < count; start += BLOCK) {
    const size_t length = count - start < BLOCK ? count - start : BLOCK;
    row_times(q, A, theta, start, length, v);
    for (size_t k = 0; k < length; k++) m[k] = v[k] * theta[0][start + k];
    for (size_t r = 0; r < row_count; r++) {
      row_times(q, rows + r * q, theta, start, length, v);
      for (size_t k = 0; k < length; k++) m[k] = v[k] < m[k] ? v[k] : m[k];
    }
    for (size_t k = 0; k < length; k++) least[start + k] = m[k];
  }
}
