#include "protocol/dimmer.h"

#include <string.h>

#include "protocol/call.h"
#include "protocol/json.h"

#define MODULE "smartlife.iot.dimmer"

const struct plug_method plug_dimmer_get_method = { MODULE, "get_dimmer_parameters" };
const struct plug_method plug_dimmer_behavior_method = { MODULE, "get_default_behavior" };
const struct plug_method plug_dimmer_transition_method = { MODULE, "set_dimmer_transition" };

enum { PERCENT_MAX = 100 };

static const struct number {
	const char *answer_key;
	const char *method, *argument;
	int max;
} numbers[PLUG_DIMMER_NUMBER_COUNT] = {
	[PLUG_DIMMER_MINIMUM] = { "minThreshold", "calibrate_brightness", "minThreshold",
		PERCENT_MAX },
	[PLUG_DIMMER_FADE_ON_MS] = { "fadeOnTime", "set_fade_on_time", "fadeTime",
		PLUG_DIMMER_TIME_MAX_MS },
	[PLUG_DIMMER_FADE_OFF_MS] = { "fadeOffTime", "set_fade_off_time", "fadeTime",
		PLUG_DIMMER_TIME_MAX_MS },
	[PLUG_DIMMER_GENTLE_ON_MS] = { "gentleOnTime", "set_gentle_on_time", "duration",
		PLUG_DIMMER_TIME_MAX_MS },
	[PLUG_DIMMER_GENTLE_OFF_MS] = { "gentleOffTime", "set_gentle_off_time", "duration",
		PLUG_DIMMER_TIME_MAX_MS },
	[PLUG_DIMMER_RAMP_RATE] = { "rampRate", "set_button_ramp_rate", "rampRate", PERCENT_MAX },
};

static const struct press {
	const char *answer_key;
	const char *method;
} presses[PLUG_DIMMER_PRESS_COUNT] = {
	[PLUG_DIMMER_DOUBLE_CLICK] = { "double_click", "set_double_click_action" },
	[PLUG_DIMMER_LONG_PRESS] = { "long_press", "set_long_press_action" },
};

enum plug_error plug_request_dimmer_transition(
	struct plug_request *request, int percent, int duration_ms)
{
	struct plug_call call;

	if (percent < 0 || percent > PERCENT_MAX || duration_ms < 1 ||
		duration_ms > PLUG_DIMMER_TIME_MAX_MS) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_dimmer_transition_method);
	plug_call_int(&call, "brightness", percent);
	plug_call_int(&call, "duration", duration_ms);
	return plug_call_end(&call);
}

struct plug_method plug_dimmer_method(enum plug_dimmer_number number)
{
	return (struct plug_method) { MODULE, numbers[number].method };
}

enum plug_error plug_request_set_dimmer(
	struct plug_request *request, enum plug_dimmer_number number, int value)
{
	struct plug_call call;

	if (value < 0 || value > numbers[number].max) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_dimmer_method(number));
	plug_call_int(&call, numbers[number].argument, value);
	return plug_call_end(&call);
}

enum plug_error plug_request_dimmer(struct plug_request *request)
{
	return plug_call_method(request, plug_dimmer_get_method);
}

enum plug_error plug_reply_dimmer(const struct plug_reply *reply, struct plug_dimmer *dimmer)
{
	struct json_object *answer;
	const enum plug_error error = plug_reply_method(
		reply, plug_dimmer_get_method.module, plug_dimmer_get_method.method, &answer, NULL);

	*dimmer = (struct plug_dimmer) { 0 };
	for (size_t i = 0; error == PLUG_OK && i < PLUG_DIMMER_NUMBER_COUNT; i++) {
		dimmer->numbers[i] =
			plug_reply_figure(answer, numbers[i].answer_key, 0, numbers[i].max);
	}
	return error;
}

struct plug_method plug_dimmer_press_method(enum plug_dimmer_press press)
{
	return (struct plug_method) { MODULE, presses[press].method };
}

const char *plug_dimmer_mode(size_t index)
{
	static const char *const modes[] = { "none", "last_status", "instant_on_off",
		"gentle_on_off" };

	return index < sizeof modes / sizeof modes[0] ? modes[index] : NULL;
}

enum plug_error plug_request_set_dimmer_press(
	struct plug_request *request, enum plug_dimmer_press press, const char *mode)
{
	struct plug_call call;

	for (size_t i = 0; plug_dimmer_mode(i); i++) {
		if (strcmp(plug_dimmer_mode(i), mode) == 0) {
			plug_call_start(&call, request, plug_dimmer_press_method(press));
			plug_call_text(&call, "mode", mode);
			return plug_call_end(&call);
		}
	}
	return PLUG_EINVAL;
}

enum plug_error plug_request_dimmer_behavior(struct plug_request *request)
{
	return plug_call_method(request, plug_dimmer_behavior_method);
}

enum plug_error plug_reply_dimmer_behavior(
	const struct plug_reply *reply, struct plug_dimmer_behavior *behavior)
{
	struct json_object *answer;
	const enum plug_error error = plug_reply_method(reply, plug_dimmer_behavior_method.module,
		plug_dimmer_behavior_method.method, &answer, NULL);

	*behavior = (struct plug_dimmer_behavior) { 0 };
	for (size_t i = 0; error == PLUG_OK && i < PLUG_DIMMER_PRESS_COUNT; i++) {
		struct json_object *press;

		if (plug_json_object(answer, presses[i].answer_key, &press)) {
			(void)plug_json_string(press, "mode", &behavior->modes[i]);
		}
	}
	return error;
}
