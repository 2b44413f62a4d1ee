// The target is its header; a translation unit makes the compiler check it on every build.
#include "phaseflow_plugin.h"

_Static_assert(offsetof(phaseflow_plugin, abi_version) == sizeof(size_t),
               "struct_size and abi_version keep their place in every version");
