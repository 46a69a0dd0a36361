#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/snapshot/snapshot.h"

static struct plug_rule weekly(void)
{
	return (struct plug_rule) {
		.id = "ABCD",
		.name = "Öffnen \"früh\"",
		.is_enabled = true,
		.is_weekly = true,
		.days = { false, true, true, true, true, true, false },
		.start = { PLUG_MOMENT_CLOCK, 510, 0 },
		.start_action = PLUG_ACTION_ON,
		.end = { PLUG_MOMENT_SUNSET, 1027, -30 },
		.end_action = PLUG_ACTION_OFF,
	};
}

static void set_rules(struct plug_rule_set *set, const struct plug_rule *rules, size_t count)
{
	*set = (struct plug_rule_set) { .is_known = true, .has_switch = true, .count = count };
	set->rules = calloc(count + 1, sizeof *set->rules);
	assert_non_null(set->rules);
	for (size_t i = 0; i < count; i++) {
		set->rules[i] = rules[i];
	}
}

/* A strip of two of which everything is known. */
static void fill(struct plug_snapshot *snapshot)
{
	struct plug_rule rules[2] = { weekly(), weekly() };
	const struct plug_rule countdown = { .id = "C",
		.is_enabled = true,
		.delay_s = 1800,
		.remain_s = 900,
		.start = { .kind = PLUG_MOMENT_NONE },
		.start_action = PLUG_ACTION_OFF,
		.end = { .kind = PLUG_MOMENT_NONE },
		.end_action = PLUG_ACTION_NONE };

	*snapshot = (struct plug_snapshot) { .taken_s = 1795262400,
		.family = PLUG_FAMILY_STRIP,
		.has_mac = true,
		.mac = { 0x50, 0xc7, 0xbf, 0, 0, 1 },
		.model = "HS300(US)",
		.has_energy = true,
		.alias = "Vitrinen",
		.has_led = true,
		.has_location = true,
		.location = { 523702, -48952 },
		.has_zone = true,
		.zone = 41,
		.outlet_count = 2 };
	memcpy(snapshot->outlets[0].alias, "Gold", 5);
	rules[1].is_weekly = false;
	rules[1].year = 2031;
	rules[1].month = 12;
	rules[1].day = 24;
	set_rules(&snapshot->outlets[0].rules[PLUG_RULE_SCHEDULE], rules, 2);
	snapshot->outlets[0].rules[PLUG_RULE_SCHEDULE].left_out = 3;
	set_rules(&snapshot->outlets[1].rules[PLUG_RULE_AWAY], rules, 1);
	set_rules(&snapshot->outlets[1].rules[PLUG_RULE_COUNTDOWN], &countdown, 1);
	snapshot->outlets[1].rules[PLUG_RULE_COUNTDOWN].has_switch = false;
}

static void assert_same_set(const struct plug_rule_set *a, const struct plug_rule_set *b)
{
	assert_int_equal(a->is_known, b->is_known);
	assert_int_equal(a->has_switch, b->has_switch);
	assert_int_equal(a->is_enabled, b->is_enabled);
	assert_int_equal(a->left_out, b->left_out);
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_memory_equal(&a->rules[i], &b->rules[i], sizeof a->rules[i]);
	}
}

static void a_snapshot_comes_back_as_it_was(void **state)
{
	struct plug_snapshot *before = calloc(1, sizeof *before);
	struct plug_snapshot *after = calloc(1, sizeof *after);
	char *text = NULL;
	char *again = NULL;

	(void)state;
	fill(before);
	assert_int_equal(plug_snapshot_format(before, &text), PLUG_OK);
	assert_int_equal(plug_snapshot_parse(text, strlen(text), after), PLUG_OK);
	assert_int_equal(after->family, PLUG_FAMILY_STRIP);
	assert_memory_equal(after->mac, before->mac, sizeof before->mac);
	assert_string_equal(after->alias, "Vitrinen");
	assert_true(after->has_led && !after->is_led_on);
	assert_int_equal(after->location.longitude_i, -48952);
	for (size_t i = 0; i < 2; i++) {
		for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
			assert_same_set(
				&after->outlets[i].rules[kind], &before->outlets[i].rules[kind]);
		}
	}
	assert_int_equal(plug_snapshot_format(after, &again), PLUG_OK);
	assert_string_equal(again, text);
	free(again);
	free(text);
	plug_snapshot_clear(before);
	plug_snapshot_clear(after);
	free(before);
	free(after);
}

static void what_is_not_known_stays_so(void **state)
{
	struct plug_snapshot snapshot = { .taken_s = 1, .outlet_count = 1 };
	char *text = NULL;

	(void)state;
	assert_int_equal(plug_snapshot_format(&snapshot, &text), PLUG_OK);
	assert_string_equal(text, "{\"plug_snapshot\":1,\"taken_s\":1,\"has_energy\":false,"
				  "\"outlets\":[{}]}");
	snapshot.has_zone = true;
	assert_int_equal(plug_snapshot_parse(text, strlen(text), &snapshot), PLUG_OK);
	assert_false(snapshot.has_mac || snapshot.has_led || snapshot.has_location ||
		     snapshot.has_zone || snapshot.outlets[0].rules[0].is_known);
	plug_snapshot_clear(&snapshot);
	free(text);
}

static void a_cut_text_is_refused_at_every_length(void **state)
{
	struct plug_snapshot *snapshot = calloc(1, sizeof *snapshot);
	char *text = NULL;

	(void)state;
	fill(snapshot);
	assert_int_equal(plug_snapshot_format(snapshot, &text), PLUG_OK);
	plug_snapshot_clear(snapshot);
	for (size_t size = 0; size < strlen(text); size++) {
		assert_int_equal(plug_snapshot_parse(text, size, snapshot), PLUG_EPROTO);
		assert_int_equal(snapshot->outlet_count, 0);
	}
	free(text);
	free(snapshot);
}

/* Any byte changed: refused or read, never more than fits. The sanitizers look on. */
static void a_damaged_text_does_no_harm(void **state)
{
	static const char wrong[] = { '\0', '"', '}', '[', '9', '-', '\x80' };
	struct plug_snapshot *snapshot = calloc(1, sizeof *snapshot);
	char *text = NULL;
	size_t read = 0;

	(void)state;
	fill(snapshot);
	assert_int_equal(plug_snapshot_format(snapshot, &text), PLUG_OK);
	plug_snapshot_clear(snapshot);
	for (size_t i = 0; i < strlen(text); i++) {
		for (size_t k = 0; k < sizeof wrong; k++) {
			char *damaged = strdup(text);

			damaged[i] = wrong[k];
			read += plug_snapshot_parse(damaged, strlen(text), snapshot) == PLUG_OK;
			plug_snapshot_clear(snapshot);
			free(damaged);
		}
	}
	assert_true(read > 0);
	free(text);
	free(snapshot);
}

static void a_foreign_text_is_refused(void **state)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "nothing", "" },
		{ "another file", "{}" },
		{ "no object", "[1]" },
		{ "a sysinfo", "{\"system\":{\"get_sysinfo\":{\"alias\":\"x\"}}}" },
		{ "a later version", "{\"plug_snapshot\":2,\"taken_s\":1,\"outlets\":[]}" },
		{ "no date", "{\"plug_snapshot\":1,\"outlets\":[]}" },
		{ "no outlets", "{\"plug_snapshot\":1,\"taken_s\":1}" },
		{ "a doubled key", "{\"plug_snapshot\":1,\"plug_snapshot\":1,\"taken_s\":1,"
				   "\"outlets\":[]}" },
		{ "a false MAC",
			"{\"plug_snapshot\":1,\"taken_s\":1,\"mac\":\"x\",\"outlets\":[]}" },
		{ "a false family",
			"{\"plug_snapshot\":1,\"taken_s\":1,\"family\":\"x\",\"outlets\":[]}" },
		{ "an outlet that is none", "{\"plug_snapshot\":1,\"taken_s\":1,\"outlets\":[1]}" },
		{ "17 outlets", "{\"plug_snapshot\":1,\"taken_s\":1,\"outlets\":"
				"[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}" },
		{ "a rule that cannot be",
			"{\"plug_snapshot\":1,\"taken_s\":1,\"outlets\":[{\"schedule\":"
			"{\"left_out\":0,\"rules\":[{\"id\":\"A\",\"sact\":2}]}}]}" },
		{ "a list without rules", "{\"plug_snapshot\":1,\"taken_s\":1,\"outlets\":"
					  "[{\"away\":{\"left_out\":0}}]}" },
	};
	struct plug_snapshot *snapshot = calloc(1, sizeof *snapshot);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (plug_snapshot_parse(cases[i].text, strlen(cases[i].text), snapshot) !=
			PLUG_EPROTO) {
			fail_msg("%s was taken", cases[i].name);
		}
	}
	assert_int_equal(
		plug_snapshot_parse("", PLUG_SNAPSHOT_MAX_BYTES + 1, snapshot), PLUG_ETOOBIG);
	free(snapshot);
}

static void more_rules_than_can_be_read_again_are_not_written(void **state)
{
	struct plug_snapshot *snapshot = calloc(1, sizeof *snapshot);
	struct plug_rule rules[PLUG_RULES_MAX];
	char *text = NULL;

	(void)state;
	for (size_t i = 0; i < PLUG_RULES_MAX; i++) {
		rules[i] = weekly();
	}
	*snapshot = (struct plug_snapshot) { .taken_s = 1, .outlet_count = 6 };
	for (size_t i = 0; i < 3; i++) {
		set_rules(&snapshot->outlets[i].rules[0], rules, PLUG_RULES_MAX);
	}
	assert_int_equal(plug_snapshot_format(snapshot, &text), PLUG_OK);
	free(text);
	for (size_t i = 3; i < 6; i++) {
		set_rules(&snapshot->outlets[i].rules[0], rules, PLUG_RULES_MAX);
	}
	assert_int_equal(plug_snapshot_format(snapshot, &text), PLUG_ETOOBIG);
	assert_null(text);
	plug_snapshot_clear(snapshot);
	free(snapshot);
}

static void texts_are_cut_between_characters(void **state)
{
	char out[5];

	(void)state;
	plug_snapshot_copy_text(out, sizeof out, "abc\xc3\xa4");
	assert_string_equal(out, "abc");
	plug_snapshot_copy_text(out, sizeof out, "ab\xc3\xa4");
	assert_string_equal(out, "ab\xc3\xa4");
}

static void a_new_device_must_be_of_the_same_kind(void **state)
{
	const struct plug_snapshot plug = {
		.taken_s = 1, .family = PLUG_FAMILY_PLUG, .has_energy = true, .outlet_count = 1
	};
	const struct plug_snapshot plain = { .family = PLUG_FAMILY_PLUG, .outlet_count = 1 };
	const struct plug_snapshot strip = { .family = PLUG_FAMILY_STRIP, .outlet_count = 6 };
	const struct plug_snapshot three = {
		.taken_s = 1, .family = PLUG_FAMILY_STRIP, .outlet_count = 3
	};
	const struct plug_snapshot guessed = { .family = PLUG_FAMILY_STRIP, .outlet_count = 3 };
	const struct plug_snapshot guessed_plug = { .outlet_count = 1 };

	(void)state;
	assert_int_equal(plug_snapshot_fit(&plug, &plug), PLUG_FITS);
	assert_int_equal(plug_snapshot_fit(&plug, &plain), PLUG_FITS_WITHOUT_METER);
	assert_int_equal(plug_snapshot_fit(&plug, &strip), PLUG_FITS_NOT_FAMILY);
	assert_int_equal(plug_snapshot_fit(&three, &strip), PLUG_FITS_NOT_OUTLETS);
	assert_int_equal(plug_snapshot_fit(&guessed, &strip), PLUG_FITS);
	assert_int_equal(plug_snapshot_fit(&guessed, &plug), PLUG_FITS_NOT_FAMILY);
	assert_int_equal(plug_snapshot_fit(&guessed_plug, &plain), PLUG_FITS);
	assert_int_equal(plug_snapshot_fit(&guessed_plug, &strip), PLUG_FITS_NOT_FAMILY);
}

/* Reading. */

static enum plug_error take(struct plug_snapshot_reading *reading, const char *text)
{
	struct plug_reply reply;
	enum plug_error error = plug_reply_parse(&reply, text, strlen(text));

	assert_int_equal(error, PLUG_OK);
	error = plug_snapshot_take(reading, &reply);
	plug_reply_clear(&reply);
	return error;
}

static void assert_asks(const struct plug_snapshot_reading *reading, const char *text)
{
	struct plug_request request;

	assert_false(plug_snapshot_is_done(reading));
	assert_int_equal(plug_snapshot_ask(reading, &request), PLUG_OK);
	assert_string_equal(request.text, text);
}

static const char plug_sysinfo[] =
	"{\"system\":{\"get_sysinfo\":{\"type\":\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS110(EU)\","
	"\"mac\":\"50:C7:BF:00:00:01\",\"alias\":\"Engine\",\"relay_state\":1,"
	"\"feature\":\"TIM:ENE\",\"led_off\":1,\"latitude_i\":523702,\"longitude_i\":48952}}}";

static void a_plug_is_asked_for_everything_once(void **state)
{
	struct plug_snapshot_reading *reading = calloc(1, sizeof *reading);
	const struct plug_snapshot *got = &reading->snapshot;

	(void)state;
	plug_snapshot_begin(reading, 7);
	assert_asks(reading, "{\"system\":{\"get_sysinfo\":{}}}");
	assert_int_equal(take(reading, plug_sysinfo), PLUG_OK);
	assert_asks(reading, "{\"time\":{\"get_timezone\":{}}}");
	assert_int_equal(take(reading, "{\"time\":{\"get_timezone\":{\"index\":41}}}"), PLUG_OK);
	assert_asks(reading, "{\"schedule\":{\"get_rules\":{}}}");
	/* A device that is busy is asked the same again. */
	assert_int_equal(
		take(reading, "{\"schedule\":{\"get_rules\":{\"err_code\":-32}}}"), PLUG_EDEVICE);
	assert_asks(reading, "{\"schedule\":{\"get_rules\":{}}}");
	assert_int_equal(
		take(reading, "{\"schedule\":{\"get_rules\":{\"enable\":1,\"rule_list\":["
			      "{\"id\":\"A\",\"enable\":1,\"repeat\":1,\"wday\":[1,0,0,0,0,0,0],"
			      "\"stime_opt\":0,\"smin\":60,\"sact\":1},"
			      "{\"id\":\"B\",\"enable\":1,\"repeat\":1,\"wday\":[1,0,0,0,0,0,0],"
			      "\"stime_opt\":0,\"smin\":60,\"sact\":2,\"s_light\":{}}]}}}"),
		PLUG_OK);
	assert_asks(reading, "{\"anti_theft\":{\"get_rules\":{}}}");
	assert_int_equal(take(reading, "{\"anti_theft\":{\"err_code\":-1}}"), PLUG_OK);
	assert_asks(reading, "{\"count_down\":{\"get_rules\":{}}}");
	assert_int_equal(
		take(reading, "{\"count_down\":{\"get_rules\":{\"rule_list\":[]}}}"), PLUG_OK);
	assert_true(plug_snapshot_is_done(reading));
	assert_int_equal(got->taken_s, 7);
	assert_true(got->has_led && !got->is_led_on && got->has_energy && got->zone == 41);
	assert_int_equal(got->outlets[0].rules[PLUG_RULE_SCHEDULE].count, 1);
	assert_int_equal(got->outlets[0].rules[PLUG_RULE_SCHEDULE].left_out, 1);
	assert_false(got->outlets[0].rules[PLUG_RULE_AWAY].is_known);
	assert_true(got->outlets[0].rules[PLUG_RULE_COUNTDOWN].is_known);
	plug_snapshot_clear(&reading->snapshot);
	free(reading);
}

static void each_outlet_of_a_strip_is_asked(void **state)
{
	static const char strip[] =
		"{\"system\":{\"get_sysinfo\":{\"mic_type\":\"IOT.SMARTPLUGSWITCH\","
		"\"mac\":\"50:C7:BF:00:00:02\",\"alias\":\"Cases\",\"feature\":\"TIM\","
		"\"children\":[{\"id\":\"X00\",\"state\":0,\"alias\":\"Gold\"},"
		"{\"id\":\"X01\",\"state\":1,\"alias\":\"Silver\"}]}}}";
	static const char *const empty[] = {
		"{\"schedule\":{\"get_rules\":{\"rule_list\":[]}}}",
		"{\"anti_theft\":{\"get_rules\":{\"rule_list\":[]}}}",
		"{\"count_down\":{\"get_rules\":{\"rule_list\":[]}}}",
	};
	struct plug_snapshot_reading *reading = calloc(1, sizeof *reading);

	(void)state;
	plug_snapshot_begin(reading, 7);
	assert_int_equal(take(reading, strip), PLUG_OK);
	assert_int_equal(take(reading, "{\"time\":{\"err_code\":-1}}"), PLUG_OK);
	for (size_t i = 0; i < 6; i++) {
		if (i == 3) {
			assert_asks(reading, "{\"context\":{\"child_ids\":[\"X01\"]},"
					     "\"schedule\":{\"get_rules\":{}}}");
		}
		assert_int_equal(take(reading, empty[i % 3]), PLUG_OK);
	}
	assert_true(plug_snapshot_is_done(reading));
	assert_string_equal(reading->snapshot.alias, "Cases");
	assert_string_equal(reading->snapshot.outlets[1].alias, "Silver");
	assert_false(reading->snapshot.has_zone);
	plug_snapshot_clear(&reading->snapshot);
	free(reading);
}

/* Modules that a device does not have may crash it. */
static void only_what_a_device_has_is_asked(void **state)
{
	static const char bulb[] = "{\"system\":{\"get_sysinfo\":{\"mic_type\":\"IOT.SMARTBULB\","
				   "\"mic_mac\":\"50C7BF000003\",\"light_state\":{\"on_off\":0}}}}";
	static const char plain[] =
		"{\"system\":{\"get_sysinfo\":{\"type\":\"IOT.SMARTPLUGSWITCH\","
		"\"mac\":\"50:C7:BF:00:00:04\",\"relay_state\":0,\"feature\":\"\"}}}";
	static const char camera[] = "{\"system\":{\"get_sysinfo\":{\"system\":{}}}}";
	struct plug_snapshot_reading *reading = calloc(1, sizeof *reading);

	(void)state;
	plug_snapshot_begin(reading, 7);
	assert_int_equal(take(reading, bulb), PLUG_OK);
	assert_asks(reading, "{\"smartlife.iot.common.timesetting\":{\"get_timezone\":{}}}");
	assert_int_equal(take(reading, "{\"smartlife.iot.common.timesetting\":{\"get_timezone\":"
				       "{\"index\":41}}}"),
		PLUG_OK);
	assert_int_equal(take(reading, "{\"smartlife.iot.common.schedule\":{\"get_rules\":"
				       "{\"rule_list\":[]}}}"),
		PLUG_OK);
	assert_int_equal(take(reading, "{\"smartlife.iot.common.anti_theft\":{\"get_rules\":"
				       "{\"rule_list\":[]}}}"),
		PLUG_OK);
	assert_true(plug_snapshot_is_done(reading));
	plug_snapshot_begin(reading, 7);
	assert_int_equal(take(reading, plain), PLUG_OK);
	assert_int_equal(take(reading, "{\"time\":{\"get_timezone\":{\"index\":41}}}"), PLUG_OK);
	assert_true(plug_snapshot_is_done(reading));
	plug_snapshot_begin(reading, 7);
	assert_int_equal(take(reading, camera), PLUG_EUNSUPPORTED);
	free(reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_snapshot_comes_back_as_it_was),
		cmocka_unit_test(what_is_not_known_stays_so),
		cmocka_unit_test(a_cut_text_is_refused_at_every_length),
		cmocka_unit_test(a_damaged_text_does_no_harm),
		cmocka_unit_test(a_foreign_text_is_refused),
		cmocka_unit_test(more_rules_than_can_be_read_again_are_not_written),
		cmocka_unit_test(texts_are_cut_between_characters),
		cmocka_unit_test(a_new_device_must_be_of_the_same_kind),
		cmocka_unit_test(a_plug_is_asked_for_everything_once),
		cmocka_unit_test(each_outlet_of_a_strip_is_asked),
		cmocka_unit_test(only_what_a_device_has_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
