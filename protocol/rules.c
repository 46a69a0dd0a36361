#include "protocol/rules.h"

#include <string.h>

#include "protocol/call.h"
#include "protocol/json.h"

enum { MINUTES_OF_DAY = 24 * 60, DAY_S = 24 * 3600, OFFSET_MAX_MINUTES = 12 * 60 };

const char *plug_rule_module(enum plug_rule_kind kind, enum plug_family family)
{
	switch (kind) {
	case PLUG_RULE_COUNTDOWN:
		return "count_down";
	case PLUG_RULE_AWAY:
		return plug_family_is_light(family) ? "smartlife.iot.common.anti_theft"
						    : "anti_theft";
	default:
		return plug_family_is_light(family) ? "smartlife.iot.common.schedule" : "schedule";
	}
}

static struct plug_call_name name_of(const struct plug_rule_ask *ask, const char *method)
{
	return (struct plug_call_name) { ask->child_id, plug_rule_module(ask->kind, ask->family),
		method };
}

enum plug_error plug_request_rules(struct plug_request *request, const struct plug_rule_ask *ask)
{
	const struct plug_call_name name = name_of(ask, "get_rules");

	return plug_call_plain(request, &name);
}

static bool is_possible_moment(const struct plug_moment *moment)
{
	return moment->kind >= PLUG_MOMENT_NONE && moment->kind <= PLUG_MOMENT_SUNSET &&
	       moment->minute >= 0 && moment->minute < MINUTES_OF_DAY &&
	       moment->offset_minutes >= -OFFSET_MAX_MINUTES &&
	       moment->offset_minutes <= OFFSET_MAX_MINUTES;
}

static bool is_known_action(int action)
{
	return action >= PLUG_ACTION_NONE && action <= PLUG_ACTION_ON;
}

static bool has_day(const struct plug_rule *rule)
{
	for (size_t i = 0; i < PLUG_DAYS; i++) {
		if (rule->days[i]) {
			return true;
		}
	}
	return false;
}

bool plug_rule_is_possible(enum plug_rule_kind kind, const struct plug_rule *rule)
{
	if (kind == PLUG_RULE_COUNTDOWN) {
		return rule->delay_s >= 1 && rule->delay_s <= DAY_S &&
		       (rule->start_action == PLUG_ACTION_OFF ||
			       rule->start_action == PLUG_ACTION_ON);
	}
	if (!is_possible_moment(&rule->start) || !is_possible_moment(&rule->end) ||
		rule->start.kind == PLUG_MOMENT_NONE ||
		!(rule->is_weekly ? has_day(rule) : rule->year > 0)) {
		return false;
	}
	if (kind == PLUG_RULE_AWAY) {
		return rule->end.kind != PLUG_MOMENT_NONE;
	}
	return is_known_action(rule->start_action) && is_known_action(rule->end_action) &&
	       (rule->start_action != PLUG_ACTION_NONE || rule->end_action != PLUG_ACTION_NONE);
}

/* The device itself works out when the sun rises. */
static int minute_to_send(const struct plug_moment *moment)
{
	return moment->kind == PLUG_MOMENT_CLOCK ? moment->minute : 0;
}

static void put_times(
	struct plug_call *call, enum plug_rule_kind kind, const struct plug_rule *rule)
{
	plug_call_flag(call, "repeat", rule->is_weekly);
	plug_call_flags(call, "wday", rule->days, PLUG_DAYS);
	plug_call_int(call, "stime_opt", rule->start.kind);
	plug_call_int(call, "smin", minute_to_send(&rule->start));
	plug_call_int(call, "soffset", rule->start.offset_minutes);
	plug_call_int(call, "etime_opt", rule->end.kind);
	plug_call_int(call, "emin", minute_to_send(&rule->end));
	plug_call_int(call, "eoffset", rule->end.offset_minutes);
	if (kind == PLUG_RULE_SCHEDULE) {
		plug_call_int(call, "sact", rule->start_action);
		plug_call_int(call, "eact", rule->end_action);
	} else {
		/* What the vendor's app sends; nobody has seen it send anything else. */
		plug_call_int(call, "frequency", 5);
		plug_call_int(call, "duration", 2);
		plug_call_int(call, "lastfor", 1);
	}
	plug_call_int(call, "year", rule->is_weekly ? 0 : rule->year);
	plug_call_int(call, "month", rule->is_weekly ? 0 : rule->month);
	plug_call_int(call, "day", rule->is_weekly ? 0 : rule->day);
}

static enum plug_error request_rule(struct plug_request *request, const struct plug_rule_ask *ask,
	const char *method, const struct plug_rule *rule)
{
	const struct plug_call_name name = name_of(ask, method);
	struct plug_call call;

	if (!plug_rule_is_possible(ask->kind, rule)) {
		return PLUG_EINVAL;
	}
	plug_call_begin(&call, request, &name);
	if (rule->id[0] != '\0') {
		plug_call_text(&call, "id", rule->id);
	}
	plug_call_text(&call, "name", rule->name);
	plug_call_flag(&call, "enable", rule->is_enabled);
	if (ask->kind == PLUG_RULE_COUNTDOWN) {
		plug_call_int(&call, "delay", rule->delay_s);
		plug_call_int(&call, "act", rule->start_action);
	} else {
		put_times(&call, ask->kind, rule);
	}
	return plug_call_end(&call);
}

enum plug_error plug_request_add_rule(
	struct plug_request *request, const struct plug_rule_ask *ask, const struct plug_rule *rule)
{
	struct plug_rule without_id = *rule;

	without_id.id[0] = '\0';
	return request_rule(request, ask, "add_rule", &without_id);
}

enum plug_error plug_request_edit_rule(
	struct plug_request *request, const struct plug_rule_ask *ask, const struct plug_rule *rule)
{
	return rule->id[0] == '\0' ? PLUG_EINVAL : request_rule(request, ask, "edit_rule", rule);
}

enum plug_error plug_request_delete_rule(
	struct plug_request *request, const struct plug_rule_ask *ask, const char *id)
{
	const struct plug_call_name name = name_of(ask, "delete_rule");
	struct plug_call call;

	plug_call_begin(&call, request, &name);
	plug_call_text(&call, "id", id);
	return plug_call_end(&call);
}

enum plug_error plug_request_delete_rules(
	struct plug_request *request, const struct plug_rule_ask *ask)
{
	const struct plug_call_name name = name_of(ask, "delete_all_rules");

	return plug_call_plain(request, &name);
}

enum plug_error plug_request_enable_rules(
	struct plug_request *request, const struct plug_rule_ask *ask, bool is_enabled)
{
	const struct plug_call_name name = name_of(ask, "set_overall_enable");
	struct plug_call call;

	plug_call_begin(&call, request, &name);
	plug_call_flag(&call, "enable", is_enabled);
	return plug_call_end(&call);
}

static int read_or(struct json_object *object, const char *key, int min, int max)
{
	int64_t value;

	return plug_json_int(object, key, min, max, &value) ? (int)value : min;
}

/* As much of text as fits, cut between characters; a name is for people only. */
static void copy_name(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) {
			length--;
		}
	}
	memcpy(out, text, length);
	out[length] = '\0';
}

static struct plug_moment read_moment(
	struct json_object *object, const char *kind, const char *minute, const char *offset)
{
	struct plug_moment moment = {
		.kind = read_or(object, kind, PLUG_MOMENT_NONE, PLUG_MOMENT_SUNSET),
		.minute = read_or(object, minute, 0, MINUTES_OF_DAY - 1),
	};
	int64_t value;

	if (plug_json_int(object, offset, -OFFSET_MAX_MINUTES, OFFSET_MAX_MINUTES, &value)) {
		moment.offset_minutes = (int)value;
	}
	return moment;
}

static void read_days(struct json_object *object, struct plug_rule *rule)
{
	struct json_object *list;

	if (!plug_json_array(object, "wday", &list)) {
		return;
	}
	for (size_t i = 0; i < PLUG_DAYS && i < json_object_array_length(list); i++) {
		/* Numbers on devices, booleans from some controllers. */
		rule->days[i] = json_object_get_int(json_object_array_get_idx(list, i)) != 0;
	}
}

bool plug_rule_read(struct json_object *object, enum plug_rule_kind kind, struct plug_rule *rule)
{
	const char *text;

	*rule = (struct plug_rule) { 0 };
	if (!plug_json_string(object, "id", &text) || text[0] == '\0' ||
		strlen(text) >= sizeof rule->id) {
		return false;
	}
	memcpy(rule->id, text, strlen(text) + 1);
	if (plug_json_string(object, "name", &text)) {
		copy_name(rule->name, sizeof rule->name, text);
	}
	(void)plug_json_flag(object, "enable", &rule->is_enabled);
	(void)plug_json_flag(object, "repeat", &rule->is_weekly);
	read_days(object, rule);
	rule->year = read_or(object, "year", 0, 9999);
	rule->month = read_or(object, "month", 0, 12);
	rule->day = read_or(object, "day", 0, 31);
	rule->start = read_moment(object, "stime_opt", "smin", "soffset");
	rule->end = read_moment(object, "etime_opt", "emin", "eoffset");
	rule->start_action = read_or(
		object, kind == PLUG_RULE_COUNTDOWN ? "act" : "sact", PLUG_ACTION_NONE, 100);
	rule->end_action = read_or(object, "eact", PLUG_ACTION_NONE, 100);
	(void)plug_json_int(object, "delay", 0, (int64_t)DAY_S * 365, &rule->delay_s);
	(void)plug_json_int(object, "remain", 0, (int64_t)DAY_S * 365, &rule->remain_s);
	return true;
}

enum plug_error plug_reply_rules(
	const struct plug_reply *reply, const struct plug_rule_ask *ask, struct plug_rules *rules)
{
	struct json_object *answer;
	struct json_object *list;
	const enum plug_error error = plug_reply_method(
		reply, plug_rule_module(ask->kind, ask->family), "get_rules", &answer, NULL);

	*rules = (struct plug_rules) { 0 };
	if (error != PLUG_OK) {
		return error;
	}
	if (!plug_json_array(answer, "rule_list", &list) ||
		json_object_array_length(list) > PLUG_RULES_MAX) {
		return PLUG_EPROTO;
	}
	rules->has_switch = plug_json_flag(answer, "enable", &rules->is_enabled);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!plug_rule_read(
			    json_object_array_get_idx(list, i), ask->kind, &rules->rules[i])) {
			*rules = (struct plug_rules) { 0 };
			return PLUG_EPROTO;
		}
	}
	rules->count = json_object_array_length(list);
	return PLUG_OK;
}
