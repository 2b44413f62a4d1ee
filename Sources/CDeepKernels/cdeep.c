// Products of layers: streamed for few samples, by OpenBLAS for many.
#include <cblas.h>
#include <stdatomic.h>
#include <stdint.h>

#include "cdeep.h"
#include "clanes.h"

/// Columns of a block: so many of four rows stay in the first-level cache. How far ahead weights are called for.
enum { BLOCK = 512, AHEAD = 256 };

#define PREFETCH(p) __builtin_prefetch(p)

/// Two rows of weights with four samples: six loads for sixteen operations.
CLANES_DISPATCH static void forward_pair(long n, long inner, double alpha, const double *restrict a, long lda,
                                         const double *restrict w0, const double *restrict w1, double beta,
                                         double *restrict z, long ldz) {
  const long whole = inner - inner % LANES;
  long i = 0;
  for (; i + 4 <= n; i += 4) {
    const double *a0 = a + i * lda, *a1 = a0 + lda, *a2 = a1 + lda, *a3 = a2 + lda;
    lanes s00 = {0}, s01 = {0}, s02 = {0}, s03 = {0}, s10 = {0}, s11 = {0}, s12 = {0}, s13 = {0};
    for (long j = 0; j < whole; j += LANES) {
      const lanes u = LOAD(w0 + j), v = LOAD(w1 + j);
      const lanes x0 = LOAD(a0 + j), x1 = LOAD(a1 + j), x2 = LOAD(a2 + j), x3 = LOAD(a3 + j);
      s00 += u * x0, s01 += u * x1, s02 += u * x2, s03 += u * x3;
      s10 += v * x0, s11 += v * x1, s12 += v * x2, s13 += v * x3;
    }
    double r[2][4] = {{JOIN(s00), JOIN(s01), JOIN(s02), JOIN(s03)},
                      {JOIN(s10), JOIN(s11), JOIN(s12), JOIN(s13)}};
    for (long j = whole; j < inner; j++)
      for (long e = 0; e < 4; e++) {
        r[0][e] += w0[j] * a0[e * lda + j];
        r[1][e] += w1[j] * a0[e * lda + j];
      }
    for (long e = 0; e < 4; e++) {
      double *to = z + (i + e) * ldz;
      to[0] = beta == 0 ? alpha * r[0][e] : alpha * r[0][e] + beta * to[0];
      if (w1 != w0) to[1] = beta == 0 ? alpha * r[1][e] : alpha * r[1][e] + beta * to[1];
    }
  }
  for (; i < n; i++) {
    const double *ai = a + i * lda;
    lanes s0 = {0}, s1 = {0};
    for (long j = 0; j < whole; j += LANES) {
      const lanes x = LOAD(ai + j);
      s0 += LOAD(w0 + j) * x, s1 += LOAD(w1 + j) * x;
    }
    double r0 = JOIN(s0), r1 = JOIN(s1);
    for (long j = whole; j < inner; j++) r0 += w0[j] * ai[j], r1 += w1[j] * ai[j];
    double *to = z + i * ldz;
    to[0] = beta == 0 ? alpha * r0 : alpha * r0 + beta * to[0];
    if (w1 != w0) to[1] = beta == 0 ? alpha * r1 : alpha * r1 + beta * to[1];
  }
}

/// Four rows of weights with four samples each time: eight loads for thirty-two operations. The weights are called for ahead of time,
/// across the borders of pages, where the processor does not look by itself.
CLANES_DISPATCH static void forward_four(long n, long inner, double alpha, const double *restrict a, long lda,
                                         const double *restrict w0, long ldw, double beta,
                                         double *restrict z, long ldz) {
  const long whole = inner - inner % LANES;
  const double *w1 = w0 + ldw, *w2 = w1 + ldw, *w3 = w2 + ldw;
  for (long i = 0; i + 4 <= n; i += 4) {
    const double *a0 = a + i * lda, *a1 = a0 + lda, *a2 = a1 + lda, *a3 = a2 + lda;
    lanes s00 = {0}, s01 = {0}, s02 = {0}, s03 = {0}, s10 = {0}, s11 = {0}, s12 = {0}, s13 = {0};
    lanes s20 = {0}, s21 = {0}, s22 = {0}, s23 = {0}, s30 = {0}, s31 = {0}, s32 = {0}, s33 = {0};
    for (long j = 0; j < whole; j += LANES) {
      if (i == 0) {
        PREFETCH(w0 + j + AHEAD), PREFETCH(w1 + j + AHEAD);
        PREFETCH(w2 + j + AHEAD), PREFETCH(w3 + j + AHEAD);
      }
      const lanes x0 = LOAD(a0 + j), x1 = LOAD(a1 + j), x2 = LOAD(a2 + j), x3 = LOAD(a3 + j);
      const lanes u0 = LOAD(w0 + j), u1 = LOAD(w1 + j), u2 = LOAD(w2 + j), u3 = LOAD(w3 + j);
      s00 += u0 * x0, s01 += u0 * x1, s02 += u0 * x2, s03 += u0 * x3;
      s10 += u1 * x0, s11 += u1 * x1, s12 += u1 * x2, s13 += u1 * x3;
      s20 += u2 * x0, s21 += u2 * x1, s22 += u2 * x2, s23 += u2 * x3;
      s30 += u3 * x0, s31 += u3 * x1, s32 += u3 * x2, s33 += u3 * x3;
    }
    double r[4][4] = {{JOIN(s00), JOIN(s01), JOIN(s02), JOIN(s03)},
                      {JOIN(s10), JOIN(s11), JOIN(s12), JOIN(s13)},
                      {JOIN(s20), JOIN(s21), JOIN(s22), JOIN(s23)},
                      {JOIN(s30), JOIN(s31), JOIN(s32), JOIN(s33)}};
    for (long k = 0; k < 4; k++)
      for (long e = 0; e < 4; e++) {
        for (long j = whole; j < inner; j++) r[k][e] += w0[k * ldw + j] * a0[e * lda + j];
        double *to = z + (i + e) * ldz + k;
        *to = beta == 0 ? alpha * r[k][e] : alpha * r[k][e] + beta * *to;
      }
  }
}

void cdeep_forward(long n, long rows, long inner, double alpha, const double *a, long lda, const double *w,
                   long ldw, double beta, double *z, long ldz) {
  if (n > CDEEP_MAX_STREAMED) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)rows, (int)inner, alpha, a, (int)lda, w,
                (int)ldw, beta, z, (int)ldz);
    return;
  }
  // Samples that are not taken by four, or rows.
  const long fours = n - n % 4;
  long k = 0;
  for (; k + 4 <= rows && fours > 0; k += 4) {
    const double *w0 = w + k * ldw;
    forward_four(fours, inner, alpha, a, lda, w0, ldw, beta, z + k, ldz);
    for (long r = 0; r < 4 && fours < n; r += 2)
      forward_pair(n - fours, inner, alpha, a + fours * lda, lda, w0 + r * ldw, w0 + (r + 1) * ldw, beta,
                   z + fours * ldz + k + r, ldz);
  }
  for (; k < rows; k += 2) {
    const double *w0 = w + k * ldw;
    forward_pair(n, inner, alpha, a, lda, w0, k + 1 < rows ? w0 + ldw : w0, beta, z + k, ldz);
  }
}

/// Adds `p` times up to four rows of weights to a block of columns.
CLANES_DISPATCH static void backward_block(long n, long rows, long columns, const double *restrict p, long ldp,
                                           const double *restrict w, long ldw, double *restrict q, long ldq) {
  const long whole = columns - columns % LANES;
  long k = 0;
  for (; k + 4 <= rows; k += 4) {
    const double *w0 = w + k * ldw, *w1 = w0 + ldw, *w2 = w1 + ldw, *w3 = w2 + ldw;
    long i = 0;
    for (; i + 4 <= n; i += 4) {
      const double *p0 = p + i * ldp + k, *p1 = p0 + ldp, *p2 = p1 + ldp, *p3 = p2 + ldp;
      double *q0 = q + i * ldq, *q1 = q0 + ldq, *q2 = q1 + ldq, *q3 = q2 + ldq;
      for (long j = 0; j < whole; j += LANES) {
        if (i == 0) {
          PREFETCH(w0 + 4 * ldw + j), PREFETCH(w1 + 4 * ldw + j);
          PREFETCH(w2 + 4 * ldw + j), PREFETCH(w3 + 4 * ldw + j);
        }
        const lanes u0 = LOAD(w0 + j), u1 = LOAD(w1 + j), u2 = LOAD(w2 + j), u3 = LOAD(w3 + j);
        STORE(q0 + j, LOAD(q0 + j) + ((u0 * p0[0] + u1 * p0[1]) + (u2 * p0[2] + u3 * p0[3])));
        STORE(q1 + j, LOAD(q1 + j) + ((u0 * p1[0] + u1 * p1[1]) + (u2 * p1[2] + u3 * p1[3])));
        STORE(q2 + j, LOAD(q2 + j) + ((u0 * p2[0] + u1 * p2[1]) + (u2 * p2[2] + u3 * p2[3])));
        STORE(q3 + j, LOAD(q3 + j) + ((u0 * p3[0] + u1 * p3[1]) + (u2 * p3[2] + u3 * p3[3])));
      }
      for (long e = 0; e < 4; e++) {
        const double *pe = p0 + e * ldp;
        for (long j = whole; j < columns; j++)
          q0[e * ldq + j] += (w0[j] * pe[0] + w1[j] * pe[1]) + (w2[j] * pe[2] + w3[j] * pe[3]);
      }
    }
    for (; i < n; i++) {
      const double *pi = p + i * ldp + k;
      const double c0 = pi[0], c1 = pi[1], c2 = pi[2], c3 = pi[3];
      double *qi = q + i * ldq;
      for (long j = 0; j < whole; j += LANES)
        STORE(qi + j, LOAD(qi + j) + ((LOAD(w0 + j) * c0 + LOAD(w1 + j) * c1) +
                                      (LOAD(w2 + j) * c2 + LOAD(w3 + j) * c3)));
      for (long j = whole; j < columns; j++)
        qi[j] += (w0[j] * c0 + w1[j] * c1) + (w2[j] * c2 + w3[j] * c3);
    }
  }
  for (; k < rows; k++) {
    const double *wk = w + k * ldw;
    for (long i = 0; i < n; i++) {
      const double c = p[i * ldp + k];
      double *qi = q + i * ldq;
      for (long j = 0; j < columns; j++) qi[j] += wk[j] * c;
    }
  }
}

void cdeep_backward(long n, long rows, long columns, const double *p, long ldp, const double *w, long ldw,
                    double beta, double *q, long ldq) {
  if (n > CDEEP_MAX_STREAMED) {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)columns, (int)rows, 1, p, (int)ldp, w,
                (int)ldw, beta, q, (int)ldq);
    return;
  }
  if (beta == 0)
    for (long i = 0; i < n; i++) memset(q + i * ldq, 0, (size_t)columns * sizeof *q);
  for (long j = 0; j < columns; j += BLOCK) {
    const long width = columns - j < BLOCK ? columns - j : BLOCK;
    backward_block(n, rows, width, p, ldp, w + j, ldw, q + j, ldq);
  }
}

/// One row `g = beta g + sum_i c_i a_i`, four samples at a time.
CLANES_DISPATCH static void outer_row(long n, long columns, const double *restrict c, const double *restrict a,
                                      long lda, double beta, double *restrict g) {
  const long whole = columns - columns % LANES;
  long i = 0;
  bool adds = beta != 0;
  for (; i + 4 <= n; i += 4, adds = true) {
    const double *a0 = a + i * lda, *a1 = a0 + lda, *a2 = a1 + lda, *a3 = a2 + lda;
    const double c0 = c[i], c1 = c[i + 1], c2 = c[i + 2], c3 = c[i + 3];
    for (long j = 0; j < whole; j += LANES) {
      const lanes sum =
          (LOAD(a0 + j) * c0 + LOAD(a1 + j) * c1) + (LOAD(a2 + j) * c2 + LOAD(a3 + j) * c3);
      STORE(g + j, adds ? LOAD(g + j) + sum : sum);
    }
    for (long j = whole; j < columns; j++) {
      const double sum = (a0[j] * c0 + a1[j] * c1) + (a2[j] * c2 + a3[j] * c3);
      g[j] = adds ? g[j] + sum : sum;
    }
  }
  for (; i < n; i++, adds = true) {
    const double *ai = a + i * lda;
    const double ci = c[i];
    for (long j = 0; j < columns; j++) g[j] = adds ? g[j] + ai[j] * ci : ai[j] * ci;
  }
}

/// Four rows of a large matrix that is written over, in the order of ``outer_row``, past the caches if they lie on their lines. `n` >= 4.
CLANES_DISPATCH static void outer_large(long n, long columns, const double *restrict c, const double *restrict a,
                                        long lda, double *restrict g, long ldg, bool isAligned) {
  const long whole = columns - columns % LANES;
  const double *c0 = c, *c1 = c0 + CDEEP_MAX_STREAMED, *c2 = c1 + CDEEP_MAX_STREAMED,
               *c3 = c2 + CDEEP_MAX_STREAMED;
  for (long j = 0; j < whole; j += LANES) {
    lanes s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0};
    long i = 0;
    for (; i + 4 <= n; i += 4) {
      const double *x = a + i * lda + j;
      const lanes x0 = LOAD(x), x1 = LOAD(x + lda), x2 = LOAD(x + 2 * lda), x3 = LOAD(x + 3 * lda);
#define FOUR(c) ((x0 * c[i] + x1 * c[i + 1]) + (x2 * c[i + 2] + x3 * c[i + 3]))
      if (i == 0)
        s0 = FOUR(c0), s1 = FOUR(c1), s2 = FOUR(c2), s3 = FOUR(c3);
      else
        s0 += FOUR(c0), s1 += FOUR(c1), s2 += FOUR(c2), s3 += FOUR(c3);
#undef FOUR
    }
    for (; i < n; i++) {
      const lanes x = LOAD(a + i * lda + j);
      s0 += x * c0[i], s1 += x * c1[i], s2 += x * c2[i], s3 += x * c3[i];
    }
    double *to = g + j;
    if (isAligned) {
      __builtin_nontemporal_store(s0, (lanes *)to);
      __builtin_nontemporal_store(s1, (lanes *)(to + ldg));
      __builtin_nontemporal_store(s2, (lanes *)(to + 2 * ldg));
      __builtin_nontemporal_store(s3, (lanes *)(to + 3 * ldg));
    } else {
      STORE(to, s0);
      STORE(to + ldg, s1);
      STORE(to + 2 * ldg, s2);
      STORE(to + 3 * ldg, s3);
    }
  }
  for (long r = 0; r < 4 && whole < columns; r++)
    outer_row(n, columns - whole, c + r * CDEEP_MAX_STREAMED, a + whole, lda, 0, g + r * ldg + whole);
}

/// Four rows `g = from + c_0 a_0 + c_1 a_1 + ...`, added from the left, with `c` of one row beside that of the next.
CLANES_DISPATCH static void ordered_rows(long n, long columns, const double *restrict c, long ldc,
                                         const double *restrict a, long lda, const double *from, double *g) {
  const double *f0 = from, *f1 = f0 + columns, *f2 = f1 + columns, *f3 = f2 + columns;
  double *g0 = g, *g1 = g0 + columns, *g2 = g1 + columns, *g3 = g2 + columns;
  const long whole = columns - columns % LANES;
  for (long j = 0; j < whole; j += LANES) {
    lanes s0 = LOAD(f0 + j), s1 = LOAD(f1 + j), s2 = LOAD(f2 + j), s3 = LOAD(f3 + j);
    for (long i = 0; i < n; i++) {
      const lanes x = LOAD(a + i * lda + j);
      const double *ci = c + i * ldc;
      s0 += x * ci[0], s1 += x * ci[1], s2 += x * ci[2], s3 += x * ci[3];
    }
    STORE(g0 + j, s0);
    STORE(g1 + j, s1);
    STORE(g2 + j, s2);
    STORE(g3 + j, s3);
  }
  for (long r = 0; r < 4; r++)
    for (long j = whole; j < columns; j++) {
      double sum = from[r * columns + j];
      for (long i = 0; i < n; i++) sum += a[i * lda + j] * c[i * ldc + r];
      g[r * columns + j] = sum;
    }
}

static void ordered_row(long n, long columns, const double *restrict c, long ldc, const double *restrict a,
                        long lda, const double *from, double *g) {
  for (long j = 0; j < columns; j++) {
    double sum = from[j];
    for (long i = 0; i < n; i++) sum += a[i * lda + j] * c[i * ldc];
    g[j] = sum;
  }
}

void cdeep_ordered_outer(long n, long rows, long columns, const double *p, long ldp, const double *a, long lda,
                         const double *from, double *g) {
  long k = 0;
  for (; k + 4 <= rows; k += 4)
    ordered_rows(n, columns, p + k, ldp, a, lda, from + k * columns, g + k * columns);
  for (; k < rows; k++) ordered_row(n, columns, p + k, ldp, a, lda, from + k * columns, g + k * columns);
}

/// The squares of four such rows, which are not kept; added to `squares` by columns, and written to `totals`.
CLANES_DISPATCH static void ordered_squares(long n, long columns, const double *restrict c, long ldc,
                                            const double *restrict a, long lda, const double *restrict from,
                                            double *restrict squares, double *restrict totals) {
  const double *f0 = from, *f1 = f0 + columns, *f2 = f1 + columns, *f3 = f2 + columns;
  const long whole = columns - columns % LANES;
  lanes t0 = {0}, t1 = {0}, t2 = {0}, t3 = {0};
  for (long j = 0; j < whole; j += LANES) {
    lanes s0 = LOAD(f0 + j), s1 = LOAD(f1 + j), s2 = LOAD(f2 + j), s3 = LOAD(f3 + j);
    for (long i = 0; i < n; i++) {
      const lanes x = LOAD(a + i * lda + j);
      const double *ci = c + i * ldc;
      s0 += x * ci[0], s1 += x * ci[1], s2 += x * ci[2], s3 += x * ci[3];
    }
    s0 *= s0, s1 *= s1, s2 *= s2, s3 *= s3;
    t0 += s0, t1 += s1, t2 += s2, t3 += s3;
    STORE(squares + j, LOAD(squares + j) + ((s0 + s1) + (s2 + s3)));
  }
  const double joined[4] = {JOIN(t0), JOIN(t1), JOIN(t2), JOIN(t3)};
  for (long r = 0; r < 4; r++) {
    double rest = 0;
    for (long j = whole; j < columns; j++) {
      double sum = from[r * columns + j];
      for (long i = 0; i < n; i++) sum += a[i * lda + j] * c[i * ldc + r];
      squares[j] += sum * sum;
      rest += sum * sum;
    }
    totals[r] = joined[r] + rest;
  }
}

void cdeep_ordered_squares(long n, long rows, long columns, const double *p, long ldp, const double *a, long lda,
                           const double *from, double *row_squares, double *column_squares) {
  memset(column_squares, 0, (size_t)columns * sizeof *column_squares);
  long k = 0;
  for (; k + 4 <= rows; k += 4)
    ordered_squares(n, columns, p + k, ldp, a, lda, from + k * columns, column_squares, row_squares + k);
  for (; k < rows; k++) {
    double total = 0;
    for (long j = 0; j < columns; j++) {
      double sum = from[k * columns + j];
      for (long i = 0; i < n; i++) sum += a[i * lda + j] * p[i * ldp + k];
      column_squares[j] += sum * sum;
      total += sum * sum;
    }
    row_squares[k] = total;
  }
}

void cdeep_outer(long n, long rows, long columns, double factor, const double *p, long ldp, const double *a,
                 long lda, double beta, double *g, long ldg, bool isLarge) {
  if (n > CDEEP_MAX_STREAMED) {
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)rows, (int)columns, (int)n, factor, p, (int)ldp,
                a, (int)lda, beta, g, (int)ldg);
    return;
  }
  double c[4 * CDEEP_MAX_STREAMED];
  long k = 0;
  if (isLarge && beta == 0 && n >= 4) {
    const bool isAligned = (uintptr_t)g % sizeof(lanes) == 0 && ldg % LANES == 0;
    for (; k + 4 <= rows; k += 4) {
      for (long r = 0; r < 4; r++)
        for (long i = 0; i < n; i++) c[r * CDEEP_MAX_STREAMED + i] = factor * p[i * ldp + k + r];
      outer_large(n, columns, c, a, lda, g + k * ldg, ldg, isAligned);
    }
    // Before other threads read.
    atomic_thread_fence(memory_order_seq_cst);
  }
  for (; k < rows; k++) {
    for (long i = 0; i < n; i++) c[i] = factor * p[i * ldp + k];
    outer_row(n, columns, c, a, lda, beta, g + k * ldg);
  }
}

void cdeep_gram(long rows, long columns, long inner, const double *a, const double *b, long ld, double *c,
                long ldc) {
  if (a == b)
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)rows, (int)inner, 1, a, (int)ld, 0, c, (int)ldc);
  else
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)columns, (int)inner, 1, a, (int)ld, b,
                (int)ld, 0, c, (int)ldc);
}

CLANES_DISPATCH void cdeep_hadamard(long n, long c, double factor, double constant, const double *restrict ga,
                                    const double *restrict gb, double *restrict k) {
  const long ld = n * c;
  for (long i = 0; i < n; i++)
    for (long q = 0; q < c; q++) {
      const long row = (i * c + q) * ld;
      if (c == 1)
        for (long j = 0; j <= i; j++) k[row + j] += (factor * ga[i * n + j] + constant) * gb[row + j];
      else
        for (long j = 0; j <= i; j++) {
          const double f = factor * ga[i * n + j] + constant;
          for (long r = 0; r < c; r++) k[row + j * c + r] += f * gb[row + j * c + r];
        }
    }
}

CLANES_DISPATCH void cdeep_scale(long count, const double *restrict s, double *restrict q) {
  for (long i = 0; i < count; i++) q[i] *= s[i];
}

CLANES_DISPATCH void cdeep_scale_tangent(long count, const double *restrict s, const double *restrict s2,
                                         const double *restrict dz, const double *restrict q,
                                         double *restrict r) {
  if (!s2) {
    for (long i = 0; i < count; i++) r[i] *= s[i];
    return;
  }
  for (long i = 0; i < count; i++) r[i] = r[i] * s[i] + q[i] * (s2[i] * dz[i]);
}

CLANES_DISPATCH void cdeep_add(long count, double c, const double *restrict x, double *restrict y) {
  for (long i = 0; i < count; i++) y[i] += c * x[i];
}

CLANES_DISPATCH void cdeep_add_squares(long count, double c, const double *restrict x, double *restrict y) {
  for (long i = 0; i < count; i++) y[i] += c * x[i] * x[i];
}

CLANES_DISPATCH double cdeep_squares(long count, const double *x, const double *y) {
  lanes sum = {0};
  const long whole = count - count % LANES;
  double rest = 0;
  if (y) {
    for (long i = 0; i < whole; i += LANES) {
      const lanes d = LOAD(x + i) - LOAD(y + i);
      sum += d * d;
    }
    for (long i = whole; i < count; i++) rest += (x[i] - y[i]) * (x[i] - y[i]);
  } else {
    for (long i = 0; i < whole; i += LANES) {
      const lanes v = LOAD(x + i);
      sum += v * v;
    }
    for (long i = whole; i < count; i++) rest += x[i] * x[i];
  }
  return JOIN(sum) + rest;
}

CLANES_DISPATCH double cdeep_dot(long count, const double *x, const double *y) {
  lanes sum = {0};
  const long whole = count - count % LANES;
  for (long i = 0; i < whole; i += LANES) sum += LOAD(x + i) * LOAD(y + i);
  double rest = 0;
  for (long i = whole; i < count; i++) rest += x[i] * y[i];
  return JOIN(sum) + rest;
}
