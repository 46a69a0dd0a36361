/* What is known of the device that is replaced: it may answer still; the bridge has kept what it
 * read of it; or there is what the owner has written down. */
#include <stdlib.h>
#include <string.h>

#include "config/known.h"
#include "config/text/file.h"
#include "protocol/clock.h"
#include "protocol/plugctl/find/find.h"
#include "protocol/plugctl/replace/replace.h"
#include "protocol/plugctl/terminal/memory.h"

static bool is_mac(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, PLUG_MAC_BYTES) == 0;
}

bool replace_old_mac(const struct replacement *replacement, uint8_t mac[static PLUG_MAC_BYTES])
{
	const struct config_device *device = replacement->device;
	const struct plug_snapshot *old = &replacement->old;

	if (!device->has_mac && !old->has_mac) {
		return false;
	}
	memcpy(mac, device->has_mac ? device->mac : old->mac, PLUG_MAC_BYTES);
	return true;
}

/* Takes what the bridge kept; false with the reason in kept_problem. */
static bool read_kept(struct replacement *replacement)
{
	const struct config_device *device = replacement->device;
	char *path = config_known_file(replacement->config->bridge.state_dir, device->name);
	struct config_file file;
	enum plug_error error = PLUG_EPROTO;

	if (!config_file_read(path, PLUG_SNAPSHOT_MAX_BYTES, &file)) {
		replacement->kept_problem = memory_format("%s %s", path, file.error);
	} else {
		error = plug_snapshot_parse(file.bytes, file.size, &replacement->old);
		if (error != PLUG_OK) {
			replacement->kept_problem = memory_format(
				"%s cannot be used: %s", path, plug_error_text(error));
		}
	}
	if (error == PLUG_OK && device->has_mac &&
		!(replacement->old.has_mac && is_mac(replacement->old.mac, device->mac))) {
		replacement->kept_problem = memory_format("%s is of another device", path);
		plug_snapshot_clear(&replacement->old);
		error = PLUG_EPROTO;
	}
	config_file_clear(&file);
	free(path);
	return error == PLUG_OK;
}

/* Where the configuration or a search says that it is (caller frees), or NULL with the reason. */
static char *find_old(struct replacement *replacement, uint16_t *port)
{
	const struct targets_from from = { .config = replacement->config,
		.port = replacement->port };
	const struct find find = { replacement->command, &from, false };
	struct targets targets = { 0 };
	char *host = NULL;
	char *problem = targets_add(&targets, &from, replacement->device->name);

	if (!problem && find_targets(&find, &targets) && targets.count == 1) {
		const struct target *target = &targets.items[0];

		*port = target->port;
		if (target->problem) {
			problem = memory_copy(target->problem);
		} else if (target->host[0] != '\0') {
			host = memory_copy(target->host);
		}
	}
	replacement->old_silence = problem;
	targets_clear(&targets);
	return host;
}

/* Another device may have got the address already, even the new one. */
static bool is_expected(const struct replacement *replacement, const struct plug_snapshot *found)
{
	uint8_t mac[PLUG_MAC_BYTES];

	return !replace_old_mac(replacement, mac) || (found->has_mac && is_mac(found->mac, mac));
}

static void read_live(struct replacement *replacement)
{
	struct plug_snapshot_reading *reading = memory_new(1, sizeof *reading);
	struct carry_way way = { .command = replacement->command,
		.name = replacement->device->name };
	char *host = find_old(replacement, &way.port);
	enum plug_error error = PLUG_EUNREACHABLE;

	if (host) {
		way.host = host;
		error = carry_read(&way, reading, replacement->now_s);
	}
	if (error != PLUG_OK && !replacement->old_silence) {
		replacement->old_silence = memory_copy(plug_error_text(error));
	} else if (error == PLUG_OK && !is_expected(replacement, &reading->snapshot)) {
		replacement->old_silence = memory_copy("another device is at its address");
	} else if (error == PLUG_OK) {
		plug_snapshot_clear(&replacement->old);
		replacement->old = reading->snapshot;
		replacement->source = OLD_LIVE;
		reading->snapshot = (struct plug_snapshot) { 0 };
	}
	plug_snapshot_clear(&reading->snapshot);
	free(reading);
	free(host);
}

static void guess(struct replacement *replacement)
{
	const struct config_device *device = replacement->device;
	struct plug_snapshot *old = &replacement->old;

	old->family = device->has_outlets ? PLUG_FAMILY_STRIP : PLUG_FAMILY_UNSUPPORTED;
	old->outlet_count = device->outlet_count;
	plug_snapshot_copy_text(old->alias, sizeof old->alias, device->label);
	for (size_t i = 0; i < device->outlet_count; i++) {
		plug_snapshot_copy_text(old->outlets[i].alias, sizeof old->outlets[i].alias,
			device->outlets[i].label);
	}
}

void replace_read_old(struct replacement *replacement)
{
	const char *zone = replacement->config->time.zone;

	replacement->source = read_kept(replacement) ? OLD_KEPT : OLD_GUESSED;
	read_live(replacement);
	if (replacement->source == OLD_GUESSED) {
		guess(replacement);
	}
	if (!replacement->old.has_zone && zone[0] != '\0') {
		replacement->old.has_zone = plug_zone_find(zone, &replacement->old.zone);
	}
}
