#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/json.h"
#include "protocol/settings.h"
#include "tests/unit/reply_text.h"

static void alias_is_set_for_device_outlet_and_bulb(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(
		plug_request_set_alias(&request, PLUG_FAMILY_PLUG, NULL, "Caf\xc3\xa9"), PLUG_OK);
	assert_string_equal(
		request.text, "{\"system\":{\"set_dev_alias\":{\"alias\":\"Caf\xc3\xa9\"}}}");
	assert_int_equal(plug_request_set_alias(&request, PLUG_FAMILY_STRIP, "8006", "x"), PLUG_OK);
	assert_string_equal(request.text, "{\"context\":{\"child_ids\":[\"8006\"]},"
					  "\"system\":{\"set_dev_alias\":{\"alias\":\"x\"}}}");
	assert_int_equal(plug_request_set_alias(&request, PLUG_FAMILY_BULB, NULL, "x"), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.common.system\":{\"set_dev_alias\":{\"alias\":\"x\"}}}");
	assert_int_equal(plug_request_set_alias(&request, PLUG_FAMILY_PLUG, NULL, ""), PLUG_EINVAL);
	assert_int_equal(
		plug_request_set_alias(&request, PLUG_FAMILY_PLUG, NULL, "\xff"), PLUG_EINVAL);
}

static void led_is_said_the_other_way_round(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_set_led(&request, true), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"set_led_off\":{\"off\":0}}}");
	assert_int_equal(plug_request_set_led(&request, false), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"set_led_off\":{\"off\":1}}}");
}

static void location_is_sent_in_both_forms(void **state)
{
	const struct plug_location amsterdam = { 523702, -48952 };
	static const struct plug_location nowhere[] = { { 900001, 0 }, { -900001, 0 },
		{ 0, 1800001 }, { 0, -1800001 } };
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_set_location(&request, &amsterdam), PLUG_OK);
	assert_string_equal(request.text,
		"{\"system\":{\"set_dev_location\":{\"latitude\":52.3702,\"longitude\":-4.8952,"
		"\"latitude_i\":523702,\"longitude_i\":-48952}}}");
	for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++) {
		assert_int_equal(plug_request_set_location(&request, &nowhere[i]), PLUG_EINVAL);
	}
}

static void location_is_read_in_both_forms(void **state)
{
	static const struct row {
		const char *text;
		bool is_there;
		int64_t latitude_i, longitude_i;
	} rows[] = {
		{ "{\"latitude_i\":523702,\"longitude_i\":-48952}", true, 523702, -48952 },
		{ "{\"latitude\":52.3702,\"longitude\":-4.8952}", true, 523702, -48952 },
		{ "{\"latitude_i\":0,\"longitude_i\":-0}", true, 0, 0 },
		{ "{\"latitude_i\":-1879048193,\"longitude_i\":-1879048193}", false, 0, 0 },
		{ "{\"latitude_i\":900001,\"longitude_i\":1}", false, 0, 0 },
		{ "{\"latitude_i\":1}", false, 0, 0 },
		{ "{\"latitude_i\":\"1\",\"longitude_i\":\"1\"}", false, 0, 0 },
		{ "{}", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_location location = { 7, 7 };
		struct json_object *sysinfo;

		assert_int_equal(plug_json_parse(rows[i].text, strlen(rows[i].text),
					 PLUG_JSON_LAST_KEY_WINS, &sysinfo),
			PLUG_OK);
		assert_int_equal(plug_sysinfo_location(sysinfo, &location), rows[i].is_there);
		assert_int_equal(location.latitude_i, rows[i].latitude_i);
		assert_int_equal(location.longitude_i, rows[i].longitude_i);
		json_object_put(sysinfo);
	}
}

static void brightness_goes_to_the_module_of_the_family(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_set_brightness(&request, PLUG_FAMILY_DIMMER, 33), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.dimmer\":{\"set_brightness\":{\"brightness\":33}}}");
	assert_int_equal(plug_request_set_brightness(&request, PLUG_FAMILY_BULB, 100), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.smartbulb.lightingservice\":{\"transition_light_state\":"
		"{\"on_off\":1,\"ignore_default\":1,\"brightness\":100}}}");
	assert_int_equal(plug_request_set_brightness(&request, PLUG_FAMILY_DIMMER, 0), PLUG_EINVAL);
	assert_int_equal(
		plug_request_set_brightness(&request, PLUG_FAMILY_DIMMER, 101), PLUG_EINVAL);
	assert_int_equal(
		plug_request_set_brightness(&request, PLUG_FAMILY_PLUG, 50), PLUG_EUNSUPPORTED);
}

static void light_with_a_brightness_takes_the_relay_of_a_dimmer_with_it(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_light_up(&request, PLUG_FAMILY_DIMMER, 33), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.dimmer\":{\"set_brightness\":{\"brightness\":33}},"
		"\"system\":{\"set_relay_state\":{\"state\":1}}}");
	assert_int_equal(plug_request_light_up(&request, PLUG_FAMILY_BULB, 33), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.smartbulb.lightingservice\":{\"transition_light_state\":"
		"{\"on_off\":1,\"ignore_default\":1,\"brightness\":33}}}");
	assert_int_equal(plug_request_light_up(&request, PLUG_FAMILY_DIMMER, 0), PLUG_EINVAL);
	assert_int_equal(plug_request_light_up(&request, PLUG_FAMILY_PLUG, 33), PLUG_EUNSUPPORTED);
}

static void icon_is_read_whole(void **state)
{
	struct plug_icon icon;
	struct plug_reply reply = reply_of("{\"system\":{\"get_dev_icon\":{\"icon\":\"abc\","
					   "\"hash\":\"12\",\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_icon(&reply, &icon), PLUG_OK);
	assert_string_equal(icon.icon, "abc");
	assert_string_equal(icon.hash, "12");
	plug_reply_clear(&reply);
	reply = reply_of("{\"system\":{\"get_dev_icon\":{\"icon\":\"abc\",\"err_code\":0}}}");
	assert_int_equal(plug_reply_icon(&reply, &icon), PLUG_EPROTO);
	assert_null(icon.icon);
	plug_reply_clear(&reply);
}

static void icon_and_reboot_have_their_shapes(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_icon(&request), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"get_dev_icon\":{}}}");
	assert_int_equal(
		plug_request_set_icon(&request, &(struct plug_icon) { "abc", "12" }), PLUG_OK);
	assert_string_equal(
		request.text, "{\"system\":{\"set_dev_icon\":{\"icon\":\"abc\",\"hash\":\"12\"}}}");
	assert_int_equal(plug_request_reboot(&request, 1), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"reboot\":{\"delay\":1}}}");
	assert_int_equal(plug_request_reset(&request, 3600), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"reset\":{\"delay\":3600}}}");
	assert_int_equal(plug_request_reset(&request, 0), PLUG_EINVAL);
	assert_int_equal(plug_request_reboot(&request, 0), PLUG_EINVAL);
	assert_int_equal(plug_request_reboot(&request, 3601), PLUG_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alias_is_set_for_device_outlet_and_bulb),
		cmocka_unit_test(led_is_said_the_other_way_round),
		cmocka_unit_test(location_is_sent_in_both_forms),
		cmocka_unit_test(location_is_read_in_both_forms),
		cmocka_unit_test(brightness_goes_to_the_module_of_the_family),
		cmocka_unit_test(light_with_a_brightness_takes_the_relay_of_a_dimmer_with_it),
		cmocka_unit_test(icon_is_read_whole),
		cmocka_unit_test(icon_and_reboot_have_their_shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
