// Two operations of SUNDIALS' serial vectors, vectorised: Debian's library is built for SSE2 and sums
// norms in strict order, which costs a third of a run on a flow of a few thousand unknowns.
//
// Eight fixed lanes, joined by a fixed tree, nothing contracted: the bits do not depend on the processor.
// Vectors may be the same (z = x), but do not overlap otherwise.

#include "csundials_internal.h"

#include <math.h>

#include "clanes.h"

CLANES_DISPATCH
static void linear_sum(int64_t n, double a, const double *x, double b, const double *y, double *z) {
  const lanes as = SPLAT(a), bs = SPLAT(b);
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) STORE(z + i, as * LOAD(x + i) + bs * LOAD(y + i));
  for (; i < n; i++) z[i] = a * x[i] + b * y[i];
}

CLANES_DISPATCH
static double weighted_square_sum(int64_t n, const double *x, const double *w) {
  lanes sums[2] = {{0}, {0}};
  int64_t i = 0;
  for (; i + 2 * LANES <= n; i += 2 * LANES)
    for (int b = 0; b < 2; b++) {
      const lanes product = LOAD(x + i + b * LANES) * LOAD(w + i + b * LANES);
      sums[b] = sums[b] + product * product;
    }
  for (int e = 0; i + e < n; e++) {
    const double product = x[i + e] * w[i + e];
    sums[e / LANES][e % LANES] += product * product;
  }
  return JOIN(sums[0] + sums[1]);
}

static void vector_linear_sum(realtype a, N_Vector x, realtype b, N_Vector y, N_Vector z) {
  linear_sum(NV_LENGTH_S(x), a, NV_DATA_S(x), b, NV_DATA_S(y), NV_DATA_S(z));
}

static realtype vector_wrms_norm(N_Vector x, N_Vector w) {
  const int64_t n = NV_LENGTH_S(x);
  return sqrt(weighted_square_sum(n, NV_DATA_S(x), NV_DATA_S(w)) / (double)n);
}

void csundials_vectorise_(N_Vector vector) {
  vector->ops->nvlinearsum = vector_linear_sum;
  vector->ops->nvwrmsnorm = vector_wrms_norm;
}
