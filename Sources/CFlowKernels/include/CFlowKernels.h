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

/// The same of `v = sigma(z)` for slopes `p` (z > 0) and `q`.
void cflow_slope_sums(long count, long n, const double *a, const double *z, double p, double q, double *sums);

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

/// `max_k ( s_k/2 + sqrt(s_k^2/4 + |g_k|^2) )`, `g` d x count dense, `c` = sigma'' (n x count), with
/// `s_k = kappaPrime |a_k| sqrt( sum_q (sum_i r_qi c_ik)^2 )` for `r` rows x n, or, if `rows` is 0 and `r` has n
/// elements, `s_k = kappaPrime |a_k| sum_i r_i |c_ik|`. NaN if some term is NaN.
double cflow_largest_block(long count, long d, long n, long rows, const double *g, const double *a,
                           const double *c, const double *r, double kappaPrime);

// ---- Newton's systems: blocks of the neurons, packed lower triangles as newton_blocks.c says; the output
// gradients of neuron k at sample i are (v_ik; a_k s_ik x_i).

enum {
  /// The largest order of a block.
  CFLOW_MAX_BLOCK_ORDER = 65,
  /// The largest `d` of ``cflow_combine_gradients``.
  CFLOW_MAX_COMBINED_DIMENSION = 16,
};

/// A block with an eigenvalue closer to zero counts as singular: what is solved with it is wrong by up
/// to eps over this.
#define CFLOW_SMALLEST_BLOCK_EIGENVALUE 1e-8

/// `p_ik = l_i s_ik`.
void cflow_weigh_rows(long count, long n, const double *l, const double *s, double *p);

/// From `C` (in the w part of `blocks`) and `g` (r x count) the blocks
/// `[I + cc a_k C_k, cg g_k; cg g_k^T, 1]`.
void cflow_block_assemble(long count, long r, const double *a, double cg, const double *g,
                          double cc, double *blocks);

/// Factors `T` with `E^-1 = T^T T` of positive definite blocks of order `q`, and `E^-1` of all, with row
/// stride `ld`. Returns how many blocks are not safely positive definite (their inverses come by
/// eigenvalues, and their `T` is meaningless), or `-1 - k` if that of neuron k is singular.
/// `unsafe` has room for `count` indices.
long cflow_block_factor(long count, long q, const double *blocks, double *factors,
                        double *inverses, long ld, int *unsafe);

/// Multiplies packed rows by `S = diag(cw, ..., cw, ca)` from the right, or from both sides.
void cflow_block_scale(long count, long q, double cw, double ca, double *rows, long ld, int both);

/// `(w; a) <- E^-1 (w; a)` in place.
void cflow_block_apply(long count, long q, const double *inverses, long ld, double *a, double *w,
                       long ldw);

/// `result[i][c][k] = sum_j R_cj (gradient)_j`, R lower triangular or symmetric; n x (r + 1) x count.
void cflow_block_features(long count, long r, long n, const double *a, const double *v,
                          const double *s, const double *x, const double *rows, long ld,
                          int symmetric, double *result);

/// The same with the unit matrix.
void cflow_plain_features(long count, long r, long n, const double *a, const double *v,
                          const double *s, const double *x, double *result);

/// For the arrows `[I/kappa', G; G^T, kappa']`, `G = gamma g`: `g <- G` and `pivot = kappa' (1 - |G|^2)`.
/// Returns how many pivots are negative, or `-1 - k` if that of neuron k counts as zero.
long cflow_arrow_factor(long count, long d, double gamma, double kappaPrime, double *g, long ld,
                        double *pivot);

/// `h_ik = (v_ik - kappa' a_k s_ik gx_ik) / sqrt |pivot_k|`; 0 for positive pivots if `negativeOnly`.
void cflow_arrow_features(long count, long n, double kappaPrime, const double *a, const double *v,
                          const double *s, const double *gx, const double *pivot, int negativeOnly,
                          double *h);

/// `(w; a) <- arrow^-1 (w; a)` in place.
void cflow_arrow_apply(long count, long d, double kappaPrime, const double *g, long ldg,
                       const double *pivot, double *a, double *w, long ldw);

/// `sums[i] = sum_k (va_k v_ik + a_k s_ik vw_k.x_i)`; `ld` is the row stride of `vw`.
void cflow_direction_outputs(long count, long ld, long d, long n, const double *a,
                             const double *va, const double *vw, const double *v, const double *s,
                             const double *x, double *sums);

/// `ba_k = factor sum_i c_i v_ik`, `bw_k = factor a_k sum_i c_i s_ik x_i`.
void cflow_combine_gradients(long count, long d, long n, double factor, const double *a,
                             const double *c, const double *v, const double *s, const double *x,
                             double *ba, double *bw, long ldb);

// ---- OpenBLAS and LAPACK, always one thread: the caller splits the work. Products of matrices are our own (tiles.c) on processors
// with AVX-512.

/// Sets OpenBLAS to one thread for this process.
void cflow_blas_use_one_thread(void);

/// The name of the kernel set that OpenBLAS chose, e.g. `Haswell`.
const char *cflow_blas_core_name(void);
/// OpenBLAS' own account of its version and build options.
const char *cflow_blas_configuration(void);

/// `c = alpha op(a) b + beta c`, row-major, c is rows x columns; `transpose`: op(a) = a^T.
void cflow_gemm(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                long lda, const double *b, long ldb, double beta, double *c, long ldc);

/// The same by OpenBLAS on every processor.
void cflow_blas_gemm(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                     long lda, const double *b, long ldb, double beta, double *c, long ldc);

/// ``cflow_gemm`` in single precision, with sums of 128 products and more in double precision (mixed.c); and by OpenBLAS on every processor.
void cflow_gemm_mixed(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                      long lda, const double *b, long ldb, double beta, double *c, long ldc);
void cflow_blas_gemm_mixed(int transpose, long rows, long columns, long inner, double alpha, const double *a,
                           long lda, const double *b, long ldb, double beta, double *c, long ldc);

/// Whether products and Gram matrices are made by the package's own AVX-512 kernels (tiles.c) rather than by OpenBLAS.
int cflow_uses_tiles(void);

/// `c = alpha a a^T + c`, lower triangle of the n x n row-major `c`; a is n x inner, dense.
void cflow_syrk(long n, long inner, double alpha, const double *a, double *c);

/// `c = a b^T + c`, row-major; a and b are n x inner, dense.
void cflow_multiply_transposed(long n, long inner, const double *a, const double *b, double *c);

/// LU factors of the column-major n x n `a` in place. `work` holds 4 n numbers, `pivots` 2 n.
/// Returns LAPACK's `info` of dgetrf; `*rcond` is the reciprocal condition number in the 1-norm.
long cflow_lu_factor(long n, double *a, int *pivots, double *work, double *rcond);

/// Solves with what ``cflow_lu_factor`` made, in place.
void cflow_lu_solve(long n, const double *a, const int *pivots, double *b);

/// The same for a symmetric matrix given by its lower triangle, column-major; `work` holds 64 n.
long cflow_symmetric_factor(long n, double *a, int *pivots, double *work, double *rcond);
void cflow_symmetric_solve(long n, const double *a, const int *pivots, double *b);

/// For the rows of `x` (n x d, n < d): `basis` (d x n, row-major) with orthonormal columns that
/// span them and `coordinates` (n x n, row-major) such that `x_i = basis coordinates_i`.
/// Returns LAPACK's `info`, or -1000 if memory ran out.
long cflow_row_space(long n, long d, const double *x, double *basis, double *coordinates);

/// The numerical rank r of `x` (n x d, row-major) by QR with column pivoting, relative to its longest row, and r
/// orthonormal rows of length d that span its rows, in `basis`, which has room for min(n, d).
/// Returns LAPACK's `info`, or -1000 if memory ran out.
long cflow_span(long n, long d, const double *x, double *basis, long *rank);

/// Eigenvalues, ascending, of the symmetric n x n `matrix`, which is overwritten; all of them, or
/// the largest alone (in `values[0]`). `vectors`, unless null, gets as many rows of length n: the eigenvectors,
/// of norm 1, in the same order. Returns LAPACK's `info` of dsyevr, or -1000 if memory ran out.
long cflow_symmetric_eigenvalues(long n, double *matrix, int largestOnly, double *values,
                                 double *_Nullable vectors);

// ---- Exponential integrators (exponential.c).

/// `c = beta c + a b^T`, rows x columns with row stride `ldc`; `a`, `b` have rows of length `inner` with stride `ld`. If `a` is `b`,
/// the lower triangle only.
void cflow_gram_tile(long rows, long columns, long inner, const double *a, const double *b, long ld,
                     double beta, double *c, long ldc);

/// The same in single precision, as ``cflow_gemm_mixed``; and by OpenBLAS on every processor.
void cflow_gram_tile_mixed(long rows, long columns, long inner, const double *a, const double *b, long ld,
                           double beta, double *c, long ldc);
void cflow_blas_gram_tile_mixed(long rows, long columns, long inner, const double *a, const double *b, long ld,
                                double beta, double *c, long ldc);
/// The Cholesky factor of the n x n matrix whose lower triangle (row-major) is in `a`, in its place. Returns LAPACK's `info`.
long cflow_cholesky(long n, double *a);
/// Solves with the factor of cflow_cholesky; `x` is overwritten.
void cflow_cholesky_solve(long n, const double *a, double *x);
/// Eigenvalues, ascending, in `diagonal`, of the symmetric tridiagonal matrix with `off` beside it, which is overwritten;
/// eigenvectors as rows of `vectors`; `work` has 2 n elements. Returns LAPACK's `info`.
long cflow_tridiagonal_eigen(long n, double *diagonal, double *off, double *vectors, double *work);
/// `y = beta y + alpha op(a) x`, `a` rows x columns, dense.
void cflow_gemv(int transpose, long rows, long columns, double alpha, const double *a, const double *x,
                double beta, double *y);
/// `p_ik = e_i a_k s_ik`; added to `p` with `adds`.
void cflow_impulses(long count, long n, const double *e, const double *a, const double *s,
                    int adds, double *p);
/// `sum_ik = c e_i sigma'(z_ik)` for slopes `p` (z > 0) and `q`; added to `sum` with `adds`.
void cflow_slope_impulses(long count, long n, double c, const double *e, const double *z, double p, double q,
                          int adds, double *sum);
/// `a_k += c sum_i e_i v_ik`.
void cflow_weighted_values(long count, long n, double c, const double *e, const double *v, double *a);
/// The motion of neurons with `a' = w.g / kappa'`, `w' = kappa' a g` over a unit of time, `g` (d x count, dense) constant: a hyperbolic
/// rotation, which conserves `kappa'^2 a^2 - |w|^2`. `length` and `along` are scratch of `count` elements.
void cflow_hyperbolic(long count, long d, const double *g, double kappaPrime, const double *a,
                      const double *w, long ld, double *a1, double *w1, double *length, double *along);

// ---- What plug-ins return.

/// Whether no element of the two blocks of `count` is NaN or infinite; they may be one and the same.
int cflow_finite(long count, const double *u, const double *v);

// ---- The bound that the fused passes are measured against.

/// Reads `y` (a sum in vector lanes), as a forward pass must.
double cflow_stream_read(long length, const double *y);
/// Reads `y` and writes `dy = c y`, as a backward pass must.
void cflow_stream_scale(long length, double c, const double *y, double *dy);

#pragma clang assume_nonnull end

#endif
