#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/json.h"
#include "protocol/request.h"

/* A full child id as strips have them: the device id and the number of the outlet. */
#define CHILD_ID "8006A1B2C3D4E5F60718293A4B5C6D7E8F90A1B203"
#define CONTEXT "{\"context\":{\"child_ids\":[\"" CHILD_ID "\"]},"

static void expect_request(
	enum plug_error error, const struct plug_request *request, const char *text)
{
	assert_int_equal(error, PLUG_OK);
	assert_string_equal(request->text, text);
	assert_int_equal(request->size, strlen(text));
}

static void request_asks_sysinfo(void **state)
{
	struct plug_request request;

	(void)state;
	expect_request(
		plug_request_sysinfo(&request), &request, "{\"system\":{\"get_sysinfo\":{}}}");
}

static void request_polls_with_energy_only_where_there_is_one_meter(void **state)
{
	static const char sysinfo[] = "{\"system\":{\"get_sysinfo\":{}}}";
	static const char plug[] =
		"{\"system\":{\"get_sysinfo\":{}},\"emeter\":{\"get_realtime\":{}}}";
	static const char bulb[] = "{\"system\":{\"get_sysinfo\":{}},"
				   "\"smartlife.iot.common.emeter\":{\"get_realtime\":{}}}";
	static const struct row {
		enum plug_family family;
		bool with_energy;
		const char *text;
	} rows[] = {
		{ PLUG_FAMILY_PLUG, false, sysinfo },
		{ PLUG_FAMILY_PLUG, true, plug },
		{ PLUG_FAMILY_WALL_SWITCH, true, plug },
		{ PLUG_FAMILY_BULB, false, sysinfo },
		{ PLUG_FAMILY_BULB, true, bulb },
		{ PLUG_FAMILY_LIGHT_STRIP, true, bulb },
		/* a strip would answer for its first outlet */
		{ PLUG_FAMILY_STRIP, true, sysinfo },
		{ PLUG_FAMILY_STRIP, false, sysinfo },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_request request;

		expect_request(plug_request_poll(&request, rows[i].family, rows[i].with_energy),
			&request, rows[i].text);
	}
}

static void request_switches_every_family(void **state)
{
	static const struct row {
		enum plug_family family;
		bool is_on;
		const char *child_id;
		const char *text;
	} rows[] = {
		{ PLUG_FAMILY_PLUG, true, NULL,
			"{\"system\":{\"set_relay_state\":{\"state\":1}}}" },
		{ PLUG_FAMILY_PLUG, false, NULL,
			"{\"system\":{\"set_relay_state\":{\"state\":0}}}" },
		{ PLUG_FAMILY_DIMMER, true, NULL,
			"{\"system\":{\"set_relay_state\":{\"state\":1}}}" },
		{ PLUG_FAMILY_STRIP, true, CHILD_ID,
			CONTEXT "\"system\":{\"set_relay_state\":{\"state\":1}}}" },
		{ PLUG_FAMILY_BULB, false, NULL,
			"{\"smartlife.iot.smartbulb.lightingservice\":"
			"{\"transition_light_state\":{\"on_off\":0}}}" },
		{ PLUG_FAMILY_BULB, true, NULL,
			"{\"smartlife.iot.smartbulb.lightingservice\":"
			"{\"transition_light_state\":{\"on_off\":1,\"ignore_default\":0}}}" },
		{ PLUG_FAMILY_LIGHT_STRIP, true, NULL,
			"{\"smartlife.iot.lightStrip\":"
			"{\"set_light_state\":{\"on_off\":1,\"ignore_default\":0}}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_request request;

		expect_request(plug_request_switch(
				       &request, rows[i].family, rows[i].child_id, rows[i].is_on),
			&request, rows[i].text);
	}
}

static void request_asks_readings_statistics_and_time(void **state)
{
	struct plug_request request;

	(void)state;
	expect_request(plug_request_realtime(&request, PLUG_FAMILY_PLUG, NULL), &request,
		"{\"emeter\":{\"get_realtime\":{}}}");
	expect_request(plug_request_realtime(&request, PLUG_FAMILY_STRIP, CHILD_ID), &request,
		CONTEXT "\"emeter\":{\"get_realtime\":{}}}");
	expect_request(plug_request_realtime(&request, PLUG_FAMILY_BULB, NULL), &request,
		"{\"smartlife.iot.common.emeter\":{\"get_realtime\":{}}}");
	expect_request(plug_request_time(&request, PLUG_FAMILY_PLUG), &request,
		"{\"time\":{\"get_time\":{}}}");
	expect_request(plug_request_time(&request, PLUG_FAMILY_BULB), &request,
		"{\"smartlife.iot.common.timesetting\":{\"get_time\":{}}}");
}

/* Reads back the child id of a request, as a device would. */
static void expect_child_id(const struct plug_request *request, const char *child_id)
{
	struct json_object *root;
	struct json_object *context;
	struct json_object *ids;

	assert_int_equal(
		plug_json_parse(request->text, request->size, PLUG_JSON_DISTINCT_KEYS, &root),
		PLUG_OK);
	assert_true(plug_json_object(root, "context", &context));
	assert_true(plug_json_array(context, "child_ids", &ids));
	assert_int_equal(json_object_array_length(ids), 1);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(ids, 0)), child_id);
	json_object_put(root);
}

static void request_quotes_child_ids(void **state)
{
	static const char *const ids[] = { "", "00", CHILD_ID, "a\"b",
		"\"]},\"system\":{\"reset\":{", "back\\slash\\", "\n\t\r\x01\x1f\x7f",
		"Caf\xc3\xa9 / \xf0\x9f\x94\x8c" };

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
		struct plug_request request;

		assert_int_equal(
			plug_request_switch(&request, PLUG_FAMILY_STRIP, ids[i], true), PLUG_OK);
		assert_int_equal(request.size, strlen(request.text));
		expect_child_id(&request, ids[i]);
	}
}

static void request_is_whole_or_empty(void **state)
{
	static char id[2 * PLUG_REQUEST_MAX_BYTES];
	static const char around[] = "{\"context\":{\"child_ids\":[\"\"]},"
				     "\"emeter\":{\"get_realtime\":{}}}";
	const size_t room = PLUG_REQUEST_MAX_BYTES - sizeof around;

	(void)state;
	for (size_t length = 0; length < sizeof id; length++) {
		struct plug_request request = { .text = "left from before", .size = 16 };
		const enum plug_error error =
			plug_request_realtime(&request, PLUG_FAMILY_STRIP, id);

		if (length <= room) {
			assert_int_equal(error, PLUG_OK);
			assert_int_equal(request.size, sizeof around - 1 + length);
			expect_child_id(&request, id);
		} else {
			assert_int_equal(error, PLUG_ETOOBIG);
			assert_int_equal(request.size, 0);
			assert_string_equal(request.text, "");
		}
		id[length] = 'x';
	}
}

static void request_is_too_big_for_every_builder_with_a_long_id(void **state)
{
	static char id[PLUG_REQUEST_MAX_BYTES];
	struct plug_request request;

	(void)state;
	memset(id, '"', 100);
	assert_int_equal(plug_request_switch(&request, PLUG_FAMILY_STRIP, id, true), PLUG_ETOOBIG);
	assert_int_equal(request.size, 0);
	assert_int_equal(plug_request_realtime(&request, PLUG_FAMILY_STRIP, id), PLUG_ETOOBIG);
	assert_int_equal(request.size, 0);
	assert_string_equal(request.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_asks_sysinfo),
		cmocka_unit_test(request_polls_with_energy_only_where_there_is_one_meter),
		cmocka_unit_test(request_switches_every_family),
		cmocka_unit_test(request_asks_readings_statistics_and_time),
		cmocka_unit_test(request_quotes_child_ids),
		cmocka_unit_test(request_is_whole_or_empty),
		cmocka_unit_test(request_is_too_big_for_every_builder_with_a_long_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
