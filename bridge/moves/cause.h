/* cause.h - why a relay moved that nobody here had ordered to, as far as its device lets one tell.
 *
 * Two reads of an outlet, one after the other, tell it: a relay that changed, or a time it has been
 * on that began anew, is a move; what the device had announced to do next (next_action in its
 * sysinfo) and whether it could be reached in between say the rest.
 * Pure: time is an argument, no I/O. */
#ifndef PLUG_BRIDGE_MOVES_CAUSE_H
#define PLUG_BRIDGE_MOVES_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/sysinfo.h"

enum cause {
	CAUSE_NONE,	 /* it did not move */
	CAUSE_COMMAND,	 /* by an order of ours */
	CAUSE_HAND,	 /* its button, the vendor's app or another program */
	CAUSE_SCHEDULE,	 /* a rule the device keeps */
	CAUSE_COUNTDOWN, /* a countdown the device keeps */
	CAUSE_RESTART,	 /* a power cut or reboot: it had been off in between */
	CAUSE_UNKNOWN,	 /* while nobody could reach it */
	CAUSE_COUNT,
};

/* "command", "button_or_app", "schedule", ... */
const char *cause_name(enum cause cause);
/* "by a command", "by its button or an app", ... for sentences. */
const char *cause_words(enum cause cause);

/* What one read showed. Zeroed: never read. */
struct cause_view {
	uint64_t read_ms; /* monotonic; 0: never */
	int32_t next_at_s;
	uint32_t on_time_s;
	bool is_on, has_on_time;
	bool next_is_on;
	uint8_t next_kind; /* enum plug_next_kind */
};

struct cause_view cause_view_of(const struct plug_outlet_info *info, uint64_t now_ms);

struct cause_clues {
	bool is_ours;	       /* an order of ours explains the new state */
	bool was_unreachable;  /* a read failed since the one before */
	int32_t second_of_day; /* local time at the device */
};

enum cause cause_of(const struct cause_view *before, const struct cause_view *now,
	const struct cause_clues *clues);

#endif
