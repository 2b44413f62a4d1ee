// The memory traffic of a right-hand side without its arithmetic: the bound of the benchmark.
#include "CFlowKernels.h"
#include "clanes.h"

CLANES_DISPATCH double cflow_stream_read(long length, const double *y) {
  lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
  long k = 0;
  for (; k + 4 * LANES <= length; k += 4 * LANES) {
    s0 += LOAD(y + k);
    s1 += LOAD(y + k + LANES);
    s2 += LOAD(y + k + 2 * LANES);
    s3 += LOAD(y + k + 3 * LANES);
  }
  double rest = 0;
  for (; k < length; k++) rest += y[k];
  return JOIN((s0 + s1) + (s2 + s3)) + rest;
}

CLANES_DISPATCH void cflow_stream_scale(long length, double c, const double *y, double *dy) {
  long k = 0;
  for (; k + LANES <= length; k += LANES) STORE(dy + k, LOAD(y + k) * SPLAT(c));
  for (; k < length; k++) dy[k] = y[k] * c;
}
