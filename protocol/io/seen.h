/* seen.h - which devices have answered a search, so that each is told of once.
 *
 * A device is its MAC and the address it answered from: by MAC alone a forged or stale answer that
 * came first would hide the device itself. */
#ifndef PLUG_PROTOCOL_IO_SEEN_H
#define PLUG_PROTOCOL_IO_SEEN_H

#include "protocol/discovery.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plug_seen_entry;

/* Fields are private. */
struct plug_seen {
	struct plug_seen_entry *entries; /* a hash table, open addressing */
	size_t capacity;
	size_t count;
	size_t max;
};

enum plug_seen_news {
	PLUG_SEEN_BEFORE,
	PLUG_SEEN_NEW,	/* not seen at this address; or seen, but its sysinfo is new */
	PLUG_SEEN_FULL, /* new, and there are max already: not remembered */
	PLUG_SEEN_NO_MEMORY,
};

/* Takes no memory before the first device. max is at least 1. */
void plug_seen_init(struct plug_seen *seen, size_t max);
void plug_seen_clear(struct plug_seen *seen);

/* Remembers who sent an answer; address in network byte order. *is_elsewhere: the same MAC has
 * answered from another address before. */
enum plug_seen_news plug_seen_add(struct plug_seen *seen, const struct plug_discovery *found,
	uint32_t address, bool *is_elsewhere);

#endif
