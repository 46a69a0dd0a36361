#include "tests/sim/control/selection.h"

#include "protocol/mac.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/net/site.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char NO_SUCH_DEVICE[] = "no such device";
static const char TWICE[] = "a device is named twice";
static const char NOT_A_DEVICE[] = "device must be \"all\", a number, a range as \"3-7\", an "
				   "address, a MAC, or a list of these";

/* No more than there are: a list of a thousand times everybody would take all memory. */
static const char *add(struct sim_selection *selection, struct sim_site *site)
{
	if (!site) {
		return NO_SUCH_DEVICE;
	}
	if (selection->count == site->server->site_count) {
		return TWICE;
	}
	if (selection->count == selection->capacity) {
		selection->capacity = selection->capacity > 0 ? selection->capacity * 2 : 16;
		selection->sites = sim_reallocate(
			selection->sites, selection->capacity * sizeof selection->sites[0]);
	}
	selection->sites[selection->count] = site;
	selection->count++;
	return NULL;
}

static const char *add_range(const struct sim_server *server, uint64_t first, uint64_t last,
	struct sim_selection *selection)
{
	const char *error = NULL;

	if (first < 1 || first > last || last > server->site_count) {
		return NO_SUCH_DEVICE;
	}
	for (uint64_t number = first; number <= last && !error; number++) {
		error = add(selection, &server->sites[number - 1]);
	}
	return error;
}

/* Reads digits from *text on and moves it behind them. */
static bool read_number(const char **text, uint64_t *number)
{
	char *end = NULL;

	if (**text < '0' || **text > '9') {
		return false;
	}
	errno = 0;
	*number = strtoull(*text, &end, 10);
	*text = end;
	return errno == 0;
}

/* "3" or "3-7". */
static bool read_range(const char *text, uint64_t *first, uint64_t *last)
{
	if (!read_number(&text, first)) {
		return false;
	}
	*last = *first;
	if (*text == '-') {
		text++;
		if (!read_number(&text, last)) {
			return false;
		}
	}
	return *text == '\0';
}

static struct sim_site *find_mac(
	const struct sim_server *server, const uint8_t mac[static SIM_MAC_BYTES])
{
	for (size_t i = 0; i < server->site_count; i++) {
		if (memcmp(server->sites[i].device->mac, mac, SIM_MAC_BYTES) == 0) {
			return &server->sites[i];
		}
	}
	return NULL;
}

static const char *read_text(
	const struct sim_server *server, const char *text, struct sim_selection *selection)
{
	struct in_addr address = { 0 };
	uint8_t mac[PLUG_MAC_BYTES];
	uint64_t first = 0;
	uint64_t last = 0;

	if (strcmp(text, "all") == 0) {
		return add_range(server, 1, server->site_count, selection);
	}
	if (read_range(text, &first, &last)) {
		return add_range(server, first, last, selection);
	}
	if (inet_pton(AF_INET, text, &address) == 1) {
		return add(selection, sim_server_find(server, ntohl(address.s_addr)));
	}
	if (plug_mac_parse(text, mac)) {
		return add(selection, find_mac(server, mac));
	}
	return NOT_A_DEVICE;
}

static const char *read_one(
	const struct sim_server *server, struct json_object *value, struct sim_selection *selection)
{
	int64_t number = 0;

	if (json_object_is_type(value, json_type_string)) {
		return read_text(server, json_object_get_string(value), selection);
	}
	if (json_object_is_type(value, json_type_int)) {
		number = json_object_get_int64(value);
		return number < 1
			       ? NO_SUCH_DEVICE
			       : add_range(server, (uint64_t)number, (uint64_t)number, selection);
	}
	return NOT_A_DEVICE;
}

const char *sim_selection_read(
	const struct sim_server *server, struct json_object *value, struct sim_selection *selection)
{
	const char *error = NULL;

	*selection = (struct sim_selection) { 0 };
	if (!json_object_is_type(value, json_type_array)) {
		return read_one(server, value, selection);
	}
	for (size_t i = 0; i < json_object_array_length(value) && !error; i++) {
		error = read_one(server, json_object_array_get_idx(value, i), selection);
	}
	return error;
}

void sim_selection_clear(struct sim_selection *selection)
{
	free(selection->sites);
	*selection = (struct sim_selection) { 0 };
}
