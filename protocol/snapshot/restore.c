#include "protocol/snapshot/restore.h"

#include <stdio.h>
#include <string.h>

#include "protocol/clock.h"
#include "protocol/snapshot/restore_parts.h"

enum { MISSES_MAX = 3, MISS_WAIT_MS = 500 };

static const char not_known[] = "not known of the old device";

static const struct what {
	const char *name;
	bool is_rules;
	enum plug_rule_kind kind;
} whats[PLUG_RESTORE_WHAT_COUNT] = {
	[PLUG_RESTORE_CLOCK] = { .name = "clock" },
	[PLUG_RESTORE_LOCATION] = { .name = "location" },
	[PLUG_RESTORE_LIGHT] = { .name = "light" },
	[PLUG_RESTORE_NAME] = { .name = "name" },
	[PLUG_RESTORE_SCHEDULE] = { "schedule", true, PLUG_RULE_SCHEDULE },
	[PLUG_RESTORE_AWAY] = { "away", true, PLUG_RULE_AWAY },
	[PLUG_RESTORE_COUNTDOWN] = { "countdown", true, PLUG_RULE_COUNTDOWN },
};

const char *plug_restore_what_name(enum plug_restore_what what)
{
	return whats[what].name;
}

const char *plug_restore_result_name(enum plug_restore_result result)
{
	static const char *const names[] = {
		[PLUG_RESTORE_NOT_TRIED] = "not tried",
		[PLUG_RESTORE_DONE] = "done",
		[PLUG_RESTORE_SKIPPED] = "skipped",
		[PLUG_RESTORE_FAILED] = "failed",
	};

	return names[result];
}

bool plug_restore_is_rules(const struct plug_restore_item *item)
{
	return whats[item->what].is_rules;
}

enum plug_rule_kind plug_restore_kind(const struct plug_restore_item *item)
{
	return whats[item->what].kind;
}

struct plug_restore_item *plug_restore_current(struct plug_restore *restore)
{
	return &restore->items[restore->item];
}

const struct plug_rule_set *plug_restore_set(
	const struct plug_restore *restore, const struct plug_restore_item *item)
{
	return &restore->from->outlets[item->outlet].rules[whats[item->what].kind];
}

/* What is left of the countdown after the time that went by; 0 when it has ended or never ran. */
static int64_t countdown_left_s(const struct plug_restore *restore, const struct plug_rule *rule)
{
	const int64_t left_s = rule->remain_s - restore->age_s;

	return rule->is_enabled && left_s > 0 ? left_s : 0;
}

struct plug_rule plug_restore_rule(
	const struct plug_restore *restore, const struct plug_restore_item *item, size_t index)
{
	struct plug_rule rule = plug_restore_set(restore, item)->rules[index];

	if (item->what == PLUG_RESTORE_COUNTDOWN) {
		rule.delay_s = countdown_left_s(restore, &rule);
	}
	return rule;
}

const char *plug_restore_alias(
	const struct plug_restore *restore, const struct plug_restore_item *item)
{
	return item->outlet == PLUG_RESTORE_DEVICE ? restore->from->alias
						   : restore->from->outlets[item->outlet].alias;
}

struct plug_rule_ask plug_restore_whose(
	const struct plug_restore *restore, const struct plug_restore_item *item)
{
	const char *id = restore->child_ids[item->outlet];

	return (struct plug_rule_ask) { whats[item->what].kind, restore->family,
		id[0] != '\0' ? id : NULL };
}

static void skip(struct plug_restore_item *item, const char *why)
{
	item->result = PLUG_RESTORE_SKIPPED;
	(void)snprintf(item->why, sizeof item->why, "%s", why);
}

static void plan_rules(struct plug_restore *restore, struct plug_restore_item *item)
{
	const struct plug_rule_set *set = plug_restore_set(restore, item);
	const bool is_over = item->what == PLUG_RESTORE_COUNTDOWN && set->count > 0 &&
			     countdown_left_s(restore, &set->rules[0]) == 0;

	/* One that is over is no loss; an old one on the new device goes all the same. */
	item->rules = is_over ? 0 : set->count;
	item->left_out = set->left_out;
	if (!set->is_known) {
		skip(item, not_known);
	}
}

/* What is known from the start to be for nothing. */
static void plan_item(struct plug_restore *restore, struct plug_restore_item *item)
{
	const struct plug_snapshot *from = restore->from;
	const bool is_known[PLUG_RESTORE_WHAT_COUNT] = {
		[PLUG_RESTORE_CLOCK] = from->has_zone,
		[PLUG_RESTORE_LOCATION] = from->has_location,
		[PLUG_RESTORE_LIGHT] = from->has_led,
		[PLUG_RESTORE_NAME] = item->what == PLUG_RESTORE_NAME &&
				      plug_restore_alias(restore, item)[0] != '\0',
	};

	if (whats[item->what].is_rules) {
		plan_rules(restore, item);
	} else if (!is_known[item->what]) {
		skip(item, not_known);
	}
}

static void add_item(struct plug_restore *restore, enum plug_restore_what what, size_t outlet)
{
	struct plug_restore_item *item = &restore->items[restore->item_count++];

	*item = (struct plug_restore_item) { .what = what, .outlet = outlet };
	plan_item(restore, item);
}

/* The clock first, for rules go by it; countdowns last, for they run. */
static void plan(struct plug_restore *restore, size_t outlet_count)
{
	add_item(restore, PLUG_RESTORE_CLOCK, PLUG_RESTORE_DEVICE);
	add_item(restore, PLUG_RESTORE_LOCATION, PLUG_RESTORE_DEVICE);
	add_item(restore, PLUG_RESTORE_LIGHT, PLUG_RESTORE_DEVICE);
	add_item(restore, PLUG_RESTORE_NAME, PLUG_RESTORE_DEVICE);
	for (size_t i = 0; i < outlet_count; i++) {
		if (restore->family == PLUG_FAMILY_STRIP) {
			add_item(restore, PLUG_RESTORE_NAME, i);
		}
		add_item(restore, PLUG_RESTORE_SCHEDULE, i);
		add_item(restore, PLUG_RESTORE_AWAY, i);
	}
	for (size_t i = 0; i < outlet_count; i++) {
		add_item(restore, PLUG_RESTORE_COUNTDOWN, i);
	}
}

/* Goes to the first item from at on that is to be tried. */
static void go_to(struct plug_restore *restore, size_t at)
{
	while (at < restore->item_count && restore->items[at].result != PLUG_RESTORE_NOT_TRIED) {
		at++;
	}
	if (at == restore->item_count) {
		restore->is_over = true;
		return;
	}
	restore->item = at;
	restore->rule = 0;
	restore->adds = 0;
	plug_restore_go_on(
		restore, whats[restore->items[at].what].is_rules ? PHASE_LIST : PHASE_SET);
}

void plug_restore_begin(struct plug_restore *restore, const struct plug_restore_settings *settings)
{
	const struct plug_snapshot *to = &settings->to->snapshot;
	size_t outlet_count = settings->from->outlet_count;

	*restore = (struct plug_restore) {
		.from = settings->from,
		.local_time = settings->local_time,
		.age_s = settings->age_s > 0 ? settings->age_s : 0,
		.family = to->family,
	};
	memcpy(restore->mac, to->mac, sizeof restore->mac);
	outlet_count = outlet_count < to->outlet_count ? outlet_count : to->outlet_count;
	for (size_t i = 0; i < outlet_count; i++) {
		memcpy(restore->child_ids[i], settings->to->child_ids[i],
			sizeof restore->child_ids[i]);
	}
	plan(restore, outlet_count);
	go_to(restore, 0);
}

void plug_restore_end(
	struct plug_restore *restore, enum plug_restore_result result, const char *why)
{
	struct plug_restore_item *item = plug_restore_current(restore);

	item->result = result;
	(void)snprintf(item->why, sizeof item->why, "%s", why);
	go_to(restore, restore->item + 1);
}

void plug_restore_give_up(struct plug_restore *restore, const char *why)
{
	plug_restore_end(restore, PLUG_RESTORE_FAILED, why);
	restore->is_over = true;
}

void plug_restore_go_on(struct plug_restore *restore, enum restore_phase phase)
{
	restore->phase = (int)phase;
	restore->misses = 0;
	restore->busy = 0;
}

static enum plug_error build_clock(struct plug_restore *restore, struct plug_request *request)
{
	struct plug_time now;

	restore->no_time = restore->local_time(restore->from->zone, &now);
	if (restore->no_time) {
		return PLUG_EUNSUPPORTED;
	}
	return plug_request_set_timezone(request, restore->family, restore->from->zone, &now);
}

static enum plug_error build_name(struct plug_restore *restore, struct plug_request *request)
{
	const struct plug_restore_item *item = plug_restore_current(restore);
	const char *id =
		item->outlet == PLUG_RESTORE_DEVICE ? NULL : restore->child_ids[item->outlet];

	return plug_request_set_alias(
		request, restore->family, id, plug_restore_alias(restore, item));
}

static enum plug_error build_set(struct plug_restore *restore, struct plug_request *request)
{
	switch (plug_restore_current(restore)->what) {
	case PLUG_RESTORE_CLOCK:
		return build_clock(restore, request);
	case PLUG_RESTORE_LOCATION:
		return plug_request_set_location(request, &restore->from->location);
	case PLUG_RESTORE_LIGHT:
		return plug_request_set_led(request, restore->from->is_led_on);
	default:
		return build_name(restore, request);
	}
}

static enum plug_error build_rules(struct plug_restore *restore, struct plug_request *request)
{
	const struct plug_restore_item *item = plug_restore_current(restore);
	const struct plug_rule_ask ask = plug_restore_whose(restore, item);
	struct plug_rule rule;

	switch (restore->phase) {
	case PHASE_CLEAR:
		return plug_request_delete_rules(request, &ask);
	case PHASE_ADD:
		rule = plug_restore_rule(restore, item, restore->rule);
		return plug_request_add_rule(request, &ask, &rule);
	case PHASE_SWITCH:
		return plug_request_enable_rules(
			request, &ask, plug_restore_set(restore, item)->is_enabled);
	default:
		return plug_request_rules(request, &ask);
	}
}

static enum plug_error build(struct plug_restore *restore, struct plug_request *request)
{
	switch (restore->phase) {
	case PHASE_SET:
		return build_set(restore, request);
	case PHASE_CHECK:
		return plug_restore_current(restore)->what == PLUG_RESTORE_CLOCK
			       ? plug_request_timezone(request, restore->family)
			       : plug_request_sysinfo(request);
	case PHASE_CHECK_TIME:
		return plug_request_time(request, restore->family);
	default:
		return build_rules(restore, request);
	}
}

bool plug_restore_next(struct plug_restore *restore, struct plug_restore_ask *ask)
{
	while (!restore->is_over) {
		enum plug_error error = PLUG_OK;

		restore->no_time = NULL;
		error = build(restore, &ask->request);
		if (error == PLUG_OK) {
			ask->wait_ms = restore->wait_ms;
			ask->is_once = restore->phase == PHASE_ADD;
			restore->wait_ms = 0;
			return true;
		}
		if (restore->no_time) {
			plug_restore_end(restore, PLUG_RESTORE_SKIPPED, restore->no_time);
		} else {
			plug_restore_end(restore, PLUG_RESTORE_FAILED, plug_error_text(error));
		}
	}
	return false;
}

void plug_restore_miss(struct plug_restore *restore, enum plug_error error, bool was_sent)
{
	if (restore->is_over) {
		return;
	}
	restore->wait_ms = MISS_WAIT_MS;
	if (restore->phase == PHASE_ADD && was_sent) {
		restore->adds++;
		plug_restore_go_on(restore, PHASE_FIND);
	} else if (++restore->misses >= MISSES_MAX) {
		plug_restore_give_up(restore, plug_error_text(error));
	}
}

size_t plug_restore_count(const struct plug_restore *restore, enum plug_restore_result result)
{
	size_t count = 0;

	for (size_t i = 0; i < restore->item_count; i++) {
		count += restore->items[i].result == result;
	}
	return count;
}

bool plug_restore_is_whole(const struct plug_restore *restore)
{
	for (size_t i = 0; i < restore->item_count; i++) {
		const struct plug_restore_item *item = &restore->items[i];

		if (item->result == PLUG_RESTORE_NOT_TRIED ||
			(item->result == PLUG_RESTORE_FAILED && item->what != PLUG_RESTORE_CLOCK)) {
			return false;
		}
	}
	return true;
}
