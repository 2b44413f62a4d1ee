#include "clanes.h"

// All there is to compile: the header's promises.
_Static_assert(sizeof(lanes) == LANES * sizeof(double), "lanes hold eight doubles without padding");
_Static_assert(sizeof(lane_mask) == sizeof(lanes), "a mask has a word for each lane");
