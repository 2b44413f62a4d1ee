#include "clanes.h"
#include "csundials.h"

CLANES_DISPATCH
bool csundials_all_finite(const double *x, int64_t count) { return clanes_all_finite(x, 0, (size_t)count); }
