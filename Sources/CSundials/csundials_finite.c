#include "csundials.h"

#if defined(__x86_64__) && defined(__linux__)
#define CSUNDIALS_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CSUNDIALS_CLONES
#endif

// x * 0 is NaN exactly if x is not finite, and NaN survives every sum in any order.
CSUNDIALS_CLONES
bool csundials_all_finite(const double *x, int64_t count) {
#if defined(__clang__)
#pragma clang fp reassociate(on)
#endif
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += x[i] * 0.0;
  return sum == sum;
}
