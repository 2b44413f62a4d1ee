#include "CFlowKernels.h"
#include "lanes.h"

// x * 0 is NaN exactly if x is not finite, and NaN survives every sum.
CFLOW_DISPATCH
int cflow_finite(long count, const double *u, const double *v) {
  lanes su = {0}, sv = {0};
  long i = 0;
  for (; i + LANES <= count; i += LANES) {
    su += LOAD(u + i) * 0.0;
    sv += LOAD(v + i) * 0.0;
  }
  double sum = JOIN(su + sv);
  for (; i < count; i++) sum += u[i] * 0.0 + v[i] * 0.0;
  return sum == 0;
}
