// The fused kernels of CFlowKernels compiled for the base instruction set alone, to compare bits with.
#ifndef CFLOWKERNELSPLAIN_H
#define CFLOWKERNELSPLAIN_H

#pragma clang assume_nonnull begin

void plain_fused_outputs(long count, long ld, long d, long n, const double *a, const double *w,
                         const double *x, double *sums, double *_Nullable linear);
void plain_fused_gradient(long count, long ld, long d, long n, const double *a, const double *w,
                          const double *x, const double *lx, const double *g0, double ca, double cw,
                          double *da, double *dw, long lddw);
void plain_fused_outputs_tangent(long count, long ld, long d, long n, const double *a,
                                 const double *w, const double *va, const double *vw,
                                 const double *x, double *dsums, double *_Nullable dlinear);
void plain_fused_gradient_tangent(long count, long ld, long d, long n, const double *a,
                                  const double *w, const double *va, const double *vw,
                                  const double *x, const double *lx, const double *g0,
                                  const double *qx, const double *h0, double ca, double cw,
                                  double *ja, double *jw, long ldjw);

#pragma clang assume_nonnull end

#endif
