/* zone.h - the time zone the devices are in: time.zone, or this machine's.
 *
 * The C library knows one zone at a time, that of the process. It is set once, before there are
 * other threads, and not again: setenv and another thread's getenv do not go together. The log
 * shows the museum's time then, too. */
#ifndef PLUG_BRIDGE_TIME_ZONE_H
#define PLUG_BRIDGE_TIME_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"
#include "protocol/reply.h"

/* What is wrong with the settings beyond what config can tell: in words (caller frees), NULL for
 * nothing. */
char *zone_problem(const struct config_time *settings);

/* Makes zone that of the process, unless it is "". Gives the value of TZ before (caller frees), for
 * zone_restore when the program is to be started again; NULL for none. */
char *zone_use(const char *zone);
/* Takes former. */
void zone_restore(char *former);

/* The local time at a moment, in seconds since 1970. */
void zone_local(int64_t wall_s, struct plug_time *local);

/* How far the local time is ahead of UTC then. */
int64_t zone_offset_s(int64_t wall_s);

#endif
