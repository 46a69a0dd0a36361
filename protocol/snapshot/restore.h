/* restore.h - writes what a snapshot holds to another device, and reads back what came of it.
 *
 * A plan of items, one after the other: clock, location, light, names, rules. Ask for what
 * plug_restore_next says, hand the answer to plug_restore_take or its absence to plug_restore_miss,
 * until there is nothing more; then each item says what came of it. An item counts as done only
 * when the device showed it afterwards. add_rule is never sent a second time before the list was
 * read again. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_SNAPSHOT_RESTORE_H
#define PLUG_PROTOCOL_SNAPSHOT_RESTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/snapshot/snapshot.h"

enum plug_restore_what {
	PLUG_RESTORE_CLOCK, /* zone and time */
	PLUG_RESTORE_LOCATION,
	PLUG_RESTORE_LIGHT,
	PLUG_RESTORE_NAME,
	PLUG_RESTORE_SCHEDULE,
	PLUG_RESTORE_AWAY,
	PLUG_RESTORE_COUNTDOWN,
	PLUG_RESTORE_WHAT_COUNT,
};

enum plug_restore_result {
	PLUG_RESTORE_NOT_TRIED,
	PLUG_RESTORE_DONE,
	PLUG_RESTORE_SKIPPED, /* not known of the old device, or not to be had on the new one */
	PLUG_RESTORE_FAILED,
};

enum {
	PLUG_RESTORE_DEVICE = PLUG_OUTLETS_MAX, /* an item of the device itself */
	PLUG_RESTORE_ITEMS_MAX = 4 + 4 * PLUG_OUTLETS_MAX,
	PLUG_RESTORE_WHY_BYTES = 128,
};

struct plug_restore_item {
	enum plug_restore_what what;
	size_t outlet; /* number from 0 on, or PLUG_RESTORE_DEVICE */
	enum plug_restore_result result;
	size_t rules, left_out;		  /* rules to carry over; those that cannot be */
	char why[PLUG_RESTORE_WHY_BYTES]; /* it was skipped or failed; "" otherwise */
};

/* "clock", "location", "light", "name", "schedule", "away", "countdown"; static. */
const char *plug_restore_what_name(enum plug_restore_what what);

/* "done", "skipped", "failed", "not tried"; static. */
const char *plug_restore_result_name(enum plug_restore_result result);

/* Sets *time to the time there is now in a zone of clock.h, and gives NULL; or why that is not
 * known, in words, static. */
typedef const char *plug_local_time_cb(int zone, struct plug_time *time);

/* Fields are private but for the items. */
struct plug_restore {
	struct plug_restore_item items[PLUG_RESTORE_ITEMS_MAX];
	size_t item_count;

	const struct plug_snapshot *from;
	plug_local_time_cb *local_time;
	const char *no_time; /* why it gave none, last */
	int64_t age_s;
	enum plug_family family;
	uint8_t mac[PLUG_MAC_BYTES];
	char child_ids[PLUG_OUTLETS_MAX][PLUG_CHILD_ID_BYTES];
	size_t item; /* dealt with now */
	int phase;
	size_t rule;	 /* of the item, dealt with now */
	unsigned misses; /* of this request, in a row */
	unsigned busy;
	unsigned adds; /* how often this rule was sent */
	uint64_t wait_ms;
	bool is_over;
};

/* Makes the plan. from is borrowed until the end; to is the new device as it was read, and
 * age_s how many seconds ago from was taken: a countdown has gone on since then. */
struct plug_restore_settings {
	const struct plug_snapshot *from;
	const struct plug_snapshot_reading *to;
	plug_local_time_cb *local_time;
	int64_t age_s;
};
void plug_restore_begin(struct plug_restore *restore, const struct plug_restore_settings *settings);

struct plug_restore_ask {
	struct plug_request request;
	uint64_t wait_ms; /* before it is sent: the device was busy, or did not answer */
	bool is_once;	  /* it must not be sent twice, and on a fresh connection only */
};

/* False when there is nothing more to ask. */
bool plug_restore_next(struct plug_restore *restore, struct plug_restore_ask *ask);

void plug_restore_take(struct plug_restore *restore, const struct plug_reply *reply);

/* There was no reply. was_sent: the device may have got the request all the same. */
void plug_restore_miss(struct plug_restore *restore, enum plug_error error, bool was_sent);

/* True when the new device has all that only the old one had. Its clock can be set at any time, and
 * many set themselves: whatever came of that does not count. */
bool plug_restore_is_whole(const struct plug_restore *restore);

/* How many items came to this. */
size_t plug_restore_count(const struct plug_restore *restore, enum plug_restore_result result);

#endif
