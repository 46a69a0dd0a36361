/* told.h - which MACs something was said of already.
 *
 * Bounded: the oldest is forgotten for the newest, and may then be told of again. Pure. */
#ifndef PLUG_BRIDGE_SEARCH_TOLD_H
#define PLUG_BRIDGE_SEARCH_TOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/mac.h"

enum { TOLD_MAX = 1024 };

/* Starts zeroed. */
struct told {
	uint8_t (*macs)[PLUG_MAC_BYTES]; /* a ring, taken when the first is put in */
	size_t count, oldest;
};

bool told_has(const struct told *told, const uint8_t mac[static PLUG_MAC_BYTES]);
void told_add(struct told *told, const uint8_t mac[static PLUG_MAC_BYTES]);
void told_clear(struct told *told);

#endif
