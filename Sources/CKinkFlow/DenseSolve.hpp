// Gaussian elimination for the few small systems.
#pragma once
#include <cmath>
#include <utility>

namespace kink {

/// Solves `A x = b` in place: row-major `n x n`, partial pivoting, `b` is `n x columns`. False if singular.
inline bool solveDense(int n, double *A, double *b, int columns = 1) {
  for (int c = 0; c < n; ++c) {
    int p = c;
    for (int r = c + 1; r < n; ++r)
      if (std::fabs(A[r * n + c]) > std::fabs(A[p * n + c])) p = r;
    if (!(std::fabs(A[p * n + c]) >= 1e-300)) return false;
    if (p != c) {
      for (int k = c; k < n; ++k) std::swap(A[c * n + k], A[p * n + k]);
      for (int k = 0; k < columns; ++k) std::swap(b[c * columns + k], b[p * columns + k]);
    }
    const double inverse = 1 / A[c * n + c];
    for (int r = c + 1; r < n; ++r) {
      const double f = A[r * n + c] * inverse;
      if (f == 0) continue;
      for (int k = c; k < n; ++k) A[r * n + k] -= f * A[c * n + k];
      for (int k = 0; k < columns; ++k) b[r * columns + k] -= f * b[c * columns + k];
    }
  }
  for (int c = n - 1; c >= 0; --c)
    for (int k = 0; k < columns; ++k) {
      double v = b[c * columns + k];
      for (int j = c + 1; j < n; ++j) v -= A[c * n + j] * b[j * columns + k];
      b[c * columns + k] = v / A[c * n + c];
    }
  return true;
}

}  // namespace kink
