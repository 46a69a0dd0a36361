/* sightings.h - who has answered the search that runs, and where.
 *
 * A device that is missed while a search runs may have answered it already, and is not told of
 * twice. Bounded by the answers the search takes. Pure. */
#ifndef PLUG_BRIDGE_SEARCH_SIGHTINGS_H
#define PLUG_BRIDGE_SEARCH_SIGHTINGS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/device.h"
#include "protocol/io/discover.h"

enum {
	SILENT_MAX = 256,
	SILENT_MODEL_BYTES = 32,
};

/* Claims to be reachable on port 9999. */
struct sighting {
	uint8_t mac[PLUG_MAC_BYTES];
	struct in_addr address;
};

/* Answers TDP, and nothing else so far. */
struct silent {
	uint8_t mac[PLUG_MAC_BYTES];
	struct in_addr address;
	enum plug_dialect dialect;
	char model[SILENT_MODEL_BYTES];
};

/* Has the alias that a device of ours is to be found by. */
struct namesake {
	struct device *device;
	uint8_t mac[PLUG_MAC_BYTES];
	struct in_addr address;
	bool is_ambiguous; /* another has it too */
};

/* Starts zeroed. */
struct sightings {
	struct sighting *items;
	size_t count, capacity;
	struct silent *silent;
	size_t silent_count;
	struct namesake *namesakes;
	size_t namesake_count;
};

void sightings_clear(struct sightings *sightings);

/* Who was silent until now speaks. */
void sightings_add(struct sightings *sightings, const uint8_t mac[static PLUG_MAC_BYTES],
	struct in_addr address);

/* Nothing for who has answered otherwise, or when there are too many already. */
void sightings_add_silent(struct sightings *sightings, const struct plug_found *found);

void sightings_add_namesake(struct sightings *sightings, struct device *device,
	const uint8_t mac[static PLUG_MAC_BYTES], struct in_addr address);

/* The first of that MAC; NULL for none. */
const struct sighting *sightings_find(
	const struct sightings *sightings, const uint8_t mac[static PLUG_MAC_BYTES]);

/* The device is about to go. */
void sightings_forget(struct sightings *sightings, const struct device *device);

#endif
