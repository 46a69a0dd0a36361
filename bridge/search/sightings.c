#include "bridge/search/sightings.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/mem.h"

enum { FIRST_CAPACITY = 64 };

void sightings_clear(struct sightings *sightings)
{
	free(sightings->items);
	free(sightings->silent);
	free(sightings->namesakes);
	*sightings = (struct sightings) { 0 };
}

static bool is_mac(const uint8_t a[static PLUG_MAC_BYTES], const uint8_t b[static PLUG_MAC_BYTES])
{
	return memcmp(a, b, PLUG_MAC_BYTES) == 0;
}

static void drop_silent(struct sightings *sightings, const uint8_t mac[static PLUG_MAC_BYTES])
{
	for (size_t i = 0; i < sightings->silent_count; i++) {
		if (is_mac(sightings->silent[i].mac, mac)) {
			sightings->silent[i] = sightings->silent[--sightings->silent_count];
			return;
		}
	}
}

void sightings_add(struct sightings *sightings, const uint8_t mac[static PLUG_MAC_BYTES],
	struct in_addr address)
{
	struct sighting *item = NULL;

	drop_silent(sightings, mac);
	if (sightings->count == sightings->capacity) {
		sightings->capacity =
			sightings->capacity > 0 ? 2 * sightings->capacity : FIRST_CAPACITY;
		sightings->items =
			mem_resize(sightings->items, sightings->capacity, sizeof *sightings->items);
	}
	item = &sightings->items[sightings->count++];
	memcpy(item->mac, mac, PLUG_MAC_BYTES);
	item->address = address;
}

void sightings_add_silent(struct sightings *sightings, const struct plug_found *found)
{
	const struct plug_discovery *what = found->what;
	struct silent *silent = NULL;

	for (size_t i = 0; i < sightings->silent_count; i++) {
		if (is_mac(sightings->silent[i].mac, what->mac)) {
			return;
		}
	}
	if (sightings->silent_count == SILENT_MAX || sightings_find(sightings, what->mac)) {
		return;
	}
	if (!sightings->silent) {
		sightings->silent = mem_array(SILENT_MAX, sizeof *sightings->silent);
	}
	silent = &sightings->silent[sightings->silent_count++];
	*silent = (struct silent) { .address = found->address, .dialect = what->dialect };
	memcpy(silent->mac, what->mac, PLUG_MAC_BYTES);
	memcpy(silent->model, what->model, strnlen(what->model, SILENT_MODEL_BYTES - 1));
}

void sightings_add_namesake(struct sightings *sightings, struct device *device,
	const uint8_t mac[static PLUG_MAC_BYTES], struct in_addr address)
{
	struct namesake *namesake = NULL;

	for (size_t i = 0; i < sightings->namesake_count; i++) {
		namesake = &sightings->namesakes[i];
		if (namesake->device == device) {
			namesake->is_ambiguous =
				namesake->is_ambiguous || !is_mac(namesake->mac, mac);
			return;
		}
	}
	sightings->namesakes = mem_resize(
		sightings->namesakes, sightings->namesake_count + 1, sizeof *sightings->namesakes);
	namesake = &sightings->namesakes[sightings->namesake_count++];
	*namesake = (struct namesake) { .device = device, .address = address };
	memcpy(namesake->mac, mac, PLUG_MAC_BYTES);
}

const struct sighting *sightings_find(
	const struct sightings *sightings, const uint8_t mac[static PLUG_MAC_BYTES])
{
	for (size_t i = 0; i < sightings->count; i++) {
		if (is_mac(sightings->items[i].mac, mac)) {
			return &sightings->items[i];
		}
	}
	return NULL;
}

void sightings_forget(struct sightings *sightings, const struct device *device)
{
	for (size_t i = 0; i < sightings->namesake_count; i++) {
		if (sightings->namesakes[i].device == device) {
			sightings->namesakes[i] = sightings->namesakes[--sightings->namesake_count];
			return;
		}
	}
}
