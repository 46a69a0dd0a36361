/* Reads a snapshot from a device: sysinfo, zone, then the lists of rules of each outlet. */
#include <stdlib.h>
#include <string.h>

#include "protocol/clock.h"
#include "protocol/json.h"
#include "protocol/snapshot/snapshot.h"

enum { STEP_SYSINFO, STEP_ZONE, STEP_RULES };

/* Some devices crash on modules that they do not have. Nobody has seen a bulb asked for its
 * countdown by the name that it has. */
static size_t kinds_of(const struct plug_snapshot_reading *reading)
{
	if (!reading->has_rules) {
		return 0;
	}
	return plug_family_is_light(reading->snapshot.family) ? PLUG_RULE_KINDS - 1
							      : PLUG_RULE_KINDS;
}

static enum plug_rule_kind kind_at(size_t index)
{
	static const enum plug_rule_kind kinds[PLUG_RULE_KINDS] = { PLUG_RULE_SCHEDULE,
		PLUG_RULE_AWAY, PLUG_RULE_COUNTDOWN };

	return kinds[index];
}

void plug_snapshot_begin(struct plug_snapshot_reading *reading, int64_t taken_s)
{
	*reading = (struct plug_snapshot_reading) { .snapshot.taken_s = taken_s };
}

bool plug_snapshot_is_done(const struct plug_snapshot_reading *reading)
{
	return reading->step >= STEP_RULES &&
	       reading->step - STEP_RULES >= reading->snapshot.outlet_count * kinds_of(reading);
}

/* Whose rules are asked for in this step; *outlet is its number. */
static struct plug_rule_ask ask_at(const struct plug_snapshot_reading *reading, size_t *outlet)
{
	const size_t index = reading->step - STEP_RULES;
	const size_t kinds = kinds_of(reading) > 0 ? kinds_of(reading) : 1;
	const char *id = NULL;

	*outlet = index / kinds;
	id = reading->child_ids[*outlet];
	return (struct plug_rule_ask) { kind_at(index % kinds), reading->snapshot.family,
		id[0] != '\0' ? id : NULL };
}

enum plug_error plug_snapshot_ask(
	const struct plug_snapshot_reading *reading, struct plug_request *request)
{
	struct plug_rule_ask ask;
	size_t outlet;

	if (plug_snapshot_is_done(reading)) {
		return PLUG_EINVAL;
	}
	if (reading->step == STEP_SYSINFO) {
		return plug_request_sysinfo(request);
	}
	if (reading->step == STEP_ZONE) {
		return plug_request_timezone(request, reading->snapshot.family);
	}
	ask = ask_at(reading, &outlet);
	return plug_request_rules(request, &ask);
}

static void take_info(struct plug_snapshot_reading *reading, const struct plug_sysinfo *info)
{
	struct plug_snapshot *snapshot = &reading->snapshot;

	snapshot->family = info->family;
	snapshot->has_mac = info->has_mac;
	memcpy(snapshot->mac, info->mac, sizeof snapshot->mac);
	plug_snapshot_copy_text(snapshot->model, sizeof snapshot->model, info->model);
	plug_snapshot_copy_text(snapshot->alias, sizeof snapshot->alias, info->alias);
	snapshot->has_energy = info->has_energy;
	snapshot->outlet_count = info->outlet_count;
	reading->has_rules = info->has_timer || plug_family_is_light(info->family);
	for (size_t i = 0; i < info->outlet_count; i++) {
		plug_snapshot_copy_text(snapshot->outlets[i].alias,
			sizeof snapshot->outlets[i].alias, info->outlets[i].alias);
		memcpy(reading->child_ids[i], info->outlets[i].child_id,
			sizeof reading->child_ids[i]);
	}
}

static enum plug_error take_sysinfo(
	struct plug_snapshot_reading *reading, const struct plug_reply *reply)
{
	struct plug_snapshot *snapshot = &reading->snapshot;
	struct json_object *sysinfo = NULL;
	struct plug_sysinfo info;
	bool is_dark = false;
	const enum plug_error error = plug_reply_sysinfo(reply, &info);

	if (error != PLUG_OK) {
		return error;
	}
	if (info.family == PLUG_FAMILY_UNSUPPORTED) {
		return PLUG_EUNSUPPORTED;
	}
	take_info(reading, &info);
	(void)plug_reply_method(reply, "system", "get_sysinfo", &sysinfo, NULL);
	snapshot->has_led = plug_json_flag(sysinfo, "led_off", &is_dark);
	snapshot->is_led_on = snapshot->has_led && !is_dark;
	snapshot->has_location = plug_sysinfo_location(sysinfo, &snapshot->location);
	return PLUG_OK;
}

static enum plug_error take_zone(
	struct plug_snapshot_reading *reading, const struct plug_reply *reply)
{
	const enum plug_error error =
		plug_reply_timezone(reply, reading->snapshot.family, &reading->snapshot.zone);

	reading->snapshot.has_zone =
		error == PLUG_OK && plug_zone_name(reading->snapshot.zone) != NULL;
	return error;
}

/* Keeps of rules what can be sent again. */
static enum plug_error keep(
	struct plug_rule_set *set, enum plug_rule_kind kind, const struct plug_rules *rules)
{
	*set = (struct plug_rule_set) {
		.is_known = true, .has_switch = rules->has_switch, .is_enabled = rules->is_enabled
	};
	if (rules->count > 0) {
		set->rules = calloc(rules->count, sizeof *set->rules);
		if (!set->rules) {
			return PLUG_ENOMEM;
		}
	}
	for (size_t i = 0; i < rules->count; i++) {
		if (plug_rule_is_possible(kind, &rules->rules[i])) {
			set->rules[set->count++] = rules->rules[i];
		} else {
			set->left_out++;
		}
	}
	return PLUG_OK;
}

static enum plug_error take_rules(
	struct plug_snapshot_reading *reading, const struct plug_reply *reply)
{
	size_t outlet;
	const struct plug_rule_ask ask = ask_at(reading, &outlet);
	struct plug_rules *rules = malloc(sizeof *rules);
	enum plug_error error = PLUG_ENOMEM;

	if (rules) {
		error = plug_reply_rules(reply, &ask, rules);
	}
	if (error == PLUG_OK) {
		error = keep(&reading->snapshot.outlets[outlet].rules[ask.kind], ask.kind, rules);
	}
	free(rules);
	return error;
}

static struct plug_method method_at(const struct plug_snapshot_reading *reading)
{
	size_t outlet;

	if (reading->step == STEP_ZONE) {
		return (struct plug_method) {
			plug_family_traits(reading->snapshot.family)->time_module, "get_timezone"
		};
	}
	return (struct plug_method) { plug_rule_module(ask_at(reading, &outlet).kind,
					      reading->snapshot.family),
		"get_rules" };
}

/* The device will not tell, however often it is asked: -1 for what it does not have, -11 while its
 * clock is not set. One that is busy will. */
static bool is_answered_in_vain(const struct plug_snapshot_reading *reading,
	const struct plug_reply *reply, enum plug_error error)
{
	const struct plug_method method = method_at(reading);
	struct plug_device_error told = { 0 };
	struct json_object *answer = NULL;

	if (error != PLUG_EDEVICE && error != PLUG_EUNSUPPORTED) {
		return false;
	}
	(void)plug_reply_method(reply, method.module, method.method, &answer, &told);
	return plug_device_error_kind(told.err_code) != PLUG_DEVICE_ERROR_BUSY;
}

enum plug_error plug_snapshot_take(
	struct plug_snapshot_reading *reading, const struct plug_reply *reply)
{
	enum plug_error error = PLUG_EINVAL;

	if (plug_snapshot_is_done(reading)) {
		return error;
	}
	if (reading->step == STEP_SYSINFO) {
		error = take_sysinfo(reading, reply);
	} else if (reading->step == STEP_ZONE) {
		error = take_zone(reading, reply);
	} else {
		error = take_rules(reading, reply);
	}
	if (reading->step != STEP_SYSINFO && is_answered_in_vain(reading, reply, error)) {
		error = PLUG_OK;
	}
	reading->step += error == PLUG_OK;
	return error;
}
