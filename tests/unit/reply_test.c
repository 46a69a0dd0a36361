#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/frame.h"
#include "protocol/reply.h"

static struct plug_reply parse(const char *text)
{
	struct plug_reply reply;
	const enum plug_error error = plug_reply_parse(&reply, text, strlen(text));

	if (error != PLUG_OK) {
		fail_msg("%s: %s", text, plug_error_text(error));
	}
	return reply;
}

static void reply_is_an_object_or_nothing(void **state)
{
	static const char *const texts[] = { "", "null", "1", "\"x\"", "[]", "[{}]", "{", "{}x",
		"{'a':1}", "{\"a\":NaN}", "{\"system\":{\"get_sysinfo\":{\"alias\":\"\xff\"}}}" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct plug_reply reply = { .root = (struct json_object *)&reply };

		assert_int_equal(plug_reply_parse(&reply, texts[i], strlen(texts[i])), PLUG_EPROTO);
		assert_null(reply.root);
		plug_reply_clear(&reply);
	}
}

static void reply_clear_may_be_repeated(void **state)
{
	struct plug_reply reply = parse("{\"a\":1}");

	(void)state;
	plug_reply_clear(&reply);
	assert_null(reply.root);
	plug_reply_clear(&reply);
}

/* What plug_reply_method makes of a reply when asked for emeter.get_realtime. */
struct level {
	const char *text;
	enum plug_error error;
	int err_code;
	const char *err_msg;
};

static void expect_level(const struct level *level)
{
	struct plug_reply reply = parse(level->text);
	struct plug_device_error error = { 77, "?" };
	struct json_object *answer = reply.root;
	const enum plug_error result =
		plug_reply_method(&reply, "emeter", "get_realtime", &answer, &error);

	if (result != level->error || error.err_code != level->err_code) {
		fail_msg("%s: %s, %d", level->text, plug_error_text(result), error.err_code);
	}
	if (level->err_msg) {
		assert_non_null(error.err_msg);
		assert_string_equal(error.err_msg, level->err_msg);
	} else {
		assert_null(error.err_msg);
	}
	assert_int_equal(answer != NULL, level->error == PLUG_OK);
	assert_int_equal(
		plug_reply_method(&reply, "emeter", "get_realtime", &answer, NULL), result);
	plug_reply_clear(&reply);
}

static void reply_method_finds_errors_at_three_levels(void **state)
{
	static const char not_support[] = "module not support";
	static const struct level levels[] = {
		{ "{\"emeter\":{\"err_code\":-1,\"err_msg\":\"module not support\"}}",
			PLUG_EUNSUPPORTED, -1, not_support },
		{ "{\"emeter\":{\"get_realtime\":{\"err_code\":-1,\"err_msg\":\"module not "
		  "support\"}}}",
			PLUG_EUNSUPPORTED, -1, not_support },
		{ "{\"err_code\":-1,\"err_msg\":\"module not support\"}", PLUG_EUNSUPPORTED, -1,
			not_support },
		{ "{\"emeter\":{\"err_code\":-2001,\"err_msg\":\"Module not support\"}}",
			PLUG_EUNSUPPORTED, -2001, "Module not support" },
		{ "{\"emeter\":{\"err_code\":-32,\"err_msg\":\"another cmd is running\"}}",
			PLUG_EDEVICE, -32, "another cmd is running" },
		{ "{\"emeter\":{\"get_realtime\":{\"err_code\":-11}}}", PLUG_EDEVICE, -11, NULL },
		{ "{\"emeter\":{\"get_realtime\":{\"err_code\":-12345,\"err_msg\":\"\"}}}",
			PLUG_EDEVICE, -12345, "" },
		{ "{\"emeter\":{\"get_realtime\":{\"err_code\":5,\"err_msg\":7}}}", PLUG_EDEVICE, 5,
			NULL },
		{ "{\"emeter\":{\"get_realtime\":{\"err_code\":-3.0}}}", PLUG_EDEVICE, -3, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		expect_level(&levels[i]);
	}
}

static void reply_method_lets_the_most_specific_level_decide(void **state)
{
	static const struct level levels[] = {
		/* an error elsewhere does not spoil a good answer */
		{ "{\"err_code\":-1,\"err_msg\":\"x\",\"emeter\":{\"get_realtime\":{\"err_code\":0}"
		  "}}",
			PLUG_OK, 0, NULL },
		{ "{\"emeter\":{\"err_code\":-1,\"get_realtime\":{\"err_code\":0}}}", PLUG_OK, 0,
			NULL },
		{ "{\"system\":{\"err_code\":-1},\"emeter\":{\"get_realtime\":{\"err_code\":0}}}",
			PLUG_OK, 0, NULL },
		{ "{\"emeter\":{\"erase\":{\"err_code\":-2},\"get_realtime\":{\"err_code\":0}}}",
			PLUG_OK, 0, NULL },
		/* nor does a good one elsewhere hide an error */
		{ "{\"err_code\":0,\"emeter\":{\"err_code\":0,\"get_realtime\":{\"err_code\":-2}}}",
			PLUG_EUNSUPPORTED, -2, NULL },
		{ "{\"system\":{\"get_sysinfo\":{\"err_code\":0}},\"emeter\":{\"err_code\":-1}}",
			PLUG_EUNSUPPORTED, -1, NULL },
		{ "{\"system\":{\"get_sysinfo\":{\"err_code\":0}},\"err_code\":-1}",
			PLUG_EUNSUPPORTED, -1, NULL },
		/* three at once */
		{ "{\"err_code\":-1,\"err_msg\":\"top\",\"emeter\":{\"err_code\":-2,"
		  "\"err_msg\":\"module\",\"get_realtime\":{\"err_code\":-32,\"err_msg\":"
		  "\"method\"}}}",
			PLUG_EDEVICE, -32, "method" },
		{ "{\"err_code\":-1,\"err_msg\":\"top\",\"emeter\":{\"err_code\":-32,"
		  "\"err_msg\":\"module\"}}",
			PLUG_EDEVICE, -32, "module" },
		{ "{\"err_code\":-1,\"err_msg\":\"top\",\"emeter\":{}}", PLUG_EUNSUPPORTED, -1,
			"top" },
		{ "{\"err_code\":-1,\"err_msg\":\"top\",\"emeter\":null}", PLUG_EUNSUPPORTED, -1,
			"top" },
		{ "{\"emeter\":{\"err_code\":-1,\"get_realtime\":null}}", PLUG_EUNSUPPORTED, -1,
			NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		expect_level(&levels[i]);
	}
}

static void reply_method_takes_a_missing_err_code_for_success(void **state)
{
	static const struct level levels[] = {
		{ "{\"emeter\":{\"get_realtime\":{\"power_mw\":1}}}", PLUG_OK, 0, NULL },
		{ "{\"emeter\":{\"get_realtime\":{}}}", PLUG_OK, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		expect_level(&levels[i]);
	}
}

static void reply_method_needs_an_answer(void **state)
{
	static const char *const texts[] = { "{}", "{\"emeter\":{}}", "{\"system\":{}}",
		"{\"err_code\":0}", "{\"emeter\":{\"err_code\":0}}", "{\"emeter\":null}",
		"{\"emeter\":-1}", "{\"emeter\":[{\"get_realtime\":{}}]}",
		"{\"emeter\":{\"get_realtime\":null}}", "{\"emeter\":{\"get_realtime\":0}}",
		"{\"emeter\":{\"get_realtime\":[]}}", "{\"emeter\":{\"get_realtime\":\"ok\"}}",
		"{\"get_realtime\":{\"power_mw\":1}}", "{\"EMETER\":{\"get_realtime\":{}}}" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect_level(&(struct level) { texts[i], PLUG_EPROTO, 0, NULL });
	}
}

static void reply_method_does_not_believe_odd_error_codes(void **state)
{
	static const char *const codes[] = { "null", "\"0\"", "\"-1\"", "true", "false", "[]", "{}",
		"0.5", "1e999", "-1e999", "99999999999", "99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		char text[128];
		int size = snprintf(text, sizeof text,
			"{\"emeter\":{\"get_realtime\":{\"power_mw\":1,\"err_code\":%s}}}",
			codes[i]);

		assert_in_range(size, 1, sizeof text - 1);
		expect_level(&(struct level) { text, PLUG_EPROTO, 0, NULL });
		size = snprintf(text, sizeof text, "{\"emeter\":{\"err_code\":%s}}", codes[i]);
		assert_in_range(size, 1, sizeof text - 1);
		expect_level(&(struct level) { text, PLUG_EPROTO, 0, NULL });
	}
}

static void reply_switch_asks_the_method_of_the_family(void **state)
{
	static const struct row {
		enum plug_family family;
		const char *text;
		enum plug_error error;
		int err_code;
	} rows[] = {
		{ PLUG_FAMILY_PLUG, "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}", PLUG_OK,
			0 },
		{ PLUG_FAMILY_STRIP, "{\"system\":{\"set_relay_state\":{\"err_code\":-14}}}",
			PLUG_EDEVICE, -14 },
		{ PLUG_FAMILY_PLUG, "{\"system\":{\"get_sysinfo\":{\"err_code\":0}}}", PLUG_EPROTO,
			0 },
		{ PLUG_FAMILY_PLUG, "{\"system\":{\"err_code\":-1}}", PLUG_EUNSUPPORTED, -1 },
		{ PLUG_FAMILY_BULB, "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}",
			PLUG_EPROTO, 0 },
		{ PLUG_FAMILY_BULB,
			"{\"smartlife.iot.smartbulb.lightingservice\":"
			"{\"transition_light_state\":{\"on_off\":1,\"err_code\":0}}}",
			PLUG_OK, 0 },
		{ PLUG_FAMILY_LIGHT_STRIP,
			"{\"smartlife.iot.lightStrip\":{\"set_light_state\":{\"err_code\":-10000}}"
			"}",
			PLUG_EDEVICE, -10000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_reply reply = parse(rows[i].text);
		struct plug_device_error error = { 77, NULL };

		assert_int_equal(plug_reply_switch(&reply, rows[i].family, &error), rows[i].error);
		assert_int_equal(error.err_code, rows[i].err_code);
		assert_int_equal(plug_reply_switch(&reply, rows[i].family, NULL), rows[i].error);
		plug_reply_clear(&reply);
	}
}

static void reply_time_reads_the_clock_of_the_device(void **state)
{
	struct plug_reply plug = parse("{\"time\":{\"get_time\":{\"err_code\":0,\"year\":2024,"
				       "\"month\":2,\"mday\":29,\"wday\":4,\"hour\":23,"
				       "\"min\":59,\"sec\":58}}}");
	struct plug_reply bulb = parse("{\"smartlife.iot.common.timesetting\":{\"get_time\":{"
				       "\"year\":2026.0,\"month\":11,\"mday\":21,\"hour\":0,"
				       "\"min\":0,\"sec\":0}}}");
	struct plug_time time;

	(void)state;
	assert_int_equal(plug_reply_time(&plug, PLUG_FAMILY_STRIP, &time), PLUG_OK);
	assert_int_equal(time.year, 2024);
	assert_int_equal(time.month, 2);
	assert_int_equal(time.day, 29);
	assert_int_equal(time.hour, 23);
	assert_int_equal(time.minute, 59);
	assert_int_equal(time.second, 58);
	assert_int_equal(plug_reply_time(&plug, PLUG_FAMILY_BULB, &time), PLUG_EPROTO);
	assert_int_equal(time.year, 0);
	assert_int_equal(plug_reply_time(&bulb, PLUG_FAMILY_LIGHT_STRIP, &time), PLUG_OK);
	assert_int_equal(time.year, 2026);
	assert_int_equal(time.day, 21);
	plug_reply_clear(&plug);
	plug_reply_clear(&bulb);
}

static void reply_time_refuses_what_no_calendar_has(void **state)
{
	static const char *const texts[] = {
		"\"month\":1,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"hour\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"hour\":0,\"min\":0",
		"\"year\":1969,\"month\":1,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":10000,\"month\":1,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":0,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":13,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":0,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":32,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":4,\"mday\":31,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":2,\"mday\":29,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2100,\"month\":2,\"mday\":29,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"hour\":24,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"hour\":-1,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"hour\":0,\"min\":60,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":60",
		"\"year\":\"2026\",\"month\":1,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1.5,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":0",
		"\"year\":2026,\"month\":1,\"mday\":1,\"hour\":0,\"min\":0,\"sec\":1e999",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		char text[256];
		const int size =
			snprintf(text, sizeof text, "{\"time\":{\"get_time\":{%s}}}", texts[i]);
		struct plug_time time = { .year = 77, .second = 77 };
		struct plug_reply reply;

		assert_in_range(size, 1, sizeof text - 1);
		reply = parse(text);
		if (plug_reply_time(&reply, PLUG_FAMILY_PLUG, &time) != PLUG_EPROTO) {
			fail_msg("%s", texts[i]);
		}
		assert_int_equal(time.year, 0);
		assert_int_equal(time.second, 0);
		plug_reply_clear(&reply);
	}
}

static void reply_time_takes_leap_days(void **state)
{
	struct plug_reply reply = parse("{\"time\":{\"get_time\":{\"year\":2000,\"month\":2,"
					"\"mday\":29,\"hour\":1,\"min\":2,\"sec\":3}}}");
	struct plug_time time;

	(void)state;
	assert_int_equal(plug_reply_time(&reply, PLUG_FAMILY_PLUG, &time), PLUG_OK);
	plug_reply_clear(&reply);
}

/* A reply as long as the reader lets through, whole way: frame, text, answer. */
static void reply_may_be_as_long_as_a_frame(void **state)
{
	static const char head[] = "{\"emeter\":{\"get_realtime\":{\"err_code\":0,\"x\":\"";
	static const char tail[] = "\"}}}";
	static uint8_t frame[PLUG_FRAME_HEADER_BYTES + PLUG_FRAME_REPLY_MAX_BYTES];
	char *text = malloc(PLUG_FRAME_REPLY_MAX_BYTES);
	struct plug_frame_reader reader;
	struct plug_reply reply;
	struct json_object *answer;
	size_t size;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', PLUG_FRAME_REPLY_MAX_BYTES);
	memcpy(text, head, sizeof head - 1);
	memcpy(text + PLUG_FRAME_REPLY_MAX_BYTES - (sizeof tail - 1), tail, sizeof tail - 1);
	plug_frame_reader_init(&reader, PLUG_FRAME_REPLY_MAX_BYTES);
	size = plug_frame_encode(text, PLUG_FRAME_REPLY_MAX_BYTES, frame);
	free(text);
	assert_int_equal(plug_frame_reader_feed(&reader, frame, size, &size), PLUG_OK);
	text = plug_frame_reader_take(&reader, &size);
	assert_int_equal(size, PLUG_FRAME_REPLY_MAX_BYTES);
	assert_int_equal(plug_reply_parse(&reply, text, size), PLUG_OK);
	free(text);
	assert_int_equal(
		plug_reply_method(&reply, "emeter", "get_realtime", &answer, NULL), PLUG_OK);
	plug_reply_clear(&reply);
}

static void reply_takes_the_last_of_doubled_keys(void **state)
{
	static const struct level level = { "{\"emeter\":{\"err_code\":-1},"
					    "\"emeter\":{\"get_realtime\":{\"err_code\":0}}}",
		PLUG_OK, 0, NULL };

	(void)state;
	expect_level(&level);
}

static void reply_is_busy_at_any_level(void **state)
{
	static const struct row {
		const char *text;
		bool is_busy;
	} rows[] = {
		{ "{\"err_code\":-32}", true },
		{ "{\"cnCloud\":{\"err_code\":-32}}", true },
		{ "{\"cnCloud\":{\"bind\":{\"err_code\":-32,\"err_msg\":\"another cmd\"}}}", true },
		{ "{\"a\":1,\"b\":{\"c\":{\"err_code\":0},\"d\":{\"err_code\":-32}}}", true },
		{ "{\"cnCloud\":{\"bind\":{\"err_code\":-3}}}", false },
		{ "{\"cnCloud\":{\"bind\":{\"x\":{\"err_code\":-32}}}}", false },
		{ "{\"a\":null,\"b\":[{\"err_code\":-32}]}", false },
		{ "{}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_reply reply = parse(rows[i].text);

		assert_int_equal(plug_reply_is_busy(&reply), rows[i].is_busy);
		plug_reply_clear(&reply);
	}
}

static void figures_are_known_or_zero(void **state)
{
	struct plug_reply reply = parse("{\"a\":5,\"b\":5.0,\"c\":\"5\",\"d\":11}");
	const char *const keys[] = { "a", "b", "c", "d", "e" };

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const struct plug_figure figure = plug_reply_figure(reply.root, keys[i], 0, 10);

		assert_int_equal(figure.is_known, i < 2);
		assert_int_equal(figure.value, i < 2 ? 5 : 0);
	}
	plug_reply_clear(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_is_an_object_or_nothing),
		cmocka_unit_test(reply_clear_may_be_repeated),
		cmocka_unit_test(reply_method_finds_errors_at_three_levels),
		cmocka_unit_test(reply_method_lets_the_most_specific_level_decide),
		cmocka_unit_test(reply_method_takes_a_missing_err_code_for_success),
		cmocka_unit_test(reply_method_needs_an_answer),
		cmocka_unit_test(reply_method_does_not_believe_odd_error_codes),
		cmocka_unit_test(reply_switch_asks_the_method_of_the_family),
		cmocka_unit_test(reply_time_reads_the_clock_of_the_device),
		cmocka_unit_test(reply_time_refuses_what_no_calendar_has),
		cmocka_unit_test(reply_time_takes_leap_days),
		cmocka_unit_test(reply_may_be_as_long_as_a_frame),
		cmocka_unit_test(reply_takes_the_last_of_doubled_keys),
		cmocka_unit_test(reply_is_busy_at_any_level),
		cmocka_unit_test(figures_are_known_or_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
