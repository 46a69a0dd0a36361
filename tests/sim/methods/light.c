/* Dimmers and bulbs: what is brighter than on. */
#include "tests/sim/device/light.h"
#include "protocol/json.h"
#include "tests/sim/methods/handlers.h"

#include <string.h>

enum { BRIGHTNESS_MAX_PERCENT = 100, PRESETS = 4, TRANSITION_MAX_MS = 3600000 };

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
	const struct sim_dimming *dimming = &call->device->dimming;

	sim_text_int(call->out, "minThreshold", dimming->minimum);
	sim_text_int(call->out, "fadeOnTime", dimming->fade_on);
	sim_text_int(call->out, "fadeOffTime", dimming->fade_off);
	sim_text_int(call->out, "gentleOnTime", dimming->gentle_on);
	sim_text_int(call->out, "gentleOffTime", dimming->gentle_off);
	sim_text_int(call->out, "rampRate", dimming->ramp_rate);
	sim_text_int(call->out, "bulb_type", 1);
	return SIM_OK;
}

bool sim_read_int(struct sim_call *call, const char *key, int64_t max, int32_t *value)
{
	int64_t number = 0;
	const bool is_there = plug_json_int(call->arguments, key, 0, max, &number);

	if (is_there) {
		*value = (int32_t)number;
	}
	return is_there;
}

static int keep(struct sim_call *call, const char *key, int64_t max, int32_t *value)
{
	return sim_read_int(call, key, max, value) ? SIM_OK : SIM_INVALID_ARGUMENT;
}

int sim_set_fade_on_time(struct sim_call *call)
{
	return keep(call, "fadeTime", TRANSITION_MAX_MS, &call->device->dimming.fade_on);
}

int sim_set_fade_off_time(struct sim_call *call)
{
	return keep(call, "fadeTime", TRANSITION_MAX_MS, &call->device->dimming.fade_off);
}

int sim_set_gentle_on_time(struct sim_call *call)
{
	return keep(call, "duration", TRANSITION_MAX_MS, &call->device->dimming.gentle_on);
}

int sim_set_gentle_off_time(struct sim_call *call)
{
	return keep(call, "duration", TRANSITION_MAX_MS, &call->device->dimming.gentle_off);
}

int sim_set_button_ramp_rate(struct sim_call *call)
{
	return keep(call, "rampRate", BRIGHTNESS_MAX_PERCENT, &call->device->dimming.ramp_rate);
}

int sim_calibrate_brightness(struct sim_call *call)
{
	return keep(call, "minThreshold", BRIGHTNESS_MAX_PERCENT, &call->device->dimming.minimum);
}

static void add_touch(struct sim_text *out, const char *key, const struct sim_touch *touch)
{
	sim_text_key(out, key);
	sim_text_open(out, '{');
	sim_text_string(out, "mode", touch->mode);
	if (touch->preset >= 0) {
		sim_text_int(out, "index", touch->preset);
	}
	sim_text_close(out, '}');
}

int sim_get_default_behavior(struct sim_call *call)
{
	static const struct sim_touch on = { .mode = "last_status", .preset = -1 };
	const struct sim_dimming *dimming = &call->device->dimming;

	add_touch(call->out, "soft_on", &on);
	add_touch(call->out, "hard_on", &on);
	add_touch(call->out, "long_press", &dimming->long_press);
	add_touch(call->out, "double_click", &dimming->double_click);
	return SIM_OK;
}

/* A preset is named by its number, and by nothing else. */
static int set_touch(struct sim_call *call, struct sim_touch *touch)
{
	static const char preset[] = "customize_preset";
	static const char *const modes[] = { preset, "none", "instant_on_off", "gentle_on_off" };
	struct sim_touch wanted = { .preset = -1 };
	const char *mode = NULL;

	plug_json_string(call->arguments, "mode", &mode);
	for (size_t i = 0; mode && i < sizeof modes / sizeof modes[0]; i++) {
		if (strcmp(modes[i], mode) == 0) {
			wanted.mode = modes[i];
		}
	}
	if (!wanted.mode || (wanted.mode == preset &&
				    !sim_read_int(call, "index", PRESETS - 1, &wanted.preset))) {
		return SIM_INVALID_ARGUMENT;
	}
	*touch = wanted;
	return SIM_OK;
}

int sim_set_double_click_action(struct sim_call *call)
{
	return set_touch(call, &call->device->dimming.double_click);
}

int sim_set_long_press_action(struct sim_call *call)
{
	return set_touch(call, &call->device->dimming.long_press);
}

int sim_get_light_state(struct sim_call *call)
{
	sim_light_add(call->device, call->out);
	return SIM_OK;
}

/* A relay that sticks is a lamp that stays as it is. */
int sim_set_light_state(struct sim_call *call)
{
	int error = SIM_OK;

	if (call->plan->relay_fault != 0) {
		error = sim_light_check(call->device, call->arguments);
		call->plan->struck |= call->plan->relay_fault;
	} else {
		error = sim_light_apply(call->device, call->arguments, call->step);
	}
	sim_light_add(call->device, call->out);
	return error;
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
