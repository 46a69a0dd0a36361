/* replace.h - what the configuration says of a device from the day on which another took its place.
 */
#ifndef PLUG_CONFIG_REPLACE_H
#define PLUG_CONFIG_REPLACE_H

#include "config/config.h"
#include "config/text/patch.h"

enum { CONFIG_REPLACE_CHANGES_MAX = 4, CONFIG_REPLACE_VALUE_BYTES = 256 };

struct config_replacement {
	const char *host; /* of the new device */
	uint16_t port;
	const uint8_t *mac;	/* of the new device */
	const uint8_t *old_mac; /* NULL when nobody knows */
	bool is_searched;	/* devices without a host are found by their MAC */
};

/* The changes and what they are borrowed from; it must stay where it is. */
struct config_replace_changes {
	struct config_change items[CONFIG_REPLACE_CHANGES_MAX];
	char values[CONFIG_REPLACE_CHANGES_MAX][CONFIG_REPLACE_VALUE_BYTES];
	size_t count;
};

/* host and port where they differ, mac, and ha_id unless there is one. A device without a host
 * stays so where it is searched for. */
void config_replace_plan(struct config_replace_changes *changes, const struct config_device *device,
	const struct config_replacement *replacement);

/* Returns the device of that name, NULL when there is none; *is_outlet when the name is that of one
 * of its outlets instead. */
const struct config_device *config_replace_find(
	const struct config *config, const char *name, bool *is_outlet);

/* Returns the device other than this one that has this MAC, or is at this address; NULL for none.
 */
const struct config_device *config_replace_owner(const struct config *config,
	const struct config_device *device, const struct config_replacement *replacement);

#endif
