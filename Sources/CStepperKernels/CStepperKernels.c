#include "CStepperKernels.h"
