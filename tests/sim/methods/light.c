/* Dimmers and bulbs: what is brighter than on. */
#include "protocol/json.h"
#include "tests/sim/methods/handlers.h"

enum { BRIGHTNESS_MAX_PERCENT = 100, BULB_KELVIN = 2700, TRANSITION_MAX_MS = 3600000 };

/* 0 is not dark but wrong; off is the relay's business. */
int sim_set_brightness(struct sim_call *call)
{
	int64_t percent = 0;

	if (!plug_json_int(call->arguments, "brightness", 1, BRIGHTNESS_MAX_PERCENT, &percent)) {
		return SIM_INVALID_ARGUMENT;
	}
	call->device->brightness_percent = (uint8_t)percent;
	return SIM_OK;
}

static int move_light(struct sim_call *call, bool is_on)
{
	if (call->plan->relay_fault != 0) {
		call->plan->struck |= call->plan->relay_fault;
	} else {
		sim_device_switch(call->device, 0, is_on, call->step);
	}
	return SIM_OK;
}

/* The end of a transition comes at once. */
int sim_set_dimmer_transition(struct sim_call *call)
{
	int64_t percent = 0;
	int64_t duration_ms = 0;

	if (!plug_json_int(call->arguments, "brightness", 0, BRIGHTNESS_MAX_PERCENT, &percent) ||
		!plug_json_int(call->arguments, "duration", 1, TRANSITION_MAX_MS, &duration_ms)) {
		return SIM_INVALID_ARGUMENT;
	}
	if (percent > 0) {
		call->device->brightness_percent = (uint8_t)percent;
	}
	return move_light(call, percent > 0);
}

int sim_get_dimmer_parameters(struct sim_call *call)
{
	sim_text_int(call->out, "minThreshold", 0);
	sim_text_int(call->out, "fadeOnTime", 1000);
	sim_text_int(call->out, "fadeOffTime", 1000);
	sim_text_int(call->out, "gentleOnTime", 3000);
	sim_text_int(call->out, "gentleOffTime", 10000);
	sim_text_int(call->out, "rampRate", 30);
	sim_text_int(call->out, "bulb_type", 1);
	return SIM_OK;
}

static void add_light(const struct sim_device *device, struct sim_text *out)
{
	sim_text_string(out, "mode", "normal");
	sim_text_int(out, "hue", 0);
	sim_text_int(out, "saturation", 0);
	sim_text_int(out, "color_temp", BULB_KELVIN);
	sim_text_int(out, "brightness", device->brightness_percent);
}

/* Off, the values lie one level deeper. */
void sim_add_light_state(const struct sim_device *device, struct sim_text *out)
{
	sim_text_int(out, "on_off", device->outlets[0].is_on);
	if (device->outlets[0].is_on) {
		add_light(device, out);
	} else {
		sim_text_key(out, "dft_on_state");
		sim_text_open(out, '{');
		add_light(device, out);
		sim_text_close(out, '}');
	}
}

int sim_get_light_state(struct sim_call *call)
{
	sim_add_light_state(call->device, call->out);
	return SIM_OK;
}

/* Brightness without on_off lights the bulb; colours are not for this one and left alone. */
int sim_transition_light_state(struct sim_call *call)
{
	const bool has_state = json_object_object_get_ex(call->arguments, "on_off", NULL);
	const bool has_brightness = json_object_object_get_ex(call->arguments, "brightness", NULL);
	int64_t percent = call->device->brightness_percent;
	bool is_on = call->device->outlets[0].is_on || has_brightness;

	if (has_state && !plug_json_flag(call->arguments, "on_off", &is_on)) {
		return SIM_INVALID_ARGUMENT;
	}
	if (has_brightness && !plug_json_int(call->arguments, "brightness", 0,
				      BRIGHTNESS_MAX_PERCENT, &percent)) {
		return SIM_INVALID_ARGUMENT;
	}
	call->device->brightness_percent = (uint8_t)percent;
	move_light(call, is_on);
	sim_add_light_state(call->device, call->out);
	return SIM_OK;
}

int sim_get_light_details(struct sim_call *call)
{
	sim_text_int(call->out, "lamp_beam_angle", 270);
	sim_text_int(call->out, "min_voltage", 110);
	sim_text_int(call->out, "max_voltage", 120);
	sim_text_int(call->out, "wattage", 10);
	sim_text_int(call->out, "incandescent_equivalent", 60);
	sim_text_int(call->out, "max_lumens", 800);
	sim_text_int(call->out, "color_rendering_index", 80);
	return SIM_OK;
}
