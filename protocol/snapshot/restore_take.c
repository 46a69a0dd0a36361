/* What the new device answered, against what it was to become. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/clock.h"
#include "protocol/json.h"
#include "protocol/snapshot/restore.h"
#include "protocol/snapshot/restore_parts.h"

enum {
	/* A device that scans or speaks with its cloud is busy for a few seconds. */
	BUSY_MAX = 5,
	BUSY_WAIT_MS = 1000,
	ADDS_MAX = 3,
	CLOCK_MAX_S = 60,
};

/* The method that the request of this phase called. */
static struct plug_method method_of(const struct plug_restore *restore)
{
	const struct plug_restore_item *item = &restore->items[restore->item];
	const char *time_module = plug_family_traits(restore->family)->time_module;
	static const char *const rule_methods[] = {
		[PHASE_LIST] = "get_rules",
		[PHASE_CLEAR] = "delete_all_rules",
		[PHASE_ADD] = "add_rule",
		[PHASE_FIND] = "get_rules",
		[PHASE_SWITCH] = "set_overall_enable",
		[PHASE_CHECK_RULES] = "get_rules",
	};
	const struct plug_method setters[] = {
		[PLUG_RESTORE_CLOCK] = { time_module, "set_timezone" },
		[PLUG_RESTORE_LOCATION] = plug_location_method,
		[PLUG_RESTORE_LIGHT] = plug_led_method,
		[PLUG_RESTORE_NAME] = plug_alias_method(restore->family),
	};

	if (plug_restore_is_rules(item)) {
		return (struct plug_method) { plug_rule_module(
						      plug_restore_kind(item), restore->family),
			rule_methods[restore->phase] };
	}
	if (restore->phase == PHASE_SET) {
		return setters[item->what];
	}
	if (item->what != PLUG_RESTORE_CLOCK) {
		return (struct plug_method) { "system", "get_sysinfo" };
	}
	return (struct plug_method) { time_module,
		restore->phase == PHASE_CHECK ? "get_timezone" : "get_time" };
}

static void take_refusal(struct plug_restore *restore, enum plug_error error, int err_code)
{
	const struct plug_restore_item *item = plug_restore_current(restore);
	const char *text = plug_device_error_text(err_code);
	char why[PLUG_RESTORE_WHY_BYTES];

	if (plug_device_error_kind(err_code) == PLUG_DEVICE_ERROR_BUSY &&
		restore->busy++ < BUSY_MAX) {
		restore->wait_ms = BUSY_WAIT_MS;
		return;
	}
	if (error == PLUG_EUNSUPPORTED && item->rules == 0) {
		plug_restore_end(restore, PLUG_RESTORE_SKIPPED, plug_error_text(error));
		return;
	}
	(void)snprintf(why, sizeof why, "device answered %d (%s)", err_code, text);
	if (restore->phase == PHASE_ADD) {
		(void)snprintf(why, sizeof why, "device answered %d (%s) after %zu of %zu rules",
			err_code, text, restore->rule, item->rules);
	}
	plug_restore_end(restore, PLUG_RESTORE_FAILED, why);
}

/* True when the device did what the request asked; what else there is to do is done. */
static bool accept(struct plug_restore *restore, const struct plug_reply *reply)
{
	const struct plug_method method = method_of(restore);
	struct plug_device_error told = { 0 };
	struct json_object *answer = NULL;
	const enum plug_error error =
		plug_reply_method(reply, method.module, method.method, &answer, &told);

	if (error == PLUG_OK) {
		return true;
	}
	if (error == PLUG_EUNSUPPORTED || error == PLUG_EDEVICE) {
		take_refusal(restore, error, told.err_code);
	} else {
		plug_restore_miss(restore, error, true);
	}
	return false;
}

static bool shows_location(const struct plug_restore *restore, struct json_object *sysinfo)
{
	struct plug_location there;

	/* Old firmwares keep a float, which is near enough. */
	return plug_sysinfo_location(sysinfo, &there) &&
	       llabs(there.latitude_i - restore->from->location.latitude_i) <= 1 &&
	       llabs(there.longitude_i - restore->from->location.longitude_i) <= 1;
}

static bool shows_light(const struct plug_restore *restore, struct json_object *sysinfo)
{
	bool is_dark = false;

	return plug_json_flag(sysinfo, "led_off", &is_dark) && is_dark != restore->from->is_led_on;
}

static bool shows_name(const struct plug_restore *restore, const struct plug_sysinfo *info)
{
	const struct plug_restore_item *item = &restore->items[restore->item];
	const char *there = item->outlet == PLUG_RESTORE_DEVICE ? info->alias
								: info->outlets[item->outlet].alias;

	return strcmp(there, plug_restore_alias(restore, item)) == 0;
}

static bool shows(const struct plug_restore *restore, const struct plug_reply *reply,
	const struct plug_sysinfo *info)
{
	struct json_object *sysinfo = NULL;

	(void)plug_reply_method(reply, "system", "get_sysinfo", &sysinfo, NULL);
	switch (restore->items[restore->item].what) {
	case PLUG_RESTORE_LOCATION:
		return shows_location(restore, sysinfo);
	case PLUG_RESTORE_LIGHT:
		return shows_light(restore, sysinfo);
	default:
		return shows_name(restore, info);
	}
}

static void take_sysinfo(struct plug_restore *restore, const struct plug_reply *reply)
{
	struct plug_sysinfo info;

	if (plug_reply_sysinfo(reply, &info) != PLUG_OK) {
		plug_restore_miss(restore, PLUG_EPROTO, true);
	} else if (!info.has_mac || memcmp(info.mac, restore->mac, sizeof info.mac) != 0) {
		plug_restore_give_up(restore, "another device has taken over the address");
	} else if (!shows(restore, reply, &info)) {
		plug_restore_end(restore, PLUG_RESTORE_FAILED,
			"the device took it, but shows something else");
	} else {
		plug_restore_end(restore, PLUG_RESTORE_DONE, "");
	}
}

static void take_zone(struct plug_restore *restore, const struct plug_reply *reply)
{
	int zone = 0;

	if (plug_reply_timezone(reply, restore->family, &zone) != PLUG_OK) {
		plug_restore_miss(restore, PLUG_EPROTO, true);
	} else if (zone != restore->from->zone) {
		plug_restore_end(restore, PLUG_RESTORE_FAILED,
			"the device took the time zone, but shows another");
	} else {
		plug_restore_go_on(restore, PHASE_CHECK_TIME);
	}
}

static void take_time(struct plug_restore *restore, const struct plug_reply *reply)
{
	struct plug_time there;
	struct plug_time now;
	int64_t off_s = 0;

	if (plug_reply_time(reply, restore->family, &there) != PLUG_OK ||
		restore->local_time(restore->from->zone, &now)) {
		plug_restore_miss(restore, PLUG_EPROTO, true);
		return;
	}
	off_s = plug_time_difference_s(&there, &now);
	if (off_s > CLOCK_MAX_S || off_s < -CLOCK_MAX_S) {
		plug_restore_end(restore, PLUG_RESTORE_FAILED,
			"the device took the time, but shows another");
	} else {
		plug_restore_end(restore, PLUG_RESTORE_DONE, "");
	}
}

static void take_check(struct plug_restore *restore, const struct plug_reply *reply)
{
	if (plug_restore_current(restore)->what == PLUG_RESTORE_CLOCK) {
		take_zone(restore, reply);
	} else {
		take_sysinfo(restore, reply);
	}
}

/* How many of the first count wanted rules are as this one; and how many of those there. */
static size_t count_wanted(
	const struct plug_restore *restore, const struct plug_rule *rule, size_t count)
{
	const struct plug_restore_item *item = &restore->items[restore->item];
	size_t same = 0;

	for (size_t i = 0; i < count; i++) {
		const struct plug_rule other = plug_restore_rule(restore, item, i);

		same += plug_rule_is_same(plug_restore_kind(item), rule, &other);
	}
	return same;
}

static size_t count_there(const struct plug_restore *restore, const struct plug_rule *rule,
	const struct plug_rules *there)
{
	const struct plug_restore_item *item = &restore->items[restore->item];
	size_t same = 0;

	for (size_t i = 0; i < there->count; i++) {
		same += plug_rule_is_same(plug_restore_kind(item), rule, &there->rules[i]);
	}
	return same;
}

/* True when the rule that is dealt with now is in the list. */
static bool is_added(const struct plug_restore *restore, const struct plug_rules *there)
{
	const struct plug_rule rule =
		plug_restore_rule(restore, &restore->items[restore->item], restore->rule);

	return count_there(restore, &rule, there) >=
	       count_wanted(restore, &rule, restore->rule + 1);
}

static void add_next(struct plug_restore *restore)
{
	const struct plug_restore_item *item = plug_restore_current(restore);
	const struct plug_rule_set *set = plug_restore_set(restore, item);

	restore->adds = 0;
	if (restore->rule < item->rules) {
		plug_restore_go_on(restore, PHASE_ADD);
	} else {
		plug_restore_go_on(restore, set->has_switch && item->what != PLUG_RESTORE_COUNTDOWN
						    ? PHASE_SWITCH
						    : PHASE_CHECK_RULES);
	}
}

static void check_rules(struct plug_restore *restore, const struct plug_rules *there)
{
	const struct plug_restore_item *item = plug_restore_current(restore);
	const struct plug_rule_set *set = plug_restore_set(restore, item);
	bool is_good = there->count == item->rules;
	char why[PLUG_RESTORE_WHY_BYTES];

	for (size_t i = 0; i < item->rules && is_good; i++) {
		const struct plug_rule rule = plug_restore_rule(restore, item, i);

		is_good = count_there(restore, &rule, there) ==
			  count_wanted(restore, &rule, item->rules);
	}
	if (!is_good) {
		(void)snprintf(why, sizeof why, "%zu rules were to be there, %zu are%s",
			item->rules, there->count,
			there->count == item->rules ? ", but others" : "");
		plug_restore_end(restore, PLUG_RESTORE_FAILED, why);
	} else if (set->has_switch && there->has_switch && set->is_enabled != there->is_enabled) {
		plug_restore_end(restore, PLUG_RESTORE_FAILED,
			"the rules are there, but not switched as they were");
	} else {
		plug_restore_end(restore, PLUG_RESTORE_DONE, "");
	}
}

static void use_rules(struct plug_restore *restore, const struct plug_rules *there)
{
	switch (restore->phase) {
	case PHASE_LIST:
		if (there->count > 0) {
			plug_restore_go_on(restore, PHASE_CLEAR);
		} else {
			add_next(restore);
		}
		break;
	case PHASE_FIND:
		if (is_added(restore, there)) {
			restore->rule++;
			add_next(restore);
		} else if (restore->adds >= ADDS_MAX) {
			plug_restore_give_up(restore, plug_error_text(PLUG_ETIMEOUT));
		} else {
			plug_restore_go_on(restore, PHASE_ADD);
		}
		break;
	default:
		check_rules(restore, there);
		break;
	}
}

static void take_rules(struct plug_restore *restore, const struct plug_reply *reply)
{
	const struct plug_rule_ask ask = plug_restore_whose(restore, plug_restore_current(restore));
	struct plug_rules *there = malloc(sizeof *there);
	enum plug_error error = PLUG_ENOMEM;

	if (there) {
		error = plug_reply_rules(reply, &ask, there);
	}
	if (error == PLUG_OK) {
		use_rules(restore, there);
	} else {
		plug_restore_miss(restore, error, true);
	}
	free(there);
}

void plug_restore_take(struct plug_restore *restore, const struct plug_reply *reply)
{
	if (restore->is_over || !accept(restore, reply)) {
		return;
	}
	switch (restore->phase) {
	case PHASE_SET:
		plug_restore_go_on(restore, PHASE_CHECK);
		break;
	case PHASE_CHECK:
		take_check(restore, reply);
		break;
	case PHASE_CHECK_TIME:
		take_time(restore, reply);
		break;
	case PHASE_CLEAR:
		add_next(restore);
		break;
	case PHASE_ADD:
		restore->rule++;
		add_next(restore);
		break;
	case PHASE_SWITCH:
		plug_restore_go_on(restore, PHASE_CHECK_RULES);
		break;
	default:
		take_rules(restore, reply);
		break;
	}
}
