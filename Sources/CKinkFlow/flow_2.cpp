#include "FlowParts.hpp"

template struct kink::Flow<2, 1>;
