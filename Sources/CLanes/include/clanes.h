// Eight fixed lanes of doubles, and run-time dispatch on the instruction set: what the C kernels are written in, for them
// to include. Sums run in the lanes and are joined by a fixed tree, and nothing is contracted: a result has the same bits
// on every instruction set.
//
// Macros rather than functions: a vector passed between functions compiled for different
// instruction sets would change the calling convention.
#ifndef CLANES_H
#define CLANES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#pragma clang fp contract(off)

#if !defined(CLANES_NO_DISPATCH) && defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && \
    __has_attribute(target_clones)
// Hidden, as all that follows in the file: in a shared library the resolver of a visible function finds its variants through
// the table of addresses, and may run before that is filled in. (target_clones excludes a visibility attribute.)
#define CLANES_DISPATCH                  \
  _Pragma("GCC visibility push(hidden)") \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CLANES_DISPATCH
#endif
#define CLANES_INLINE static inline __attribute__((always_inline))

enum { LANES = 8 };
typedef double lanes __attribute__((vector_size(64)));
typedef long long lane_mask __attribute__((vector_size(64)));

#define LOAD(p) ({ lanes v_; memcpy(&v_, (p), sizeof v_); v_; })
#define STORE(p, value) ({ lanes v_ = (value); memcpy((p), &v_, sizeof v_); })
#define SPLAT(s) ({ double s_ = (s); (lanes){s_, s_, s_, s_, s_, s_, s_, s_}; })
#define SELECT(mask, yes, no) \
  ({ lane_mask m_ = (mask); (lanes)((m_ & (lane_mask)(yes)) | (~m_ & (lane_mask)(no))); })
/// max(z, 0); NaN stays NaN.
#define POSITIVE_PART(z) ({ lanes z_ = (z); SELECT(z_ < 0.0, (lanes){0}, z_); })
/// The sum of the lanes, by a fixed tree.
#define JOIN(v) \
  ({ lanes j_ = (v); ((j_[0] + j_[4]) + (j_[2] + j_[6])) + ((j_[1] + j_[5]) + (j_[3] + j_[7])); })

/// 0 if x is finite, NaN if not. NaN survives every sum, so a sum of these tells, in any order, whether all terms are
/// finite; it vectorises, a search does not. Of a number or of lanes.
#define ZERO_IF_FINITE(x) ((x) * 0.0)

/// Whether `x[from]` to `x[to - 1]` are finite.
CLANES_INLINE bool clanes_all_finite(const double *x, size_t from, size_t to) {
  lanes zeros = {0};
  size_t i = from;
  for (; i + LANES <= to; i += LANES) zeros += ZERO_IF_FINITE(LOAD(x + i));
  for (; i < to; i++) zeros[0] += ZERO_IF_FINITE(x[i]);
  return JOIN(zeros) == 0;
}

/// Copies `rest` < 8 neurons to eight lanes padded with zeros; row stride 8.
CLANES_INLINE void pad_rows(long rows, long rest, const double *p, long ld, double *padded) {
  for (long j = 0; j < rows; j++)
    for (long l = 0; l < LANES; l++) padded[j * LANES + l] = l < rest ? p[j * ld + l] : 0.0;
}

#endif
