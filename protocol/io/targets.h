/* targets.h - where a search sends its probes: broadcast, directed and single addresses. */
#ifndef PLUG_PROTOCOL_IO_TARGETS_H
#define PLUG_PROTOCOL_IO_TARGETS_H

#include "protocol/error.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { PLUG_TARGETS_MAX = 1024 };

struct plug_target {
	struct in_addr address;
	int status; /* the first error in sending there, as libuv has it; 0 for none */
	bool is_told;
};

struct plug_targets {
	struct plug_target *items;
	size_t count;
};

/* Adds the IPv4 address in text, unless it is there already. Returns PLUG_OK; PLUG_EINVAL when it
 * is not one, PLUG_ETOOBIG when there are PLUG_TARGETS_MAX already, PLUG_ENOMEM. */
enum plug_error plug_targets_add(struct plug_targets *targets, const char *text);

/* Adds the broadcast address of every interface that is up and has one; with a name, of that
 * interface alone. The loopback interface counts only when it is named. Errors as above, and
 * PLUG_ESYSTEM when the interfaces cannot be listed. */
enum plug_error plug_targets_add_interfaces(struct plug_targets *targets, const char *name);

void plug_targets_clear(struct plug_targets *targets);

/* The last address of the network that address is in. False, and *broadcast zero, where there is
 * none: in a network of two addresses or fewer, and without a netmask. */
bool plug_targets_broadcast(
	struct in_addr address, struct in_addr netmask, struct in_addr *broadcast);

#endif
