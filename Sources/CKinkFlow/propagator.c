// The propagator of a mode, `theta(t) = Psi(t) theta(0)`, as a Taylor series:
// `(k + 1) C_{k+1} = sum_j B_j C_{k-j}`, `B = [[0, b^T], [b, 0]]` (but for coordinates of W that do not move).
#include <math.h>

#include "../CFlowKernels/lanes.h"
#include "ckink.h"

CFLOW_INLINE void value_at(int q, const double *series, int terms, double t, double *psi) {
  for (int r = 0; r < q * q; r++) psi[r] = series[(terms - 1) * q * q + r];
  for (int k = terms - 2; k >= 0; k--)
    for (int r = 0; r < q * q; r++) psi[r] = psi[r] * t + series[k * q * q + r];
}

CFLOW_INLINE int expand(int d, int D, int stages, const double *b, double *series) {
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

CFLOW_DISPATCH void ckink_propagator_at(int q, const double *series, int terms, double t,
                                        double *psi) {
  value_at(q, series, terms, t, psi);
}

CFLOW_DISPATCH int ckink_propagator(const ckink_path *path, double *series, double *at_nodes) {
  const int q = path->D + 1, stages = path->stages;
  const bool plane = path->d == 2 && path->D == 2 && stages == 3;
  const int terms = plane ? expand(2, 2, 3, path->b, series)
                          : expand(path->d, path->D, stages, path->b, series);
  const int used = terms ? terms : CKINK_MAX_TERMS;
  for (int j = 0; j < stages; j++) {
    if (plane) {
      value_at(3, series, used, path->nodes[j], at_nodes + j * 9);
    } else {
      value_at(q, series, used, path->nodes[j], at_nodes + j * q * q);
    }
  }
  return terms;
}
