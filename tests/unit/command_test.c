#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/mqtt/command.h"

#define ID_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* Parses a copy that ends with its NUL, as the broker's side hands it over. */
static void parse(struct command *command, const char *payload, size_t size)
{
	char *copy = malloc(size + 1);

	assert_non_null(copy);
	memcpy(copy, payload, size);
	copy[size] = '\0';
	command_parse(command, copy, size);
	free(copy);
}

static void command_takes_every_form_of_the_contract(void **state)
{
	static const struct {
		const char *payload;
		enum order_kind kind;
	} rows[] = {
		{ "ON", ORDER_ON },
		{ "on", ORDER_ON },
		{ "oN", ORDER_ON },
		{ "OFF", ORDER_OFF },
		{ "off", ORDER_OFF },
		{ "TOGGLE", ORDER_TOGGLE },
		{ "Toggle", ORDER_TOGGLE },
		{ "1", ORDER_ON },
		{ "0", ORDER_OFF },
		{ "true", ORDER_ON },
		{ "TRUE", ORDER_ON },
		{ "false", ORDER_OFF },
		{ "{\"state\":\"ON\"}", ORDER_ON },
		{ "{\"state\":\"off\"}", ORDER_OFF },
		{ "{\"state\":\"toggle\"}", ORDER_TOGGLE },
		{ "{\"state\":\"1\"}", ORDER_ON },
		{ "{\"state\":true}", ORDER_ON },
		{ "{\"state\":false}", ORDER_OFF },
		{ "{\"state\":1}", ORDER_ON },
		{ "{\"state\":0}", ORDER_OFF },
		{ " \t\r\n{ \"state\" : \"ON\" } \n", ORDER_ON },
		{ "{\"ttl_s\":5,\"state\":\"ON\"}", ORDER_ON },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct command command;

		parse(&command, rows[i].payload, strlen(rows[i].payload));
		if (!command.is_valid || command.kind != rows[i].kind) {
			fail_msg("%s: %s", rows[i].payload, command.error);
		}
		assert_string_equal(command.id, "");
		assert_string_equal(command.source, "");
		assert_false(command.has_time);
	}
}

static void command_takes_every_member(void **state)
{
	static const char payload[] = "{\"state\":\"ON\",\"id\":\"7\",\"ttl_s\":45,"
				      "\"time\":\"2024-11-21T09:30:00Z\",\"source\":\"panel\"}";
	struct command command;

	(void)state;
	parse(&command, payload, strlen(payload));
	assert_true(command.is_valid);
	assert_int_equal(command.kind, ORDER_ON);
	assert_string_equal(command.id, "7");
	assert_string_equal(command.source, "panel");
	assert_true(command.has_ttl);
	assert_int_equal(command.ttl_s, 45);
	assert_true(command.has_time);
	assert_int_equal(command.time_wall_ms, 1732181400000);
}

static void command_with_a_brightness_switches_on(void **state)
{
	static const char *const payloads[] = { "{\"brightness\":40}",
		"{\"state\":\"on\",\"brightness\":40}", "{\"brightness\":40,\"state\":true}" };

	(void)state;
	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
		struct command command;

		parse(&command, payloads[i], strlen(payloads[i]));
		assert_true(command.is_valid);
		assert_int_equal(command.kind, ORDER_ON);
		assert_int_equal(command.brightness, 40);
	}
}

/* part is of the error. */
static const struct {
	const char *payload, *part;
} invalid[] = {
	{ "", "expected ON" },
	{ " ", "expected ON" },
	{ "ON ", "expected ON" },
	{ " ON", "expected ON" },
	{ "ON\n", "expected ON" },
	{ "ONN", "expected ON" },
	{ "2", "expected ON" },
	{ "01", "expected ON" },
	{ "1.0", "expected ON" },
	{ "-1", "expected ON" },
	{ "null", "expected ON" },
	{ "\"ON\"", "expected ON" },
	{ "[\"ON\"]", "expected ON" },
	{ "GET", "expected ON" },
	{ "\xff\xfe\x80", "expected ON" },
	{ "{", "JSON" },
	{ "{}", "\"state\" is missing" },
	{ "{\"state\":\"ON\"", "JSON" },
	{ "{\"state\":\"ON\"}x", "JSON" },
	{ "{\"state\":\"ON\"}{\"state\":\"OFF\"}", "JSON" },
	{ "{\"state\":\"ON\",}", "JSON" },
	{ "{'state':'ON'}", "JSON" },
	{ "{state:\"ON\"}", "JSON" },
	{ "{\"state\":\"ON\",\"state\":\"OFF\"}", "JSON" },
	{ "{\"state\":\"ON\",\"id\":\"1\",\"id\":\"2\"}", "JSON" },
	{ "{\"state\":\"ON\",\"st\\u0061te\":\"OFF\"}", "JSON" },
	{ "{\"state\":\"ON\\u0000\"}", "JSON" },
	{ "{\"state\\u0000\":\"ON\"}", "JSON" },
	{ "{\"state\":\"\xff\"}", "JSON" },
	{ "{\"state\":NaN}", "JSON" },
	{ "{\"state\":null}", "\"state\"" },
	{ "{\"state\":\"\"}", "\"state\"" },
	{ "{\"state\":\"GET\"}", "\"state\"" },
	{ "{\"state\":2}", "\"state\"" },
	{ "{\"state\":-1}", "\"state\"" },
	{ "{\"state\":1.5}", "\"state\"" },
	{ "{\"state\":1e999}", "\"state\"" },
	{ "{\"state\":99999999999999999999}", "\"state\"" },
	{ "{\"state\":[\"ON\"]}", "\"state\"" },
	{ "{\"state\":{\"state\":\"ON\"}}", "\"state\"" },
	{ "{\"State\":\"ON\"}", "unknown key \"State\"" },
	{ "{\"state\":\"ON\",\"color\":50}", "unknown key \"color\"" },
	{ "{\"brightness\":0}", "from 1 to 100" },
	{ "{\"brightness\":101}", "from 1 to 100" },
	{ "{\"brightness\":4294967336}", "from 1 to 100" },
	{ "{\"brightness\":40.5}", "from 1 to 100" },
	{ "{\"brightness\":\"40\"}", "from 1 to 100" },
	{ "{\"brightness\":null}", "from 1 to 100" },
	{ "{\"brightness\":40,\"state\":\"OFF\"}", "\"brightness\" goes with \"ON\"" },
	{ "{\"state\":\"TOGGLE\",\"brightness\":40}", "\"brightness\" goes with \"ON\"" },
	{ "{\"brightness\":40,\"state\":null}", "\"state\" must be" },
	{ "{\"state\":\"ON\",\"State\":\"ON\"}", "unknown key \"State\"" },
	{ "{\"state\":\"ON\",\"\":1}", "unknown key \"\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":0}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":-1}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":3601}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":1.5}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":1e999}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":99999999999999999999}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":4294967326}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":\"30\"}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":true}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"ttl_s\":null}", "\"ttl_s\"" },
	{ "{\"state\":\"ON\",\"id\":7}", "\"id\"" },
	{ "{\"state\":\"ON\",\"id\":\"\"}", "\"id\"" },
	{ "{\"state\":\"ON\",\"id\":null}", "\"id\"" },
	{ "{\"state\":\"ON\",\"id\":\"a\\nb\"}", "\"id\" has a control character" },
	{ "{\"state\":\"ON\",\"id\":\"" ID_64 "4\"}", "\"id\" is longer than 64 bytes" },
	{ "{\"state\":\"ON\",\"source\":\"" ID_64 "4\"}", "\"source\" is longer than 64 bytes" },
	{ "{\"state\":\"ON\",\"source\":\"a\x7f\"}", "\"source\" has a control character" },
	{ "{\"state\":\"ON\",\"source\":[]}", "\"source\"" },
	{ "{\"state\":\"ON\",\"time\":1732181400}", "\"time\"" },
	{ "{\"state\":\"ON\",\"time\":\"\"}", "\"time\"" },
	{ "{\"state\":\"ON\",\"time\":\"2024-11-21T09:30:00\"}", "\"time\"" },
	{ "{\"state\":\"ON\",\"time\":null}", "\"time\"" },
};

static void command_says_why_it_is_invalid(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
		struct command command;

		parse(&command, invalid[i].payload, strlen(invalid[i].payload));
		if (command.is_valid || !strstr(command.error, invalid[i].part)) {
			fail_msg("%s: %s", invalid[i].payload, command.error);
		}
	}
}

static void command_with_a_nul_inside_is_invalid(void **state)
{
	static const char word[] = "ON\0";
	static const char object[] = "{\"state\":\"ON\"}\0x";
	struct command command;

	(void)state;
	parse(&command, word, sizeof word - 1);
	assert_false(command.is_valid);
	assert_non_null(strstr(command.error, "NUL"));
	parse(&command, object, sizeof object - 1);
	assert_false(command.is_valid);
	parse(&command, "", 1);
	assert_false(command.is_valid);
}

static void command_cut_anywhere_is_invalid(void **state)
{
	static const char payload[] = "{\"state\":\"ON\",\"id\":\"\xc3\xa9\\u00e9\",\"ttl_s\":30,"
				      "\"time\":\"2024-11-21T09:30:00Z\",\"source\":\"p\"}";
	struct command command;

	(void)state;
	for (size_t size = 0; size < sizeof payload - 1; size++) {
		parse(&command, payload, size);
		if (command.is_valid) {
			fail_msg("valid at %zu bytes", size);
		}
	}
	parse(&command, payload, sizeof payload - 1);
	assert_true(command.is_valid);
	assert_string_equal(command.id, "\xc3\xa9\xc3\xa9");
}

static void command_nested_deeply_is_invalid(void **state)
{
	char payload[1024] = "{\"state\":";
	struct command command;

	(void)state;
	memset(payload + strlen(payload), '[', 900);
	parse(&command, payload, strlen(payload));
	assert_false(command.is_valid);
	assert_non_null(strstr(command.error, "JSON"));
}

static void command_id_may_have_64_bytes(void **state)
{
	static const char payload[] =
		"{\"state\":\"ON\",\"id\":\"" ID_64 "\",\"source\":\"" ID_64 "\"}";
	struct command command;

	(void)state;
	parse(&command, payload, strlen(payload));
	assert_true(command.is_valid);
	assert_string_equal(command.id, ID_64);
	assert_string_equal(command.source, ID_64);
}

static void command_that_is_invalid_keeps_its_id(void **state)
{
	static const char *const payloads[] = {
		"{\"state\":\"UP\",\"id\":\"7\"}",
		"{\"id\":\"7\"}",
		"{\"state\":\"ON\",\"speed\":1,\"id\":\"7\"}",
		"{\"state\":\"ON\",\"ttl_s\":0,\"id\":\"7\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
		struct command command;

		parse(&command, payloads[i], strlen(payloads[i]));
		assert_false(command.is_valid);
		assert_string_equal(command.id, "7");
	}
}

static void command_error_has_room_for_any_key(void **state)
{
	char payload[1024];
	char key[901] = "";
	struct command command;

	(void)state;
	memset(key, 'k', sizeof key - 1);
	(void)snprintf(payload, sizeof payload, "{\"state\":\"ON\",\"%s\":1}", key);
	parse(&command, payload, strlen(payload));
	assert_false(command.is_valid);
	assert_non_null(strstr(command.error, "unknown key \"kkkk"));
	assert_int_equal(command.error[strlen(command.error) - 1], '"');
}

static void command_of_a_get_may_be_anything(void **state)
{
	static const struct {
		const char *payload, *id;
	} rows[] = {
		{ "", "" },
		{ "now", "" },
		{ "{", "" },
		{ "[{\"id\":\"7\"}]", "" },
		{ "null", "" },
		{ "{\"id\":7}", "" },
		{ "{\"id\":\"" ID_64 "4\"}", "" },
		{ "{\"id\":\"7\",\"more\":[1,2]}", "7" },
		{ "{\"id\":\"6\",\"id\":\"7\"}", "7" },
		{ "\xff", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct command command;

		command_parse_id(&command, rows[i].payload, strlen(rows[i].payload));
		assert_true(command.is_valid);
		assert_int_equal(command.kind, ORDER_READ);
		assert_string_equal(command.id, rows[i].id);
	}
}

static const struct {
	const char *text;
	bool is_time;
	int64_t wall_ms;
} times[] = {
	{ "2024-11-21T09:30:00Z", true, 1732181400000 },
	{ "2024-11-21t09:30:00z", true, 1732181400000 },
	{ "2024-11-21 09:30:00Z", true, 1732181400000 },
	{ "2024-11-21T09:30:00.5Z", true, 1732181400500 },
	{ "2024-11-21T09:30:00.123456789Z", true, 1732181400123 },
	{ "2024-11-21T09:30:00,01Z", true, 1732181400010 },
	{ "2024-11-21T20:00:00+10:30", true, 1732181400000 },
	{ "2024-11-21T04:00:00-05:30", true, 1732181400000 },
	{ "2024-11-21T09:30:00-00:00", true, 1732181400000 },
	{ "1970-01-01T00:00:00Z", true, 0 },
	{ "1970-01-01T00:00:00+01:00", true, -3600000 },
	{ "2000-02-29T00:00:00Z", true, 951782400000 },
	{ "2024-02-29T00:00:00Z", true, 1709164800000 },
	{ "2023-12-31T23:59:60Z", true, 1704067200000 },
	{ "2100-03-01T00:00:00Z", true, 4107542400000 },
	{ "9999-12-31T23:59:59.999Z", true, 253402300799999 },
	{ "2023-02-29T00:00:00Z", false, 0 },
	{ "2100-02-29T00:00:00Z", false, 0 },
	{ "2024-00-10T00:00:00Z", false, 0 },
	{ "2024-13-10T00:00:00Z", false, 0 },
	{ "2024-04-31T00:00:00Z", false, 0 },
	{ "2024-04-00T00:00:00Z", false, 0 },
	{ "2024-11-21T24:00:00Z", false, 0 },
	{ "2024-11-21T09:60:00Z", false, 0 },
	{ "2024-11-21T09:30:61Z", false, 0 },
	{ "1969-12-31T23:59:59Z", false, 0 },
	{ "0000-01-01T00:00:00Z", false, 0 },
	{ "2024-11-21T09:30:00", false, 0 },
	{ "2024-11-21T09:30Z", false, 0 },
	{ "2024-11-21", false, 0 },
	{ "20241121T093000Z", false, 0 },
	{ "24-11-21T09:30:00Z", false, 0 },
	{ "2024-1-21T09:30:00Z", false, 0 },
	{ "2024-11-21T9:30:00Z", false, 0 },
	{ "2024-11-21T09:30:00.Z", false, 0 },
	{ "2024-11-21T09:30:00Zx", false, 0 },
	{ "2024-11-21T09:30:00 Z", false, 0 },
	{ "2024-11-21T09:30:00+1030", false, 0 },
	{ "2024-11-21T09:30:00+15:00", false, 0 },
	{ "2024-11-21T09:30:00+10:60", false, 0 },
	{ "2024-11-21T09:30:00+10", false, 0 },
	{ "+024-11-21T09:30:00Z", false, 0 },
	{ " 2024-11-21T09:30:00Z", false, 0 },
	{ "now", false, 0 },
	{ "", false, 0 },
};

static void command_time_reads_iso_8601_with_a_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		int64_t wall_ms = 77;
		const bool is_time = command_time_parse(times[i].text, &wall_ms);

		if (is_time != times[i].is_time || wall_ms != times[i].wall_ms) {
			fail_msg("%s: %d %lld", times[i].text, is_time, (long long)wall_ms);
		}
	}
}

/* Counts on its own, day by day, over two centuries. */
static void command_time_knows_every_day(void **state)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t expected_ms = 0;

	(void)state;
	for (int year = 1970; year < 2170; year++) {
		for (int month = 1; month <= 12; month++) {
			const bool is_leap = year % 4 == 0 && year != 2100;
			const int last = days[month - 1] + (month == 2 && is_leap ? 1 : 0);

			for (int day = 1; day <= last; day++, expected_ms += 86400000) {
				char text[64];
				int64_t wall_ms = 0;

				(void)snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year,
					month, day);
				if (!command_time_parse(text, &wall_ms) || wall_ms != expected_ms) {
					fail_msg("%s", text);
				}
			}
		}
	}
}

static void command_time_left_is_the_shortest_of_all(void **state)
{
	enum { NONE = -1 };
	static const int64_t now_ms = 1732181400000;
	static const struct {
		const char *name;
		int64_t age_ms; /* NONE: no time */
		uint64_t expected_ms;
		int ttl_s;    /* NONE: the default, 30 */
		int expiry_s; /* NONE: no expiry */
	} rows[] = {
		{ "default", NONE, 30000, NONE, NONE },
		{ "own", NONE, 45000, 45, NONE },
		{ "longest", NONE, 3600000, 3600, NONE },
		{ "ten seconds old", 10000, 20000, NONE, NONE },
		{ "ten seconds old, own", 10000, 35000, 45, NONE },
		{ "almost over", 29999, 1, NONE, NONE },
		{ "just over", 30000, 0, NONE, NONE },
		{ "long over", 400LL * 86400000, 0, 1, NONE },
		{ "of 1970", 1732181400000, 0, 3600, NONE },
		{ "from the future", -2, 30000, NONE, NONE },
		{ "from the far future", -4000000000000, 45000, 45, NONE },
		{ "expiry shortens", NONE, 5000, NONE, 5 },
		{ "expiry does not lengthen", NONE, 30000, NONE, 300 },
		{ "expiry after a delay", 44000, 1000, 45, 5 },
		{ "expiry over", NONE, 0, NONE, 0 },
		{ "longest expiry", NONE, 3600000, 3600, INT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct command command = { .is_valid = true,
			.has_ttl = rows[i].ttl_s != NONE,
			.ttl_s = rows[i].ttl_s,
			.has_time = rows[i].age_ms != NONE,
			.time_wall_ms = now_ms - rows[i].age_ms };
		const uint64_t left_ms = command_time_left_ms(
			&command, now_ms, 30, rows[i].expiry_s != NONE, (uint32_t)rows[i].expiry_s);

		if (left_ms != rows[i].expected_ms) {
			fail_msg("%s: %llu", rows[i].name, (unsigned long long)left_ms);
		}
	}
}

static void command_time_left_takes_the_longest_expiry(void **state)
{
	const struct command command = { .is_valid = true };

	(void)state;
	assert_int_equal(command_time_left_ms(&command, 1000, 30, true, UINT32_MAX), 30000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_takes_every_form_of_the_contract),
		cmocka_unit_test(command_takes_every_member),
		cmocka_unit_test(command_with_a_brightness_switches_on),
		cmocka_unit_test(command_says_why_it_is_invalid),
		cmocka_unit_test(command_with_a_nul_inside_is_invalid),
		cmocka_unit_test(command_cut_anywhere_is_invalid),
		cmocka_unit_test(command_nested_deeply_is_invalid),
		cmocka_unit_test(command_id_may_have_64_bytes),
		cmocka_unit_test(command_that_is_invalid_keeps_its_id),
		cmocka_unit_test(command_error_has_room_for_any_key),
		cmocka_unit_test(command_of_a_get_may_be_anything),
		cmocka_unit_test(command_time_reads_iso_8601_with_a_zone),
		cmocka_unit_test(command_time_knows_every_day),
		cmocka_unit_test(command_time_left_is_the_shortest_of_all),
		cmocka_unit_test(command_time_left_takes_the_longest_expiry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
