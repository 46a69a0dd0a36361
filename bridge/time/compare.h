/* compare.h - whether a device's clock is right.
 *
 * A device shows local time and keeps the number of its zone, by whose rules it goes to summer time
 * and back. Pure, but for the zone of the process; time is an argument. */
#ifndef PLUG_BRIDGE_TIME_COMPARE_H
#define PLUG_BRIDGE_TIME_COMPARE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/reply.h"

enum { CLOCK_TOLERANCE_S = 60 };

/* What a device told. */
struct clock_reading {
	bool has_time, has_zone;
	struct plug_time time;
	int zone; /* the vendor's number */
};

/* How far the device is ahead of local time, in seconds; 0 when it told no time. */
int64_t clock_error_s(const struct clock_reading *reading, int64_t wall_s);

/* True when it told a time, and that is at most CLOCK_TOLERANCE_S away. */
bool clock_has_right_time(const struct clock_reading *reading, int64_t wall_s);

/* A device that does not tell its zone is not held to one. */
bool clock_has_right_zone(const struct clock_reading *reading, int zone);

#endif
