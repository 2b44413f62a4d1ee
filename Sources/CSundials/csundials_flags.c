// Flags and their names.

#include "csundials_internal.h"

// CVODE's value, the header's value, the name.
#define FLAGS(X) \
  X(SUCCESS) X(TSTOP_RETURN) X(ROOT_RETURN) X(WARNING) X(TOO_MUCH_WORK) X(TOO_MUCH_ACC) \
  X(ERR_FAILURE) X(CONV_FAILURE) X(LINIT_FAIL) X(LSETUP_FAIL) X(LSOLVE_FAIL) X(RHSFUNC_FAIL) \
  X(FIRST_RHSFUNC_ERR) X(REPTD_RHSFUNC_ERR) X(UNREC_RHSFUNC_ERR) X(RTFUNC_FAIL) \
  X(NLS_INIT_FAIL) X(NLS_SETUP_FAIL) X(CONSTR_FAIL) X(NLS_FAIL) X(MEM_FAIL) X(MEM_NULL) \
  X(ILL_INPUT) X(NO_MALLOC) X(BAD_K) X(BAD_T) X(BAD_DKY) X(TOO_CLOSE) X(VECTOROP_ERR) \
  X(UNRECOGNIZED_ERR)

#define CHECK(name) _Static_assert((int)CV_##name == (int)CSUNDIALS_##name, "CV_" #name);
FLAGS(CHECK)

_Static_assert(sizeof(realtype) == sizeof(double), "SUNDIALS must be built for double precision");

const char *csundials_flag_name(int flag) {
  switch (flag) {
#define NAME(name) case CSUNDIALS_##name: return "CV_" #name;
    FLAGS(NAME)
    case CSUNDIALS_ABORTED: return "CV_RHSFUNC_FAIL";
    case CSUNDIALS_STATE_NONFINITE: return "CV_SUCCESS";
    default: return "unknown";
  }
}

void csundials_version(char *text, int capacity) { SUNDIALSGetVersion(text, capacity); }
