/* hostclock.h - what this computer's clock says somewhere else. */
#ifndef PLUG_PLUGCTL_HOSTCLOCK_H
#define PLUG_PLUGCTL_HOSTCLOCK_H

#include "protocol/reply.h"

#include <stdbool.h>

/* The local time now in a zone by its IANA name. False and zeroes when this computer has no such
 * zone: the C library would take UTC then without a word. Changes TZ of the process. */
bool hostclock_now(const char *zone, struct plug_time *now);

#endif
