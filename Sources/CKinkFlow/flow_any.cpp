#include "FlowParts.hpp"

template struct kink::Flow<0, 1>;
template struct kink::Flow<0, CKINK_MAX_INPUTS / 64>;
