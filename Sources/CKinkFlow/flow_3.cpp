#include "FlowParts.hpp"

template struct kink::Flow<3, 1>;
