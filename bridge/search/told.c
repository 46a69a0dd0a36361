#include "bridge/search/told.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"

bool told_has(const struct told *told, const uint8_t mac[static PLUG_MAC_BYTES])
{
	for (size_t i = 0; i < told->count; i++) {
		if (memcmp(told->macs[i], mac, PLUG_MAC_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

void told_add(struct told *told, const uint8_t mac[static PLUG_MAC_BYTES])
{
	size_t at = told->count;

	if (!told->macs) {
		told->macs = mem_array(TOLD_MAX, PLUG_MAC_BYTES);
	}
	if (told->count == TOLD_MAX) {
		at = told->oldest;
		told->oldest = (told->oldest + 1) % TOLD_MAX;
	} else {
		told->count++;
	}
	memcpy(told->macs[at], mac, PLUG_MAC_BYTES);
}

void told_clear(struct told *told)
{
	free(told->macs);
	*told = (struct told) { 0 };
}
