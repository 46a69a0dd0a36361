/* news.h - what a search brings to light, as events (bridge/event.h) and in the log.
 *
 *     {"type":"unknown_device","mac":"...","address":"...","model":"HS110(EU)","alias":"...",
 *      "dialect":"xor","advice":null}
 *     {"type":"device_found","name":"...","mac":"...","address":"..."}
 *     {"type":"device_moved","name":"...","mac":"...","from":"...","to":"..."}
 *     {"type":"device_swapped","name":"...","address":"...","mac":"...","found_mac":"..."}
 *     {"type":"duplicate_mac","mac":"...","addresses":["...","..."],"name":"..."}
 *     {"type":"device_unsupported","name":"...","mac":"...","address":"...","dialect":"klap",
 *      "advice":"..."} */
#ifndef PLUG_BRIDGE_SEARCH_NEWS_H
#define PLUG_BRIDGE_SEARCH_NEWS_H

#include <stdint.h>

#include "bridge/bridge.h"
#include "protocol/discovery.h"

/* Found by a search, and not configured. alias NULL when it was not told. */
struct news_unknown {
	const uint8_t *mac;
	const char *address, *model, *alias;
	enum plug_dialect dialect;
};

void news_unknown(struct bridge *bridge, const struct news_unknown *unknown);

/* The device was found and will be asked at address; device->address is still the old one. */
void news_moved(struct bridge *bridge, const struct device *device, const char *address);

/* Another device answers at the device's address; its own MAC may not be known. */
void news_swapped(struct bridge *bridge, const struct device *device, const uint8_t *mac);

/* One MAC answers from two addresses; device NULL when it is not configured. */
void news_duplicate(struct bridge *bridge, const struct device *device, const uint8_t *mac,
	const char *const addresses[static 2]);

/* A configured device answers, but not in a way this version speaks: device->dialect. */
void news_unsupported(struct bridge *bridge, const struct device *device, const char *address);

#endif
