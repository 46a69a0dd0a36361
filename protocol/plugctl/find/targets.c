#include "protocol/plugctl/find/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/mac.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/words.h"

static void clear(struct target *target)
{
	free(target->name);
	free(target->device);
	free(target->host);
	free(target->outlet);
	free(target->problem);
}

static bool is_same_outlet(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_there(const struct targets *targets, const struct target *target)
{
	for (size_t i = 0; i < targets->count; i++) {
		const struct target *other = &targets->items[i];

		if (other->port == target->port && strcmp(other->host, target->host) == 0 &&
			(target->host[0] != '\0' || strcmp(other->device, target->device) == 0) &&
			is_same_outlet(other->outlet, target->outlet)) {
			return true;
		}
	}
	return false;
}

/* Takes target; false when it is there already. Room doubles: is_there has looked at all of them
 * anyway. */
static bool append(struct targets *targets, struct target target)
{
	if (is_there(targets, &target)) {
		clear(&target);
		return false;
	}
	if ((targets->count & (targets->count - 1)) == 0) {
		const size_t capacity = targets->count == 0 ? 1 : 2 * targets->count;
		struct target *items = memory_new(capacity, sizeof *items);

		if (targets->count > 0) {
			memcpy(items, targets->items, targets->count * sizeof *items);
		}
		free(targets->items);
		targets->items = items;
	}
	targets->items[targets->count++] = target;
	return true;
}

/* The device of this name, or the one with an outlet of this name; *outlet is its number then. */
static const struct config_device *find(const struct config *config, const char *name, int *outlet)
{
	*outlet = 0;
	for (size_t i = 0; config && i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];

		if (strcmp(device->name, name) == 0) {
			return device;
		}
		for (size_t j = 0; device->has_outlets && j < device->outlet_count; j++) {
			if (strcmp(device->outlets[j].name, name) == 0) {
				*outlet = (int)j + 1;
				return device;
			}
		}
	}
	return NULL;
}

/* An outlet of a device that is in the configuration may be meant by its name there. */
static char *outlet_word(const struct config_device *device, const char *word)
{
	for (size_t i = 0; device->has_outlets && i < device->outlet_count; i++) {
		if (strcmp(device->outlets[i].name, word) == 0) {
			return memory_format("%zu", i + 1);
		}
	}
	return memory_copy(word);
}

static struct target from_device(const struct config_device *device, const char *name)
{
	struct target target = {
		.kind = device->host[0] != '\0' ? TARGET_AT_HOST : TARGET_BY_MAC,
		.name = memory_copy(name),
		.device = memory_copy(device->name),
		.host = memory_copy(device->host),
		.port = device->port,
		.has_mac = device->has_mac,
	};

	memcpy(target.mac, device->mac, sizeof target.mac);
	return target;
}

static const char *nearest_name(const struct config *config, const char *wrong)
{
	const char **names;
	const char *nearest;
	size_t count = 0;

	if (!config) {
		return NULL;
	}
	names = memory_new(config->device_count * (CONFIG_OUTLETS_MAX + 1), sizeof *names);
	for (size_t i = 0; i < config->device_count; i++) {
		names[count++] = config->devices[i].name;
		for (size_t j = 0; j < config->devices[i].outlet_count; j++) {
			names[count++] = config->devices[i].outlets[j].name;
		}
	}
	nearest = words_nearest(wrong, names, count);
	free(names);
	return nearest;
}

/* ":9999" at the end; 0 when it is no port. */
static uint16_t read_port(const char *text)
{
	unsigned long port = 0;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at < '0' || *at > '9' || port > UINT16_MAX) {
			return 0;
		}
		port = port * 10 + (unsigned long)(*at - '0');
	}
	return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static bool is_host_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '.' || c == '-' || c == '_';
}

static bool is_host(const char *host)
{
	const char *at = host;

	while (is_host_character(*at)) {
		at++;
	}
	return *at == '\0' && at > host && at - host <= 253 && host[0] != '-';
}

/* AA:BB:CC:DD:EE:FF and what else plug_mac_parse knows, and aabb.ccdd.eeff. */
static bool read_mac(const char *word, uint8_t mac[static CONFIG_MAC_BYTES])
{
	enum { FIRST_DOT = 4, SECOND_DOT = 9, SIZE = 14 };
	char plain[SIZE + 1];

	if (strlen(word) != SIZE || word[FIRST_DOT] != '.' || word[SECOND_DOT] != '.') {
		return plug_mac_parse(word, mac);
	}
	(void)snprintf(plain, sizeof plain, "%.4s%.4s%.4s", word, word + FIRST_DOT + 1,
		word + SECOND_DOT + 1);
	return plug_mac_parse(plain, mac);
}

/* The colon in front of a port, or what was meant as one. */
static const char *find_port(const char *word)
{
	const char *colon = strrchr(word, ':');

	return colon && colon[1 + strspn(colon + 1, "0123456789")] == '\0' ? colon : NULL;
}

static char *from_host_and_port(struct target *target, const char *colon, const char *word)
{
	target->port = read_port(colon + 1);
	target->host[colon - target->device] = '\0';
	if (target->port == 0) {
		return memory_format("'%s' has no port from 1 to 65535 after the colon", word);
	}
	if (!is_host(target->host)) {
		return memory_format("'%s' is neither a MAC nor host:port", word);
	}
	return NULL;
}

/* What is no name of the configuration. */
static char *from_other(struct target *target, const struct targets_from *from, const char *word)
{
	const char *colon;

	target->port = from->port;
	target->has_mac = read_mac(target->device, target->mac);
	if (target->has_mac) {
		target->kind = TARGET_BY_MAC;
		return NULL;
	}
	target->host = memory_copy(target->device);
	target->hint = nearest_name(from->config, target->device);
	colon = find_port(target->device);
	if (colon) {
		return from_host_and_port(target, colon, word);
	}
	if (!is_host(target->host)) {
		target->kind = TARGET_BY_ALIAS;
		target->host[0] = '\0';
	} else if (!strchr(target->host, '.') && !target->hint) {
		target->kind = TARGET_WORD;
	}
	return NULL;
}

static char *not_a_target(const char *device, const char *outlet, int number)
{
	if (device[0] == '\0') {
		return memory_format("'%s%s' is no address, MAC, name or alias", outlet ? "/" : "",
			outlet ? outlet : "");
	}
	if (!outlet) {
		return NULL;
	}
	if (outlet[0] == '\0') {
		return memory_format("'%s/' names no outlet after the slash", device);
	}
	return number > 0 ? memory_format("'%s/%s': %s is an outlet itself", device, outlet, device)
			  : NULL;
}

/* device and outlet are the two sides of the slash; outlet NULL when there was none. */
static char *read_word(struct target *target, const struct targets_from *from, const char *device,
	const char *outlet)
{
	int number;
	const struct config_device *found = find(from->config, device, &number);
	char *problem = not_a_target(device, outlet, number);
	char *name = outlet ? memory_format("%s/%s", device, outlet) : memory_copy(device);

	if (!problem && found) {
		*target = from_device(found, name);
	} else if (!problem) {
		target->name = memory_copy(name);
		target->device = memory_copy(device);
		problem = from_other(target, from, name);
	}
	if (!problem && number > 0) {
		target->outlet = memory_format("%d", number);
	} else if (!problem && (outlet || from->outlet)) {
		const char *word = outlet ? outlet : from->outlet;

		target->outlet = found ? outlet_word(found, word) : memory_copy(word);
	}
	if (!problem && !target->host) {
		target->host = memory_copy("");
	}
	free(name);
	return problem;
}

char *targets_add(struct targets *targets, const struct targets_from *from, const char *word)
{
	struct target target = { 0 };
	char *device = memory_copy(word);
	char *slash = strchr(device, '/');
	char *problem;

	if (slash) {
		*slash = '\0';
	}
	problem = read_word(&target, from, device, slash ? slash + 1 : NULL);
	free(device);
	if (problem) {
		clear(&target);
	} else {
		(void)append(targets, target);
	}
	return problem;
}

void targets_add_all(struct targets *targets, const struct targets_from *from)
{
	for (size_t i = 0; i < from->config->device_count; i++) {
		const struct config_device *device = &from->config->devices[i];
		struct target target = from_device(device, device->name);

		if (from->outlet) {
			target.outlet = outlet_word(device, from->outlet);
		}
		(void)append(targets, target);
	}
}

struct target *targets_add_found(struct targets *targets, const struct targets_from *from,
	const char *host, const uint8_t *mac)
{
	struct target target = {
		.name = memory_copy(host),
		.device = memory_copy(host),
		.host = memory_copy(host),
		.port = from->port,
		.outlet = from->outlet ? memory_copy(from->outlet) : NULL,
		.has_mac = mac != NULL,
	};

	if (mac) {
		memcpy(target.mac, mac, sizeof target.mac);
	}
	return append(targets, target) ? &targets->items[targets->count - 1] : NULL;
}

void targets_clear(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		clear(&targets->items[i]);
	}
	free(targets->items);
	*targets = (struct targets) { 0 };
}
