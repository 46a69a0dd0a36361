#include "protocol/io/targets.h"

#include <stdlib.h>
#include <string.h>

static bool has(const struct plug_targets *targets, struct in_addr address)
{
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->items[i].address.s_addr == address.s_addr) {
			return true;
		}
	}
	return false;
}

static enum plug_error add(struct plug_targets *targets, struct in_addr address)
{
	struct plug_target *items;

	if (has(targets, address)) {
		return PLUG_OK;
	}
	if (targets->count == PLUG_TARGETS_MAX) {
		return PLUG_ETOOBIG;
	}
	items = realloc(targets->items, (targets->count + 1) * sizeof *items);
	if (!items) {
		return PLUG_ENOMEM;
	}
	items[targets->count] = (struct plug_target) { .address = address };
	targets->items = items;
	targets->count++;
	return PLUG_OK;
}

enum plug_error plug_targets_add(struct plug_targets *targets, const char *text)
{
	struct in_addr address;

	return uv_inet_pton(AF_INET, text, &address) == 0 ? add(targets, address) : PLUG_EINVAL;
}

bool plug_targets_broadcast(
	struct in_addr address, struct in_addr netmask, struct in_addr *broadcast)
{
	const uint32_t mask = ntohl(netmask.s_addr);

	broadcast->s_addr = 0;
	if (mask == 0 || mask >= UINT32_MAX - 1) {
		return false;
	}
	broadcast->s_addr = htonl(ntohl(address.s_addr) | ~mask);
	return true;
}

/* A second address of an interface may be listed as eth0:1. */
static bool has_name(const uv_interface_address_t *interface, const char *name)
{
	const size_t size = strlen(name);

	return strncmp(interface->name, name, size) == 0 &&
	       (interface->name[size] == '\0' || interface->name[size] == ':');
}

static bool is_wanted(const uv_interface_address_t *interface, const char *name)
{
	if (interface->address.address4.sin_family != AF_INET) {
		return false;
	}
	return name ? has_name(interface, name) : !interface->is_internal;
}

enum plug_error plug_targets_add_interfaces(struct plug_targets *targets, const char *name)
{
	uv_interface_address_t *interfaces;
	enum plug_error error = PLUG_OK;
	int count;

	if (uv_interface_addresses(&interfaces, &count) != 0) {
		return PLUG_ESYSTEM;
	}
	for (int i = 0; i < count && error == PLUG_OK; i++) {
		struct in_addr broadcast;

		if (is_wanted(&interfaces[i], name) &&
			plug_targets_broadcast(interfaces[i].address.address4.sin_addr,
				interfaces[i].netmask.netmask4.sin_addr, &broadcast)) {
			error = add(targets, broadcast);
		}
	}
	uv_free_interface_addresses(interfaces, count);
	return error;
}

void plug_targets_clear(struct plug_targets *targets)
{
	free(targets->items);
	*targets = (struct plug_targets) { 0 };
}
