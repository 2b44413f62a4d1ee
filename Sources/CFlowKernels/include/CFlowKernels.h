// Kernels of the two-layer flow. Internal to GradientFlow: no API of the package.
//
// Layouts. A chunk is a run of `count` neurons. `a` has `count` elements, `w` is d x count with
// row stride `ld` (structure of arrays), `x` is n x d (row-major, dense). Feature matrices `z`,
// `v`, `s` are n x count, dense.
//
// Determinism. Sums over neurons run in eight fixed lanes, joined by a fixed tree; products and sums
// are never contracted to fused multiply-adds. Hence SSE2, AVX2, AVX-512 and plain C give the same bits.
#ifndef CFLOWKERNELS_H
#define CFLOWKERNELS_H

#pragma clang assume_nonnull begin

/// The largest `d` that the fused kernels accept.
enum { CFLOW_MAX_FUSED_DIMENSION = 64 };

// ---- Fused passes for sigma(z) = q z + (p - q) max(z, 0): nothing is stored per neuron and sample.

/// `sums[i] = sum_k a_k max(z_ki, 0)`; with `linear` also `linear[j] = sum_k a_k w_kj`.
void cflow_fused_outputs(long count, long ld, long d, long n, const double *a, const double *w,
                         const double *x, double *sums, double *_Nullable linear);

/// With `g_k = g0 + sum_{i: z_ki > 0} lx_i` (`lx` n x d, `g0` d values):
/// `da_k = ca w_k.g_k`, `dw_k = cw a_k g_k`.
void cflow_fused_gradient(long count, long ld, long d, long n, const double *a, const double *w,
                          const double *x, const double *lx, const double *g0, double ca, double cw,
                          double *da, double *dw, long lddw);

/// ``cflow_fused_outputs`` and its derivative in direction `(va, vw)`, `z' = vw_k.x_i`:
/// `dsums[i] = sum_{k: z_ki > 0} (va_k z_ki + a_k z'_ki)`, `dlinear[j] = sum_k (va_k w_kj + a_k vw_kj)`.
void cflow_fused_outputs_tangent(long count, long ld, long d, long n, const double *a,
                                 const double *w, const double *va, const double *vw,
                                 const double *x, double *dsums, double *_Nullable dlinear);

/// With `g_k` of ``cflow_fused_gradient`` for the weights `l` and `h_k` likewise for `q`:
/// `ja_k = ca (w_k.h_k + vw_k.g_k)`, `jw_k = cw (a_k h_k + va_k g_k)`.
void cflow_fused_gradient_tangent(long count, long ld, long d, long n, const double *a,
                                  const double *w, const double *va, const double *vw,
                                  const double *x, const double *lx, const double *g0,
                                  const double *qx, const double *h0, double ca, double cw,
                                  double *ja, double *jw, long ldjw);

// ---- Layered passes: pre-activations, activation, sums; any activation.

/// `z_ik = w_k.x_i`.
void cflow_preactivations(long count, long ld, long d, long n, const double *w, const double *x,
                          double *z);

/// `v = sigma(z)`, `s = sigma'(z)`, `length` elements, for slopes `p` (z > 0) and `q`.
void cflow_slope_features(long length, const double *z, double p, double q, double *v, double *s);

/// `sums[i] = sum_k a_k v_ik`.
void cflow_weighted_sums(long count, long n, const double *a, const double *v, double *sums);

/// `sums[i] = sum_k (va_k v_ik + a_k s_ik dz_ik)`.
void cflow_weighted_sums_tangent(long count, long n, const double *a, const double *va,
                                 const double *v, const double *s, const double *dz, double *sums);

/// `da_k = ca sum_i l_i v_ik` and `p_ik = cw l_i a_k s_ik`.
void cflow_layer_gradient(long count, long n, const double *a, const double *l, const double *v,
                          const double *s, double ca, double cw, double *da, double *p);

/// `ja_k = ca sum_i (q_i v_ik + l_i s_ik dz_ik)` and
/// `p_ik = cw ((q_i a_k + l_i va_k) s_ik + l_i a_k c_ik dz_ik)`; `c` is sigma'', null if it vanishes.
void cflow_layer_gradient_tangent(long count, long n, const double *a, const double *va,
                                  const double *l, const double *q, const double *v,
                                  const double *s, const double *_Nullable c, const double *dz,
                                  double ca, double cw, double *ja, double *p);

/// `dw_kj = sum_i p_ik x_ij`.
void cflow_input_sums(long count, long d, long n, const double *p, const double *x, double *dw,
                      long lddw);

/// `gram[i n + j] += sum_k u_k^2 v_ik v_jk` for `j <= i`; `u` null means 1.
void cflow_gram(long count, long n, const double *v, const double *_Nullable u, double *gram);

/// `p_ik = a_k s_ik`.
void cflow_scale_columns(long count, long n, const double *a, const double *s, double *p);

/// The largest `|g_k|^2` over the chunk, `g` d x count, dense; NaN if some element is NaN.
double cflow_largest_column(long count, long d, const double *g);

/// `max_k ( |g_k| + kappaPrime |a_k| sum_i r_i |c_ik| )`, `g` d x count dense, `c` = sigma'';
/// NaN if some term is NaN.
double cflow_largest_block(long count, long d, long n, const double *g, const double *a,
                           const double *c, const double *r, double kappaPrime);

// ---- OpenBLAS and LAPACK, always one thread: the caller splits the work.

/// Sets OpenBLAS to one thread for this process.
void cflow_blas_use_one_thread(void);

/// The name of the kernel set that OpenBLAS chose, e.g. `Haswell`.
const char *cflow_blas_core_name(void);

/// `c = alpha op(a) b + beta c`, row-major, c is rows x columns; `transpose`: op(a) = a^T.
void cflow_gemm(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                long lda, const double *b, long ldb, double beta, double *c, long ldc);

/// `c = alpha a a^T + c`, lower triangle of the n x n row-major `c`; a is n x inner, dense.
void cflow_syrk(long n, long inner, double alpha, const double *a, double *c);

/// Eigenvalues, ascending, of the symmetric n x n `matrix`, which is overwritten; all of them, or
/// the largest alone (in `values[0]`). Returns LAPACK's `info` of dsyevr, or -1000 if memory ran out.
long cflow_symmetric_eigenvalues(long n, double *matrix, int largestOnly, double *values);

// ---- The bound that the fused passes are measured against.

/// Reads `y` (a sum in vector lanes), as a forward pass must.
double cflow_stream_read(long length, const double *y);
/// Reads `y` and writes `dy = c y`, as a backward pass must.
void cflow_stream_scale(long length, double c, const double *y, double *dy);

#pragma clang assume_nonnull end

#endif
