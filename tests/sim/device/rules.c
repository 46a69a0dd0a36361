#include "tests/sim/device/rules.h"

#include "protocol/json.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/seed.h"

#include <stdlib.h>
#include <string.h>

enum {
	INVALID_ARGUMENT = -3,
	TABLE_FULL = -10,
	NO_ENTRY = -14,
	ID_DIGITS = 32,
	COUNTDOWN_MAX_S = 7 * 24 * 3600,
};

struct sim_rules {
	uint64_t seed;
	uint64_t ids;				   /* given so far */
	struct json_object *lists[SIM_RULE_KINDS]; /* NULL or an array */
	bool is_disabled[SIM_RULE_KINDS];
	int64_t due_ms; /* of the countdown that runs */
	bool due_state;
	struct sim_deed deed; /* what the schedule does next, */
	size_t deed_rule;     /* and which of its rules */
};

struct sim_rules *sim_rules_new(uint64_t seed)
{
	struct sim_rules *rules = sim_allocate(sizeof *rules);

	rules->seed = seed;
	rules->due_ms = INT64_MAX;
	rules->deed.at_ms = INT64_MAX;
	return rules;
}

void sim_rules_free(struct sim_rules *rules)
{
	for (size_t kind = 0; rules && kind < SIM_RULE_KINDS; kind++) {
		json_object_put(rules->lists[kind]);
	}
	free(rules);
}

static size_t count(const struct sim_rules *rules, enum sim_rule_kind kind)
{
	return rules && rules->lists[kind] ? json_object_array_length(rules->lists[kind]) : 0;
}

/* The index of the rule, or count when there is none. */
static size_t find(const struct sim_rules *rules, enum sim_rule_kind kind, const char *id)
{
	size_t i = 0;

	for (; i < count(rules, kind); i++) {
		const char *own = NULL;

		plug_json_string(json_object_array_get_idx(rules->lists[kind], i), "id", &own);
		if (own && strcmp(own, id) == 0) {
			break;
		}
	}
	return i;
}

/* A new countdown starts, or ends, with its rule. */
static int start_countdown(struct sim_rules *rules, struct json_object *rule, int64_t now_ms)
{
	int64_t delay_s = 0;
	bool is_enabled = false;
	bool state = false;

	if (!plug_json_int(rule, "delay", 0, COUNTDOWN_MAX_S, &delay_s) ||
		!plug_json_flag(rule, "act", &state)) {
		return INVALID_ARGUMENT;
	}
	plug_json_flag(rule, "enable", &is_enabled);
	rules->due_ms = is_enabled ? now_ms + delay_s * 1000 : INT64_MAX;
	rules->due_state = state;
	return 0;
}

static void put(struct json_object *rule, const char *key, struct json_object *value)
{
	if (json_object_object_add(rule, key, sim_require(value)) != 0) {
		sim_require(NULL);
	}
}

static struct json_object *copy(struct json_object *rule)
{
	struct json_object *result = NULL;

	json_object_deep_copy(rule, &result, NULL);
	return sim_require(result);
}

static void append(struct sim_rules *rules, enum sim_rule_kind kind, struct json_object *rule)
{
	if (!rules->lists[kind]) {
		rules->lists[kind] = sim_require(json_object_new_array());
	}
	if (json_object_array_add(rules->lists[kind], rule) != 0) {
		sim_require(NULL);
	}
}

/* Sets the id, which the device chooses whatever the rule says. */
static void name_rule(struct sim_rules *rules, struct json_object *rule)
{
	struct sim_text id = { 0 };

	sim_seed_add_hex(&id, rules->seed + rules->ids, ID_DIGITS);
	rules->ids++;
	put(rule, "id", json_object_new_string(id.bytes));
	sim_text_free(&id);
}

int sim_rules_add(
	struct sim_rules *rules, enum sim_rule_kind kind, struct json_object *rule, int64_t now_ms)
{
	const size_t max = kind == SIM_COUNTDOWN ? 1 : SIM_RULES_MAX;
	int error = 0;

	if (count(rules, kind) >= max) {
		return TABLE_FULL;
	}
	if (kind == SIM_COUNTDOWN) {
		error = start_countdown(rules, rule, now_ms);
	}
	if (error == 0) {
		name_rule(rules, rule);
		append(rules, kind, copy(rule));
	}
	return error;
}

int sim_rules_edit(
	struct sim_rules *rules, enum sim_rule_kind kind, struct json_object *rule, int64_t now_ms)
{
	const char *id = NULL;
	size_t i = 0;
	int error = 0;

	if (!plug_json_string(rule, "id", &id)) {
		return INVALID_ARGUMENT;
	}
	i = find(rules, kind, id);
	if (i == count(rules, kind)) {
		return NO_ENTRY;
	}
	if (kind == SIM_COUNTDOWN) {
		error = start_countdown(rules, rule, now_ms);
	}
	if (error == 0) {
		json_object_array_put_idx(rules->lists[kind], i, copy(rule));
	}
	return error;
}

int sim_rules_delete(struct sim_rules *rules, enum sim_rule_kind kind, const char *id)
{
	const size_t i = find(rules, kind, id);

	if (i == count(rules, kind)) {
		return NO_ENTRY;
	}
	json_object_array_del_idx(rules->lists[kind], i, 1);
	if (kind == SIM_COUNTDOWN) {
		rules->due_ms = INT64_MAX;
	}
	return 0;
}

void sim_rules_delete_all(struct sim_rules *rules, enum sim_rule_kind kind)
{
	json_object_put(rules->lists[kind]);
	rules->lists[kind] = NULL;
	if (kind == SIM_COUNTDOWN) {
		rules->due_ms = INT64_MAX;
	}
}

void sim_rules_enable(struct sim_rules *rules, enum sim_rule_kind kind, bool is_enabled)
{
	rules->is_disabled[kind] = !is_enabled;
}

/* A countdown says how long it still runs. */
static void update_countdown(
	const struct sim_rules *rules, struct json_object *rule, int64_t now_ms)
{
	const bool is_running = rules->due_ms != INT64_MAX;
	const int64_t left_ms = is_running && rules->due_ms > now_ms ? rules->due_ms - now_ms : 0;

	put(rule, "enable", json_object_new_int(is_running));
	put(rule, "remain", json_object_new_int64((left_ms + 999) / 1000));
}

/* Rules that go by the sun tell the minute that it makes today. */
static void update_sun(struct json_object *rule, const struct sim_moment *moment)
{
	static const char *const keys[] = { "smin", "emin" };

	for (int is_end = 0; is_end < 2; is_end++) {
		const int minute = sim_agenda_sun_minute(rule, is_end != 0, moment);

		if (minute >= 0) {
			put(rule, keys[is_end], json_object_new_int(minute));
		}
	}
}

void sim_rules_list(struct sim_rules *rules, enum sim_rule_kind kind,
	const struct sim_moment *moment, struct sim_text *out)
{
	sim_text_key(out, "rule_list");
	sim_text_open(out, '[');
	for (size_t i = 0; i < count(rules, kind); i++) {
		struct json_object *rule = json_object_array_get_idx(rules->lists[kind], i);

		if (kind == SIM_COUNTDOWN) {
			update_countdown(rules, rule, moment->now_ms);
		} else {
			update_sun(rule, moment);
		}
		sim_text_next(out);
		sim_text_add(out, json_object_to_json_string_ext(rule, JSON_C_TO_STRING_PLAIN));
	}
	sim_text_close(out, ']');
	if (kind != SIM_COUNTDOWN) {
		sim_text_int(out, "enable", rules ? !rules->is_disabled[kind] : 1);
	}
}

void sim_rules_plan(struct sim_rules *rules, const struct sim_moment *moment)
{
	rules->deed.at_ms = INT64_MAX;
	for (size_t i = 0; i < count(rules, SIM_SCHEDULE) && !rules->is_disabled[SIM_SCHEDULE];
		i++) {
		struct json_object *rule = json_object_array_get_idx(rules->lists[SIM_SCHEDULE], i);
		const struct sim_deed deed = sim_agenda_next(rule, moment);

		if (deed.at_ms < rules->deed.at_ms) {
			rules->deed = deed;
			rules->deed_rule = i;
		}
	}
}

int64_t sim_rules_due_ms(const struct sim_rules *rules)
{
	if (!rules) {
		return INT64_MAX;
	}
	return rules->due_ms < rules->deed.at_ms ? rules->due_ms : rules->deed.at_ms;
}

bool sim_rules_next(const struct sim_rules *rules, struct sim_next *next)
{
	*next = (struct sim_next) { .at_ms = sim_rules_due_ms(rules) };
	if (next->at_ms == INT64_MAX) {
		return false;
	}
	if (rules->due_ms == next->at_ms) {
		next->kind = SIM_COUNTDOWN;
		next->action = rules->due_state;
		next->rule = json_object_array_get_idx(rules->lists[SIM_COUNTDOWN], 0);
	} else {
		next->kind = SIM_SCHEDULE;
		next->action = rules->deed.action;
		next->is_end = rules->deed.is_end;
		next->rule =
			json_object_array_get_idx(rules->lists[SIM_SCHEDULE], rules->deed_rule);
	}
	plug_json_string(next->rule, "id", &next->id);
	return true;
}

void sim_rules_end_countdown(struct sim_rules *rules)
{
	rules->due_ms = INT64_MAX;
}

bool sim_rules_are_active(const struct sim_rules *rules, enum sim_rule_kind kind)
{
	if (kind == SIM_COUNTDOWN) {
		return rules && rules->due_ms != INT64_MAX;
	}
	for (size_t i = 0; i < count(rules, kind) && !rules->is_disabled[kind]; i++) {
		bool is_enabled = false;

		plug_json_flag(
			json_object_array_get_idx(rules->lists[kind], i), "enable", &is_enabled);
		if (is_enabled) {
			return true;
		}
	}
	return false;
}
