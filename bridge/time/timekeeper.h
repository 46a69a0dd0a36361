/* timekeeper.h - decides what the devices' clocks are held to; tasks/sync.c holds each to it.
 *
 *     time.sync    off: nothing is asked or written for it
 *     hostclock.h  not synchronised: nothing either, and that is said
 *     summer time  begins or ends: every clock is compared soon, though devices know rules of their
 *                  own; a government may have made others since their firmware was */
#ifndef PLUG_BRIDGE_TIME_TIMEKEEPER_H
#define PLUG_BRIDGE_TIME_TIMEKEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/text.h"

struct bridge;

/* Starts zeroed. */
struct timekeeper {
	bool is_started;
	bool is_synchronised; /* this machine's clock, when last looked at */
	int64_t offset_s;     /* of the zone, then */
	uint64_t next_ms;     /* when it is looked at again */
};

/* The configuration is new. */
void timekeeper_configure(struct bridge *bridge);

/* Once a second. */
void timekeeper_tick(struct bridge *bridge);

/* Members of the health document. */
void timekeeper_put_health(const struct bridge *bridge, struct text *text);

#endif
