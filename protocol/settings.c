#include "protocol/settings.h"

#include "protocol/call.h"
#include "protocol/json.h"

enum { LATITUDE_MAX = 90 * 10000, LONGITUDE_MAX = 180 * 10000, DELAY_MAX_S = 3600 };

const struct plug_method plug_led_method = { "system", "set_led_off" };
const struct plug_method plug_location_method = { "system", "set_dev_location" };
const struct plug_method plug_get_icon_method = { "system", "get_dev_icon" };
const struct plug_method plug_set_icon_method = { "system", "set_dev_icon" };
const struct plug_method plug_reboot_method = { "system", "reboot" };
const struct plug_method plug_reset_method = { "system", "reset" };

struct plug_method plug_alias_method(enum plug_family family)
{
	return (struct plug_method) { plug_family_is_light(family) ? "smartlife.iot.common.system"
								   : "system",
		"set_dev_alias" };
}

struct plug_method plug_brightness_method(enum plug_family family)
{
	const struct plug_family_traits *traits = plug_family_traits(family);

	return plug_family_is_light(family)
		       ? (struct plug_method) { traits->switch_module, traits->switch_method }
		       : (struct plug_method) { "smartlife.iot.dimmer", "set_brightness" };
}

enum plug_error plug_request_set_alias(struct plug_request *request, enum plug_family family,
	const char *child_id, const char *alias)
{
	const struct plug_method method = plug_alias_method(family);
	const struct plug_call_name name = { child_id, method.module, method.method };
	struct plug_call call;

	if (alias[0] == '\0') {
		return PLUG_EINVAL;
	}
	plug_call_begin(&call, request, &name);
	plug_call_text(&call, "alias", alias);
	return plug_call_end(&call);
}

enum plug_error plug_request_set_led(struct plug_request *request, bool is_on)
{
	struct plug_call call;

	plug_call_start(&call, request, plug_led_method);
	plug_call_flag(&call, "off", !is_on);
	return plug_call_end(&call);
}

static bool is_on_globe(const struct plug_location *location)
{
	return location->latitude_i >= -LATITUDE_MAX && location->latitude_i <= LATITUDE_MAX &&
	       location->longitude_i >= -LONGITUDE_MAX && location->longitude_i <= LONGITUDE_MAX;
}

enum plug_error plug_request_set_location(
	struct plug_request *request, const struct plug_location *location)
{
	struct plug_call call;

	if (!is_on_globe(location)) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_location_method);
	plug_call_decimal(&call, "latitude", location->latitude_i);
	plug_call_decimal(&call, "longitude", location->longitude_i);
	plug_call_int(&call, "latitude_i", location->latitude_i);
	plug_call_int(&call, "longitude_i", location->longitude_i);
	return plug_call_end(&call);
}

/* key_i holds ten-thousandths of a degree (some firmwares write them as floats), key degrees. */
static bool read_degrees(
	struct json_object *sysinfo, const char *key_i, const char *key, int64_t *value)
{
	double number;

	if (!plug_json_double(sysinfo, key_i, &number)) {
		if (!plug_json_double(sysinfo, key, &number)) {
			return false;
		}
		number *= 10000;
	}
	if (!(number >= -LONGITUDE_MAX && number <= LONGITUDE_MAX)) {
		return false;
	}
	*value = (int64_t)(number < 0 ? number - 0.5 : number + 0.5);
	return true;
}

bool plug_sysinfo_location(struct json_object *sysinfo, struct plug_location *location)
{
	*location = (struct plug_location) { 0 };
	if (read_degrees(sysinfo, "latitude_i", "latitude", &location->latitude_i) &&
		read_degrees(sysinfo, "longitude_i", "longitude", &location->longitude_i) &&
		is_on_globe(location)) {
		return true;
	}
	*location = (struct plug_location) { 0 };
	return false;
}

enum plug_error plug_request_icon(struct plug_request *request)
{
	return plug_call_method(request, plug_get_icon_method);
}

enum plug_error plug_request_set_icon(struct plug_request *request, const struct plug_icon *icon)
{
	struct plug_call call;

	plug_call_start(&call, request, plug_set_icon_method);
	plug_call_text(&call, "icon", icon->icon);
	plug_call_text(&call, "hash", icon->hash);
	return plug_call_end(&call);
}

enum plug_error plug_reply_icon(const struct plug_reply *reply, struct plug_icon *icon)
{
	struct json_object *answer;
	enum plug_error error = plug_reply_method(
		reply, plug_get_icon_method.module, plug_get_icon_method.method, &answer, NULL);

	*icon = (struct plug_icon) { 0 };
	if (error == PLUG_OK && !(plug_json_string(answer, "icon", &icon->icon) &&
					plug_json_string(answer, "hash", &icon->hash))) {
		error = PLUG_EPROTO;
		*icon = (struct plug_icon) { 0 };
	}
	return error;
}

/* With a relay of its own, the light waits for that. */
static enum plug_error request_brightness(
	struct plug_request *request, enum plug_family family, int percent, bool with_relay)
{
	const struct plug_family_traits *traits = plug_family_traits(family);
	struct plug_call call;

	if (!plug_family_is_light(family) && family != PLUG_FAMILY_DIMMER) {
		return PLUG_EUNSUPPORTED;
	}
	if (percent < 1 || percent > 100) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_brightness_method(family));
	if (plug_family_is_light(family)) {
		plug_call_int(&call, "on_off", 1);
		plug_call_int(&call, "ignore_default", 1);
	}
	plug_call_int(&call, "brightness", percent);
	if (with_relay && family == PLUG_FAMILY_DIMMER) {
		plug_call_next(&call,
			(struct plug_method) { traits->switch_module, traits->switch_method });
		plug_call_flag(&call, traits->switch_argument, true);
	}
	return plug_call_end(&call);
}

enum plug_error plug_request_set_brightness(
	struct plug_request *request, enum plug_family family, int percent)
{
	return request_brightness(request, family, percent, false);
}

enum plug_error plug_request_light_up(
	struct plug_request *request, enum plug_family family, int percent)
{
	return request_brightness(request, family, percent, true);
}

static enum plug_error request_delayed(
	struct plug_request *request, struct plug_method method, int delay_s)
{
	struct plug_call call;

	if (delay_s < 1 || delay_s > DELAY_MAX_S) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, method);
	plug_call_int(&call, "delay", delay_s);
	return plug_call_end(&call);
}

enum plug_error plug_request_reboot(struct plug_request *request, int delay_s)
{
	return request_delayed(request, plug_reboot_method, delay_s);
}

enum plug_error plug_request_reset(struct plug_request *request, int delay_s)
{
	return request_delayed(request, plug_reset_method, delay_s);
}
