#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/reading.h"

enum { TEXT_BYTES = 512 };

/* Wraps members in the reply of an energy module, parses and reads it. */
static enum plug_error read_members(
	const char *members, enum plug_family family, struct plug_realtime *reading)
{
	char text[TEXT_BYTES];
	const int size = snprintf(text, sizeof text, "{\"%s\":{\"get_realtime\":{%s}}}",
		plug_family_traits(family)->energy_module, members);
	struct plug_reply reply;
	enum plug_error error;

	assert_in_range(size, 1, sizeof text - 1);
	assert_int_equal(plug_reply_parse(&reply, text, (size_t)size), PLUG_OK);
	memset(reading, 0x5a, sizeof *reading);
	error = plug_reply_realtime(&reply, family, reading);
	plug_reply_clear(&reply);
	return error;
}

static void expect_reading(
	const char *name, const struct plug_realtime *reading, const struct plug_realtime *expected)
{
	const bool is_equal = reading->has_power == expected->has_power &&
			      reading->power_mw == expected->power_mw &&
			      reading->has_voltage == expected->has_voltage &&
			      reading->voltage_mv == expected->voltage_mv &&
			      reading->has_current == expected->has_current &&
			      reading->current_ma == expected->current_ma &&
			      reading->has_total == expected->has_total &&
			      reading->total_wh == expected->total_wh;

	if (!is_equal) {
		fail_msg("%s: %d %lld mW, %d %lld mV, %d %lld mA, %d %lld Wh", name,
			reading->has_power, (long long)reading->power_mw, reading->has_voltage,
			(long long)reading->voltage_mv, reading->has_current,
			(long long)reading->current_ma, reading->has_total,
			(long long)reading->total_wh);
	}
}

struct row {
	const char *members;
	enum plug_family family;
	struct plug_realtime reading;
};

static void expect_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct plug_realtime reading;

		assert_int_equal(read_members(rows[i].members, rows[i].family, &reading), PLUG_OK);
		expect_reading(rows[i].members, &reading, &rows[i].reading);
	}
}

static void reading_speaks_both_dialects(void **state)
{
	static const struct row rows[] = {
		{ "\"current\":0.014937,\"voltage\":231.067823,\"power\":0.928511,"
		  "\"total\":55.139000,\"err_code\":0",
			PLUG_FAMILY_PLUG, { true, true, true, true, 929, 231068, 15, 55139 } },
		{ "\"voltage_mv\":230837,\"current_ma\":451,\"power_mw\":61753,"
		  "\"total_wh\":16323,\"err_code\":0",
			PLUG_FAMILY_PLUG, { true, true, true, true, 61753, 230837, 451, 16323 } },
		/* integers as floats and the other way round */
		{ "\"voltage_mv\":230837.0,\"current_ma\":450.6,\"power_mw\":61753.4,"
		  "\"total_wh\":16323.5",
			PLUG_FAMILY_PLUG, { true, true, true, true, 61753, 230837, 451, 16324 } },
		{ "\"voltage\":231,\"current\":0,\"power\":60,\"total\":5", PLUG_FAMILY_PLUG,
			{ true, true, true, true, 60000, 231000, 0, 5000 } },
		{ "\"voltage\":0,\"current\":-0.0,\"power\":0.0004,\"total\":0", PLUG_FAMILY_PLUG,
			{ true, true, true, true, 0, 0, 0, 0 } },
		/* HS300 hardware 2 names the outlet too */
		{ "\"slot_id\":3,\"voltage_mv\":121302,\"current_ma\":4,\"power_mw\":17,"
		  "\"total_wh\":1279",
			PLUG_FAMILY_STRIP, { true, true, true, true, 17, 121302, 4, 1279 } },
	};

	(void)state;
	expect_rows(rows, sizeof rows / sizeof rows[0]);
}

static void reading_takes_each_quantity_on_its_own(void **state)
{
	static const struct row rows[] = {
		{ "\"power_mw\":10800", PLUG_FAMILY_BULB,
			{ .has_power = true, .power_mw = 10800 } },
		{ "\"power_mw\":10800,\"total_wh\":40", PLUG_FAMILY_BULB,
			{ .has_power = true,
				.has_total = true,
				.power_mw = 10800,
				.total_wh = 40 } },
		{ "\"total\":1.5", PLUG_FAMILY_PLUG, { .has_total = true, .total_wh = 1500 } },
		{ "\"voltage\":230.1", PLUG_FAMILY_PLUG,
			{ .has_voltage = true, .voltage_mv = 230100 } },
		{ "\"current_ma\":7", PLUG_FAMILY_PLUG, { .has_current = true, .current_ma = 7 } },
		/* mixed dialects */
		{ "\"power\":1.5,\"voltage_mv\":230000,\"current\":0.25,\"total_wh\":9",
			PLUG_FAMILY_PLUG, { true, true, true, true, 1500, 230000, 250, 9 } },
		/* the base unit wins when both are there */
		{ "\"power\":1.5,\"power_mw\":99", PLUG_FAMILY_PLUG,
			{ .has_power = true, .power_mw = 1500 } },
	};

	(void)state;
	expect_rows(rows, sizeof rows / sizeof rows[0]);
}

static void reading_drops_what_lights_do_not_measure(void **state)
{
	static const char members[] =
		"\"current_ma\":0,\"voltage_mv\":0,\"power_mw\":2725,\"total_wh\":1193";
	static const struct row rows[] = {
		{ members, PLUG_FAMILY_BULB, { true, false, false, true, 2725, 0, 0, 1193 } },
		{ members, PLUG_FAMILY_LIGHT_STRIP,
			{ true, false, false, true, 2725, 0, 0, 1193 } },
		{ members, PLUG_FAMILY_PLUG, { true, true, true, true, 2725, 0, 0, 1193 } },
		{ "\"current_ma\":9,\"power_mw\":1", PLUG_FAMILY_BULB,
			{ .has_power = true, .power_mw = 1 } },
		{ "\"current_ma\":9,\"voltage_mv\":230000,\"power_mw\":1", PLUG_FAMILY_BULB,
			{ true, true, true, false, 1, 230000, 9, 0 } },
	};

	(void)state;
	expect_rows(rows, sizeof rows / sizeof rows[0]);
}

static void reading_takes_the_borders_of_what_is_plausible(void **state)
{
	static const struct row rows[] = {
		{ "\"power_mw\":5000000,\"voltage_mv\":300000,\"current_ma\":25000,"
		  "\"total_wh\":9007199254740992",
			PLUG_FAMILY_PLUG,
			{ true, true, true, true, 5000000, 300000, 25000, 9007199254740992 } },
		{ "\"power\":5000.0,\"voltage\":300,\"current\":25,\"total\":1000000",
			PLUG_FAMILY_PLUG,
			{ true, true, true, true, 5000000, 300000, 25000, 1000000000 } },
	};

	(void)state;
	expect_rows(rows, sizeof rows / sizeof rows[0]);
}

static void reading_is_dropped_whole_when_one_quantity_cannot_be(void **state)
{
	static const struct implausible {
		const char *key, *value;
	} rows[] = {
		{ "power_mw", "5000001" },
		{ "power_mw", "-1" },
		{ "power_mw", "1e999" },
		{ "power_mw", "-1e999" },
		{ "power_mw", "99999999999999999999" },
		{ "power_mw", "9223372036854775807" },
		{ "power_mw", "\"5\"" },
		{ "power_mw", "true" },
		{ "power_mw", "null" },
		{ "power_mw", "[1]" },
		{ "power_mw", "{}" },
		{ "power", "5000.1" },
		{ "power", "-0.1" },
		{ "power", "1e999" },
		{ "power", "1e308" },
		{ "voltage_mv", "300001" },
		{ "voltage_mv", "-1" },
		{ "voltage", "300.1" },
		{ "voltage", "\"230\"" },
		{ "current_ma", "25001" },
		{ "current_ma", "-5" },
		{ "current", "25.1" },
		{ "total_wh", "-1" },
		{ "total_wh", "99999999999999999999" },
		{ "total_wh", "1e16" },
		{ "total", "-0.001" },
		{ "total", "1e999" },
		{ "total", "1e300" },
	};
	static const struct plug_realtime zero;
	static const char good[] =
		"\"power_mw\":1,\"voltage_mv\":2,\"current_ma\":3,\"total_wh\":4";

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char members[TEXT_BYTES];
		struct plug_realtime reading;
		/* The last of doubled keys wins. */
		const int size = snprintf(
			members, sizeof members, "%s,\"%s\":%s", good, rows[i].key, rows[i].value);

		assert_in_range(size, 1, sizeof members - 1);
		if (read_members(members, PLUG_FAMILY_PLUG, &reading) != PLUG_EPROTO) {
			fail_msg("%s", members);
		}
		expect_reading(members, &reading, &zero);
	}
}

static void reading_with_nothing_in_it_is_none(void **state)
{
	static const char *const members[] = { "", "\"err_code\":0", "\"slot_id\":0",
		"\"POWER_MW\":1" };
	static const struct plug_realtime zero;

	(void)state;
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
		struct plug_realtime reading;

		assert_int_equal(read_members(members[i], PLUG_FAMILY_PLUG, &reading), PLUG_EPROTO);
		expect_reading(members[i], &reading, &zero);
	}
}

static void reading_of_a_light_that_measures_nothing_is_none(void **state)
{
	static const struct plug_realtime zero;
	static const char members[] = "\"voltage_mv\":0,\"current_ma\":0";
	struct plug_realtime reading;

	(void)state;
	assert_int_equal(read_members(members, PLUG_FAMILY_BULB, &reading), PLUG_EPROTO);
	expect_reading(members, &reading, &zero);
}

static enum plug_error read_text(
	const char *text, enum plug_family family, struct plug_realtime *reading)
{
	struct plug_reply reply;
	enum plug_error error;

	assert_int_equal(plug_reply_parse(&reply, text, strlen(text)), PLUG_OK);
	memset(reading, 0x5a, sizeof *reading);
	error = plug_reply_realtime(&reply, family, reading);
	plug_reply_clear(&reply);
	return error;
}

static void reading_reports_the_refusal_of_a_device(void **state)
{
	static const struct plug_realtime zero;
	static const struct refusal {
		const char *text;
		enum plug_error error;
	} rows[] = {
		{ "{\"emeter\":{\"err_code\":-1,\"err_msg\":\"module not support\"}}",
			PLUG_EUNSUPPORTED },
		{ "{\"emeter\":{\"get_realtime\":{\"err_code\":-1,\"power_mw\":5}}}",
			PLUG_EUNSUPPORTED },
		{ "{\"emeter\":{\"get_realtime\":{\"err_code\":-32}}}", PLUG_EDEVICE },
		{ "{\"system\":{\"get_sysinfo\":{\"err_code\":0}}}", PLUG_EPROTO },
		{ "{\"smartlife.iot.common.emeter\":{\"get_realtime\":{\"power_mw\":5}}}",
			PLUG_EPROTO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_realtime reading;

		assert_int_equal(
			read_text(rows[i].text, PLUG_FAMILY_PLUG, &reading), rows[i].error);
		expect_reading(rows[i].text, &reading, &zero);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_speaks_both_dialects),
		cmocka_unit_test(reading_takes_each_quantity_on_its_own),
		cmocka_unit_test(reading_drops_what_lights_do_not_measure),
		cmocka_unit_test(reading_takes_the_borders_of_what_is_plausible),
		cmocka_unit_test(reading_is_dropped_whole_when_one_quantity_cannot_be),
		cmocka_unit_test(reading_with_nothing_in_it_is_none),
		cmocka_unit_test(reading_of_a_light_that_measures_nothing_is_none),
		cmocka_unit_test(reading_reports_the_refusal_of_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
