// The spectrum of the residuals' rate matrix: Jacobi for a few samples, LAPACK beyond.
#include <math.h>
#include <stdlib.h>

#include "ckink.h"

extern void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
                   double *w, double *work, const int *lwork, int *info);

// Up to here cyclic Jacobi is faster than LAPACK's set-up.
enum { JACOBI_MAX = 16 };

static void jacobi(int n, double *M, double *V) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) V[i * n + j] = i == j;
  double scale = 0;
  for (int i = 0; i < n * n; i++) scale += M[i] * M[i];
  for (int sweep = 0; sweep < 30; sweep++) {
    double off = 0;
    for (int p = 0; p < n; p++)
      for (int q = 0; q < p; q++) off += M[p * n + q] * M[p * n + q];
    if (off <= 1e-33 * scale) return;
    for (int p = 1; p < n; p++) {
      for (int q = 0; q < p; q++) {
        const double m = M[p * n + q];
        if (m == 0) continue;
        const double theta = (M[q * n + q] - M[p * n + p]) / (2 * m);
        const double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
        const double c = 1 / sqrt(t * t + 1), s = t * c;
        for (int k = 0; k < n; k++) {
          const double a = M[k * n + p], b = M[k * n + q];
          M[k * n + p] = c * a - s * b;
          M[k * n + q] = s * a + c * b;
        }
        for (int k = 0; k < n; k++) {
          const double a = M[p * n + k], b = M[q * n + k];
          M[p * n + k] = c * a - s * b;
          M[q * n + k] = s * a + c * b;
        }
        for (int k = 0; k < n; k++) {
          const double a = V[k * n + p], b = V[k * n + q];
          V[k * n + p] = c * a - s * b;
          V[k * n + q] = s * a + c * b;
        }
      }
    }
  }
}

bool ckink_eigen(int n, double *matrix, double *values, double *vectors) {
  if (n <= JACOBI_MAX) {
    jacobi(n, matrix, vectors);
    for (int i = 0; i < n; i++) values[i] = matrix[i * n + i];
    return true;
  }
  int info = 0, lwork = 34 * n;
  double *work = malloc((size_t)lwork * sizeof *work);
  if (!work) return false;
  dsyev_("V", "L", &n, matrix, &n, values, work, &lwork, &info);
  free(work);
  // LAPACK's eigenvectors are columns of a column-major matrix: rows here.
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) vectors[i * n + j] = matrix[j * n + i];
  return info == 0;
}
