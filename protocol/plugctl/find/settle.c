#include "protocol/plugctl/find/settle.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/words.h"

/* One of the ways in which an alias can be meant. */
struct match {
	const struct search_device *device;
	size_t outlet; /* of a strip, from 1 on; 0: the device */
};

struct matches {
	struct match *items;
	size_t count;
	bool is_whole; /* all of the word is the alias, what follows its slash included */
};

typedef bool same_fn(const char *a, const char *b);

static bool is_same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool is_same_but_for_case(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool settle_has_mac(const struct search_device *device, const struct target *target)
{
	return device->has_mac && memcmp(device->mac, target->mac, sizeof device->mac) == 0;
}

static bool is_strip(const struct search_device *device)
{
	return device->info.family == PLUG_FAMILY_STRIP;
}

/* Adds what the device, or an outlet of it unless one is named anyway, has alias for a name. */
static void match_device(struct matches *matches, const struct search_device *device,
	const char *alias, same_fn *same)
{
	if (device->info.outlet_count == 0) {
		return;
	}
	if (same(device->info.alias, alias)) {
		matches->items[matches->count++] = (struct match) { device, 0 };
	}
	for (size_t i = 0; is_strip(device) && i < device->info.outlet_count; i++) {
		if (same(device->info.outlets[i].alias, alias)) {
			matches->items[matches->count++] = (struct match) { device, i + 1 };
		}
	}
}

static struct matches match_alias(
	const struct search_list *list, const char *alias, same_fn *same, bool is_confirmed)
{
	struct matches matches = { .items = memory_new(list->count * (PLUG_OUTLETS_MAX + 1) + 1,
					   sizeof *matches.items) };

	for (size_t i = 0; i < list->count; i++) {
		if ((list->items[i]->verdict == SEARCH_CONFIRMED) == is_confirmed &&
			list->items[i]->verdict != SEARCH_FALSE) {
			match_device(&matches, list->items[i], alias, same);
		}
	}
	return matches;
}

/* An alias may have a slash in it, so the whole word comes first; and letters in any case do when
 * nothing is called exactly so. */
static struct matches match_target(
	const struct search_list *list, const struct target *target, bool is_confirmed)
{
	static same_fn *const ways[] = { is_same, is_same_but_for_case };
	const char *const aliases[] = { target->name, target->device };
	struct matches matches = { 0 };

	for (size_t i = 0; i < 4 && matches.count == 0; i++) {
		free(matches.items);
		matches = match_alias(list, aliases[i / 2], ways[i % 2], is_confirmed);
		matches.is_whole = i / 2 == 0;
	}
	return matches;
}

static char *match_text(const struct match *match)
{
	char mac[PLUG_MAC_TEXT_BYTES] = "no MAC";

	if (match->device->has_mac) {
		plug_mac_format(match->device->mac, mac);
	}
	return match->outlet > 0
		       ? memory_format("%s/%zu (%s)", match->device->host, match->outlet, mac)
		       : memory_format("%s (%s)", match->device->host, mac);
}

/* what: "are called so" */
static char *ambiguous(const struct matches *matches, const char *what)
{
	enum { TOLD_MAX = 8 };
	char *text = memory_format("%zu %s: ", matches->count, what);

	for (size_t i = 0; i < matches->count && i < TOLD_MAX; i++) {
		char *one = match_text(&matches->items[i]);
		char *more = memory_format("%s%s%s", text, i > 0 ? ", " : "", one);

		free(one);
		free(text);
		text = more;
	}
	if (matches->count > TOLD_MAX) {
		char *more = memory_format("%s, ...", text);

		free(text);
		text = more;
	}
	return text;
}

char *settle_silent(const struct search_device *device)
{
	return memory_format("answered the search from %s, but not over TCP: %s", device->host,
		plug_error_text(device->error));
}

static void take(struct target *target, const struct search_device *device)
{
	free(target->host);
	target->host = memory_copy(device->host);
	target->port = device->port;
	target->has_mac = device->has_mac;
	memcpy(target->mac, device->mac, sizeof target->mac);
}

static bool has_part(const char *alias, const char *part)
{
	const size_t size = strlen(part);

	for (; strlen(alias) >= size; alias++) {
		if (strncasecmp(alias, part, size) == 0) {
			return true;
		}
	}
	return false;
}

/* The alias that is nearest to wrong, else the first that wrong is a part of, or NULL. */
static const char *nearest_alias(const struct search_list *list, const char *wrong)
{
	const char **names = memory_new(list->count * (PLUG_OUTLETS_MAX + 1) + 1, sizeof *names);
	const char *nearest;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct plug_sysinfo *info = &list->items[i]->info;

		for (size_t j = 0; j <= info->outlet_count && info->outlet_count > 0; j++) {
			names[count++] = j == 0 ? info->alias : info->outlets[j - 1].alias;
		}
	}
	nearest = words_nearest(wrong, names, count);
	for (size_t i = 0; i < count && !nearest; i++) {
		nearest = has_part(names[i], wrong) ? names[i] : NULL;
	}
	free(names);
	return nearest;
}

static char *no_alias(const struct target *target, const struct search_list *list)
{
	const char *nearest = nearest_alias(list, target->device);
	const char *nobody = target->kind == TARGET_WORD
				     ? "no host has this name and no device that answered the "
				       "search this alias"
				     : "no device that answered the search has this alias";

	if (strcasecmp(target->device, "all") == 0) {
		return memory_format("%s; all devices are meant by --all", nobody);
	}
	if (!nearest) {
		nearest = target->hint;
	}
	if (nearest) {
		return memory_format("%s; did you mean '%s'?", nobody, nearest);
	}
	return memory_format(
		"%s%s", nobody, list->count == 0 ? " (none answered: try plugctl discover)" : "");
}

static void settle_alias(struct target *target, const struct search_list *list)
{
	struct matches matches = match_target(list, target, true);

	if (matches.count > 0 && matches.is_whole && strcmp(target->name, target->device) != 0) {
		free(target->outlet);
		target->outlet = NULL;
		free(target->device);
		target->device = memory_copy(target->name);
	}
	if (matches.count == 1 && matches.items[0].outlet > 0 && target->outlet) {
		target->problem =
			memory_format("is an outlet itself: leave '%s' out", target->outlet);
	} else if (matches.count == 1) {
		take(target, matches.items[0].device);
		if (matches.items[0].outlet > 0) {
			target->outlet = memory_format("%zu", matches.items[0].outlet);
		}
	} else if (matches.count > 1) {
		target->problem = ambiguous(&matches, "are called so");
	} else {
		free(matches.items);
		matches = match_target(list, target, false);
		target->problem = matches.count > 0 ? settle_silent(matches.items[0].device)
						    : no_alias(target, list);
	}
	free(matches.items);
}

/* The worst comes last: what can be said when nobody with this MAC was confirmed. */
static char *no_mac(const struct target *target, const struct search_list *list)
{
	const struct search_device *best = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct search_device *device = list->items[i];

		if (settle_has_mac(device, target) && (!best || best->verdict == SEARCH_FALSE)) {
			best = device;
		}
	}
	if (!best) {
		return memory_format("no device with this MAC answered the search%s",
			list->count == 0 ? ", nor any other: try plugctl discover" : "");
	}
	switch (best->verdict) {
	case SEARCH_FOREIGN:
		return memory_format(
			"is at %s, but %s", best->host, plug_dialect_advice(best->dialect));
	case SEARCH_FALSE:
		return memory_format(
			"an answer came for it from %s, but the device there has another MAC",
			best->host);
	default:
		return settle_silent(best);
	}
}

/* Two that both prove the same MAC (a copy, or one that was changed) cannot be told apart by it. */
static void settle_mac(struct target *target, const struct search_list *list)
{
	struct matches matches = { .items = memory_new(list->count + 1, sizeof *matches.items) };

	for (size_t i = 0; i < list->count; i++) {
		const struct search_device *device = list->items[i];

		if (device->verdict == SEARCH_CONFIRMED && settle_has_mac(device, target)) {
			matches.items[matches.count++] = (struct match) { device, 0 };
		}
	}
	if (matches.count == 1) {
		take(target, matches.items[0].device);
	} else {
		target->problem = matches.count > 1 ? ambiguous(&matches, "have this MAC")
						    : no_mac(target, list);
	}
	free(matches.items);
}

void settle_target(struct target *target, const struct search_list *list)
{
	switch (target->kind) {
	case TARGET_BY_MAC:
		settle_mac(target, list);
		break;
	case TARGET_WORD:
	case TARGET_BY_ALIAS:
		settle_alias(target, list);
		break;
	default:
		break;
	}
}

bool settle_is_meant(const struct search_device *device, const struct target *target)
{
	struct match room[PLUG_OUTLETS_MAX + 1];
	struct matches matches = { .items = room };

	if (target->kind == TARGET_AT_HOST || target->kind == TARGET_BY_MAC) {
		return target->kind == TARGET_BY_MAC && settle_has_mac(device, target);
	}
	match_device(&matches, device, target->device, is_same_but_for_case);
	if (matches.count == 0) {
		match_device(&matches, device, target->name, is_same_but_for_case);
	}
	return matches.count > 0;
}
