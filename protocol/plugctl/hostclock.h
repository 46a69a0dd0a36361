/* hostclock.h - what this computer's clock says somewhere else. */
#ifndef PLUG_PLUGCTL_HOSTCLOCK_H
#define PLUG_PLUGCTL_HOSTCLOCK_H

#include "protocol/reply.h"

#include <stdbool.h>

/* The local time now in a zone by its IANA name. False and zeroes when this computer has no such
 * zone: the C library would take UTC then without a word. Changes TZ of the process. */
bool hostclock_now(const char *zone, struct plug_time *now);

/* True when no zone of the world has this time now: one of both clocks is wrong. */
bool hostclock_is_far(const struct plug_time *time);

/* True when the day is over in every zone of the world. */
bool hostclock_is_past(int year, int month, int day);

#endif
