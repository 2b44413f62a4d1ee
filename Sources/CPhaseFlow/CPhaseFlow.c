/* The header is all there is: its functions are written in Swift, in PhaseFlowLibrary. */
#include "phaseflow.h"
