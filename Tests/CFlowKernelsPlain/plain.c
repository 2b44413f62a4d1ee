#include "CFlowKernelsPlain.h"

#define CLANES_NO_DISPATCH
#define cflow_fused_outputs plain_fused_outputs
#define cflow_fused_gradient plain_fused_gradient
#define cflow_fused_outputs_tangent plain_fused_outputs_tangent
#define cflow_fused_gradient_tangent plain_fused_gradient_tangent
#include "../../Sources/CFlowKernels/fused.c"
