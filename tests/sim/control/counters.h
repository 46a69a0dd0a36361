/* counters.h - what was counted, told for each device or for all together. */
#ifndef SIM_CONTROL_COUNTERS_H
#define SIM_CONTROL_COUNTERS_H

#include "tests/sim/control/verb.h"

sim_verb sim_tell_counters;

#endif
