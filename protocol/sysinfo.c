#include "protocol/sysinfo.h"

#include <string.h>

#include "protocol/json.h"

static const char *text_or_empty(struct json_object *object, const char *key)
{
	const char *text;

	return plug_json_string(object, key, &text) ? text : "";
}

/* Rounds to the nearest; false when it is missing or outside. */
static bool read_rounded(struct json_object *object, const char *key, int min, int max, int *value)
{
	double number;

	*value = 0;
	if (!plug_json_double(object, key, &number) || number < min || number > max) {
		return false;
	}
	*value = (int)(number < 0 ? number - 0.5 : number + 0.5);
	return true;
}

/* Bulbs say mic_mac, the range extender plug ethernet_mac. */
static bool read_mac(struct json_object *sysinfo, uint8_t mac[static PLUG_MAC_BYTES])
{
	static const char *const keys[] = { "mac", "mic_mac", "ethernet_mac" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		if (plug_mac_parse(text_or_empty(sysinfo, keys[i]), mac)) {
			return true;
		}
	}
	return false;
}

/* feature is a list such as "TIM:ENE". */
static bool has_feature(struct json_object *sysinfo, const char *feature)
{
	const size_t size = strlen(feature);
	const char *at = text_or_empty(sysinfo, "feature");

	while (*at != '\0') {
		const size_t item_size = strcspn(at, ":");

		if (item_size == size && memcmp(at, feature, size) == 0) {
			return true;
		}
		at += item_size;
		at += *at == ':' ? 1 : 0;
	}
	return false;
}

/* HS300 fw 1.0.10 counts from -32407 while its clock is not set; KP303 fw 1.0.3 goes on counting
 * for outlets that are off. */
static void read_on_time(struct json_object *object, struct plug_outlet_info *outlet)
{
	static const double seconds_max = 4294967295.0; /* 136 years: what a device may count to */
	double seconds;

	outlet->has_on_time = plug_json_double(object, "on_time", &seconds) && seconds >= 0 &&
			      seconds <= seconds_max;
	outlet->on_time_s = outlet->has_on_time && outlet->is_on ? (int64_t)seconds : 0;
}

/* HS110 hardware 1 tells of a countdown in its mode alone. */
static void read_mode(struct json_object *object, struct plug_outlet_info *outlet)
{
	if (strcmp(text_or_empty(object, "active_mode"), "count_down") == 0) {
		outlet->next = (struct plug_next_action) {
			.kind = PLUG_NEXT_COUNTDOWN, .is_on = !outlet->is_on, .at_s = -1
		};
	}
}

/* {"type":-1} is nothing; children of strips leave the id away. */
static void read_next_action(struct json_object *object, struct plug_outlet_info *outlet)
{
	struct plug_next_action *next = &outlet->next;
	enum { DAY_S = 24 * 60 * 60 };
	struct json_object *action;
	int64_t kind;
	int64_t at_s;

	*next = (struct plug_next_action) { 0 };
	if (!plug_json_object(object, "next_action", &action)) {
		read_mode(object, outlet);
	} else if (plug_json_int(action, "type", PLUG_NEXT_SCHEDULE, PLUG_NEXT_COUNTDOWN, &kind) &&
		   plug_json_int(action, "schd_sec", 0, DAY_S, &at_s) &&
		   plug_json_flag(action, "action", &next->is_on)) {
		next->kind = (enum plug_next_kind)kind;
		next->at_s = (int32_t)at_s;
	}
}

/* False when the parts have no room together. */
static bool join_child_id(char *out, const char *const parts[static 3])
{
	size_t size = 0;

	for (size_t i = 0; i < 3; i++) {
		const size_t part_size = strlen(parts[i]);

		if (part_size >= PLUG_CHILD_ID_BYTES - size) {
			return false;
		}
		memcpy(out + size, parts[i], part_size + 1);
		size += part_size;
	}
	return true;
}

/* Over UDP an outlet may be called by its last one or two digits only; the full form, which
 * requests need, begins with the device id. */
static bool read_child_id(struct json_object *sysinfo, struct json_object *child, char *out)
{
	const char *const id = text_or_empty(child, "id");
	const size_t id_size = strlen(id);
	const bool is_short = id_size == 1 || id_size == 2;
	const char *const device_id = is_short ? text_or_empty(sysinfo, "deviceId") : "";

	if (id_size == 0 || (is_short && device_id[0] == '\0')) {
		return false;
	}
	return join_child_id(out, (const char *const[]) { device_id, id_size == 1 ? "0" : "", id });
}

static bool read_child(
	struct json_object *sysinfo, struct json_object *child, struct plug_outlet_info *outlet)
{
	outlet->alias = text_or_empty(child, "alias");
	if (!read_child_id(sysinfo, child, outlet->child_id) ||
		!plug_json_flag(child, "state", &outlet->is_on)) {
		return false;
	}
	read_on_time(child, outlet);
	read_next_action(child, outlet);
	return true;
}

static bool read_strip(struct json_object *sysinfo, struct plug_sysinfo *info)
{
	struct json_object *children;
	size_t count;

	if (!plug_json_array(sysinfo, "children", &children)) {
		return false;
	}
	count = json_object_array_length(children);
	if (count == 0 || count > PLUG_OUTLETS_MAX) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (!read_child(
			    sysinfo, json_object_array_get_idx(children, i), &info->outlets[i])) {
			return false;
		}
	}
	info->outlet_count = count;
	return true;
}

static void read_brightness(struct json_object *object, struct plug_sysinfo *info)
{
	int percent;

	if (read_rounded(object, "brightness", 0, 100, &percent)) {
		info->has_brightness = true;
		info->brightness_percent = percent;
	}
}

static bool read_relay(struct json_object *sysinfo, struct plug_sysinfo *info)
{
	struct plug_outlet_info *outlet = &info->outlets[0];

	if (!plug_json_flag(sysinfo, "relay_state", &outlet->is_on)) {
		return false;
	}
	outlet->alias = info->alias;
	read_on_time(sysinfo, outlet);
	read_next_action(sysinfo, outlet);
	info->outlet_count = 1;
	return true;
}

static bool read_dimmer(struct json_object *sysinfo, struct plug_sysinfo *info)
{
	read_brightness(sysinfo, info);
	return read_relay(sysinfo, info);
}

static bool read_light(struct json_object *sysinfo, struct plug_sysinfo *info)
{
	struct plug_outlet_info *outlet = &info->outlets[0];
	struct json_object *state;
	struct json_object *values;
	bool has_effect;

	if (!plug_json_object(sysinfo, "light_state", &state) ||
		!plug_json_flag(state, "on_off", &outlet->is_on)) {
		return false;
	}
	outlet->alias = info->alias;
	info->outlet_count = 1;
	/* While off, the values it will light with are one level deeper. */
	if (outlet->is_on || !plug_json_object(state, "dft_on_state", &values)) {
		values = state;
	}
	read_brightness(values, info);
	/* While an effect runs, its brightness is the real one. */
	if (plug_json_object(sysinfo, "lighting_effect_state", &values) &&
		plug_json_flag(values, "enable", &has_effect) && has_effect) {
		read_brightness(values, info);
	}
	return true;
}

static bool read_outlets(struct json_object *sysinfo, struct plug_sysinfo *info)
{
	switch (info->family) {
	case PLUG_FAMILY_STRIP:
		return read_strip(sysinfo, info);
	case PLUG_FAMILY_DIMMER:
		return read_dimmer(sysinfo, info);
	case PLUG_FAMILY_BULB:
	case PLUG_FAMILY_LIGHT_STRIP:
		return read_light(sysinfo, info);
	case PLUG_FAMILY_UNSUPPORTED:
		return true;
	default:
		return read_relay(sysinfo, info);
	}
}

static void read_identity(struct json_object *sysinfo, struct plug_sysinfo *info)
{
	enum { RSSI_MIN_DBM = -200, RSSI_MAX_DBM = 100 };

	info->family = plug_family_classify(sysinfo);
	info->has_mac = read_mac(sysinfo, info->mac);
	info->model = text_or_empty(sysinfo, "model");
	info->hardware = text_or_empty(sysinfo, "hw_ver");
	info->firmware = text_or_empty(sysinfo, "sw_ver");
	info->alias = text_or_empty(sysinfo, "alias");
	info->has_timer = has_feature(sysinfo, "TIM");
	info->has_energy = info->family == PLUG_FAMILY_BULB ||
			   info->family == PLUG_FAMILY_LIGHT_STRIP || has_feature(sysinfo, "ENE");
	info->has_rssi = read_rounded(sysinfo, "rssi", RSSI_MIN_DBM, RSSI_MAX_DBM, &info->rssi_dbm);
	(void)plug_json_flag(sysinfo, "updating", &info->is_updating);
}

enum plug_error plug_reply_sysinfo(const struct plug_reply *reply, struct plug_sysinfo *info)
{
	struct json_object *sysinfo;
	const enum plug_error error =
		plug_reply_method(reply, "system", "get_sysinfo", &sysinfo, NULL);

	*info = (struct plug_sysinfo) { 0 };
	if (error != PLUG_OK) {
		return error;
	}
	read_identity(sysinfo, info);
	if (!read_outlets(sysinfo, info)) {
		*info = (struct plug_sysinfo) { 0 };
		return PLUG_EPROTO;
	}
	return PLUG_OK;
}
