/* A snapshot as JSON text, both ways. */
#include <stdlib.h>
#include <string.h>

#include "protocol/clock.h"
#include "protocol/json.h"
#include "protocol/snapshot/snapshot.h"

enum {
	VERSION = 1,
	/* Of the text beside its rules, and of one rule: see plug_json_parse. */
	CONTAINERS_OF_OUTLET = 1 + 2 * PLUG_RULE_KINDS,
	CONTAINERS_OF_RULE = 2,
};

static const char *const set_keys[PLUG_RULE_KINDS] = {
	[PLUG_RULE_SCHEDULE] = "schedule",
	[PLUG_RULE_COUNTDOWN] = "countdown",
	[PLUG_RULE_AWAY] = "away",
};

/* Builds; remembers that memory ran out instead of checking each step. */
struct builder {
	bool is_out;
};

/* Takes value, which may be NULL for want of memory. */
static void put(struct builder *builder, struct json_object *object, const char *key,
	struct json_object *value)
{
	if (!value || !object || json_object_object_add(object, key, value) != 0) {
		builder->is_out = true;
		json_object_put(value);
	}
}

static void put_int(
	struct builder *builder, struct json_object *object, const char *key, int64_t value)
{
	put(builder, object, key, json_object_new_int64(value));
}

static void put_flag(
	struct builder *builder, struct json_object *object, const char *key, bool value)
{
	put(builder, object, key, json_object_new_boolean(value));
}

static void put_text(
	struct builder *builder, struct json_object *object, const char *key, const char *text)
{
	if (text[0] != '\0') {
		put(builder, object, key, json_object_new_string(text));
	}
}

static void append(struct builder *builder, struct json_object *list, struct json_object *value)
{
	if (!value || !list || json_object_array_add(list, value) != 0) {
		builder->is_out = true;
		json_object_put(value);
	}
}

static struct json_object *make_days(struct builder *builder, const struct plug_rule *rule)
{
	struct json_object *days = json_object_new_array();

	for (size_t i = 0; i < PLUG_DAYS; i++) {
		append(builder, days, json_object_new_int(rule->days[i]));
	}
	return days;
}

static void put_times(
	struct builder *builder, struct json_object *object, const struct plug_rule *rule)
{
	put_flag(builder, object, "repeat", rule->is_weekly);
	put(builder, object, "wday", make_days(builder, rule));
	put_int(builder, object, "year", rule->year);
	put_int(builder, object, "month", rule->month);
	put_int(builder, object, "day", rule->day);
	put_int(builder, object, "stime_opt", rule->start.kind);
	put_int(builder, object, "smin", rule->start.minute);
	put_int(builder, object, "soffset", rule->start.offset_minutes);
	put_int(builder, object, "sact", rule->start_action);
	put_int(builder, object, "etime_opt", rule->end.kind);
	put_int(builder, object, "emin", rule->end.minute);
	put_int(builder, object, "eoffset", rule->end.offset_minutes);
	put_int(builder, object, "eact", rule->end_action);
}

static struct json_object *make_rule(
	struct builder *builder, enum plug_rule_kind kind, const struct plug_rule *rule)
{
	struct json_object *object = json_object_new_object();

	put_text(builder, object, "id", rule->id);
	put_text(builder, object, "name", rule->name);
	put_flag(builder, object, "enable", rule->is_enabled);
	if (kind == PLUG_RULE_COUNTDOWN) {
		put_int(builder, object, "act", rule->start_action);
		put_int(builder, object, "delay", rule->delay_s);
		put_int(builder, object, "remain", rule->remain_s);
	} else {
		put_times(builder, object, rule);
	}
	return object;
}

static struct json_object *make_set(
	struct builder *builder, enum plug_rule_kind kind, const struct plug_rule_set *set)
{
	struct json_object *object = json_object_new_object();
	struct json_object *rules = json_object_new_array();

	if (set->has_switch) {
		put_flag(builder, object, "enable", set->is_enabled);
	}
	put_int(builder, object, "left_out", (int64_t)set->left_out);
	for (size_t i = 0; i < set->count; i++) {
		append(builder, rules, make_rule(builder, kind, &set->rules[i]));
	}
	put(builder, object, "rules", rules);
	return object;
}

static struct json_object *make_outlet(
	struct builder *builder, const struct plug_outlet_snapshot *outlet)
{
	struct json_object *object = json_object_new_object();

	put_text(builder, object, "alias", outlet->alias);
	for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
		if (outlet->rules[kind].is_known) {
			put(builder, object, set_keys[kind],
				make_set(builder, (enum plug_rule_kind)kind, &outlet->rules[kind]));
		}
	}
	return object;
}

static void put_identity(
	struct builder *builder, struct json_object *object, const struct plug_snapshot *snapshot)
{
	char mac[PLUG_MAC_TEXT_BYTES];

	put_int(builder, object, "plug_snapshot", VERSION);
	put_int(builder, object, "taken_s", snapshot->taken_s);
	if (snapshot->has_mac) {
		plug_mac_format(snapshot->mac, mac);
		put_text(builder, object, "mac", mac);
	}
	if (snapshot->family != PLUG_FAMILY_UNSUPPORTED) {
		put_text(builder, object, "family", plug_family_traits(snapshot->family)->name);
	}
	put_text(builder, object, "model", snapshot->model);
	put_flag(builder, object, "has_energy", snapshot->has_energy);
}

static void put_settings(
	struct builder *builder, struct json_object *object, const struct plug_snapshot *snapshot)
{
	put_text(builder, object, "alias", snapshot->alias);
	if (snapshot->has_led) {
		put_flag(builder, object, "led", snapshot->is_led_on);
	}
	if (snapshot->has_location) {
		put_int(builder, object, "latitude_i", snapshot->location.latitude_i);
		put_int(builder, object, "longitude_i", snapshot->location.longitude_i);
	}
	if (snapshot->has_zone) {
		put_int(builder, object, "zone", snapshot->zone);
	}
}

static bool is_too_big(const struct plug_snapshot *snapshot)
{
	size_t containers = 2 + snapshot->outlet_count * CONTAINERS_OF_OUTLET;

	for (size_t i = 0; i < snapshot->outlet_count; i++) {
		for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
			containers += snapshot->outlets[i].rules[kind].count * CONTAINERS_OF_RULE;
		}
	}
	return containers > PLUG_JSON_CONTAINERS_MAX;
}

static enum plug_error copy_text(struct json_object *object, char **text)
{
	const char *const json = json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	*text = json ? strdup(json) : NULL;
	return *text ? PLUG_OK : PLUG_ENOMEM;
}

enum plug_error plug_snapshot_format(const struct plug_snapshot *snapshot, char **text)
{
	struct builder builder = { 0 };
	struct json_object *object = NULL;
	struct json_object *outlets = NULL;
	enum plug_error error = PLUG_ENOMEM;

	*text = NULL;
	if (is_too_big(snapshot)) {
		return PLUG_ETOOBIG;
	}
	object = json_object_new_object();
	outlets = json_object_new_array();
	put_identity(&builder, object, snapshot);
	put_settings(&builder, object, snapshot);
	for (size_t i = 0; i < snapshot->outlet_count; i++) {
		append(&builder, outlets, make_outlet(&builder, &snapshot->outlets[i]));
	}
	put(&builder, object, "outlets", outlets);
	if (!builder.is_out) {
		error = copy_text(object, text);
	}
	json_object_put(object);
	return error;
}

/* True when the member is not there, or was read. */
static bool read_text(struct json_object *object, const char *key, char *out, size_t size)
{
	const char *text = NULL;

	if (!json_object_object_get_ex(object, key, NULL)) {
		return true;
	}
	if (!plug_json_string(object, key, &text)) {
		return false;
	}
	plug_snapshot_copy_text(out, size, text);
	return true;
}

static bool read_count(struct json_object *object, const char *key, size_t *count)
{
	int64_t number = 0;
	const bool is_good = plug_json_int(object, key, 0, PLUG_RULES_MAX, &number);

	*count = (size_t)number;
	return is_good;
}

static enum plug_error read_rules(
	struct json_object *list, enum plug_rule_kind kind, struct plug_rule_set *set)
{
	const size_t count = json_object_array_length(list);

	if (count > PLUG_RULES_MAX) {
		return PLUG_EPROTO;
	}
	set->rules = count > 0 ? calloc(count, sizeof *set->rules) : NULL;
	if (count > 0 && !set->rules) {
		return PLUG_ENOMEM;
	}
	for (; set->count < count; set->count++) {
		struct plug_rule *rule = &set->rules[set->count];

		/* What cannot be sent was not written. */
		if (!plug_rule_read(json_object_array_get_idx(list, set->count), kind, rule) ||
			!plug_rule_is_possible(kind, rule)) {
			return PLUG_EPROTO;
		}
	}
	return PLUG_OK;
}

static enum plug_error read_set(
	struct json_object *outlet, enum plug_rule_kind kind, struct plug_rule_set *set)
{
	struct json_object *object = NULL;
	struct json_object *list = NULL;

	if (!json_object_object_get_ex(outlet, set_keys[kind], &object)) {
		return PLUG_OK;
	}
	if (!plug_json_array(object, "rules", &list) ||
		!read_count(object, "left_out", &set->left_out)) {
		return PLUG_EPROTO;
	}
	set->is_known = true;
	set->has_switch = plug_json_flag(object, "enable", &set->is_enabled);
	return read_rules(list, kind, set);
}

static enum plug_error read_outlet(struct json_object *object, struct plug_outlet_snapshot *outlet)
{
	enum plug_error error = PLUG_OK;

	if (!json_object_is_type(object, json_type_object) ||
		!read_text(object, "alias", outlet->alias, sizeof outlet->alias)) {
		return PLUG_EPROTO;
	}
	for (size_t kind = 0; kind < PLUG_RULE_KINDS && error == PLUG_OK; kind++) {
		error = read_set(object, (enum plug_rule_kind)kind, &outlet->rules[kind]);
	}
	return error;
}

static enum plug_error read_outlets(struct json_object *root, struct plug_snapshot *snapshot)
{
	struct json_object *list = NULL;
	enum plug_error error = PLUG_OK;

	if (!plug_json_array(root, "outlets", &list) ||
		json_object_array_length(list) > PLUG_OUTLETS_MAX) {
		return PLUG_EPROTO;
	}
	snapshot->outlet_count = json_object_array_length(list);
	for (size_t i = 0; i < snapshot->outlet_count && error == PLUG_OK; i++) {
		error = read_outlet(json_object_array_get_idx(list, i), &snapshot->outlets[i]);
	}
	return error;
}

static bool read_family(struct json_object *root, enum plug_family *family)
{
	const char *text = NULL;

	*family = PLUG_FAMILY_UNSUPPORTED;
	if (!json_object_object_get_ex(root, "family", NULL)) {
		return true;
	}
	if (!plug_json_string(root, "family", &text)) {
		return false;
	}
	for (int i = 0; i < PLUG_FAMILY_COUNT; i++) {
		if (i != PLUG_FAMILY_UNSUPPORTED &&
			strcmp(plug_family_traits((enum plug_family)i)->name, text) == 0) {
			*family = (enum plug_family)i;
			return true;
		}
	}
	return false;
}

static bool read_identity(struct json_object *root, struct plug_snapshot *snapshot)
{
	char mac[2 * PLUG_MAC_TEXT_BYTES] = "";
	int64_t version = 0;

	if (!plug_json_int(root, "plug_snapshot", VERSION, VERSION, &version) ||
		!plug_json_int(root, "taken_s", 0, INT64_MAX, &snapshot->taken_s) ||
		!read_text(root, "mac", mac, sizeof mac) ||
		!read_text(root, "model", snapshot->model, sizeof snapshot->model) ||
		!read_text(root, "alias", snapshot->alias, sizeof snapshot->alias) ||
		!read_family(root, &snapshot->family)) {
		return false;
	}
	snapshot->has_mac = mac[0] != '\0';
	return !snapshot->has_mac || plug_mac_parse(mac, snapshot->mac);
}

static void read_settings(struct json_object *root, struct plug_snapshot *snapshot)
{
	int64_t zone = 0;

	(void)plug_json_flag(root, "has_energy", &snapshot->has_energy);
	snapshot->has_led = plug_json_flag(root, "led", &snapshot->is_led_on);
	snapshot->has_location = plug_sysinfo_location(root, &snapshot->location);
	snapshot->has_zone = plug_json_int(root, "zone", 0, PLUG_ZONE_COUNT - 1, &zone);
	snapshot->zone = (int)zone;
}

enum plug_error plug_snapshot_parse(const char *text, size_t size, struct plug_snapshot *snapshot)
{
	struct json_object *root = NULL;
	enum plug_error error = PLUG_ETOOBIG;

	*snapshot = (struct plug_snapshot) { 0 };
	if (size <= PLUG_SNAPSHOT_MAX_BYTES) {
		error = plug_json_parse(text, size, PLUG_JSON_DISTINCT_KEYS, &root);
	}
	if (error == PLUG_OK && !read_identity(root, snapshot)) {
		error = PLUG_EPROTO;
	}
	if (error == PLUG_OK) {
		read_settings(root, snapshot);
		error = read_outlets(root, snapshot);
	}
	json_object_put(root);
	if (error != PLUG_OK) {
		plug_snapshot_clear(snapshot);
	}
	return error;
}
