#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/rules.h"

static const struct plug_rule_ask schedule = { PLUG_RULE_SCHEDULE, PLUG_FAMILY_PLUG, NULL };
static const struct plug_rule_ask countdown = { PLUG_RULE_COUNTDOWN, PLUG_FAMILY_PLUG, NULL };
static const struct plug_rule_ask away = { PLUG_RULE_AWAY, PLUG_FAMILY_PLUG, NULL };

static struct plug_rule weekdays(void)
{
	return (struct plug_rule) {
		.name = "open",
		.is_enabled = true,
		.is_weekly = true,
		.days = { false, true, true, true, true, true, false },
		.start = { PLUG_MOMENT_CLOCK, 510, 0 },
		.start_action = PLUG_ACTION_ON,
		.end = { .kind = PLUG_MOMENT_NONE },
		.end_action = PLUG_ACTION_NONE,
	};
}

static void a_weekly_rule_is_sent_sunday_first(void **state)
{
	struct plug_rule rule = weekdays();
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_add_rule(&request, &schedule, &rule), PLUG_OK);
	assert_string_equal(request.text,
		"{\"schedule\":{\"add_rule\":{\"name\":\"open\",\"enable\":1,\"repeat\":1,"
		"\"wday\":[0,1,1,1,1,1,0],\"stime_opt\":0,\"smin\":510,\"soffset\":0,"
		"\"etime_opt\":-1,\"emin\":0,\"eoffset\":0,\"sact\":1,\"eact\":-1,"
		"\"year\":0,\"month\":0,\"day\":0}}}");
	memcpy(rule.id, "AB", 3);
	assert_int_equal(plug_request_add_rule(&request, &schedule, &rule), PLUG_OK);
	assert_null(strstr(request.text, "AB"));
	assert_int_equal(plug_request_edit_rule(&request, &schedule, &rule), PLUG_OK);
	assert_non_null(strstr(request.text, "\"edit_rule\":{\"id\":\"AB\","));
}

static void the_suns_minute_is_left_to_the_device(void **state)
{
	struct plug_rule rule = weekdays();
	struct plug_request request;

	(void)state;
	rule.is_weekly = false;
	assert_true(plug_date_parse("2026-12-24", &rule));
	rule.start = (struct plug_moment) { PLUG_MOMENT_SUNSET, 1027, -30 };
	assert_int_equal(plug_request_add_rule(&request, &schedule, &rule), PLUG_OK);
	assert_non_null(strstr(request.text, "\"stime_opt\":2,\"smin\":0,\"soffset\":-30"));
	assert_non_null(strstr(request.text, "\"year\":2026,\"month\":12,\"day\":24"));
}

static void impossible_rules_are_not_sent(void **state)
{
	struct plug_rule rules[7];
	struct plug_request request;

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		rules[i] = weekdays();
	}
	memset(rules[0].days, 0, sizeof rules[0].days);
	rules[1].start.minute = 1440;
	rules[2].start.kind = PLUG_MOMENT_NONE;
	rules[3].start_action = PLUG_ACTION_LIGHT;
	rules[4].start_action = PLUG_ACTION_NONE;
	rules[5].start.offset_minutes = 721;
	rules[6].is_weekly = false;
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(
			plug_request_add_rule(&request, &schedule, &rules[i]), PLUG_EINVAL);
	}
	rules[0] = weekdays();
	assert_int_equal(plug_request_edit_rule(&request, &schedule, &rules[0]), PLUG_EINVAL);
	assert_int_equal(plug_request_add_rule(&request, &away, &rules[0]), PLUG_EINVAL);
	assert_int_equal(plug_request_add_rule(&request, &countdown, &rules[0]), PLUG_EINVAL);
}

static void countdown_and_away_have_shapes_of_their_own(void **state)
{
	struct plug_rule rule = weekdays();
	struct plug_request request;

	(void)state;
	rule.delay_s = 1800;
	assert_int_equal(plug_request_add_rule(&request, &countdown, &rule), PLUG_OK);
	assert_string_equal(request.text,
		"{\"count_down\":{\"add_rule\":{\"name\":\"open\",\"enable\":1,\"delay\":1800,"
		"\"act\":1}}}");
	rule.end = (struct plug_moment) { PLUG_MOMENT_CLOCK, 1380, 0 };
	assert_int_equal(plug_request_add_rule(&request, &away, &rule), PLUG_OK);
	assert_null(strstr(request.text, "sact"));
	assert_non_null(strstr(request.text, "\"emin\":1380"));
	assert_non_null(strstr(request.text, "\"frequency\":5"));
}

static void requests_go_to_the_module_of_kind_and_family(void **state)
{
	const struct plug_rule_ask outlet = { PLUG_RULE_AWAY, PLUG_FAMILY_STRIP, "id" };
	const struct plug_rule_ask bulb = { PLUG_RULE_SCHEDULE, PLUG_FAMILY_BULB, NULL };
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_rules(&request, &outlet), PLUG_OK);
	assert_string_equal(request.text, "{\"context\":{\"child_ids\":[\"id\"]},"
					  "\"anti_theft\":{\"get_rules\":{}}}");
	assert_int_equal(plug_request_delete_rules(&request, &bulb), PLUG_OK);
	assert_string_equal(
		request.text, "{\"smartlife.iot.common.schedule\":{\"delete_all_rules\":{}}}");
	assert_int_equal(plug_request_delete_rule(&request, &countdown, "AB"), PLUG_OK);
	assert_string_equal(request.text, "{\"count_down\":{\"delete_rule\":{\"id\":\"AB\"}}}");
	assert_int_equal(plug_request_enable_rules(&request, &schedule, false), PLUG_OK);
	assert_string_equal(request.text, "{\"schedule\":{\"set_overall_enable\":{\"enable\":0}}}");
}

static enum plug_error read(
	const char *text, const struct plug_rule_ask *ask, struct plug_rules *rules)
{
	struct plug_reply reply;
	enum plug_error error;

	assert_int_equal(plug_reply_parse(&reply, text, strlen(text)), PLUG_OK);
	error = plug_reply_rules(&reply, ask, rules);
	plug_reply_clear(&reply);
	return error;
}

static void rules_are_read_with_what_they_carry(void **state)
{
	static struct plug_rules rules;

	(void)state;
	assert_int_equal(read("{\"schedule\":{\"get_rules\":{\"rule_list\":["
			      "{\"id\":\"A1\",\"name\":\"n\",\"enable\":1,\"repeat\":1,"
			      "\"wday\":[1,0,false,true,0,0,1],\"stime_opt\":2,\"smin\":1027,"
			      "\"soffset\":-59,\"sact\":0,\"eact\":-1},"
			      "{\"id\":\"A2\"}],\"enable\":0,\"version\":2,\"err_code\":0}}}",
				 &schedule, &rules),
		PLUG_OK);
	assert_int_equal(rules.count, 2);
	assert_true(rules.has_switch);
	assert_false(rules.is_enabled);
	assert_string_equal(rules.rules[0].id, "A1");
	assert_true(rules.rules[0].days[0] && rules.rules[0].days[3] && rules.rules[0].days[6]);
	assert_false(rules.rules[0].days[2]);
	assert_int_equal(rules.rules[0].start.kind, PLUG_MOMENT_SUNSET);
	assert_int_equal(rules.rules[0].start.minute, 1027);
	assert_int_equal(rules.rules[0].start.offset_minutes, -59);
	assert_int_equal(rules.rules[0].start_action, PLUG_ACTION_OFF);
	assert_int_equal(rules.rules[0].end.kind, PLUG_MOMENT_NONE);
	assert_int_equal(rules.rules[1].start.kind, PLUG_MOMENT_NONE);
	assert_int_equal(read("{\"count_down\":{\"get_rules\":{\"rule_list\":[{\"id\":\"C\","
			      "\"enable\":1,\"delay\":1800,\"act\":1,\"remain\":1799}]}}}",
				 &countdown, &rules),
		PLUG_OK);
	assert_false(rules.has_switch);
	assert_int_equal(rules.rules[0].remain_s, 1799);
	assert_int_equal(rules.rules[0].start_action, PLUG_ACTION_ON);
}

static void long_names_are_cut_between_characters(void **state)
{
	static struct plug_rules rules;
	char name[2 * 40 + 1] = "";
	char text[256];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		memcpy(name + 2 * i, "\xc3\xa9", 3);
	}
	(void)snprintf(text, sizeof text,
		"{\"schedule\":{\"get_rules\":{\"rule_list\":[{\"id\":\"A\",\"name\":\"x%s\"}]}}}",
		name);
	assert_int_equal(read(text, &schedule, &rules), PLUG_OK);
	assert_int_equal(strlen(rules.rules[0].name), 63);
	assert_memory_equal(rules.rules[0].name + 61, "\xc3\xa9", 3);
}

static void lists_that_cannot_be_are_refused(void **state)
{
	static const struct row {
		const char *text;
		enum plug_error error;
	} rows[] = {
		{ "{\"schedule\":{\"get_rules\":{}}}", PLUG_EPROTO },
		{ "{\"schedule\":{\"get_rules\":{\"rule_list\":[{}]}}}", PLUG_EPROTO },
		{ "{\"schedule\":{\"get_rules\":{\"rule_list\":[{\"id\":\"\"}]}}}", PLUG_EPROTO },
		{ "{\"schedule\":{\"get_rules\":{\"rule_list\":[{\"id\":7}]}}}", PLUG_EPROTO },
		{ "{\"schedule\":{\"get_rules\":{\"rule_list\":[null]}}}", PLUG_EPROTO },
		{ "{\"schedule\":{\"err_code\":-1}}", PLUG_EUNSUPPORTED },
	};
	static struct plug_rules rules;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rules.count = 9;
		assert_int_equal(read(rows[i].text, &schedule, &rules), rows[i].error);
		assert_int_equal(rules.count, 0);
	}
}

static void more_rules_than_there_is_room_for_are_refused(void **state)
{
	static struct plug_rules rules;
	const size_t text_bytes = 64 + 16 * (size_t)(PLUG_RULES_MAX + 1);
	char *text = calloc(1, text_bytes);

	(void)state;
	assert_non_null(text);
	for (size_t count = PLUG_RULES_MAX; count <= PLUG_RULES_MAX + 1; count++) {
		size_t size = (size_t)snprintf(
			text, text_bytes, "{\"schedule\":{\"get_rules\":{\"rule_list\":[");

		for (size_t i = 0; i < count; i++) {
			size += (size_t)snprintf(text + size, text_bytes - size, "%s{\"id\":\"A\"}",
				i > 0 ? "," : "");
		}
		(void)snprintf(text + size, text_bytes - size, "]}}}");
		assert_int_equal(read(text, &schedule, &rules),
			count > PLUG_RULES_MAX ? PLUG_EPROTO : PLUG_OK);
		assert_int_equal(rules.count, count > PLUG_RULES_MAX ? 0 : count);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_weekly_rule_is_sent_sunday_first),
		cmocka_unit_test(the_suns_minute_is_left_to_the_device),
		cmocka_unit_test(impossible_rules_are_not_sent),
		cmocka_unit_test(countdown_and_away_have_shapes_of_their_own),
		cmocka_unit_test(requests_go_to_the_module_of_kind_and_family),
		cmocka_unit_test(rules_are_read_with_what_they_carry),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(lists_that_cannot_be_are_refused),
		cmocka_unit_test(more_rules_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
