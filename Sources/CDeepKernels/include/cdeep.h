// Kernels of layers of networks. Internal to DeepNetworks: no API of the package.
//
// Layouts. Features and signals have a row for each sample, weights a row for each unit: `z = a w^T`. All row-major with the
// row strides given. Up to CDEEP_MAX_STREAMED samples loops in eight fixed lanes read the weights once, for more OpenBLAS
// multiplies matrices (one thread: the caller splits the work, and has set OpenBLAS to one).
#ifndef CDEEP_H
#define CDEEP_H

#include <stdbool.h>

#pragma clang assume_nonnull begin

/// The largest number of samples for which weights are streamed rather than packed for a matrix product.
enum { CDEEP_MAX_STREAMED = 16 };

/// `z[i][k] = alpha sum_j a[i][j] w[k][j] + beta z[i][k]`; n x rows.
void cdeep_forward(long n, long rows, long inner, double alpha, const double *a, long lda, const double *w,
                   long ldw, double beta, double *z, long ldz);

/// `q[i][j] = sum_k p[i][k] w[k][j] + beta q[i][j]`; n x columns.
void cdeep_backward(long n, long rows, long columns, const double *p, long ldp, const double *w, long ldw,
                    double beta, double *q, long ldq);

/// `g[k][j] = factor sum_i p[i][k] a[i][j] + beta g[k][j]`; rows x columns. `beta` 0 or 1; g is written, not read, for 0. `isLarge` says that g is
/// part of what no cache holds.
void cdeep_outer(long n, long rows, long columns, double factor, const double *p, long ldp, const double *a,
                 long lda, double beta, double *g, long ldg, bool isLarge);

/// `g[k][j] = from[k][j] + sum_i p[i][k] a[i][j]`, added one after the other, so that a sum in parts has the same bits; rows x columns. `from` may be `g`.
void cdeep_ordered_outer(long n, long rows, long columns, const double *p, long ldp, const double *a, long lda,
                         const double *from, double *g);

/// The sums of squares of the rows and the columns of what ``cdeep_ordered_outer`` would write.
void cdeep_ordered_squares(long n, long rows, long columns, const double *p, long ldp, const double *a, long lda,
                           const double *from, double *row_squares, double *column_squares);

/// `c = a b^T`, rows x columns with row stride ldc; `a`, `b` have rows of length `inner` with stride ld. If `a` is `b`, the
/// lower triangle only.
void cdeep_gram(long rows, long columns, long inner, const double *a, const double *b, long ld, double *c,
                long ldc);

/// `k[i c + q][j c + r] += (factor ga[i][j] + constant) gb[i c + q][j c + r]` over the lower triangle; ga n x n, k and gb nc x nc.
void cdeep_hadamard(long n, long c, double factor, double constant, const double *ga, const double *gb,
                    double *k);

/// `q[i] *= s[i]`.
void cdeep_scale(long count, const double *s, double *q);
/// `r[i] = r[i] s[i] + q[i] s2[i] dz[i]`; `s2` null means 0.
void cdeep_scale_tangent(long count, const double *s, const double *_Nullable s2, const double *dz,
                         const double *q, double *r);
/// `y[i] += c x[i]`.
void cdeep_add(long count, double c, const double *x, double *y);
/// `y[i] += c x[i]^2`.
void cdeep_add_squares(long count, double c, const double *x, double *y);
/// `sum_i x[i]^2`, and `sum_i (x[i] - y[i])^2` if `y` is not null.
double cdeep_squares(long count, const double *x, const double *_Nullable y);
/// `sum_i x[i] y[i]`.
double cdeep_dot(long count, const double *x, const double *y);

// ---- Units at kinks (kinks.c). A unit's activation has slope `above` where its argument `z` is positive, `below` where it is negative. Masks have a
// bit for each sample at which a unit is held at its kink; n <= CDEEP_MAX_STREAMED.

/// Moves the units of a layer, for each of them `z_i' = drift_i - sum_t sum_j gram[t][i][j] impulses[t][j] s_j` over a time from 0 to 1, `s_j` the slope at
/// `z_j`. A unit crosses kinks on its way; where both sides lead to a kink it is held there by the slope between them for which `z_i' = 0`
/// (Filippov's solution).
///
/// `z` holds, for each sample, where the drift alone would lead from `z0`, and gets where the way ends, 0 where the unit is held; `mean` the mean slope on the way, `slope`
/// that at its end; `held0` and `held` the masks at both ends. Arrays are n x units, gram terms x n x n. Returns the number of kinks that hold units at the end.
long cdeep_follow_units(long units, long n, long terms, const double *gram, const double *impulses, double above,
                        double below, const double *z0, const unsigned short *held0, double *z, double *mean,
                        double *slope, unsigned short *held);

/// Takes from a kernel what held units' weights do not do: they move orthogonally to the samples at whose kinks they are held. The kernel holds
/// `(factor ga[i][j] + constant) p[i c + q] p[j c + r]` summed over units; lower triangles; p is nc x units.
void cdeep_project_held(long units, long n, long c, double factor, double constant, const double *ga,
                        const unsigned short *held, const double *p, double *kernel);

// ---- Sums of outer products `sum_q u_q v_q^T`: rows u_q of length units, v_q of length inputs (lowrank.c).

/// Rewrites the sum with fewer terms, the rows of both orthogonal, and leaves out what is `tolerance` of it in the Frobenius norm, or more so
/// that at most `most` remain.
/// Returns how many remain; `*dropped` is the norm of what was left out. -1 if LAPACK failed, -1000 if memory ran out.
long cdeep_compress(long count, long units, long inputs, double tolerance, long most, double *u, double *v,
                    double *dropped);
/// The squared Frobenius norm of `sum_q signs_q u_q v_q^T`; `gram` has 2 count^2 elements.
double cdeep_product_square(long count, long units, long inputs, const double *u, const double *v,
                            const double *signs, double *gram);

#pragma clang assume_nonnull end

#endif
