#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/statistics.h"

static const struct plug_statistic_ask energy = { PLUG_STATISTIC_ENERGY, PLUG_FAMILY_PLUG, NULL };
static const struct plug_statistic_ask usage = { PLUG_STATISTIC_USAGE, PLUG_FAMILY_PLUG, NULL };
static const struct plug_period november = { 2026, 11 };
static const struct plug_period year = { 2026, 0 };

static enum plug_error read(const char *text, const struct plug_statistic_ask *ask,
	const struct plug_period *period, struct plug_statistics *statistics)
{
	struct plug_reply reply;
	enum plug_error error;

	assert_int_equal(plug_reply_parse(&reply, text, strlen(text)), PLUG_OK);
	error = plug_reply_statistic(&reply, ask, period, statistics);
	plug_reply_clear(&reply);
	return error;
}

static void statistics_are_asked_by_month_and_year(void **state)
{
	const struct plug_statistic_ask outlet = { PLUG_STATISTIC_USAGE, PLUG_FAMILY_STRIP, "id" };
	const struct plug_statistic_ask bulb = { PLUG_STATISTIC_ENERGY, PLUG_FAMILY_BULB, NULL };
	static const struct plug_period wrong[] = { { 2026, 13 }, { 2026, -1 }, { 1969, 1 },
		{ 10000, 0 } };
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_statistic(&request, &energy, &november), PLUG_OK);
	assert_string_equal(
		request.text, "{\"emeter\":{\"get_daystat\":{\"year\":2026,\"month\":11}}}");
	assert_int_equal(plug_request_statistic(&request, &outlet, &year), PLUG_OK);
	assert_string_equal(request.text, "{\"context\":{\"child_ids\":[\"id\"]},"
					  "\"schedule\":{\"get_monthstat\":{\"year\":2026}}}");
	assert_int_equal(plug_request_statistic(&request, &bulb, &year), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.common.emeter\":{\"get_monthstat\":{\"year\":2026}}}");
	assert_int_equal(plug_request_erase_statistic(&request, &energy), PLUG_OK);
	assert_string_equal(request.text, "{\"emeter\":{\"erase_emeter_stat\":{}}}");
	assert_int_equal(plug_request_erase_statistic(&request, &usage), PLUG_OK);
	assert_string_equal(request.text, "{\"schedule\":{\"erase_runtime_stat\":{}}}");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(plug_request_statistic(&request, &energy, &wrong[i]), PLUG_EINVAL);
	}
}

static void days_come_in_order_whatever_the_device_does(void **state)
{
	struct plug_statistics statistics;

	(void)state;
	assert_int_equal(
		read("{\"emeter\":{\"get_daystat\":{\"day_list\":["
		     "{\"year\":2026,\"month\":11,\"day\":21,\"energy_wh\":512},"
		     "{\"year\":2026,\"month\":10,\"day\":5,\"energy_wh\":7},"
		     "{\"year\":2026,\"month\":11,\"day\":2,\"energy\":1.2345},"
		     "{\"year\":2026,\"month\":11,\"day\":32,\"energy_wh\":7},"
		     "{\"year\":2026,\"month\":11,\"day\":21,\"energy_wh\":513},"
		     "{\"year\":2026,\"month\":11,\"day\":31,\"energy_wh\":0}],\"err_code\":0}}}",
			&energy, &november, &statistics),
		PLUG_OK);
	assert_int_equal(statistics.count, 3);
	assert_int_equal(statistics.entries[0].day, 2);
	assert_int_equal(statistics.entries[0].value, 1235);
	assert_int_equal(statistics.entries[1].day, 21);
	assert_int_equal(statistics.entries[1].value, 513);
	assert_int_equal(statistics.entries[2].day, 31);
	assert_int_equal(statistics.entries[2].month, 11);
}

static void months_have_no_day(void **state)
{
	struct plug_statistics statistics;

	(void)state;
	assert_int_equal(read("{\"schedule\":{\"get_monthstat\":{\"month_list\":["
			      "{\"year\":2026,\"month\":12,\"time\":46500},"
			      "{\"year\":2026,\"month\":13,\"time\":1},"
			      "{\"year\":2025,\"month\":1,\"time\":1},"
			      "{\"year\":2026,\"month\":1,\"time\":90}]}}}",
				 &usage, &year, &statistics),
		PLUG_OK);
	assert_int_equal(statistics.count, 2);
	assert_int_equal(statistics.entries[0].month, 1);
	assert_int_equal(statistics.entries[0].value, 90);
	assert_int_equal(statistics.entries[0].day, 0);
	assert_int_equal(statistics.entries[1].month, 12);
	assert_true(statistics.entries[1].is_possible);
}

static void an_impossible_day_spoils_no_other(void **state)
{
	struct plug_statistics statistics;

	(void)state;
	assert_int_equal(read("{\"emeter\":{\"get_daystat\":{\"day_list\":["
			      "{\"year\":2026,\"month\":11,\"day\":1,\"energy_wh\":125000},"
			      "{\"year\":2026,\"month\":11,\"day\":2,\"energy_wh\":125001},"
			      "{\"year\":2026,\"month\":11,\"day\":3,\"energy_wh\":-1},"
			      "{\"year\":2026,\"month\":11,\"day\":4,\"energy_wh\":\"x\"},"
			      "{\"year\":2026,\"month\":11,\"day\":5,\"energy\":1e999},"
			      "{\"year\":2026,\"month\":11,\"day\":6}]}}}",
				 &energy, &november, &statistics),
		PLUG_OK);
	assert_int_equal(statistics.count, 6);
	assert_true(statistics.entries[0].is_possible);
	for (size_t i = 1; i < 6; i++) {
		assert_false(statistics.entries[i].is_possible);
		assert_int_equal(statistics.entries[i].value, 0);
	}
}

static void an_answer_without_list_is_no_answer(void **state)
{
	static const struct row {
		const char *text;
		enum plug_error error;
	} rows[] = {
		{ "{\"emeter\":{\"get_daystat\":{}}}", PLUG_EPROTO },
		{ "{\"emeter\":{\"get_daystat\":{\"day_list\":{}}}}", PLUG_EPROTO },
		{ "{\"emeter\":{\"get_daystat\":{\"month_list\":[]}}}", PLUG_EPROTO },
		{ "{\"emeter\":{\"err_code\":-1}}", PLUG_EUNSUPPORTED },
		{ "{\"emeter\":{\"get_daystat\":{\"err_code\":-11}}}", PLUG_EDEVICE },
		{ "{\"emeter\":{\"get_daystat\":{\"day_list\":[]}}}", PLUG_OK },
		{ "{\"emeter\":{\"get_daystat\":{\"day_list\":[null,1,\"x\",[]]}}}", PLUG_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_statistics statistics = { .count = 9 };

		assert_int_equal(
			read(rows[i].text, &energy, &november, &statistics), rows[i].error);
		assert_int_equal(statistics.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statistics_are_asked_by_month_and_year),
		cmocka_unit_test(days_come_in_order_whatever_the_device_does),
		cmocka_unit_test(months_have_no_day),
		cmocka_unit_test(an_impossible_day_spoils_no_other),
		cmocka_unit_test(an_answer_without_list_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
