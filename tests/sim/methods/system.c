#include "protocol/json.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/methods/handlers.h"

#include <math.h>
#include <string.h>

enum { DELAY_MAX_S = 3600, ICON_HASH_MAX_BYTES = 64 };

int sim_set_relay_state(struct sim_call *call)
{
	bool is_on = false;

	if (!plug_json_flag(call->arguments, "state", &is_on)) {
		return SIM_INVALID_ARGUMENT;
	}
	if (call->plan->relay_fault != 0) {
		call->plan->struck |= call->plan->relay_fault;
		return SIM_OK;
	}
	for (size_t i = 0; i < call->device->model->outlet_count; i++) {
		if (call->outlets & 1U << i) {
			sim_device_switch(call->device, i, is_on, call->step);
		}
	}
	return SIM_OK;
}

/* Names one outlet of a strip, or the device. */
int sim_set_dev_alias(struct sim_call *call)
{
	const char *alias = NULL;

	if (!plug_json_string(call->arguments, "alias", &alias) ||
		strlen(alias) > SIM_ALIAS_MAX_BYTES) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_replace(call->has_context ? &call->device->outlets[call->outlet].alias
				      : &call->device->alias,
		alias);
	return SIM_OK;
}

int sim_set_led_off(struct sim_call *call)
{
	bool is_off = false;

	if (!plug_json_flag(call->arguments, "off", &is_off)) {
		return SIM_INVALID_ARGUMENT;
	}
	call->device->is_led_off = is_off;
	return SIM_OK;
}

/* The first hardware takes degrees, later ones ten thousandths of them; each leaves the other's
 * members alone. */
static bool read_place(
	struct sim_call *call, const char *keys[static 2], double max_degrees, int32_t *udeg)
{
	const bool is_float = call->device->model->location == SIM_LOCATION_FLOAT;
	double degrees = 0;

	if (!plug_json_double(call->arguments, keys[!is_float], &degrees)) {
		return false;
	}
	degrees = is_float ? degrees : degrees / 10000;
	if (!(degrees >= -max_degrees && degrees <= max_degrees)) {
		return false;
	}
	*udeg = (int32_t)lround(degrees * 1000000);
	return true;
}

int sim_set_dev_location(struct sim_call *call)
{
	static const char *latitude_keys[] = { "latitude", "latitude_i" };
	static const char *longitude_keys[] = { "longitude", "longitude_i" };
	struct sim_device *device = call->device;
	int32_t latitude_udeg = 0;
	int32_t longitude_udeg = 0;

	if (!read_place(call, latitude_keys, 90, &latitude_udeg) ||
		!read_place(call, longitude_keys, 180, &longitude_udeg)) {
		return SIM_INVALID_ARGUMENT;
	}
	device->has_location = true;
	device->latitude_udeg = latitude_udeg;
	device->longitude_udeg = longitude_udeg;
	sim_device_plan(device, call->step->now_ms);
	return SIM_OK;
}

int sim_get_dev_icon(struct sim_call *call)
{
	const struct sim_device *device = call->device;

	sim_text_string(call->out, "icon", device->icon ? device->icon : "");
	sim_text_string(call->out, "hash", device->icon_hash ? device->icon_hash : "");
	return SIM_OK;
}

int sim_set_dev_icon(struct sim_call *call)
{
	const char *icon = NULL;
	const char *hash = NULL;

	if (!plug_json_string(call->arguments, "icon", &icon) ||
		!plug_json_string(call->arguments, "hash", &hash) ||
		strlen(hash) > ICON_HASH_MAX_BYTES) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_replace(&call->device->icon, icon);
	sim_replace(&call->device->icon_hash, hash);
	return SIM_OK;
}

static int leave(struct sim_call *call, bool is_reset)
{
	int64_t delay_s = 1;

	if (json_object_object_get_ex(call->arguments, "delay", NULL) &&
		!plug_json_int(call->arguments, "delay", 0, DELAY_MAX_S, &delay_s)) {
		return SIM_INVALID_ARGUMENT;
	}
	sim_device_reboot(call->device, call->step->now_ms, delay_s * 1000, is_reset);
	return SIM_OK;
}

int sim_reboot(struct sim_call *call)
{
	return leave(call, false);
}

int sim_reset(struct sim_call *call)
{
	return leave(call, true);
}
