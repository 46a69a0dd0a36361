/* sim_rig.h - one simulated device on a table: time passes when the test says so. */
#ifndef TESTS_UNIT_SIM_RIG_H
#define TESTS_UNIT_SIM_RIG_H

#include "tests/sim/faults/fault.h"
#include "tests/sim/methods/method.h"

#include <stdbool.h>
#include <stdint.h>

/* 2026-11-21 12:00:00 UTC; the device lives an hour further east. */
extern const int64_t RIG_START_MS;
enum { RIG_OFFSET_MS = 3600000, RIG_HOUR_MS = 3600000 };

struct rig {
	struct sim_device *device;
	struct sim_fault *faults;
	struct sim_exchange exchange; /* of the last request */
	struct sim_text text;
	int64_t now_ms;
};

/* A device of the model, its MAC 50:C7:BF:01:00:01; end with rig_clear. */
void rig_init(struct rig *rig, const char *model);
void rig_clear(struct rig *rig);

/* The answer, valid until the next one; NULL when the device would close. */
const char *rig_ask(struct rig *rig, const char *request);

/* Lets time pass, and tells what happened meanwhile. */
struct sim_step rig_pass(struct rig *rig, int64_t ms);

/* Puts outlet on or off by hand. */
void rig_switch(struct rig *rig, size_t outlet, bool is_on);

#endif
