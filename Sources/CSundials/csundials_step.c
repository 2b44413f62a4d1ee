// Stepping, dense output and counters.

#include "csundials_internal.h"

#include <float.h>
#include <math.h>

int csundials_cvode_set_stop_time(csundials_cvode *s, double t) {
  // 6.4.1 has no CVodeClearStopTime: the largest number takes its place once a time was set.
  if (isinf(t)) {
    if (isinf(s->stop_time)) return CV_SUCCESS;
    s->stop_time = t;
    return CVodeSetStopTime(s->memory, copysign(DBL_MAX, t));
  }
  s->stop_time = t;
  return CVodeSetStopTime(s->memory, t);
}

int csundials_cvode_set_initial_step(csundials_cvode *s, double h) {
  return CVodeSetInitStep(s->memory, h);
}

static void fill(csundials_cvode *s, double returned, csundials_report *report) {
  long steps = 0;
  report->returned_time = returned;
  CVodeGetCurrentTime(s->memory, &report->time);
  CVodeGetLastStep(s->memory, &report->last_step);
  CVodeGetCurrentStep(s->memory, &report->next_step);
  CVodeGetNumSteps(s->memory, &steps);
  CVodeGetLastOrder(s->memory, &report->order);
  report->steps = steps;
}

/// Writes the sensitivities at `t` behind y.
static int fill_sensitivities(csundials_cvode *s, double t, double *y) {
  if (s->sensitivities == 0) return CV_SUCCESS;
  for (int i = 0; i < s->sensitivities; i++)
    N_VSetArrayPointer(y + (i + 1) * s->dimension, s->views[i]);
  return CVodeGetSensDky(s->memory, t, 0, s->views);
}

/// Before a step from `t`: a Jacobian from the first quarter of the time since the start is not kept. One that falls like 1/t is then so much too
/// large that each of Newton's corrections is tiny, and what has not converged at all looks converged.
static void renew_jacobian(csundials_cvode *s, double t) {
  enum { CVODE_DEFAULT = 51 };
  if (!s->matrix) return;
  long jacobians = 0;
  double h = 0;
  CVodeGetNumJacEvals(s->memory, &jacobians);
  if (jacobians != s->jacobians) {
    s->jacobians = jacobians;
    s->jacobian_time = t;
  }
  CVodeGetCurrentStep(s->memory, &h);
  const bool is_old = fabs(t + h - s->start) > 4 * fabs(s->jacobian_time - s->start);
  CVodeSetJacEvalFrequency(s->memory, is_old ? 1 : CVODE_DEFAULT);
}

int csundials_cvode_step(csundials_cvode *s, double tout, double *y, csundials_report *report) {
  double returned = 0;
  s->aborted = false;
  CVodeGetCurrentTime(s->memory, &returned);
  renew_jacobian(s, returned);
  N_VSetArrayPointer(y, s->view);
  int flag = CVode(s->memory, tout, s->view, &returned, CV_ONE_STEP);
  fill(s, returned, report);
  if (s->aborted) return CSUNDIALS_ABORTED;
  if (flag >= 0) {
    const int failure = fill_sensitivities(s, returned, y);
    if (failure < 0) return failure;
  }
  if (flag >= 0 && !csundials_all_finite(y, csundials_length_(s))) {
    int64_t i = 0;
    while (isfinite(y[i])) i++;
    csundials_note_nonfinite_(s, CSUNDIALS_STATE, returned, y, i);
    return CSUNDIALS_STATE_NONFINITE;
  }
  return flag;
}

int csundials_cvode_interpolate(csundials_cvode *s, double t, double *y) {
  N_VSetArrayPointer(y, s->view);
  const int flag = CVodeGetDky(s->memory, t, 0, s->view);
  return flag < 0 ? flag : fill_sensitivities(s, t, y);
}

csundials_nonfinite csundials_cvode_nonfinite(csundials_cvode *s) { return s->nonfinite; }

void csundials_cvode_statistics(csundials_cvode *s, csundials_statistics *statistics) {
  void *m = s->memory;
  // Getters of parts that are not attached leave their zero.
  long nst = 0, nfe = 0, nfe_ls = 0, netf = 0, nni = 0, nnf = 0, ncfn = 0, nsetups = 0;
  long nje = 0, njtimes = 0, nli = 0, nlcf = 0, npe = 0, nps = 0;
  int order = 0;
  double last = 0;
  CVodeGetNumSteps(m, &nst);
  CVodeGetNumRhsEvals(m, &nfe);
  CVodeGetNumErrTestFails(m, &netf);
  CVodeGetNumNonlinSolvIters(m, &nni);
  CVodeGetNumNonlinSolvConvFails(m, &nnf);
  CVodeGetNumStepSolveFails(m, &ncfn);
  CVodeGetNumLinSolvSetups(m, &nsetups);
  CVodeGetLastOrder(m, &order);
  CVodeGetLastStep(m, &last);
  if (s->linear) {
    CVodeGetNumLinRhsEvals(m, &nfe_ls);
    // Of another preconditioner this would read what is not there.
    if (s->has_band_preconditioner) {
      long banded = 0;
      CVBandPrecGetNumRhsEvals(m, &banded);
      nfe_ls += banded;
    }
    CVodeGetNumJacEvals(m, &nje);
    CVodeGetNumJtimesEvals(m, &njtimes);
    CVodeGetNumLinIters(m, &nli);
    CVodeGetNumLinConvFails(m, &nlcf);
    CVodeGetNumPrecEvals(m, &npe);
    CVodeGetNumPrecSolves(m, &nps);
  }
  *statistics = (csundials_statistics){
    .nst = nst, .nfe = nfe, .nfe_ls = nfe_ls, .netf = netf, .nni = nni, .nnf = nnf, .ncfn = ncfn,
    .nsetups = nsetups, .nje = nje, .njtimes = njtimes, .nli = nli, .nlcf = nlcf, .npe = npe,
    .nps = nps, .refused = s->refused, .last_order = order, .last_step = last};
}
