/* replace.h - a new device in the place of an old one: what replace.c and its parts share.
 *
 * What is known of the old device (replace_old.c) goes to the new one (replace_new.c finds it), and
 * then into the configuration. */
#ifndef PLUG_PLUGCTL_REPLACE_H
#define PLUG_PLUGCTL_REPLACE_H

#include "config/config.h"
#include "config/edit.h"
#include "config/replace.h"
#include "protocol/plugctl/command.h"
#include "protocol/plugctl/replace/carry.h"

#include <stdbool.h>
#include <stdint.h>

enum old_source {
	OLD_GUESSED, /* from the configuration alone */
	OLD_KEPT,    /* as the bridge has read it some time ago */
	OLD_LIVE,    /* it answered now */
};

struct replacement {
	const struct command *command;
	struct config *config;
	const struct config_device *device; /* of config */
	int64_t now_s;

	struct plug_snapshot old;
	enum old_source source;
	char *old_silence;  /* why it did not answer; NULL: it did, or was not asked */
	char *kept_problem; /* why what the bridge kept could not be used; NULL: it could */

	char *host;    /* of the new device */
	uint16_t port; /* before it is found: of devices for which nothing else is said */
	struct plug_snapshot_reading new;

	struct config_replace_changes changes;
};

/* Finds out what can be known of the old device. */
void replace_read_old(struct replacement *replacement);

/* Finds the new device and reads it. False after a complaint to standard error: there is none,
 * more than one, or not one that can take the place. */
bool replace_find_new(struct replacement *replacement);

/* The MAC that the old device had; false when nobody knows. */
bool replace_old_mac(const struct replacement *replacement, uint8_t mac[static PLUG_MAC_BYTES]);

/* Says what went wrong, on standard error. Returns false. */
bool replace_complain(const struct replacement *replacement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
