// Passes over all neurons of a mode.
#include <stdlib.h>

#include "clanes.h"
#include "ckink.h"

enum { BLOCK = 64, MAX_ON_STACK = 16 };

// y = row.theta
CLANES_INLINE void row_times(int q, const double *row, const double *theta, size_t ld, size_t length,
                            double *restrict y) {
  for (size_t k = 0; k < length; k++) y[k] = row[0] * theta[k];
  for (int c = 1; c < q; c++)
    for (size_t k = 0; k < length; k++) y[k] += row[c] * theta[c * ld + k];
}

CLANES_INLINE void move(int q, const double *A, double *theta, size_t ld, size_t count, double *x) {
  double y[BLOCK];
  for (size_t start = 0; start < count; start += BLOCK) {
    const size_t length = count - start < BLOCK ? count - start : BLOCK;
    for (int c = 0; c < q; c++)
      for (size_t k = 0; k < length; k++) x[c * BLOCK + k] = theta[c * ld + start + k];
    for (int a = 0; a < q; a++) {
      row_times(q, A + a * q, x, BLOCK, length, y);
      for (size_t k = 0; k < length; k++) theta[a * ld + start + k] = y[k];
    }
  }
}

CLANES_DISPATCH void ckink_move(int q, const double *A, double *theta, size_t ld, size_t count) {
  double x[MAX_ON_STACK * BLOCK];
  if (q == 3) {
    move(3, A, theta, ld, count, x);
  } else if (q <= MAX_ON_STACK) {
    move(q, A, theta, ld, count, x);
  } else {
    double *large = malloc((size_t)q * BLOCK * sizeof *large);
    if (!large) abort();
    move(q, A, theta, ld, count, large);
    free(large);
  }
}

CLANES_INLINE void least_of(int q, const double *A, const double *rows, size_t row_count,
                           const double *theta, size_t ld, size_t count, double *least) {
  double v[BLOCK], m[BLOCK];
  for (size_t start = 0; start < count; start += BLOCK) {
    const size_t length = count - start < BLOCK ? count - start : BLOCK;
    row_times(q, A, theta + start, ld, length, v);
    for (size_t k = 0; k < length; k++) m[k] = v[k] * theta[start + k];
    for (size_t r = 0; r < row_count; r++) {
      row_times(q, rows + r * q, theta + start, ld, length, v);
      for (size_t k = 0; k < length; k++) m[k] = v[k] < m[k] ? v[k] : m[k];
    }
    for (size_t k = 0; k < length; k++) least[start + k] = m[k];
  }
}

CLANES_DISPATCH void ckink_least(int q, const double *A, const double *rows, size_t row_count,
                                const double *theta, size_t ld, size_t count, double *least) {
  if (q == 3) {
    least_of(3, A, rows, row_count, theta, ld, count, least);
  } else {
    least_of(q, A, rows, row_count, theta, ld, count, least);
  }
}

CLANES_DISPATCH void ckink_moments(int q, const double *theta, size_t ld, size_t count,
                                  double *moments) {
  const size_t whole = count / LANES * LANES, rest = count - whole;
  for (int a = 0; a < q; a++)
    for (int b = 0; b <= a; b++) {
      const double *x = theta + a * ld, *y = theta + b * ld;
      lanes sum = {0};
      for (size_t k = 0; k < whole; k += LANES) sum += LOAD(x + k) * LOAD(y + k);
      for (size_t k = 0; k < rest; k++) sum[k] += x[whole + k] * y[whole + k];
      const double v = JOIN(sum);
      moments[a * q + b] += v;
      if (a != b) moments[b * q + a] += v;
    }
}
