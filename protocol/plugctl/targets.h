/* targets.h - which devices and outlets the command line means.
 *
 *     192.168.1.7  plug.lan  plug.lan:9999  127.0.0.1:40001/2     an address, with an outlet or not
 *     steam-engine  cases/2  cases/case-2  case-2                 a name from plugbridge.cfg
 *
 * An outlet is meant by its number from 1 on, its alias or its id; which one that is only the
 * device can tell. Source of the names: config/config.h. No I/O here. */
#ifndef PLUG_PLUGCTL_TARGETS_H
#define PLUG_PLUGCTL_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

struct target {
	char *name;   /* as the user wrote it: what results are called */
	char *device; /* the part of name that is the device: outlets are called device/1 */
	char *host;   /* "" when the configuration has none */
	uint16_t port;
	char *outlet; /* number, alias or id; NULL: the whole device */
	bool has_mac;
	uint8_t mac[CONFIG_MAC_BYTES]; /* pinned in the configuration */
	const char *hint; /* a configured name that may have been meant, or NULL; borrowed */
};

struct targets {
	struct target *items;
	size_t count;
};

/* What the words are read with. */
struct targets_from {
	const struct config *config; /* borrowed for as long as the targets live, or NULL */
	const char *outlet;	     /* of --outlet: for every target that names none, or NULL */
};

/* Adds what word means. Returns NULL, or what is wrong with it in words (caller frees). A target
 * that is there already is not added again. */
char *targets_add(struct targets *targets, const struct targets_from *from, const char *word);

/* Adds every device of the configuration. */
void targets_add_all(struct targets *targets, const struct targets_from *from);

void targets_clear(struct targets *targets);

#endif
