// All parts of the flow, for the files that instantiate it.
#pragma once
#include "FlowCorners.hpp"
#include "FlowDenseOutput.hpp"
#include "FlowDetection.hpp"
#include "FlowEvents.hpp"
#include "FlowMemory.hpp"
#include "FlowModes.hpp"
#include "FlowMoments.hpp"
#include "FlowPath.hpp"
#include "FlowPropagation.hpp"
#include "FlowStart.hpp"
#include "FlowStep.hpp"
#include "FlowTrace.hpp"
