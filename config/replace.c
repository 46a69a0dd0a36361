#include "config/replace.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static char *add(struct config_replace_changes *changes, const char *key, bool is_text)
{
	char *value = changes->values[changes->count];

	value[0] = '\0';
	changes->items[changes->count++] = (struct config_change) { key, value, is_text };
	return value;
}

static void put_mac(char *value, const uint8_t *mac)
{
	(void)snprintf(value, CONFIG_REPLACE_VALUE_BYTES, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0],
		mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static bool needs_host(
	const struct config_device *device, const struct config_replacement *replacement)
{
	return device->host[0] != '\0' ? strcmp(device->host, replacement->host) != 0
				       : !replacement->is_searched;
}

void config_replace_plan(struct config_replace_changes *changes, const struct config_device *device,
	const struct config_replacement *replacement)
{
	changes->count = 0;
	if (needs_host(device, replacement)) {
		(void)snprintf(add(changes, "host", true), CONFIG_REPLACE_VALUE_BYTES, "%s",
			replacement->host);
	}
	if (device->port != replacement->port) {
		(void)snprintf(add(changes, "port", false), CONFIG_REPLACE_VALUE_BYTES, "%u",
			(unsigned)replacement->port);
	}
	put_mac(add(changes, "mac", true), replacement->mac);
	if (device->ha_id[0] == '\0' && replacement->old_mac) {
		put_mac(add(changes, "ha_id", true), replacement->old_mac);
	}
}

static bool has_outlet(const struct config_device *device, const char *name)
{
	for (size_t i = 0; device->has_outlets && i < device->outlet_count; i++) {
		if (strcmp(device->outlets[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

const struct config_device *config_replace_find(
	const struct config *config, const char *name, bool *is_outlet)
{
	*is_outlet = false;
	for (size_t i = 0; i < config->device_count; i++) {
		*is_outlet = has_outlet(&config->devices[i], name);
		if (*is_outlet || strcmp(config->devices[i].name, name) == 0) {
			return &config->devices[i];
		}
	}
	return NULL;
}

static bool is_at(const struct config_device *device, const struct config_replacement *replacement)
{
	return device->port == replacement->port &&
	       strcasecmp(device->host, replacement->host) == 0;
}

const struct config_device *config_replace_owner(const struct config *config,
	const struct config_device *device, const struct config_replacement *replacement)
{
	for (size_t i = 0; i < config->device_count; i++) {
		const struct config_device *other = &config->devices[i];
		const bool has_mac = other->has_mac &&
				     memcmp(other->mac, replacement->mac, CONFIG_MAC_BYTES) == 0;

		if (other != device && (has_mac || is_at(other, replacement))) {
			return other;
		}
	}
	return NULL;
}
