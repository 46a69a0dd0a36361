#include "bridge/search/roster.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"

static int compare(const void *a, const void *b)
{
	const struct device *const *left = a;
	const struct device *const *right = b;

	return memcmp((*left)->mac, (*right)->mac, PLUG_MAC_BYTES);
}

static int compare_key(const void *key, const void *element)
{
	const struct device *const *device = element;

	return memcmp(key, (*device)->mac, PLUG_MAC_BYTES);
}

void roster_fill(struct roster *roster, struct device *const *devices, size_t count)
{
	size_t others = count;

	roster_clear(roster);
	roster->devices = mem_array(count, sizeof(struct device *));
	roster->count = count;
	for (size_t i = 0; i < count; i++) {
		const size_t at = devices[i]->has_mac ? roster->mac_count++ : --others;

		roster->devices[at] = devices[i];
	}
	if (roster->mac_count > 0) {
		qsort(roster->devices, roster->mac_count, sizeof(struct device *), compare);
	}
}

void roster_clear(struct roster *roster)
{
	free(roster->devices);
	*roster = (struct roster) { 0 };
}

struct device *roster_find_mac(
	const struct roster *roster, const uint8_t mac[static PLUG_MAC_BYTES])
{
	struct device **found = NULL;

	if (roster->mac_count > 0) {
		found = bsearch(mac, roster->devices, roster->mac_count, sizeof(struct device *),
			compare_key);
	}
	for (size_t i = roster->mac_count; !found && i < roster->count; i++) {
		if (roster->devices[i]->has_mac && compare_key(mac, &roster->devices[i]) == 0) {
			found = &roster->devices[i];
		}
	}
	return found ? *found : NULL;
}

struct device *roster_find_address(const struct roster *roster, const char *address)
{
	for (size_t i = roster->mac_count; i < roster->count; i++) {
		if (!roster->devices[i]->has_mac &&
			strcmp(roster->devices[i]->address, address) == 0) {
			return roster->devices[i];
		}
	}
	return NULL;
}

struct device *roster_find_alias(const struct roster *roster, const char *alias)
{
	for (size_t i = roster->mac_count; i < roster->count; i++) {
		const struct device *device = roster->devices[i];

		if (!device->has_mac && device->alias && strcmp(device->alias, alias) == 0) {
			return roster->devices[i];
		}
	}
	return NULL;
}
