/* days.h - what the device's own day statistics say of the time when nobody looked.
 *
 *     anchor    on that day they said anchor_day_wh, and our counter stood at some value
 *     later     the sum of the days since then, less anchor_day_wh, is what our counter must
 *               have gained; what it lacks was lost with a reset while nobody looked
 *
 * Only statistics of a device whose clock is right are used (the caller sees to that). Each answer
 * is one month; over several months the anchor moves on month by month.
 * Pure: time is an argument, no I/O. */
#ifndef PLUG_BRIDGE_ENERGY_DAYS_H
#define PLUG_BRIDGE_ENERGY_DAYS_H

#include <stdbool.h>

#include "bridge/energy/meter.h"
#include "protocol/statistics.h"

/* True when the statistics should be asked as soon as the device allows. */
bool energy_wants_days(const struct energy_meter *meter);
/* True when it is known what they say and how well they keep up; an answer now and then is enough
 * to keep the anchor near. */
bool energy_is_anchored(const struct energy_meter *meter);

/* What they are compared with must be as new as they are: false while that is in doubt. */
bool energy_can_compare(const struct energy_meter *meter, const struct energy_moment *now);

/* The month to ask for. */
struct plug_period energy_month(const struct energy_meter *meter, const struct energy_moment *now);

/* Takes the answer for that month. True when there is something new to remember or show. */
bool energy_take_days(struct energy_meter *meter, const struct plug_period *month,
	const struct plug_statistics *days, const struct energy_moment *now,
	struct energy_counters *counters);

/* They cannot be had now: today counts from the first reading. True when that changed. */
bool energy_give_up_days(struct energy_meter *meter);

#endif
