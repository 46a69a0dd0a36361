#include "bridge/search/harvest.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/bridge.h"
#include "bridge/mem.h"
#include "bridge/search/news.h"

enum {
	/* What one search may tell of devices that are not ours: another bridge may own a hundred,
	 * and results wait in the same queue. The others come with the next searches. */
	NEWS_PER_SEARCH = 16,
};

static void write_address(struct in_addr address, char text[static INET_ADDRSTRLEN])
{
	(void)uv_inet_ntop(AF_INET, &address, text, INET_ADDRSTRLEN);
}

void harvest_begin(struct harvest *harvest)
{
	const struct bridge *bridge = harvest->bridge;

	roster_fill(&harvest->roster, bridge->devices, bridge->device_count);
	harvest->news_left = NEWS_PER_SEARCH;
}

void harvest_end(struct harvest *harvest)
{
	sightings_clear(&harvest->sightings);
	roster_clear(&harvest->roster);
}

void harvest_clear(struct harvest *harvest)
{
	harvest_end(harvest);
	told_clear(&harvest->unknown);
	told_clear(&harvest->doubled);
}

/* mac NULL: not told. */
static struct device *owner_of(
	const struct harvest *harvest, const uint8_t *mac, const char *address)
{
	struct device *device = mac ? roster_find_mac(&harvest->roster, mac) : NULL;

	return device ? device : roster_find_address(&harvest->roster, address);
}

struct device *harvest_owner(const struct harvest *harvest, const struct plug_found *found)
{
	char address[INET_ADDRSTRLEN];

	write_address(found->address, address);
	return owner_of(harvest, found->what->has_mac ? found->what->mac : NULL, address);
}

bool harvest_find(const struct harvest *harvest, const struct device *device,
	char address[static INET_ADDRSTRLEN])
{
	const struct sighting *sighting =
		device->has_mac ? sightings_find(&harvest->sightings, device->mac) : NULL;

	if (!sighting) {
		return false;
	}
	write_address(sighting->address, address);
	return strcmp(address, device->address) != 0;
}

void harvest_forget(struct harvest *harvest, const struct device *device)
{
	sightings_forget(&harvest->sightings, device);
}

/* True once for each MAC, and while there is room for news. */
static bool is_news(
	struct harvest *harvest, struct told *told, const uint8_t mac[static PLUG_MAC_BYTES])
{
	if (harvest->news_left == 0 || told_has(told, mac)) {
		return false;
	}
	harvest->news_left--;
	told_add(told, mac);
	return true;
}

static void tell_unknown(struct harvest *harvest, const struct news_unknown *unknown)
{
	if (is_news(harvest, &harvest->unknown, unknown->mac)) {
		news_unknown(harvest->bridge, unknown);
	}
}

static void tell_duplicate(
	struct harvest *harvest, const struct plug_discovery *what, const char *address)
{
	const struct sighting *first = sightings_find(&harvest->sightings, what->mac);
	char other[INET_ADDRSTRLEN];

	if (first && is_news(harvest, &harvest->doubled, what->mac)) {
		write_address(first->address, other);
		news_duplicate(harvest->bridge, roster_find_mac(&harvest->roster, what->mac),
			what->mac, (const char *const[]) { other, address });
	}
}

/* Nobody's MAC or address: it may have the alias that a device is to be found by. */
static void take_stranger(
	struct harvest *harvest, const struct plug_found *found, const char *address)
{
	const struct plug_discovery *what = found->what;
	struct device *device = roster_find_alias(&harvest->roster, what->sysinfo.alias);

	if (device) {
		sightings_add_namesake(&harvest->sightings, device, what->mac, found->address);
		return;
	}
	tell_unknown(harvest, &(struct news_unknown) { .mac = what->mac,
				      .address = address,
				      .model = what->model,
				      .alias = what->sysinfo.alias,
				      .dialect = what->dialect });
}

/* An answer on port 9999. */
static void take_sighting(
	struct harvest *harvest, const struct plug_found *found, const char *address)
{
	const struct plug_discovery *what = found->what;
	struct device *device = owner_of(harvest, what->mac, address);

	if (found->is_elsewhere) {
		tell_duplicate(harvest, what, address);
	}
	sightings_add(&harvest->sightings, what->mac, found->address);
	if (!device) {
		take_stranger(harvest, found, address);
	} else if (device->is_sought) {
		harvest->look(harvest->arg, device, address);
	}
}

void harvest_take(struct harvest *harvest, const struct plug_found *found)
{
	char address[INET_ADDRSTRLEN];

	write_address(found->address, address);
	if (found->what->has_mac && found->what->has_sysinfo) {
		take_sighting(harvest, found, address);
	} else if (found->what->has_mac) {
		sightings_add_silent(&harvest->sightings, found);
	}
}

/* A device that answers TDP alone cannot be used today. It is known only now: one that answers both
 * may have answered that first. */
static void tell_silent(struct harvest *harvest, const struct silent *silent)
{
	char address[INET_ADDRSTRLEN];
	struct device *device = NULL;

	write_address(silent->address, address);
	device = owner_of(harvest, silent->mac, address);
	if (!device) {
		tell_unknown(harvest, &(struct news_unknown) { .mac = silent->mac,
					      .address = address,
					      .model = silent->model,
					      .dialect = silent->dialect });
	} else if (device->is_sought && device->dialect != silent->dialect) {
		device_set_dialect(device, silent->dialect);
		news_unsupported(harvest->bridge, device, address);
	}
}

/* Devices found by their alias wait for the end of the search: two may have the same. */
static void take_namesake(struct harvest *harvest, const struct namesake *namesake)
{
	struct device *device = namesake->device;
	char address[INET_ADDRSTRLEN];

	if (namesake->is_ambiguous) {
		char *reason = mem_printf("several devices are called \"%s\": give the mac of the "
					  "right one",
			device->alias);

		device_set_offline(device, reason);
		free(reason);
	} else if (device->is_sought) {
		write_address(namesake->address, address);
		harvest->look(harvest->arg, device, address);
	}
}

void harvest_conclude(struct harvest *harvest)
{
	for (size_t i = 0; i < harvest->sightings.silent_count; i++) {
		tell_silent(harvest, &harvest->sightings.silent[i]);
	}
	for (size_t i = 0; i < harvest->sightings.namesake_count; i++) {
		take_namesake(harvest, &harvest->sightings.namesakes[i]);
	}
}
