#include "protocol/light.h"

#include <stdint.h>
#include <string.h>

#include "protocol/call.h"
#include "protocol/json.h"

enum { PERCENT_MAX = 100, DETAIL_MAX = 100000 };

/* What the boxes say. A region in brackets comes before its model. */
static const struct range {
	const char *model; /* how it begins */
	int kelvin_min, kelvin_max;
} ranges[] = {
	{ "LB120", 2700, 6500 },
	{ "LB130", 2500, 9000 },
	{ "LB230", 2500, 9000 },
	{ "KL120(US)", 2700, 5000 },
	{ "KL120", 2700, 6500 },
	{ "KL125", 2500, 6500 },
	{ "KL130", 2500, 9000 },
	{ "KL135", 2500, 9000 },
	{ "KL400", 2500, 9000 },
	{ "KL430", 2500, 9000 },
};

static void read_range(struct json_object *sysinfo, struct plug_light *light)
{
	const char *model;

	if (!light->can_kelvin || !plug_json_string(sysinfo, "model", &model)) {
		return;
	}
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		if (strncmp(model, ranges[i].model, strlen(ranges[i].model)) == 0) {
			light->kelvin_min = (struct plug_figure) { true, ranges[i].kelvin_min };
			light->kelvin_max = (struct plug_figure) { true, ranges[i].kelvin_max };
			return;
		}
	}
}

static struct plug_figure group_figure(struct json_object *group, size_t index, int64_t max)
{
	struct json_object *number = json_object_array_get_idx(group, index);
	const int64_t value = json_object_get_int64(number);

	return json_object_is_type(number, json_type_int) && value >= 0 && value <= max
		       ? (struct plug_figure) { true, value }
		       : (struct plug_figure) { 0 };
}

/* The first of the groups that newer strips are divided into stands for all. */
static void read_group(struct json_object *groups, struct plug_light *light)
{
	enum { HUE = 2, SATURATION, BRIGHTNESS, KELVIN };
	struct json_object *group = json_object_array_get_idx(groups, 0);

	if (json_object_is_type(group, json_type_array)) {
		light->hue_degrees = group_figure(group, HUE, PLUG_HUE_MAX_DEGREES);
		light->saturation_percent = group_figure(group, SATURATION, PERCENT_MAX);
		light->brightness_percent = group_figure(group, BRIGHTNESS, PERCENT_MAX);
		light->kelvin = group_figure(group, KELVIN, PLUG_KELVIN_MAX);
	}
}

static void read_values(struct json_object *state, struct plug_light *light)
{
	struct json_object *groups;

	light->hue_degrees = plug_reply_figure(state, "hue", 0, PLUG_HUE_MAX_DEGREES);
	light->saturation_percent = plug_reply_figure(state, "saturation", 0, PERCENT_MAX);
	light->brightness_percent = plug_reply_figure(state, "brightness", 0, PERCENT_MAX);
	light->kelvin = plug_reply_figure(state, "color_temp", 0, PLUG_KELVIN_MAX);
	if (!light->brightness_percent.is_known && plug_json_array(state, "groups", &groups)) {
		read_group(groups, light);
	}
	if (light->kelvin.value == 0) {
		light->kelvin = (struct plug_figure) { 0 };
	}
	(void)plug_json_string(state, "mode", &light->mode);
}

/* While an effect runs, its brightness is the real one. */
static void read_effect(struct json_object *sysinfo, struct plug_light *light)
{
	struct json_object *effect;
	struct plug_figure brightness;
	bool is_running;

	if (!plug_json_object(sysinfo, "lighting_effect_state", &effect) ||
		!plug_json_flag(effect, "enable", &is_running) || !is_running) {
		return;
	}
	brightness = plug_reply_figure(effect, "brightness", 0, PERCENT_MAX);
	if (brightness.is_known) {
		light->brightness_percent = brightness;
	}
	(void)plug_json_string(effect, "name", &light->effect);
}

bool plug_sysinfo_light(struct json_object *sysinfo, struct plug_light *light)
{
	struct json_object *state;
	struct json_object *values;

	*light = (struct plug_light) { 0 };
	if (!plug_json_object(sysinfo, "light_state", &state) ||
		!plug_json_flag(state, "on_off", &light->is_on)) {
		*light = (struct plug_light) { 0 };
		return false;
	}
	(void)plug_json_flag(sysinfo, "is_dimmable", &light->can_dim);
	(void)plug_json_flag(sysinfo, "is_color", &light->can_colour);
	(void)plug_json_flag(sysinfo, "is_variable_color_temp", &light->can_kelvin);
	/* Some go on telling what they would have lit with. */
	if (light->is_on || !plug_json_object(state, "dft_on_state", &values)) {
		values = state;
	}
	read_values(values, light);
	read_effect(sysinfo, light);
	read_range(sysinfo, light);
	return true;
}

struct plug_method plug_light_method(enum plug_family family)
{
	const struct plug_family_traits *traits = plug_family_traits(family);

	return (struct plug_method) { traits->switch_module, traits->switch_method };
}

static bool is_within(const struct plug_figure *figure, int64_t min, int64_t max)
{
	return !figure->is_known || (figure->value >= min && figure->value <= max);
}

static bool has_values(const struct plug_light_order *order)
{
	return order->brightness_percent.is_known || order->hue_degrees.is_known ||
	       order->saturation_percent.is_known || order->kelvin.is_known;
}

static bool is_possible(const struct plug_light_order *order)
{
	const bool is_colour = order->hue_degrees.is_known || order->saturation_percent.is_known;

	return is_within(&order->brightness_percent, 1, PERCENT_MAX) &&
	       is_within(&order->hue_degrees, 0, PLUG_HUE_MAX_DEGREES) &&
	       is_within(&order->saturation_percent, 0, PERCENT_MAX) &&
	       is_within(&order->kelvin, PLUG_KELVIN_MIN, PLUG_KELVIN_MAX) &&
	       is_within(&order->transition_ms, 0, PLUG_TRANSITION_MAX_MS) &&
	       !(is_colour && order->kelvin.is_known) && (order->is_on || !has_values(order));
}

static void put_figure(struct plug_call *call, const char *key, const struct plug_figure *figure)
{
	if (figure->is_known) {
		plug_call_int(call, key, figure->value);
	}
}

static void put_values(struct plug_call *call, const struct plug_light_order *order)
{
	put_figure(call, "brightness", &order->brightness_percent);
	put_figure(call, "hue", &order->hue_degrees);
	put_figure(call, "saturation", &order->saturation_percent);
	put_figure(call, "color_temp", &order->kelvin);
	if (order->hue_degrees.is_known || order->saturation_percent.is_known) {
		/* Otherwise it stays white. */
		plug_call_int(call, "color_temp", 0);
	}
}

enum plug_error plug_request_light(
	struct plug_request *request, enum plug_family family, const struct plug_light_order *order)
{
	struct plug_call call;

	if (!plug_family_is_light(family)) {
		return PLUG_EUNSUPPORTED;
	}
	if (!is_possible(order)) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_light_method(family));
	plug_call_flag(&call, "on_off", order->is_on);
	if (order->is_on) {
		/* With values of its own a bulb must not light as it does by default. */
		plug_call_flag(&call, "ignore_default", has_values(order));
	}
	put_values(&call, order);
	put_figure(&call, family == PLUG_FAMILY_BULB ? "transition_period" : "transition",
		&order->transition_ms);
	return plug_call_end(&call);
}

struct plug_method plug_light_details_method(enum plug_family family)
{
	return (struct plug_method) { plug_family_traits(family)->switch_module,
		"get_light_details" };
}

enum plug_error plug_request_light_details(struct plug_request *request, enum plug_family family)
{
	return plug_family_is_light(family)
		       ? plug_call_method(request, plug_light_details_method(family))
		       : PLUG_EUNSUPPORTED;
}

enum plug_error plug_reply_light_details(
	const struct plug_reply *reply, enum plug_family family, struct plug_light_details *details)
{
	const struct plug_method method = plug_light_details_method(family);
	const struct detail {
		const char *key;
		struct plug_figure *figure;
	} all[] = {
		{ "lamp_beam_angle", &details->beam_degrees },
		{ "min_voltage", &details->voltage_min_v },
		{ "max_voltage", &details->voltage_max_v },
		{ "wattage", &details->power_w },
		{ "incandescent_equivalent", &details->incandescent_w },
		{ "max_lumens", &details->lumens },
		{ "color_rendering_index", &details->colour_rendering },
	};
	struct json_object *answer;
	const enum plug_error error =
		plug_reply_method(reply, method.module, method.method, &answer, NULL);

	*details = (struct plug_light_details) { 0 };
	for (size_t i = 0; error == PLUG_OK && i < sizeof all / sizeof all[0]; i++) {
		*all[i].figure = plug_reply_figure(answer, all[i].key, 0, DETAIL_MAX);
	}
	return error;
}
