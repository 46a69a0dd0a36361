#include "protocol/json.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/methods/handlers.h"

#include <string.h>

enum { DELAY_MAX_S = 3600 };

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
