#include "config/claims.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/text/memory.h"

enum { NO_OUTLET = -1 };

/* One who has something: a device, or an outlet of it. */
struct claim {
	char *what;
	size_t device;
	int outlet; /* or NO_OUTLET */
	size_t order;
};

struct claims {
	struct claim *items;
	size_t count, capacity;
};

/* The places of a claim, from the list of devices down. */
struct chain {
	struct config_place places[5];
	const struct config_place *last;
};

static void add(struct claims *claims, char *what, size_t device, int outlet)
{
	claims->items = config_grow(
		claims->items, claims->count, &claims->capacity, sizeof(*claims->items));
	claims->items[claims->count] = (struct claim) { what, device, outlet, claims->count };
	claims->count++;
}

static void add_names(struct claims *claims, const struct config *config)
{
	for (size_t i = 0; i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];
		if (device->name) {
			add(claims, config_copy(device->name), i, NO_OUTLET);
		}
		for (size_t k = 0; device->has_outlets && k < device->outlet_count; k++) {
			if (device->outlets[k].name) {
				add(claims, config_copy(device->outlets[k].name), i, (int)k);
			}
		}
	}
}

/* Host names know no case and may end in a dot. */
static void add_addresses(struct claims *claims, const struct config *config)
{
	for (size_t i = 0; i < config->device_count; i++) {
		const char *host = config->devices[i].host;
		size_t length = strlen(host);
		if (length > 0) {
			length -= host[length - 1] == '.';
			add(claims,
				config_format("%.*s:%u", (int)length, host,
					(unsigned int)config->devices[i].port),
				i, NO_OUTLET);
		}
	}
}

static void add_macs(struct claims *claims, const struct config *config)
{
	for (size_t i = 0; i < config->device_count; i++) {
		const uint8_t *mac = config->devices[i].mac;
		if (config->devices[i].has_mac) {
			add(claims,
				config_format("%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1],
					mac[2], mac[3], mac[4], mac[5]),
				i, NO_OUTLET);
		}
	}
}

/* What Home Assistant makes of it: "50:C7:BF:00:00:01" and "kasa_50c7bf000001" are the same (gives;
 * free with free). */
static char *ha_id_of(const struct config_device *device)
{
	static const char start[] = "kasa_";
	char *id = config_copy(device->ha_id);
	char *out = id;
	const char *at = id;

	at += strncmp(at, start, sizeof(start) - 1) == 0 ? sizeof(start) - 1 : 0;
	for (; *at != '\0'; at++) {
		if (*at != ':' && *at != '-') {
			*out++ = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
		}
	}
	*out = '\0';
	return id;
}

static bool is_ha_id(const struct claims *claims, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(claims->items[i].what, id) == 0) {
			return true;
		}
	}
	return false;
}

/* A device without an id of its own claims its MAC, which matters only where another claims it
 * too: the replaced device, back in another place. */
static void add_ha_ids(struct claims *claims, const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->device_count; i++) {
		if (config->devices[i].ha_id[0] != '\0') {
			add(claims, ha_id_of(&config->devices[i]), i, NO_OUTLET);
		}
	}
	count = claims->count;
	for (size_t i = 0; i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];
		const uint8_t *mac = device->mac;
		char *id = config_format(
			"%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		if (device->has_mac && device->ha_id[0] == '\0' && is_ha_id(claims, count, id)) {
			add(claims, id, i, NO_OUTLET);
		} else {
			free(id);
		}
	}
}

static void add_aliases(struct claims *claims, const struct config *config)
{
	for (size_t i = 0; i < config->device_count; i++) {
		if (config->devices[i].alias[0] != '\0') {
			add(claims, config_copy(config->devices[i].alias), i, NO_OUTLET);
		}
	}
}

static int compare(const void *a, const void *b)
{
	const struct claim *left = a;
	const struct claim *right = b;
	int order = strcasecmp(left->what, right->what);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

static int line_of(const config_setting_t *setting)
{
	return setting ? (int)config_setting_source_line(setting) : 0;
}

/* Builds the places down to the key of the claim; returns the line of the last. */
static int find_place(
	const config_t *tree, const struct claim *claim, const char *key, struct chain *chain)
{
	config_setting_t *list = config_lookup(tree, "devices");
	config_setting_t *device = config_setting_get_elem(list, (unsigned int)claim->device);
	struct config_place *place = chain->places;
	config_setting_t *owner = device;

	place[0] = (struct config_place) { .name = "devices", .line = line_of(list) };
	place[1] = (struct config_place) { &place[0], NULL, claim->device, line_of(device) };
	chain->last = &place[1];
	if (claim->outlet != NO_OUTLET) {
		config_setting_t *outlets = config_setting_get_member(device, "outlets");
		owner = config_setting_get_elem(outlets, (unsigned int)claim->outlet);
		place[2] = (struct config_place) { &place[1], "outlets", 0, line_of(outlets) };
		place[3] = (struct config_place) { &place[2], NULL, (size_t)claim->outlet,
			line_of(owner) };
		chain->last = &place[3];
	}
	config_setting_t *value =
		config_setting_is_group(owner) ? config_setting_get_member(owner, key) : NULL;
	if (value) {
		place[4] = (struct config_place) { chain->last, key, 0, line_of(value) };
		chain->last = &place[4];
	}
	return chain->last->line;
}

static const struct kind {
	void (*add_all)(struct claims *claims, const struct config *config);
	const char *key;
	const char *noun;
} kinds[] = {
	{ add_names, "name", "name" },
	{ add_addresses, "host", "address" },
	{ add_macs, "mac", "MAC" },
	{ add_aliases, "alias", "alias" },
	{ add_ha_ids, "ha_id", "Home Assistant id" },
};

static void report_double(const config_t *tree, const struct kind *kind,
	const struct claim *pair[static 2], struct config_report *report)
{
	struct chain first;
	struct chain second;
	int first_line = find_place(tree, pair[0], kind->key, &first);
	int second_line = find_place(tree, pair[1], kind->key, &second);
	char *where = config_report_where(report, first_line, second_line);
	char *owner = config_place_path(first.last->name ? first.last->up : first.last);

	config_report_error(report, second.last, "\"%s\" is already the %s of %s in %s",
		pair[1]->what, kind->noun, owner, where);
	free(owner);
	free(where);
}

static void check_kind(const config_t *tree, const struct config *config, const struct kind *kind,
	struct config_report *report)
{
	struct claims claims = { 0 };
	size_t first = 0;

	kind->add_all(&claims, config);
	if (claims.count > 0) {
		qsort(claims.items, claims.count, sizeof(*claims.items), compare);
	}
	for (size_t i = 1; i < claims.count; i++) {
		if (strcasecmp(claims.items[first].what, claims.items[i].what) != 0) {
			first = i;
		} else {
			const struct claim *pair[2] = { &claims.items[first], &claims.items[i] };
			report_double(tree, kind, pair, report);
		}
	}
	for (size_t i = 0; i < claims.count; i++) {
		free(claims.items[i].what);
	}
	free(claims.items);
}

void config_claims_check(
	const config_t *tree, const struct config *config, struct config_report *report)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		check_kind(tree, config, &kinds[i], report);
	}
}
