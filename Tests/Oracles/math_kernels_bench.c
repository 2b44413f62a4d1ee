// What the activations' kernels cost beside the C library's scalar functions and glibc's vector
// library (libmvec), and how far each is from the 64-bit-mantissa (long double) functions. Build and run from the package's root:
//
//     clang -O2 -ISources/CMathKernels/include Tests/Oracles/math_kernels_bench.c
//       Sources/CMathKernels/*.c -o /tmp/bench -lmvec -lm && /tmp/bench
//
// (x86-64 Linux with glibc >= 2.35, AVX2.)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "CMathKernels.h"

#define COUNT 1024
static double z[COUNT], value[COUNT], derivative[COUNT];

#define MVEC(NAME) __attribute__((target("arch=x86-64-v3"))) __m256d _ZGVdN4v_##NAME(__m256d);
MVEC(tanh) MVEC(exp) MVEC(log1p) MVEC(sin) MVEC(cos)

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static void libm_tanh(void) {
  for (int i = 0; i < COUNT; i++) {
    double t = tanh(z[i]);
    value[i] = t;
    derivative[i] = (1 - t) * (1 + t);
  }
}
static void libm_sigmoid(void) {
  for (int i = 0; i < COUNT; i++) {
    double u = exp(-fabs(z[i])), v = 1 / (1 + u);
    value[i] = z[i] < 0 ? u * v : v;
    derivative[i] = u * v * v;
  }
}
static void libm_softplus(void) {
  for (int i = 0; i < COUNT; i++) {
    double u = exp(-fabs(z[i])), v = 1 / (1 + u);
    value[i] = fmax(z[i], 0) + log1p(u);
    derivative[i] = z[i] < 0 ? u * v : v;
  }
}
static void libm_sin(void) {
  for (int i = 0; i < COUNT; i++) {
    value[i] = sin(z[i]);
    derivative[i] = cos(z[i]);
  }
}

#define V4 __attribute__((target("arch=x86-64-v3")))
V4 static __m256d decay(__m256d x) { return _ZGVdN4v_exp(_mm256_or_pd(x, _mm256_set1_pd(-0.0))); }
V4 static __m256d logistic(__m256d x, __m256d u, __m256d v) {
  return _mm256_blendv_pd(v, u * v, x);
}
V4 static void mvec_tanh(void) {
  for (int i = 0; i < COUNT; i += 4) {
    __m256d t = _ZGVdN4v_tanh(_mm256_loadu_pd(z + i)), one = _mm256_set1_pd(1);
    _mm256_storeu_pd(value + i, t);
    _mm256_storeu_pd(derivative + i, (one - t) * (one + t));
  }
}
V4 static void mvec_sigmoid(void) {
  for (int i = 0; i < COUNT; i += 4) {
    __m256d x = _mm256_loadu_pd(z + i), one = _mm256_set1_pd(1);
    __m256d u = decay(x), v = one / (one + u);
    _mm256_storeu_pd(value + i, logistic(x, u, v));
    _mm256_storeu_pd(derivative + i, u * v * v);
  }
}
V4 static void mvec_softplus(void) {
  for (int i = 0; i < COUNT; i += 4) {
    __m256d x = _mm256_loadu_pd(z + i), one = _mm256_set1_pd(1);
    __m256d u = decay(x), v = one / (one + u);
    _mm256_storeu_pd(value + i, _mm256_max_pd(x, _mm256_setzero_pd()) + _ZGVdN4v_log1p(u));
    _mm256_storeu_pd(derivative + i, logistic(x, u, v));
  }
}
V4 static void mvec_sin(void) {
  for (int i = 0; i < COUNT; i += 4) {
    __m256d x = _mm256_loadu_pd(z + i);
    _mm256_storeu_pd(value + i, _ZGVdN4v_sin(x));
    _mm256_storeu_pd(derivative + i, _ZGVdN4v_cos(x));
  }
}
static void own_tanh(void) { cmath_tanh(z, value, derivative, COUNT); }
static void own_sigmoid(void) { cmath_sigmoid(z, value, derivative, COUNT); }
static void own_softplus(void) { cmath_softplus(z, value, derivative, COUNT); }
static void own_sin(void) { cmath_sin(z, value, derivative, COUNT); }

static long double exact(int f, int order, double x) {
  long double u = expl(-fabsl((long double)x)), u2 = expl(-2 * fabsl((long double)x));
  switch (f * 2 + order) {
    case 0: return tanhl(x);
    case 1: return 4 * u2 / ((1 + u2) * (1 + u2));
    case 2: return x < 0 ? u / (1 + u) : 1 / (1 + u);
    case 3: return u / ((1 + u) * (1 + u));
    case 4: return (x > 0 ? x : 0) + log1pl(u);
    case 5: return x < 0 ? u / (1 + u) : 1 / (1 + u);
    case 6: return sinl(x);
    default: return cosl(x);
  }
}

static double ulps(double got, long double want) {
  double rounded = (double)want;
  double ulp = nextafter(fabs(rounded), INFINITY) - fabs(rounded);
  return fabsl((long double)got - want) / ulp;
}

int main(void) {
  const char *names[] = {"tanh", "sigmoid", "softplus", "sin"};
  void (*runs[4][3])(void) = {{libm_tanh, mvec_tanh, own_tanh},
                              {libm_sigmoid, mvec_sigmoid, own_sigmoid},
                              {libm_softplus, mvec_softplus, own_softplus},
                              {libm_sin, mvec_sin, own_sin}};
  const char *how[] = {"C library", "libmvec AVX2", "own"};
  for (int f = 0; f < 4; f++) {
    for (int h = 0; h < 3; h++) {
      for (int i = 0; i < COUNT; i++) z[i] = 3 * sin(1e3 * (i + 1));  // scattered over [-3, 3]
      double best = 1e9;
      for (int repeat = 0; repeat < 30; repeat++) {
        double start = now();
        for (int j = 0; j < 200; j++) runs[f][h]();
        double t = (now() - start) / (200.0 * COUNT) * 1e9;
        if (t < best) best = t;
      }
      double worst[2] = {0, 0};
      uint64_t state = 1;
      for (int block = 0; block < 1000; block++) {
        double range = block % 3 == 0 ? 1 : block % 3 == 1 ? 20 : 700;
        for (int i = 0; i < COUNT; i++) {
          state = state * 6364136223846793005u + 1442695040888963407u;
          z[i] = range * ((double)(int64_t)state * 0x1p-63);
        }
        runs[f][h]();
        for (int i = 0; i < COUNT; i++) {
          double e0 = ulps(value[i], exact(f, 0, z[i])), e1 = ulps(derivative[i], exact(f, 1, z[i]));
          if (e0 > worst[0]) worst[0] = e0;
          if (e1 > worst[1]) worst[1] = e1;
        }
      }
      printf("%-9s %-16s %6.2f ns  value %.3g ulp  derivative %.3g ulp\n", names[f], how[h], best,
             worst[0], worst[1]);
    }
  }
}
