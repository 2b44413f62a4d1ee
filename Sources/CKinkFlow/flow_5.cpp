#include "FlowParts.hpp"

template struct kink::Flow<5, 1>;
