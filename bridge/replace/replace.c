#include "bridge/replace/replace.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/log.h"
#include "bridge/mem.h"
#include "bridge/time/hostclock.h"
#include "bridge/time/zone.h"
#include "config/edit.h"
#include "config/forms.h"
#include "protocol/clock.h"
#include "protocol/json.h"

enum { HOST_MAX_BYTES = 253 };

static void free_replacement(struct replacement *replacement)
{
	plug_snapshot_clear(&replacement->old);
	plug_snapshot_clear(&replacement->new.snapshot);
	config_free(replacement->config);
	free(replacement->config_file);
	free(replacement->name);
	free(replacement->host);
	free(replacement->problem);
	free(replacement->backup);
	free(replacement);
}

static void handle_closed(struct replacement *replacement)
{
	if (--replacement->open_handles == 0) {
		free_replacement(replacement);
	}
}

static void on_line_closed(struct plug_line *line)
{
	/* The transfer gave the line's data back. */
	handle_closed((struct replacement *)((char *)line - offsetof(struct replacement, line)));
}

static void on_transfer_closed(struct plug_transfer *transfer)
{
	handle_closed(transfer->data);
}

/* Nothing is asked and no callback is due any more; the answer was given. */
static void end(struct replacement *replacement)
{
	replacement->bridge->replacement = NULL;
	if (replacement->has_line) {
		replacement->open_handles = 2;
		plug_transfer_close(&replacement->transfer, on_transfer_closed);
		plug_line_close(&replacement->line, on_line_closed);
	} else {
		free_replacement(replacement);
	}
}

static void fail(struct replacement *replacement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fail(struct replacement *replacement, const char *format, ...)
{
	char why[512];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(why, sizeof why, format, arguments);
	va_end(arguments);
	if (replacement->request) {
		log_warn("%s: not replaced: %s", replacement->name, why);
		request_fail(replacement->request, "%s", why);
		replacement->request = NULL;
	}
	end(replacement);
}

/* On another thread. */

static void on_prepare(uv_work_t *work)
{
	replacement_prepare(work->data);
}

static void on_edit(uv_work_t *work)
{
	struct replacement *replacement = work->data;

	(void)config_edit_device(replacement->config_file, replacement->name,
		replacement->changes.items, replacement->changes.count, &replacement->backup,
		&replacement->problem);
}

/* What follows, from the end to the beginning. */

static void answer(struct replacement *replacement, const char *line)
{
	char *data = replacement_report(replacement, line);

	if (replacement->request) {
		log_info("%s: replaced: %s", replacement->name, line);
		request_answer(replacement->request, data);
		replacement->request = NULL;
	}
	free(data);
	end(replacement);
}

static void on_edited(uv_work_t *work, int status)
{
	struct replacement *replacement = work->data;
	char *line = config_patch_line(replacement->changes.items, replacement->changes.count);
	char *problem = NULL;

	(void)status;
	if (!replacement->backup) {
		fail(replacement,
			"the new device has everything, but the configuration was not changed "
			"(%s): write into it, and reload: %s",
			replacement->problem, line);
	} else {
		/* A stop has no use for it; the next start reads the file. */
		problem = replacement->request ? bridge_reload(replacement->bridge) : NULL;
		if (problem) {
			fail(replacement, "replaced, but not in use yet: %s", problem);
		} else {
			answer(replacement, line);
		}
	}
	free(problem);
	free(line);
}

static void fail_items(struct replacement *replacement)
{
	const struct plug_restore *restore = &replacement->restore;
	const struct plug_restore_item *item = restore->items;
	char outlet[32] = "";

	/* Nothing is left untried without a failure before it. */
	while (item->result != PLUG_RESTORE_FAILED) {
		item++;
	}
	if (item->outlet != PLUG_RESTORE_DEVICE) {
		(void)snprintf(outlet, sizeof outlet, " of outlet %zu", item->outlet + 1);
	}
	fail(replacement,
		"the new device did not get everything, and the configuration was not changed: "
		"%zu of %zu failed, first the %s%s: %s",
		plug_restore_count(restore, PLUG_RESTORE_FAILED), restore->item_count,
		plug_restore_what_name(item->what), outlet, item->why);
}

static void on_written(struct plug_transfer *transfer, enum plug_error error)
{
	struct replacement *replacement = transfer->data;

	if (error != PLUG_OK) {
		fail(replacement, "the new device: %s", plug_error_text(error));
	} else if (!plug_restore_is_whole(&replacement->restore)) {
		fail_items(replacement);
	} else {
		replacement->work.data = replacement;
		(void)uv_queue_work(
			&replacement->bridge->loop, &replacement->work, on_edit, on_edited);
	}
}

/* The zone of the process is the devices': others are not known here. */
static const char *local_time(int zone, struct plug_time *time)
{
	const struct hostclock clock = hostclock_read();

	(void)zone;
	*time = (struct plug_time) { 0 };
	if (!hostclock_is_synchronised(&clock)) {
		return "this machine's clock is not synchronised: no clock is set by it";
	}
	zone_local(bridge_wall_ms() / 1000, time);
	return NULL;
}

static void set_zone(struct replacement *replacement)
{
	const char *zone = replacement->bridge->config->time.zone;
	struct plug_snapshot *old = &replacement->old;

	old->has_zone = zone[0] != '\0' && plug_zone_find(zone, &old->zone);
}

static void write_new(struct replacement *replacement)
{
	const struct config_replacement change = { .host = replacement->host,
		.port = replacement->port,
		.mac = replacement->new.snapshot.mac,
		.old_mac = replacement->has_old_mac ? replacement->old_mac : NULL,
		.is_searched = replacement->config->discovery.broadcast_count > 0 };

	config_replace_plan(&replacement->changes, replacement->device, &change);
	set_zone(replacement);
	plug_restore_begin(&replacement->restore,
		&(struct plug_restore_settings) { .from = &replacement->old,
			.to = &replacement->new,
			.local_time = local_time,
			.age_s = bridge_wall_ms() / 1000 - replacement->old.taken_s });
	plug_transfer_write(
		&replacement->transfer, &replacement->line, &replacement->restore, on_written);
}

/* Pinned in the configuration, or learned since. */
static const char *owner_of(const struct replacement *replacement)
{
	const struct plug_snapshot *new = &replacement->new.snapshot;
	const struct config_replacement change = {
		.host = replacement->host, .port = replacement->port, .mac = new->mac
	};
	const struct config_device *owner =
		config_replace_owner(replacement->config, replacement->device, &change);
	const struct device *learned =
		owner ? NULL : bridge_find_mac(replacement->bridge, new->mac);

	if (learned) {
		return learned->name;
	}
	return owner ? owner->name : NULL;
}

/* Why the device cannot take the place; NULL when it can. */
static const char *find_obstacle(const struct replacement *replacement)
{
	const struct plug_snapshot *new = &replacement->new.snapshot;

	if (!new->has_mac) {
		return "it does not tell its MAC";
	}
	if (replacement->has_mac && memcmp(new->mac, replacement->mac, sizeof new->mac) != 0) {
		return "it has another MAC than was asked for";
	}
	if (replacement->has_old_mac &&
		memcmp(new->mac, replacement->old_mac, sizeof new->mac) == 0) {
		return "it is the device that has this name already";
	}
	switch (plug_snapshot_fit(&replacement->old, new)) {
	case PLUG_FITS_NOT_FAMILY:
		return "it is of another kind than the old one";
	case PLUG_FITS_NOT_OUTLETS:
		return "it has another number of outlets than the old one";
	default:
		return NULL;
	}
}

static void on_read(struct plug_transfer *transfer, enum plug_error error)
{
	struct replacement *replacement = transfer->data;
	const char *obstacle = error == PLUG_OK ? find_obstacle(replacement) : NULL;
	const char *owner = error == PLUG_OK && !obstacle ? owner_of(replacement) : NULL;

	if (error != PLUG_OK) {
		fail(replacement, "the new device at %s cannot be read: %s", replacement->host,
			plug_error_text(error));
	} else if (obstacle) {
		fail(replacement, "the device at %s cannot take the place: %s", replacement->host,
			obstacle);
	} else if (owner) {
		fail(replacement, "the device at %s cannot take the place: it is %s",
			replacement->host, owner);
	} else {
		write_new(replacement);
	}
}

static void read_new(struct replacement *replacement)
{
	struct bridge *bridge = replacement->bridge;

	if (plug_line_init(&replacement->line, &bridge->host.transport, replacement->host,
		    replacement->port, NULL) != PLUG_OK) {
		log_fatal("out of memory");
	}
	plug_transfer_init(&replacement->transfer, &bridge->loop);
	replacement->transfer.data = replacement;
	replacement->transfer.timeout_ms = bridge->host.timeout_ms;
	replacement->has_line = true;
	plug_snapshot_begin(&replacement->new, bridge_wall_ms() / 1000);
	plug_transfer_read(&replacement->transfer, &replacement->line, &replacement->new, on_read);
}

/* A claim, as any answer to a search: whoever is there is asked for its MAC by TCP. */
static void on_found(void *arg, const struct plug_found *found)
{
	struct replacement *replacement = arg;
	const struct plug_discovery *what = found->what;
	char address[INET_ADDRSTRLEN] = "";

	if (what->has_mac && what->dialect == PLUG_DIALECT_XOR &&
		memcmp(what->mac, replacement->mac, sizeof what->mac) == 0) {
		(void)uv_inet_ntop(AF_INET, &found->address, address, sizeof address);
		(void)mem_replace(&replacement->host, address);
	}
}

static void on_searched(void *arg, const char *problem)
{
	struct replacement *replacement = arg;

	if (!replacement->request) {
		end(replacement);
	} else if (problem) {
		fail(replacement, "no search: %s", problem);
	} else if (!replacement->host) {
		fail(replacement, "no device with this MAC answered the search");
	} else {
		read_new(replacement);
	}
}

static void on_prepared(uv_work_t *work, int status)
{
	struct replacement *replacement = work->data;

	(void)status;
	if (!replacement->request) {
		end(replacement);
	} else if (replacement->problem) {
		fail(replacement, "%s", replacement->problem);
	} else if (replacement->host) {
		read_new(replacement);
	} else {
		replacement->survey = (struct finder_survey) { on_found, on_searched, replacement };
		if (!finder_survey(replacement->bridge->finder, &replacement->survey)) {
			fail(replacement, "nothing can be searched for now: give \"host\" instead");
		}
	}
}

/* Reads what was asked; says what is wrong with it, or NULL. */
static const char *read_arguments(struct replacement *replacement)
{
	struct json_object *arguments = replacement->request->arguments;
	const char *name = NULL;
	const char *host = NULL;
	const char *mac = NULL;
	int64_t port = PLUG_PORT;

	if (!plug_json_string(arguments, "name", &name) || !config_name_is_valid(name)) {
		return "\"name\" must be a device of the configuration";
	}
	if (plug_json_string(arguments, "host", &host) ==
		plug_json_string(arguments, "mac", &mac)) {
		return "either \"host\" or \"mac\" must say which is the new device";
	}
	if (host && (strlen(host) > HOST_MAX_BYTES || !config_form_host.is_valid(host) ||
			    host[0] == '\0')) {
		return "\"host\" must be a host name or an IPv4 address";
	}
	if (mac && !config_mac_parse(mac, replacement->mac)) {
		return "\"mac\" must be a device's MAC such as \"50:C7:BF:00:00:01\"";
	}
	if (json_object_object_get_ex(arguments, "port", NULL) &&
		!plug_json_int(arguments, "port", 1, UINT16_MAX, &port)) {
		return "\"port\" must be a number from 1 to 65535";
	}
	replacement->name = mem_copy(name);
	replacement->host = mem_copy(host);
	replacement->has_mac = mac != NULL;
	replacement->port = (uint16_t)port;
	return NULL;
}

void request_replace(struct request *request)
{
	struct bridge *bridge = request->bridge;
	struct replacement *replacement = NULL;
	const char *problem = NULL;

	if (bridge->replacement) {
		request_fail(request, "another device is being replaced: try again in a minute");
		return;
	}
	replacement = mem_new(sizeof *replacement);
	replacement->bridge = bridge;
	replacement->request = request;
	replacement->config_file = mem_copy(bridge->config_file);
	problem = read_arguments(replacement);
	if (problem) {
		request_fail(request, "%s", problem);
		free_replacement(replacement);
		return;
	}
	bridge->replacement = replacement;
	replacement->work.data = replacement;
	(void)uv_queue_work(&bridge->loop, &replacement->work, on_prepare, on_prepared);
}

void request_stop_replace(struct bridge *bridge)
{
	struct replacement *replacement = bridge->replacement;

	if (!replacement) {
		return;
	}
	request_fail(
		replacement->request, "the bridge is stopping: the new device may have got a part");
	replacement->request = NULL;
	if (replacement->has_line) {
		plug_transfer_cancel(&replacement->transfer);
	}
}
