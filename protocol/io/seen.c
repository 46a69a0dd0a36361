#include "protocol/io/seen.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/crc32.h"

enum { CAPACITY_MIN = 64 };

struct plug_seen_entry {
	uint8_t mac[PLUG_MAC_BYTES];
	bool has_mac;
	bool is_used;
	bool has_sysinfo;
	uint32_t address;
};

void plug_seen_init(struct plug_seen *seen, size_t max)
{
	*seen = (struct plug_seen) { .max = max };
}

void plug_seen_clear(struct plug_seen *seen)
{
	free(seen->entries);
	plug_seen_init(seen, seen->max);
}

/* By MAC, so that one walk meets all addresses of a device. */
static size_t first_place(const struct plug_seen *seen, const struct plug_seen_entry *entry)
{
	const uint32_t hash = entry->has_mac ? plug_crc32(entry->mac, sizeof entry->mac)
					     : plug_crc32(&entry->address, sizeof entry->address);

	return hash & (seen->capacity - 1);
}

static size_t next_place(const struct plug_seen *seen, size_t place)
{
	return (place + 1) & (seen->capacity - 1);
}

static void insert(struct plug_seen *seen, const struct plug_seen_entry *entry)
{
	size_t place = first_place(seen, entry);

	while (seen->entries[place].is_used) {
		place = next_place(seen, place);
	}
	seen->entries[place] = *entry;
	seen->count++;
}

/* Keeps at least half of the table empty. */
static bool make_room(struct plug_seen *seen)
{
	struct plug_seen wider = { .max = seen->max };

	if (seen->count < seen->capacity / 2) {
		return true;
	}
	wider.capacity = seen->capacity == 0 ? CAPACITY_MIN : 2 * seen->capacity;
	wider.entries = calloc(wider.capacity, sizeof *wider.entries);
	if (!wider.entries) {
		return false;
	}
	for (size_t i = 0; i < seen->capacity; i++) {
		if (seen->entries[i].is_used) {
			insert(&wider, &seen->entries[i]);
		}
	}
	free(seen->entries);
	*seen = wider;
	return true;
}

static bool is_same_device(const struct plug_seen_entry *a, const struct plug_seen_entry *b)
{
	return a->has_mac && b->has_mac && memcmp(a->mac, b->mac, sizeof a->mac) == 0;
}

/* NULL when nobody with this MAC, or without one, has answered from this address. */
static struct plug_seen_entry *find(
	const struct plug_seen *seen, const struct plug_seen_entry *wanted, bool *is_elsewhere)
{
	for (size_t place = first_place(seen, wanted); seen->entries[place].is_used;
		place = next_place(seen, place)) {
		struct plug_seen_entry *entry = &seen->entries[place];
		const bool is_same = is_same_device(entry, wanted);

		if (entry->address == wanted->address &&
			(is_same || (!entry->has_mac && !wanted->has_mac))) {
			return entry;
		}
		*is_elsewhere = *is_elsewhere || is_same;
	}
	return NULL;
}

enum plug_seen_news plug_seen_add(struct plug_seen *seen, const struct plug_discovery *found,
	uint32_t address, bool *is_elsewhere)
{
	struct plug_seen_entry wanted = {
		.has_mac = found->has_mac,
		.is_used = true,
		.has_sysinfo = found->has_sysinfo,
		.address = address,
	};
	struct plug_seen_entry *known;
	enum plug_seen_news news = PLUG_SEEN_BEFORE;

	*is_elsewhere = false;
	memcpy(wanted.mac, found->mac, sizeof wanted.mac);
	if (!make_room(seen)) {
		return PLUG_SEEN_NO_MEMORY;
	}
	known = find(seen, &wanted, is_elsewhere);
	if (known) {
		news = wanted.has_sysinfo && !known->has_sysinfo ? PLUG_SEEN_NEW : PLUG_SEEN_BEFORE;
		known->has_sysinfo = known->has_sysinfo || wanted.has_sysinfo;
	} else if (seen->count == seen->max) {
		news = PLUG_SEEN_FULL;
	} else {
		insert(seen, &wanted);
		news = PLUG_SEEN_NEW;
	}
	return news;
}
