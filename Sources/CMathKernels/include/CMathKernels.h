#ifndef CMATHKERNELS_H
#define CMATHKERNELS_H

#include <stddef.h>

// Elementwise kernels; see README.md for error bounds. `value` and `derivative` (or `result`) must
// not overlap `z`. `count` may be 0, and the pointers may then be null.

// value = tanh z, derivative = 1 - tanh^2 z.
void cmath_tanh(const double *_Nullable z, double *_Nullable value, double *_Nullable derivative,
                size_t count);
// result = -2 tanh z (1 - tanh^2 z).
void cmath_tanh_second(const double *_Nullable z, double *_Nullable result, size_t count);

// value = s = 1 / (1 + exp(-z)), derivative = s (1 - s).
void cmath_sigmoid(const double *_Nullable z, double *_Nullable value, double *_Nullable derivative,
                   size_t count);
// result = s (1 - s) (1 - 2 s).
void cmath_sigmoid_second(const double *_Nullable z, double *_Nullable result, size_t count);

// value = log(1 + exp z), derivative = 1 / (1 + exp(-z)).
void cmath_softplus(const double *_Nullable z, double *_Nullable value, double *_Nullable derivative,
                    size_t count);

// result = exp(-z) / (1 + exp(-z))^2.
void cmath_softplus_second(const double *_Nullable z, double *_Nullable result, size_t count);

// value = sin z, derivative = cos z.
void cmath_sin(const double *_Nullable z, double *_Nullable value, double *_Nullable derivative,
               size_t count);
// result = -sin z.
void cmath_sin_second(const double *_Nullable z, double *_Nullable result, size_t count);

#endif
