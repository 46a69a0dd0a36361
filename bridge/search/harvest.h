/* harvest.h - what the answers to one search mean: a device that is missed may be there, somebody
 * is not configured, two have one MAC, a firmware cannot be talked to. */
#ifndef PLUG_BRIDGE_SEARCH_HARVEST_H
#define PLUG_BRIDGE_SEARCH_HARVEST_H

#include <netinet/in.h>

#include "bridge/device.h"
#include "bridge/search/roster.h"
#include "bridge/search/sightings.h"
#include "bridge/search/told.h"
#include "protocol/io/discover.h"

struct bridge;

/* Starts zeroed but for bridge, look and arg. */
struct harvest {
	struct bridge *bridge;
	/* A device that is missed may be at this address. */
	void (*look)(void *arg, struct device *device, const char *address);
	void *arg;

	/* Of the search that runs. */
	struct roster roster;
	struct sightings sightings;
	unsigned news_left;

	struct told unknown, doubled; /* told of, by this search and those before */
};

/* Also when the list of devices is another. */
void harvest_begin(struct harvest *harvest);

void harvest_take(struct harvest *harvest, const struct plug_found *found);

/* All answers have come. */
void harvest_conclude(struct harvest *harvest);

/* Gives back what only the search needed. */
void harvest_end(struct harvest *harvest);

/* The configured device that an answer comes from; NULL for none. */
struct device *harvest_owner(const struct harvest *harvest, const struct plug_found *found);

/* Where the device has claimed to be in this search, besides where it is asked. False for nowhere.
 */
bool harvest_find(const struct harvest *harvest, const struct device *device,
	char address[static INET_ADDRSTRLEN]);

/* The device is about to go. */
void harvest_forget(struct harvest *harvest, const struct device *device);

void harvest_clear(struct harvest *harvest);

#endif
