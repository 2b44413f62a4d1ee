// Root finding with functions that may be exactly zero.
//
// CVODE takes a function that is zero at a root and still zero just after it for an error
// (CV_ILL_INPUT, "root found at and very near t"), and a function that stays at zero returns a root
// at every step. So CVODE is never shown an exact zero after the start. A function that reaches
// zero is shown a tiny value on the other side: that is its crossing. While it rests at zero it is
// shown the side it now counts to; when it leaves, it crosses back or does not.

#include "csundials_internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static int evaluate(csundials_cvode *solver, double t, const double *y, double *g) {
  if (solver->aborted) return -1;
  solver->nge++;
  if (solver->callbacks.events(solver->callbacks.context, t, y, g) != 0) {
    solver->aborted = true;
    return -1;
  }
  for (int i = 0; i < solver->event_count; i++) {
    if (isnan(g[i])) {
      csundials_note_nonfinite_(solver, CSUNDIALS_EVENT, t, g, i);
      return -1;
    }
    csundials_event *event = &solver->events[i];
    // Differences of two values must stay finite in CVODE's regula falsi.
    if (isinf(g[i])) g[i] = copysign(DBL_MAX / 4, g[i]);
    event->was_zero = g[i] == 0;
    if (event->was_zero) g[i] = (event->resting ? DBL_MIN : -DBL_MIN) * event->side;
    event->shown = g[i];
  }
  return 0;
}

int csundials_events_(realtype t, N_Vector y, realtype *g, void *data) {
  return evaluate(data, t, NV_DATA_S(y), g);
}

int csundials_settle_events_(csundials_cvode *solver, int flag, double t, const double *y) {
  if (solver->event_count == 0 || solver->nge == 0) return 0;
  const bool found = flag == CV_ROOT_RETURN;
  // Without a root, CVODE's last evaluation was at the step's end; with one, it may have been elsewhere.
  if (found && evaluate(solver, t, y, solver->raw) != 0) return -1;
  for (int i = 0; i < solver->event_count; i++) {
    csundials_event *event = &solver->events[i];
    if (found && event->was_zero && solver->roots[i] != 0)
      event->side = (signed char)solver->roots[i];
    else
      event->side = (signed char)((event->shown > 0) - (event->shown < 0));
    event->resting = event->was_zero;
  }
  return 0;
}

int csundials_cvode_set_events(csundials_cvode *solver, int count, const int *directions) {
  csundials_event *events = NULL;
  int *roots = NULL;
  double *raw = NULL;
  int *copy = NULL;
  int flag = CV_SUCCESS;
  if (count > 0) {
    events = calloc((size_t)count, sizeof *events);
    roots = calloc((size_t)count, sizeof *roots);
    raw = calloc((size_t)count, sizeof *raw);
    copy = calloc((size_t)count, sizeof *copy);
    if (!events || !roots || !raw || !copy) flag = CV_MEM_FAIL;
  }
  if (flag == CV_SUCCESS)
    flag = CVodeRootInit(solver->memory, count, count > 0 ? csundials_events_ : NULL);
  if (flag == CV_SUCCESS && count > 0) {
    for (int i = 0; i < count; i++) copy[i] = directions ? directions[i] : 0;
    flag = CVodeSetRootDirection(solver->memory, copy);
    // An event that is zero at the start is none; no warning is due.
    if (flag == CV_SUCCESS) flag = CVodeSetNoInactiveRootWarn(solver->memory);
  }
  free(copy);
  if (flag != CV_SUCCESS) {
    free(events);
    free(roots);
    free(raw);
    return flag;
  }
  free(solver->events);
  free(solver->roots);
  free(solver->raw);
  solver->events = events;
  solver->roots = roots;
  solver->raw = raw;
  solver->event_count = count;
  return flag;
}

void csundials_cvode_roots(csundials_cvode *solver, int *found) {
  for (int i = 0; i < solver->event_count; i++) found[i] = solver->roots[i];
}
