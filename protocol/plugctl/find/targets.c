#include "protocol/plugctl/find/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

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

/* Room doubles. */
static struct target *append(struct targets *targets, struct target target)
{
	if ((targets->count & (targets->count - 1)) == 0) {
		const size_t capacity = targets->count == 0 ? 1 : 2 * targets->count;
		struct target *items = memory_new(capacity, sizeof *items);

		if (targets->count > 0) {
			memcpy(items, targets->items, targets->count * sizeof *items);
		}
		free(targets->items);
		targets->items = items;
	}
	targets->items[targets->count] = target;
	return &targets->items[targets->count++];
}

/* The device of this name, or the one with an outlet of this name; *outlet is its number then.
 * Names have small letters only, so that one in capitals can mean nothing else: it must never
 * reach a stranger's device by its alias. */
static const struct config_device *find(const struct config *config, const char *name, int *outlet)
{
	*outlet = 0;
	for (size_t i = 0; config && i < config->device_count; i++) {
		const struct config_device *device = &config->devices[i];

		if (strcasecmp(device->name, name) == 0) {
			return device;
		}
		for (size_t j = 0; device->has_outlets && j < device->outlet_count; j++) {
			if (strcasecmp(device->outlets[j].name, name) == 0) {
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
		if (strcasecmp(device->outlets[i].name, word) == 0) {
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
	char *small;

	if (!config) {
		return NULL;
	}
	small = memory_copy(wrong);
	for (char *at = small; *at != '\0'; at++) {
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
	}
	names = memory_new(config->device_count * (CONFIG_OUTLETS_MAX + 1), sizeof *names);
	for (size_t i = 0; i < config->device_count; i++) {
		names[count++] = config->devices[i].name;
		for (size_t j = 0; j < config->devices[i].outlet_count; j++) {
			names[count++] = config->devices[i].outlets[j].name;
		}
	}
	nearest = words_nearest(small, names, count);
	free(small);
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

/* Four plain numbers from 0 to 255. */
static bool is_address(const char *host)
{
	struct in_addr address;

	return inet_pton(AF_INET, host, &address) == 1;
}

/* What the system's resolver takes for an address though it is not written as one: "127.1", octal
 * "010", "0x7f000001", "1". It leads to another device than was meant. */
static bool is_nearly_address(const char *host)
{
	const char *at = host;

	do {
		const bool is_hex = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');

		at += is_hex ? 2 : 0;
		at += strspn(at, is_hex ? "0123456789abcdefABCDEF" : "0123456789");
	} while (*at == '.' && *at++ != '\0');
	return *at == '\0' && !is_address(host);
}

/* Five parts and more with colons between: nothing else looks like that. */
static bool is_nearly_mac(const char *device)
{
	enum { COLONS_MIN = 4 };
	size_t count = 0;

	for (const char *at = device; *at != '\0'; at++) {
		count += *at == ':';
	}
	return count >= COLONS_MIN && !strchr(device, ' ');
}

/* An address with something behind that is no port, or with blanks around it. */
static bool has_address(const char *device)
{
	const char *begin = device + strspn(device, " \t");
	char *host = memory_format("%.*s", (int)strcspn(begin, ": \t"), begin);
	const bool is_one = is_address(host);

	free(host);
	return is_one;
}

/* The colon in front of a port, or what was meant as one. */
static const char *find_port(const char *word)
{
	const char *colon = strrchr(word, ':');

	return colon && colon[1 + strspn(colon + 1, "0123456789")] == '\0' ? colon : NULL;
}

/* What was meant as a MAC or an address, and must not be searched for as an alias; NULL, or
 * why not. */
static char *mistyped(const char *device)
{
	if (is_nearly_mac(device)) {
		return memory_format("'%s' is no MAC: that is six pairs of hex digits, as "
				     "50:C7:BF:00:00:01",
			device);
	}
	if (has_address(device) && !is_address(device) && !find_port(device)) {
		return memory_format("'%s' has something around its address: write 192.168.1.7 or "
				     "192.168.1.7:9999",
			device);
	}
	return NULL;
}

static char *not_an_address(const char *word)
{
	return memory_format("'%s' is no address: that is four numbers from 0 to 255, without "
			     "zeroes in front, as 192.168.1.7",
		word);
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
	return is_nearly_address(target->host) ? not_an_address(word) : NULL;
}

/* What is no name of the configuration. */
static char *from_other(struct target *target, const struct targets_from *from, const char *word)
{
	const char *colon;
	char *problem;

	target->port = from->port;
	target->has_mac = read_mac(target->device, target->mac);
	if (target->has_mac) {
		target->kind = TARGET_BY_MAC;
		return NULL;
	}
	problem = mistyped(target->device);
	if (problem) {
		return problem;
	}
	target->host = memory_copy(target->device);
	target->hint = nearest_name(from->config, target->device);
	colon = find_port(target->device);
	if (colon) {
		return from_host_and_port(target, colon, word);
	}
	if (is_nearly_address(target->host) && strchr(target->host, '.')) {
		return not_an_address(word);
	}
	if (!is_host(target->host) || is_nearly_address(target->host)) {
		target->kind = TARGET_BY_ALIAS;
		target->host[0] = '\0';
	} else if (!strchr(target->host, '.') && !target->hint) {
		target->kind = TARGET_WORD;
	}
	return NULL;
}

/* What --outlet adds is called as if it had been written behind the slash. */
static void name_outlet(struct target *target, const char *outlet)
{
	char *name = memory_format("%s/%s", target->name, outlet);

	free(target->name);
	target->name = name;
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
		if (!outlet) {
			name_outlet(target, word);
		}
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

	if (strstr(word, "://")) {
		free(device);
		return memory_format("'%s' is a URL: give the address or name in it alone", word);
	}
	if (slash) {
		*slash = '\0';
	}
	problem = read_word(&target, from, device, slash ? slash + 1 : NULL);
	free(device);
	if (problem) {
		clear(&target);
	} else {
		append(targets, target);
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
			name_outlet(&target, from->outlet);
		}
		append(targets, target);
	}
}

static bool is_host_there(const struct targets *targets, const char *host)
{
	for (size_t i = 0; i < targets->count; i++) {
		if (strcmp(targets->items[i].host, host) == 0) {
			return true;
		}
	}
	return false;
}

struct target *targets_add_found(struct targets *targets, const struct targets_from *from,
	const char *host, const uint8_t *mac)
{
	struct target target = { .port = from->port, .has_mac = mac != NULL };

	if (is_host_there(targets, host)) {
		return NULL;
	}
	target.name = memory_copy(host);
	target.device = memory_copy(host);
	target.host = memory_copy(host);
	if (from->outlet) {
		target.outlet = memory_copy(from->outlet);
		name_outlet(&target, from->outlet);
	}
	if (mac) {
		memcpy(target.mac, mac, sizeof target.mac);
	}
	return append(targets, target);
}

void targets_clear(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++) {
		clear(&targets->items[i]);
	}
	free(targets->items);
	*targets = (struct targets) { 0 };
}
