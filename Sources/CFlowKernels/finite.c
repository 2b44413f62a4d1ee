#include "CFlowKernels.h"
#include "clanes.h"

CLANES_DISPATCH
int cflow_finite(long count, const double *u, const double *v) {
  return clanes_all_finite(u, 0, (size_t)count) && clanes_all_finite(v, 0, (size_t)count);
}
