/* roster.h - which devices the configuration knows, to be looked up by what an answer says.
 *
 * A sorted list of borrowed devices for the time of one search: none of it costs a poll anything,
 * and it must be cleared before a device goes. Pure. */
#ifndef PLUG_BRIDGE_SEARCH_ROSTER_H
#define PLUG_BRIDGE_SEARCH_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/device.h"

/* Starts zeroed. */
struct roster {
	struct device **devices; /* those with a MAC, sorted by it; then the others */
	size_t count, mac_count;
};

void roster_fill(struct roster *roster, struct device *const *devices, size_t count);
void roster_clear(struct roster *roster);

/* Also of a device that has learned its MAC since. NULL for none. */
struct device *roster_find_mac(
	const struct roster *roster, const uint8_t mac[static PLUG_MAC_BYTES]);

/* Among those whose MAC is not known: who is asked at this address, or is to be found by this alias
 * (NULL: not asked for). NULL for none. */
struct device *roster_find_address(const struct roster *roster, const char *address);
struct device *roster_find_alias(const struct roster *roster, const char *alias);

#endif
