#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/dimmer.h"
#include "protocol/light.h"
#include "tests/unit/reply_text.h"

#define BULB "{\"smartlife.iot.smartbulb.lightingservice\":{\"transition_light_state\":"
#define STRIP "{\"smartlife.iot.lightStrip\":{\"set_light_state\":"
#define KNOWN(value)                                                                               \
	{                                                                                          \
		true, value                                                                        \
	}

static void light_orders_have_their_texts(void **state)
{
	static const struct row {
		enum plug_family family;
		struct plug_light_order order;
		const char *text;
	} rows[] = {
		{ PLUG_FAMILY_BULB, { .is_on = true },
			BULB "{\"on_off\":1,\"ignore_default\":0}}}" },
		{ PLUG_FAMILY_BULB, { .is_on = false }, BULB "{\"on_off\":0}}}" },
		{ PLUG_FAMILY_BULB, { .is_on = false, .transition_ms = KNOWN(0) },
			BULB "{\"on_off\":0,\"transition_period\":0}}}" },
		{ PLUG_FAMILY_BULB,
			{ .is_on = true,
				.brightness_percent = KNOWN(50),
				.kelvin = KNOWN(2700),
				.transition_ms = KNOWN(1500) },
			BULB "{\"on_off\":1,\"ignore_default\":1,\"brightness\":50,"
			     "\"color_temp\":2700,\"transition_period\":1500}}}" },
		{ PLUG_FAMILY_LIGHT_STRIP,
			{ .is_on = true,
				.hue_degrees = KNOWN(120),
				.saturation_percent = KNOWN(100),
				.transition_ms = KNOWN(200) },
			STRIP "{\"on_off\":1,\"ignore_default\":1,\"hue\":120,\"saturation\":100,"
			      "\"color_temp\":0,\"transition\":200}}}" },
		{ PLUG_FAMILY_BULB, { .is_on = true, .saturation_percent = KNOWN(0) },
			BULB
			"{\"on_off\":1,\"ignore_default\":1,\"saturation\":0,\"color_temp\":0}}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_request request;

		assert_int_equal(
			plug_request_light(&request, rows[i].family, &rows[i].order), PLUG_OK);
		assert_string_equal(request.text, rows[i].text);
	}
}

static void impossible_light_orders_are_refused(void **state)
{
	static const struct plug_light_order rows[] = {
		{ .is_on = true, .brightness_percent = KNOWN(0) },
		{ .is_on = true, .brightness_percent = KNOWN(101) },
		{ .is_on = true, .hue_degrees = KNOWN(361) },
		{ .is_on = true, .hue_degrees = KNOWN(-1) },
		{ .is_on = true, .saturation_percent = KNOWN(101) },
		{ .is_on = true, .kelvin = KNOWN(999) },
		{ .is_on = true, .kelvin = KNOWN(2700), .hue_degrees = KNOWN(1) },
		{ .is_on = true, .transition_ms = KNOWN(-1) },
		{ .is_on = false, .brightness_percent = KNOWN(10) },
	};
	struct plug_request request;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			plug_request_light(&request, PLUG_FAMILY_BULB, &rows[i]), PLUG_EINVAL);
	}
	assert_int_equal(plug_request_light(&request, PLUG_FAMILY_DIMMER,
				 &(struct plug_light_order) { .is_on = true }),
		PLUG_EUNSUPPORTED);
}

static void read_light(const char *text, bool is_there, struct plug_light *light)
{
	struct plug_reply reply = reply_of(text);

	assert_int_equal(plug_sysinfo_light(reply.root, light), is_there);
	/* The texts must not be looked at any more. */
	light->mode = light->mode ? "told" : NULL;
	light->effect = light->effect ? "told" : NULL;
	plug_reply_clear(&reply);
}

static void a_lit_and_a_dark_bulb_tell_the_same_values(void **state)
{
	static const char *const texts[] = {
		"{\"model\":\"KL130(EU)\",\"is_dimmable\":1,\"is_color\":1,"
		"\"is_variable_color_temp\":1,\"light_state\":{\"on_off\":1,\"mode\":\"normal\","
		"\"hue\":10,\"saturation\":20,\"color_temp\":2700,\"brightness\":30}}",
		"{\"model\":\"KL130(EU)\",\"is_dimmable\":1,\"is_color\":1,"
		"\"is_variable_color_temp\":1,\"light_state\":{\"on_off\":0,\"dft_on_state\":"
		"{\"mode\":\"normal\",\"hue\":10,\"saturation\":20,\"color_temp\":2700,"
		"\"brightness\":30}}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct plug_light light;

		read_light(texts[i], true, &light);
		assert_int_equal(light.is_on, i == 0);
		assert_int_equal(light.hue_degrees.value, 10);
		assert_int_equal(light.saturation_percent.value, 20);
		assert_int_equal(light.kelvin.value, 2700);
		assert_int_equal(light.brightness_percent.value, 30);
		assert_non_null(light.mode);
		assert_true(light.can_dim && light.can_colour && light.can_kelvin);
		assert_int_equal(light.kelvin_min.value, 2500);
		assert_int_equal(light.kelvin_max.value, 9000);
	}
}

static void a_colour_has_no_kelvin(void **state)
{
	struct plug_light light;

	(void)state;
	read_light(
		"{\"model\":\"KL130\",\"light_state\":{\"on_off\":1,\"hue\":10,\"saturation\":20,"
		"\"color_temp\":0,\"brightness\":30}}",
		true, &light);
	assert_false(light.kelvin.is_known);
	assert_true(light.hue_degrees.is_known);
	assert_false(light.kelvin_min.is_known); /* it does not say that it can */
}

static void a_lit_bulb_is_not_as_it_would_have_been(void **state)
{
	struct plug_light light;

	(void)state;
	read_light("{\"light_state\":{\"on_off\":1,\"dft_on_state\":{\"brightness\":100,\"color_"
		   "temp\":"
		   "2700},\"brightness\":40,\"hue\":120,\"color_temp\":0}}",
		true, &light);
	assert_int_equal(light.brightness_percent.value, 40);
	assert_int_equal(light.hue_degrees.value, 120);
	assert_false(light.kelvin.is_known);
}

static void strips_tell_groups_and_effects(void **state)
{
	struct plug_light light;

	(void)state;
	read_light(
		"{\"model\":\"KL430(US)\",\"length\":16,\"light_state\":{\"on_off\":1,\"groups\":"
		"[[0,15,10,20,30,2500]]}}",
		true, &light);
	assert_int_equal(light.hue_degrees.value, 10);
	assert_int_equal(light.saturation_percent.value, 20);
	assert_int_equal(light.brightness_percent.value, 30);
	assert_int_equal(light.kelvin.value, 2500);
	assert_null(light.effect);
	read_light("{\"light_state\":{\"on_off\":1,\"brightness\":30},\"lighting_effect_state\":"
		   "{\"enable\":1,\"name\":\"Flicker\",\"brightness\":70}}",
		true, &light);
	assert_non_null(light.effect);
	assert_int_equal(light.brightness_percent.value, 70);
	read_light("{\"light_state\":{\"on_off\":1,\"brightness\":30},\"lighting_effect_state\":"
		   "{\"enable\":0,\"name\":\"Flicker\",\"brightness\":70}}",
		true, &light);
	assert_null(light.effect);
	assert_int_equal(light.brightness_percent.value, 30);
	read_light("{\"light_state\":{\"on_off\":1,\"groups\":[7]}}", true, &light);
	assert_false(light.brightness_percent.is_known);
	read_light(
		"{\"light_state\":{\"on_off\":1,\"groups\":[[0,1,-5,101,\"x\"]]}}", true, &light);
	assert_false(light.hue_degrees.is_known || light.saturation_percent.is_known ||
		     light.brightness_percent.is_known || light.kelvin.is_known);
}

static void what_is_no_light_is_none(void **state)
{
	struct plug_light light;

	(void)state;
	read_light("{\"relay_state\":1}", false, &light);
	read_light("{\"light_state\":{}}", false, &light);
	read_light("{\"light_state\":1}", false, &light);
}

static void kelvin_ranges_go_by_model_and_region(void **state)
{
	static const struct row {
		const char *model;
		int min, max;
	} rows[] = { { "KL120(US)", 2700, 5000 }, { "KL120(EU)", 2700, 6500 },
		{ "KL125(US)", 2500, 6500 }, { "LB120(US)", 2700, 6500 },
		{ "LB130(US)", 2500, 9000 }, { "KL999(US)", 0, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[160];
		struct plug_light light;

		(void)snprintf(text, sizeof text,
			"{\"model\":\"%s\",\"is_variable_color_temp\":1,\"light_state\":{\"on_"
			"off\":1}}",
			rows[i].model);
		read_light(text, true, &light);
		assert_int_equal(light.kelvin_min.value, rows[i].min);
		assert_int_equal(light.kelvin_max.value, rows[i].max);
		assert_int_equal(light.kelvin_min.is_known, rows[i].min > 0);
	}
}

static void details_are_read_with_what_is_there(void **state)
{
	struct plug_light_details details;
	struct plug_request request;
	struct plug_reply reply =
		reply_of("{\"smartlife.iot.smartbulb.lightingservice\":"
			 "{\"get_light_details\":{\"wattage\":10,\"max_lumens\":800,"
			 "\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_request_light_details(&request, PLUG_FAMILY_BULB), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.smartbulb.lightingservice\":{\"get_light_details\":{}}}");
	assert_int_equal(plug_request_light_details(&request, PLUG_FAMILY_PLUG), PLUG_EUNSUPPORTED);
	assert_int_equal(plug_reply_light_details(&reply, PLUG_FAMILY_BULB, &details), PLUG_OK);
	assert_int_equal(details.power_w.value, 10);
	assert_int_equal(details.lumens.value, 800);
	assert_false(details.beam_degrees.is_known);
	plug_reply_clear(&reply);
}

static void dimmer_settings_have_their_texts(void **state)
{
	static const struct row {
		enum plug_dimmer_number number;
		int value;
		const char *text;
	} rows[] = {
		{ PLUG_DIMMER_MINIMUM, 14, "calibrate_brightness\":{\"minThreshold\":14}" },
		{ PLUG_DIMMER_FADE_ON_MS, 500, "set_fade_on_time\":{\"fadeTime\":500}" },
		{ PLUG_DIMMER_FADE_OFF_MS, 0, "set_fade_off_time\":{\"fadeTime\":0}" },
		{ PLUG_DIMMER_GENTLE_ON_MS, 3000, "set_gentle_on_time\":{\"duration\":3000}" },
		{ PLUG_DIMMER_GENTLE_OFF_MS, 10000, "set_gentle_off_time\":{\"duration\":10000}" },
		{ PLUG_DIMMER_RAMP_RATE, 30, "set_button_ramp_rate\":{\"rampRate\":30}" },
	};
	struct plug_request request;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			plug_request_set_dimmer(&request, rows[i].number, rows[i].value), PLUG_OK);
		assert_non_null(strstr(request.text, rows[i].text));
		assert_int_equal(
			plug_request_set_dimmer(&request, rows[i].number, -1), PLUG_EINVAL);
		assert_int_equal(plug_request_set_dimmer(
					 &request, rows[i].number, PLUG_DIMMER_TIME_MAX_MS + 1),
			PLUG_EINVAL);
	}
	assert_int_equal(
		plug_request_set_dimmer(&request, PLUG_DIMMER_RAMP_RATE, 101), PLUG_EINVAL);
	assert_int_equal(
		plug_request_set_dimmer_press(&request, PLUG_DIMMER_LONG_PRESS, "gentle_on_off"),
		PLUG_OK);
	assert_string_equal(request.text, "{\"smartlife.iot.dimmer\":{\"set_long_press_action\":"
					  "{\"mode\":\"gentle_on_off\"}}}");
	assert_int_equal(plug_request_set_dimmer_press(&request, PLUG_DIMMER_DOUBLE_CLICK, "dance"),
		PLUG_EINVAL);
}

static void dimmer_transition_has_its_limits(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_dimmer_transition(&request, 50, 1000), PLUG_OK);
	assert_string_equal(request.text, "{\"smartlife.iot.dimmer\":{\"set_dimmer_transition\":"
					  "{\"brightness\":50,\"duration\":1000}}}");
	assert_int_equal(plug_request_dimmer_transition(&request, 101, 1000), PLUG_EINVAL);
	assert_int_equal(plug_request_dimmer_transition(&request, -1, 1000), PLUG_EINVAL);
	assert_int_equal(plug_request_dimmer_transition(&request, 50, 0), PLUG_EINVAL);
}

static void dimmer_answers_are_read_with_what_is_there(void **state)
{
	struct plug_dimmer_behavior behavior;
	struct plug_dimmer dimmer;
	struct plug_reply reply = reply_of(
		"{\"smartlife.iot.dimmer\":{\"get_dimmer_parameters\":{\"minThreshold\":14,"
		"\"fadeOnTime\":1000,\"rampRate\":30,\"err_code\":0},"
		"\"get_default_behavior\":{\"double_click\":{\"mode\":\"gentle_on_off\"},"
		"\"long_press\":7,\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_dimmer(&reply, &dimmer), PLUG_OK);
	assert_int_equal(dimmer.numbers[PLUG_DIMMER_MINIMUM].value, 14);
	assert_int_equal(dimmer.numbers[PLUG_DIMMER_FADE_ON_MS].value, 1000);
	assert_false(dimmer.numbers[PLUG_DIMMER_FADE_OFF_MS].is_known);
	assert_int_equal(plug_reply_dimmer_behavior(&reply, &behavior), PLUG_OK);
	assert_string_equal(behavior.modes[PLUG_DIMMER_DOUBLE_CLICK], "gentle_on_off");
	assert_null(behavior.modes[PLUG_DIMMER_LONG_PRESS]);
	plug_reply_clear(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(light_orders_have_their_texts),
		cmocka_unit_test(impossible_light_orders_are_refused),
		cmocka_unit_test(a_lit_and_a_dark_bulb_tell_the_same_values),
		cmocka_unit_test(a_colour_has_no_kelvin),
		cmocka_unit_test(a_lit_bulb_is_not_as_it_would_have_been),
		cmocka_unit_test(strips_tell_groups_and_effects),
		cmocka_unit_test(what_is_no_light_is_none),
		cmocka_unit_test(kelvin_ranges_go_by_model_and_region),
		cmocka_unit_test(details_are_read_with_what_is_there),
		cmocka_unit_test(dimmer_settings_have_their_texts),
		cmocka_unit_test(dimmer_transition_has_its_limits),
		cmocka_unit_test(dimmer_answers_are_read_with_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
