// The propagator of a mode, `theta(t) = Psi(t) theta(0)`, as a Taylor series:
// `(k + 1) C_{k+1} = sum_j B_j C_{k-j}`, `B = [[0, b^T], [b, 0]]` (but for coordinates of W that do not move).
#include <math.h>

#include "clanes.h"
#include "ckink.h"

CLANES_INLINE void value_at(int q, const double *series, int terms, double t, double *psi) {
  for (int r = 0; r < q * q; r++) psi[r] = series[(terms - 1) * q * q + r];
  for (int k = terms - 2; k >= 0; k--)
    for (int r = 0; r < q * q; r++) psi[r] = psi[r] * t + series[k * q * q + r];
}

CLANES_INLINE int expand(int d, int D, int stages, const double *b, double *series) {
  const int q = D + 1;
  for (int r = 0; r < q * q; r++) series[r] = r / q == r % q;
  int quiet = 0;
  for (int k = 0; k + 1 < CKINK_MAX_TERMS; k++) {
    double *next = series + (k + 1) * q * q;
    for (int r = 0; r < q * q; r++) next[r] = 0;
    for (int j = 0; j < stages && j <= k; j++) {
      const double *old = series + (k - j) * q * q;
      for (int c = 0; c < D; c++)
        for (int r = 0; r < q; r++) next[r] += b[j * D + c] * old[(c + 1) * q + r];
      for (int c = 0; c < d; c++)
        for (int r = 0; r < q; r++) next[(c + 1) * q + r] += b[j * D + c] * old[r];
    }
    const double f = 1.0 / (k + 1);
    double largest = 0;
    for (int r = 0; r < q * q; r++) {
      largest = fmax(largest, fabs(next[r]));
      next[r] *= f;
    }
    // The recurrence reaches back `stages` terms: only as many quiet ones in a row end it.
    quiet = largest <= 1e-17 ? quiet + 1 : 0;
    if (quiet == stages) return k + 2;
  }
  return 0;
}

// The plane with three stages is by far the most frequent case: a row of a 3 x 3 matrix as a vector, whose fourth
// element is what happens to follow in memory and is never looked at.
typedef double row __attribute__((vector_size(32)));
#define LOAD_ROW(p) ({ row r_; memcpy(&r_, (p), sizeof r_); r_; })
#define STORE_ROW(p, value) ({ row r_ = (value); memcpy((p), &r_, sizeof r_); })

CLANES_INLINE int expand_plane(const double *b, double *series) {
  for (int r = 0; r < 10; r++) series[r] = r % 4 == 0 && r < 9;
  int quiet = 0;
  for (int k = 0; k + 1 < CKINK_MAX_TERMS; k++) {
    row next[3] = {{0}};
    for (int j = 0; j < 3 && j <= k; j++) {
      const double *old = series + (k - j) * 9, *bj = b + 2 * j;
      const row alpha = LOAD_ROW(old);
      next[0] += bj[0] * LOAD_ROW(old + 3);
      next[0] += bj[1] * LOAD_ROW(old + 6);
      next[1] += bj[0] * alpha;
      next[2] += bj[1] * alpha;
    }
    const double f = 1.0 / (k + 1);
    double largest = 0;
    for (int r = 0; r < 9; r++) largest = fmax(largest, fabs(next[r / 3][r % 3]));
    for (int r = 0; r < 3; r++) STORE_ROW(series + (k + 1) * 9 + 3 * r, next[r] * f);
    series[(k + 2) * 9] = 0;
    quiet = largest <= 1e-17 ? quiet + 1 : 0;
    if (quiet == 3) return k + 2;
  }
  return 0;
}

CLANES_INLINE void values_plane(const double *series, int terms, const double *nodes, double *psi) {
  row x[9];
  for (int r = 0; r < 9; r++) x[r] = LOAD_ROW(series + (terms - 1) * 9 + 3 * (r % 3));
  for (int k = terms - 2; k >= 0; k--)
    for (int r = 0; r < 9; r++) x[r] = x[r] * nodes[r / 3] + LOAD_ROW(series + k * 9 + 3 * (r % 3));
  for (int r = 0; r < 9; r++)
    for (int c = 0; c < 3; c++) psi[3 * r + c] = x[r][c];
}

CLANES_DISPATCH void ckink_propagator_at(int q, const double *series, int terms, double t,
                                        double *psi) {
  value_at(q, series, terms, t, psi);
}

CLANES_DISPATCH int ckink_propagator(const ckink_path *path, double *series, double *at_nodes) {
  const int q = path->D + 1, stages = path->stages;
  if (path->d == 2 && path->D == 2 && stages == 3) {
    const int terms = expand_plane(path->b, series);
    values_plane(series, terms ? terms : CKINK_MAX_TERMS, path->nodes, at_nodes);
    return terms;
  }
  const int terms = expand(path->d, path->D, stages, path->b, series);
  for (int j = 0; j < stages; j++)
    value_at(q, series, terms ? terms : CKINK_MAX_TERMS, path->nodes[j], at_nodes + j * q * q);
  return terms;
}
