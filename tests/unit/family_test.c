#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/family.h"
#include "protocol/json.h"

static void family_follows_the_fields_of_the_answer(void **state)
{
	static const struct row {
		const char *sysinfo;
		enum plug_family family;
	} rows[] = {
		{ "{\"type\":\"IOT.SMARTPLUGSWITCH\",\"relay_state\":0}", PLUG_FAMILY_PLUG },
		{ "{\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"relay_state\":0}", PLUG_FAMILY_PLUG },
		{ "{\"type\":\"iot.smartplugswitch\"}", PLUG_FAMILY_PLUG },
		{ "{\"type\":\"IOT.RANGEEXTENDER.SMARTPLUG\",\"relay_state\":1}",
			PLUG_FAMILY_PLUG },
		/* a name alone makes no wall switch: "Lite" is a plug */
		{ "{\"type\":\"IOT.SMARTPLUGSWITCH\",\"dev_name\":\"Smart Plug Lite\"}",
			PLUG_FAMILY_PLUG },
		{ "{\"type\":\"IOT.SMARTPLUGSWITCH\",\"dev_name\":\"Smart Light Switch\"}",
			PLUG_FAMILY_WALL_SWITCH },
		{ "{\"type\":\"IOT.SMARTPLUGSWITCH\",\"dev_name\":\"3-WAY LIGHT SWITCH\"}",
			PLUG_FAMILY_WALL_SWITCH },
		{ "{\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"dev_name\":\"Smart Dimmer\"}",
			PLUG_FAMILY_DIMMER },
		{ "{\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"dev_name\":\"Dimmer Light Switch\"}",
			PLUG_FAMILY_DIMMER },
		{ "{\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"brightness\":5,\"relay_state\":0}",
			PLUG_FAMILY_DIMMER },
		{ "{\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"children\":[]}", PLUG_FAMILY_STRIP },
		{ "{\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"children\":[],\"dev_name\":\"Light\"}",
			PLUG_FAMILY_STRIP },
		/* children of the wrong type make no strip */
		{ "{\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"children\":6}", PLUG_FAMILY_PLUG },
		{ "{\"mic_type\":\"IOT.SMARTBULB\",\"light_state\":{}}", PLUG_FAMILY_BULB },
		{ "{\"mic_type\":\"IOT.SMARTBULB\",\"length\":16}", PLUG_FAMILY_LIGHT_STRIP },
		{ "{\"type\":\"IOT.SOMETHING\",\"relay_state\":1}", PLUG_FAMILY_PLUG },
		{ "{\"type\":\"IOT.SOMETHING\"}", PLUG_FAMILY_UNSUPPORTED },
		{ "{\"type\":\"\",\"relay_state\":1}", PLUG_FAMILY_PLUG },
		{ "{\"relay_state\":1}", PLUG_FAMILY_UNSUPPORTED },
		{ "{\"type\":5,\"mic_type\":null,\"relay_state\":1}", PLUG_FAMILY_UNSUPPORTED },
		{ "{\"type\":5,\"mic_type\":\"IOT.SMARTBULB\"}", PLUG_FAMILY_BULB },
		/* cameras nest their answer */
		{ "{\"system\":{\"type\":\"IOT.IPCAMERA\"}}", PLUG_FAMILY_UNSUPPORTED },
		{ "{\"type\":\"IOT.SMARTPLUGSWITCH\",\"relay_state\":1,\"system\":{}}",
			PLUG_FAMILY_UNSUPPORTED },
		{ "{}", PLUG_FAMILY_UNSUPPORTED },
		{ "[]", PLUG_FAMILY_UNSUPPORTED },
		{ "null", PLUG_FAMILY_UNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = rows[i].sysinfo;
		struct json_object *sysinfo;
		enum plug_family family;

		assert_int_equal(
			plug_json_parse(text, strlen(text), PLUG_JSON_DISTINCT_KEYS, &sysinfo),
			PLUG_OK);
		family = plug_family_classify(sysinfo);
		json_object_put(sysinfo);
		if (family != rows[i].family) {
			fail_msg("%s: %s", text, plug_family_traits(family)->name);
		}
	}
}

static void family_knows_what_each_calls_its_modules(void **state)
{
	static const char common_energy[] = "smartlife.iot.common.emeter";
	static const char common_time[] = "smartlife.iot.common.timesetting";
	static const struct plug_family_traits expected[PLUG_FAMILY_COUNT] = {
		[PLUG_FAMILY_UNSUPPORTED] = { "unsupported", "emeter", "time", "system",
			"set_relay_state", "state" },
		[PLUG_FAMILY_PLUG] = { "plug", "emeter", "time", "system", "set_relay_state",
			"state" },
		[PLUG_FAMILY_WALL_SWITCH] = { "wall switch", "emeter", "time", "system",
			"set_relay_state", "state" },
		[PLUG_FAMILY_DIMMER] = { "dimmer", "emeter", "time", "system", "set_relay_state",
			"state" },
		[PLUG_FAMILY_STRIP] = { "strip", "emeter", "time", "system", "set_relay_state",
			"state" },
		[PLUG_FAMILY_BULB] = { "bulb", common_energy, common_time,
			"smartlife.iot.smartbulb.lightingservice", "transition_light_state",
			"on_off" },
		[PLUG_FAMILY_LIGHT_STRIP] = { "light strip", common_energy, common_time,
			"smartlife.iot.lightStrip", "set_light_state", "on_off" },
	};

	(void)state;
	for (int i = 0; i < PLUG_FAMILY_COUNT; i++) {
		const struct plug_family_traits *traits = plug_family_traits((enum plug_family)i);

		assert_string_equal(traits->name, expected[i].name);
		assert_string_equal(traits->energy_module, expected[i].energy_module);
		assert_string_equal(traits->time_module, expected[i].time_module);
		assert_string_equal(traits->switch_module, expected[i].switch_module);
		assert_string_equal(traits->switch_method, expected[i].switch_method);
		assert_string_equal(traits->switch_argument, expected[i].switch_argument);
	}
}

static void family_outside_the_enum_is_asked_as_a_plug(void **state)
{
	(void)state;
	assert_ptr_equal(
		plug_family_traits(PLUG_FAMILY_COUNT), plug_family_traits(PLUG_FAMILY_PLUG));
	assert_ptr_equal(
		plug_family_traits((enum plug_family) - 1), plug_family_traits(PLUG_FAMILY_PLUG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(family_follows_the_fields_of_the_answer),
		cmocka_unit_test(family_knows_what_each_calls_its_modules),
		cmocka_unit_test(family_outside_the_enum_is_asked_as_a_plug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
