/* The device that is to take the place: named with --with, or the only one of its kind that a
 * search finds and that is in no configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/plugctl/find/find.h"
#include "protocol/plugctl/find/search.h"
#include "protocol/plugctl/find/where.h"
#include "protocol/plugctl/replace/replace.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/output.h"

/* What keeps it from being taken, in words (caller frees), or NULL. */
static char *obstacle(const struct replacement *replacement)
{
	const struct plug_snapshot *old = &replacement->old;
	const struct plug_snapshot *new = &replacement->new.snapshot;
	const struct config_replacement change = {
		.host = replacement->host, .port = replacement->port, .mac = new->mac
	};
	const struct config_device *owner = NULL;
	uint8_t mac[PLUG_MAC_BYTES];

	if (!new->has_mac) {
		return memory_copy("it does not tell its MAC: it could not be told from others");
	}
	if (replace_old_mac(replacement, mac) && memcmp(mac, new->mac, sizeof mac) == 0) {
		return memory_copy("it is the device that has this name already");
	}
	owner = config_replace_owner(replacement->config, replacement->device, &change);
	if (owner) {
		return memory_format("the configuration has it as %s already", owner->name);
	}
	switch (plug_snapshot_fit(old, new)) {
	case PLUG_FITS_NOT_FAMILY:
		return memory_format("it is a %s, the old one %s%s",
			plug_family_traits(new->family)->name,
			old->family == PLUG_FAMILY_UNSUPPORTED ? "has one outlet" : "a ",
			old->family == PLUG_FAMILY_UNSUPPORTED
				? ""
				: plug_family_traits(old->family)->name);
	case PLUG_FITS_NOT_OUTLETS:
		return memory_format("it has %zu outlets, the old one %zu", new->outlet_count,
			old->outlet_count);
	default:
		return NULL;
	}
}

/* Reads the device at host and looks whether it can be taken. */
static bool take(struct replacement *replacement)
{
	const struct carry_way way = { replacement->command, replacement->host, replacement->host,
		replacement->port };
	const enum plug_error error = carry_read(&way, &replacement->new, replacement->now_s);
	char *problem;
	bool is_good;

	if (error != PLUG_OK) {
		return replace_complain(replacement, "the new device at %s cannot be read: %s",
			replacement->host, plug_error_text(error));
	}
	problem = obstacle(replacement);
	is_good = !problem;
	if (problem) {
		replace_complain(replacement, "the device at %s cannot take the place: %s",
			replacement->host, problem);
	} else if (plug_snapshot_fit(&replacement->old, &replacement->new.snapshot) ==
		   PLUG_FITS_WITHOUT_METER) {
		fprintf(stderr,
			"plugctl: %s: the old device had a meter, the new one has none: there "
			"will be no power and no energy\n",
			replacement->device->name);
	}
	free(problem);
	return is_good;
}

static bool take_named(struct replacement *replacement, const char *word)
{
	const struct targets_from from = { .config = replacement->config,
		.port = replacement->port };
	const struct find find = { replacement->command, &from, false };
	struct targets targets = { 0 };
	char *problem = targets_add(&targets, &from, word);
	bool is_found = false;

	if (problem) {
		replace_complain(replacement, "--with %s", problem);
	} else if (find_targets(&find, &targets) && targets.count == 1) {
		const struct target *target = &targets.items[0];

		is_found = !target->problem && target->host[0] != '\0' && !target->outlet;
		if (is_found) {
			replacement->host = memory_copy(target->host);
			replacement->port = target->port;
		} else {
			replace_complain(replacement, "--with %s: %s", word,
				target->problem ? target->problem : "name a device, not an outlet");
		}
	}
	free(problem);
	targets_clear(&targets);
	return is_found && take(replacement);
}

static bool is_unknown(void *data, const struct search_device *device)
{
	const struct replacement *replacement = data;

	const struct config_replacement change = {
		.host = device->host, .port = device->port, .mac = device->mac
	};

	return device->has_mac &&
	       !config_replace_owner(replacement->config, replacement->device, &change);
}

/* Asked, and of the kind that is needed. */
static bool is_candidate(const struct replacement *replacement, const struct search_device *device)
{
	const struct plug_snapshot *old = &replacement->old;
	const struct plug_snapshot new = { .family = device->info.family,
		.outlet_count = device->info.outlet_count };
	uint8_t mac[PLUG_MAC_BYTES];
	const enum plug_fit fit = plug_snapshot_fit(old, &new);

	return device->verdict == SEARCH_CONFIRMED &&
	       device->info.family != PLUG_FAMILY_UNSUPPORTED &&
	       (fit == PLUG_FITS || fit == PLUG_FITS_WITHOUT_METER) &&
	       !(replace_old_mac(replacement, mac) && memcmp(mac, device->mac, sizeof mac) == 0);
}

static void list_candidates(const struct replacement *replacement, const struct search_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct search_device *device = list->items[i];
		char mac[PLUG_MAC_TEXT_BYTES];
		char *alias;

		if (is_candidate(replacement, device)) {
			plug_mac_format(device->mac, mac);
			alias = output_harmless(device->info.alias);
			fprintf(stderr, "  --with %-15s  %s  %s  %s\n", device->host, mac,
				device->info.model, alias);
			free(alias);
		}
	}
}

/* Takes the only candidate. */
static bool choose(struct replacement *replacement, const struct search_list *list)
{
	const struct search_device *chosen = NULL;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (is_candidate(replacement, list->items[i])) {
			chosen = list->items[i];
			count++;
		}
	}
	if (count == 0) {
		return replace_complain(replacement,
			"no new device that could take the place answered the search: join it to "
			"the Wi-Fi, or name it with --with");
	}
	if (count > 1) {
		replace_complain(
			replacement, "%zu devices could take the place, choose one:", count);
		list_candidates(replacement, list);
		return false;
	}
	replacement->host = memory_copy(chosen->host);
	replacement->port = chosen->port;
	return true;
}

static void on_problem(void *data, const char *where, const char *text)
{
	(void)data;
	fprintf(stderr, "plugctl: search: %s%s%s\n", where, where[0] != '\0' ? ": " : "", text);
}

static bool take_found(struct replacement *replacement)
{
	const struct search_calls calls = { replacement, is_unknown, NULL, on_problem };
	struct search_plan plan;
	struct search_list list;
	enum plug_error error;
	bool is_found;

	if (!where_read(replacement->command, replacement->config, &plan)) {
		return false;
	}
	error = search_run(&plan, &calls, &list);
	is_found = error == PLUG_OK ? choose(replacement, &list)
				    : replace_complain(replacement,
					      "the new device cannot be searched for: %s",
					      plug_error_text(error));
	search_clear(&list);
	where_clear(&plan);
	return is_found && take(replacement);
}

bool replace_find_new(struct replacement *replacement)
{
	const char *word = replacement->command->values[OPTION_WITH];

	return word ? take_named(replacement, word) : take_found(replacement);
}
