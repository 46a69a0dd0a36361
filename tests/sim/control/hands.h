/* hands.h - what somebody does to devices who stands before them, or to time. */
#ifndef SIM_CONTROL_HANDS_H
#define SIM_CONTROL_HANDS_H

#include "tests/sim/control/verb.h"

sim_verb sim_hand_power, sim_hand_press, sim_hand_reboot, sim_hand_swap, sim_hand_time_passes;

#endif
