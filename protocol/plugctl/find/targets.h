/* targets.h - which devices and outlets the command line means.
 *
 *     steam-engine  cases/2  cases/case-2  case-2                 a name from plugbridge.cfg
 *     50:C7:BF:00:00:01  50-c7-bf-00-00-01  50c7.bf00.0001/2      a MAC, to be searched for
 *     192.168.1.7  plug.lan  plug.lan:9999  127.0.0.1:40001/2     an address
 *     fountain                                                    a host name, else an alias
 *     "Steam engine"  "Gold watch"                                an alias, of an outlet too
 *
 * A word is taken for the first of these that it can be; names in any case. An address is four
 * plain decimal numbers: what else the system's resolver would take for one is refused. What has to
 * be looked for is found by find.h. An outlet is meant by its number from 1 on, its alias or its
 * id; which one that is only the device can tell. Source of the names: config/config.h.  */
#ifndef PLUG_PLUGCTL_TARGETS_H
#define PLUG_PLUGCTL_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum target_kind {
	TARGET_AT_HOST,
	TARGET_WORD,	 /* host, if there is such a host name; else as TARGET_BY_ALIAS */
	TARGET_BY_ALIAS, /* device, or all of name, is an alias */
	TARGET_BY_MAC,
};

struct target {
	enum target_kind kind;
	char *name;   /* as the user wrote it: what results are called */
	char *device; /* the part of name that is the device: outlets are called device/1 */
	char *host;   /* "" until it is found */
	uint16_t port;
	char *outlet; /* number, alias or id; NULL: the whole device */
	bool has_mac;
	uint8_t mac[CONFIG_MAC_BYTES]; /* who it must be */
	const char *hint; /* a configured name that may have been meant, or NULL; borrowed */
	char *problem;	  /* why it cannot be reached, in words; NULL: nothing known */
};

struct targets {
	struct target *items;
	size_t count;
};

/* What the words are read with. */
struct targets_from {
	const struct config *config; /* borrowed for as long as the targets live, or NULL */
	const char *outlet;	     /* of --outlet: for every target that names none, or NULL */
	uint16_t port;		     /* of devices for which nothing else is said */
};

/* Adds what word means, also when another means the same: each word gets its own result. Returns
 * NULL, or what is wrong with it in words (caller frees). */
char *targets_add(struct targets *targets, const struct targets_from *from, const char *word);

/* Adds every device of the configuration. */
void targets_add_all(struct targets *targets, const struct targets_from *from);

/* Adds a device that was found at an address; mac may be NULL. Returns it, to be filled further, or
 * NULL when it is there already. */
struct target *targets_add_found(struct targets *targets, const struct targets_from *from,
	const char *host, const uint8_t *mac);

void targets_clear(struct targets *targets);

#endif
