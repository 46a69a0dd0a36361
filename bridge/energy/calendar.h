/* calendar.h - local days, counted from 1970-01-01, and when they begin.
 *
 * A day begins when its date does: at midnight, or, where summer time begins at midnight, an hour
 * later. The zone is the process's (TZ, or the host's). */
#ifndef PLUG_BRIDGE_ENERGY_CALENDAR_H
#define PLUG_BRIDGE_ENERGY_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/energy/meter.h"
#include "protocol/reply.h"
#include "protocol/statistics.h"

/* The day that was asked for last: most questions are about it again. Zeroed at first, and when the
 * zone changed. */
struct calendar {
	int64_t start_s, end_s;
	uint16_t day;
};

/* Completes a moment whose two clocks are known: finds its day. */
void calendar_find_day(struct calendar *calendar, struct energy_moment *moment);

/* True when a device's clock shows the local time, give or take five minutes, and the same date. */
bool calendar_agrees(const struct plug_time *device, int64_t wall_s);

/* The number of a date; below 0 before 1970. */
int32_t calendar_day(int year, int month, int day);
/* The month of a day. */
struct plug_period calendar_month(uint16_t day);

#endif
