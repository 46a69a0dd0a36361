/* The new device is a small model here: what it is told it keeps, and shows when it is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/snapshot/restore.h"

enum { REQUESTS_MAX = 200, TEXT_BYTES = 8192 };

enum loss { LOSS_NONE, LOSS_BEFORE, LOSS_AFTER };

static struct {
	char alias[64];
	bool is_dark;
	int zone;
	int64_t latitude_i, longitude_i;
	struct json_object *rules[PLUG_RULE_KINDS];
	bool is_off[PLUG_RULE_KINDS]; /* the lists */
	const char *mac;

	const char *fails_method; /* answers err_code */
	int err_code, failures;
	const char *loses_method;
	enum loss loss;
	int losses;
	const char *ignores; /* says yes to this method, "" for every one, and does nothing */
	size_t asked;
	size_t adds, busy_waits;
	char log[REQUESTS_MAX][48];
} model;

static struct plug_restore restore;
static struct plug_snapshot from;
static struct plug_snapshot_reading to;

static const char *const modules[PLUG_RULE_KINDS] = { "schedule", "count_down", "anti_theft" };

static const char *local_time(int zone, struct plug_time *time)
{
	*time = (struct plug_time) { 2026, 11, 21, 12, 0, 0 };
	return zone != 9 ? NULL : "nobody here knows";
}

static struct plug_rule rule_at(int minute)
{
	return (struct plug_rule) {
		.is_enabled = true,
		.is_weekly = true,
		.days = { true },
		.start = { PLUG_MOMENT_CLOCK, minute, 0 },
		.start_action = PLUG_ACTION_ON,
		.end = { .kind = PLUG_MOMENT_NONE },
		.end_action = PLUG_ACTION_NONE,
	};
}

static void give_rules(enum plug_rule_kind kind, const struct plug_rule *rules, size_t count)
{
	struct plug_rule_set *set = &from.outlets[0].rules[kind];

	*set = (struct plug_rule_set) { .is_known = true,
		.has_switch = kind != PLUG_RULE_COUNTDOWN,
		.is_enabled = true,
		.count = count };
	set->rules = calloc(count + 1, sizeof *set->rules);
	assert_non_null(set->rules);
	for (size_t i = 0; i < count; i++) {
		set->rules[i] = rules[i];
	}
}

static int setup(void **state)
{
	const struct plug_rule schedule[] = { rule_at(60), rule_at(60), rule_at(120) };
	struct plug_rule countdown = { .is_enabled = true, .delay_s = 600, .remain_s = 300 };

	(void)state;
	memset(&model, 0, sizeof model);
	model.mac = "50:C7:BF:00:00:02";
	for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
		model.rules[kind] = json_object_new_array();
	}
	json_object_array_add(model.rules[0],
		json_tokener_parse("{\"id\":\"old\",\"enable\":1,\"repeat\":1,\"stime_opt\":0}"));
	from = (struct plug_snapshot) { .taken_s = 1000,
		.family = PLUG_FAMILY_PLUG,
		.alias = "Engine",
		.has_led = true,
		.is_led_on = false,
		.has_location = true,
		.location = { 523702, 48952 },
		.has_zone = true,
		.zone = 41,
		.outlet_count = 1 };
	give_rules(PLUG_RULE_SCHEDULE, schedule, 3);
	give_rules(PLUG_RULE_AWAY, NULL, 0);
	give_rules(PLUG_RULE_COUNTDOWN, &countdown, 1);
	to = (struct plug_snapshot_reading) {
		.snapshot = { .family = PLUG_FAMILY_PLUG,
			.has_mac = true,
			.mac = { 0x50, 0xc7, 0xbf, 0, 0, 2 },
			.outlet_count = 1 },
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	plug_snapshot_clear(&from);
	for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
		json_object_put(model.rules[kind]);
	}
	return 0;
}

/* Finds the one method that the request calls. */
static struct json_object *open_request(
	const char *text, struct json_object **root, const char **module, const char **method)
{
	struct json_object *arguments = NULL;

	*module = "";
	*method = "";
	*root = json_tokener_parse(text);
	assert_non_null(*root);
	json_object_object_foreach(*root, key, value)
	{
		json_object_object_foreach(value, name, inner)
		{
			*module = key;
			*method = name;
			arguments = inner;
		}
	}
	return arguments;
}

static size_t kind_of(const char *module)
{
	for (size_t kind = 0; kind < PLUG_RULE_KINDS; kind++) {
		if (strcmp(modules[kind], module) == 0) {
			return kind;
		}
	}
	return PLUG_RULE_KINDS;
}

static int64_t number(struct json_object *arguments, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(arguments, key, &value));
	return json_object_get_int64(value);
}

static void change_rules(size_t kind, const char *method, struct json_object *arguments)
{
	struct json_object *rule = NULL;
	char id[16];

	if (strcmp(method, "add_rule") == 0) {
		model.adds++;
		(void)snprintf(id, sizeof id, "R%zu", model.adds);
		assert_int_equal(json_object_deep_copy(arguments, &rule, NULL), 0);
		json_object_object_add(rule, "id", json_object_new_string(id));
		json_object_array_add(model.rules[kind], rule);
	} else if (strcmp(method, "delete_all_rules") == 0) {
		json_object_put(model.rules[kind]);
		model.rules[kind] = json_object_new_array();
	} else if (strcmp(method, "set_overall_enable") == 0) {
		model.is_off[kind] = number(arguments, "enable") == 0;
	}
}

static void carry_out(const char *module, const char *method, struct json_object *arguments)
{
	struct json_object *alias = NULL;

	if (model.ignores && (model.ignores[0] == '\0' || strcmp(model.ignores, method) == 0)) {
		return;
	}
	if (strcmp(method, "set_dev_alias") == 0) {
		assert_true(json_object_object_get_ex(arguments, "alias", &alias));
		(void)snprintf(
			model.alias, sizeof model.alias, "%s", json_object_get_string(alias));
	} else if (strcmp(method, "set_led_off") == 0) {
		model.is_dark = number(arguments, "off") == 1;
	} else if (strcmp(method, "set_dev_location") == 0) {
		model.latitude_i = number(arguments, "latitude_i");
		model.longitude_i = number(arguments, "longitude_i");
	} else if (strcmp(method, "set_timezone") == 0) {
		model.zone = (int)number(arguments, "index");
	} else if (kind_of(module) < PLUG_RULE_KINDS) {
		change_rules(kind_of(module), method, arguments);
	}
}

static void answer(const char *module, const char *method, char text[static TEXT_BYTES])
{
	const size_t kind = kind_of(module);
	char body[TEXT_BYTES - 128] = "{\"err_code\":0}";

	if (strcmp(method, "get_sysinfo") == 0) {
		(void)snprintf(body, sizeof body,
			"{\"type\":\"IOT.SMARTPLUGSWITCH\",\"mac\":\"%s\",\"alias\":\"%s\","
			"\"relay_state\":0,\"led_off\":%d,\"latitude_i\":%d,\"longitude_i\":%d}",
			model.mac, model.alias, model.is_dark, (int)model.latitude_i,
			(int)model.longitude_i);
	} else if (strcmp(method, "get_timezone") == 0) {
		(void)snprintf(body, sizeof body, "{\"index\":%d}", model.zone);
	} else if (strcmp(method, "get_time") == 0) {
		(void)snprintf(body, sizeof body,
			"{\"year\":2026,\"month\":11,\"mday\":21,"
			"\"hour\":12,\"min\":0,\"sec\":30}");
	} else if (strcmp(method, "get_rules") == 0) {
		(void)snprintf(body, sizeof body, "{\"enable\":%d,\"rule_list\":%s}",
			!model.is_off[kind], json_object_to_json_string(model.rules[kind]));
	}
	(void)snprintf(text, TEXT_BYTES, "{\"%s\":{\"%s\":%s}}", module, method, body);
}

/* One request: answered, refused, or lost on the way there or back. */
static void serve(const char *request)
{
	const char *module = "";
	const char *method = "";
	struct json_object *root = NULL;
	struct json_object *arguments = open_request(request, &root, &module, &method);
	char text[TEXT_BYTES];
	struct plug_reply reply;
	const bool is_lost = model.losses > 0 && strcmp(method, model.loses_method) == 0;
	const bool is_refused = model.failures > 0 && strcmp(method, model.fails_method) == 0;

	assert_true(model.asked < REQUESTS_MAX);
	(void)snprintf(model.log[model.asked++], sizeof model.log[0], "%s.%s", module, method);
	if (!is_refused && !(is_lost && model.loss == LOSS_BEFORE)) {
		carry_out(module, method, arguments);
	}
	model.losses -= is_lost;
	model.failures -= is_refused;
	if (is_lost) {
		plug_restore_miss(&restore, PLUG_ETIMEOUT, true);
	} else {
		answer(module, method, text);
		if (is_refused) {
			(void)snprintf(text, sizeof text, "{\"%s\":{\"%s\":{\"err_code\":%d}}}",
				module, method, model.err_code);
		}
		assert_int_equal(plug_reply_parse(&reply, text, strlen(text)), PLUG_OK);
		plug_restore_take(&restore, &reply);
		plug_reply_clear(&reply);
	}
	json_object_put(root);
}

static void run_aged(int64_t age_s)
{
	struct plug_restore_ask ask;

	plug_restore_begin(
		&restore, &(struct plug_restore_settings) { &from, &to, local_time, age_s });
	while (plug_restore_next(&restore, &ask)) {
		model.busy_waits += ask.wait_ms >= 1000;
		assert_int_equal(ask.is_once, strstr(ask.request.text, "add_rule") != NULL);
		serve(ask.request.text);
	}
}

static void run(void)
{
	run_aged(0);
}

static const struct plug_restore_item *item(enum plug_restore_what what)
{
	for (size_t i = 0; i < restore.item_count; i++) {
		if (restore.items[i].what == what) {
			return &restore.items[i];
		}
	}
	fail_msg("no item %s", plug_restore_what_name(what));
	return NULL;
}

static void assert_result(enum plug_restore_what what, enum plug_restore_result result)
{
	if (item(what)->result != result) {
		fail_msg("%s: %s (%s)", plug_restore_what_name(what),
			plug_restore_result_name(item(what)->result), item(what)->why);
	}
}

static size_t count_there(enum plug_rule_kind kind)
{
	return json_object_array_length(model.rules[kind]);
}

static void everything_arrives(void **state)
{
	struct json_object *left = NULL;

	(void)state;
	run();
	assert_int_equal(plug_restore_count(&restore, PLUG_RESTORE_DONE), 7);
	assert_true(plug_restore_is_whole(&restore));
	assert_string_equal(model.alias, "Engine");
	assert_true(model.is_dark);
	assert_int_equal(model.zone, 41);
	assert_int_equal(model.latitude_i, 523702);
	/* The two that are alike, too; that of its life before is gone. */
	assert_int_equal(count_there(PLUG_RULE_SCHEDULE), 3);
	assert_int_equal(model.adds, 4);
	json_object_object_get_ex(
		json_object_array_get_idx(model.rules[PLUG_RULE_COUNTDOWN], 0), "delay", &left);
	assert_int_equal(json_object_get_int(left), 300);
	/* The clock comes before the rules that go by it. */
	assert_string_equal(model.log[0], "time.set_timezone");
}

static void a_countdown_that_ended_meanwhile_is_no_loss(void **state)
{
	(void)state;
	run_aged(300);
	assert_result(PLUG_RESTORE_COUNTDOWN, PLUG_RESTORE_DONE);
	assert_int_equal(count_there(PLUG_RULE_COUNTDOWN), 0);
}

static void a_list_that_was_off_is_off_again(void **state)
{
	(void)state;
	from.outlets[0].rules[PLUG_RULE_SCHEDULE].is_enabled = false;
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_DONE);
	assert_true(model.is_off[PLUG_RULE_SCHEDULE]);
	assert_false(model.is_off[PLUG_RULE_AWAY]);
}

static void what_is_not_known_is_left_alone(void **state)
{
	(void)state;
	plug_snapshot_clear(&from);
	from.outlet_count = 1;
	run();
	assert_int_equal(model.asked, 0);
	assert_int_equal(plug_restore_count(&restore, PLUG_RESTORE_SKIPPED), 7);
	assert_int_equal(count_there(PLUG_RULE_SCHEDULE), 1);
}

static void a_zone_nobody_knows_is_skipped(void **state)
{
	(void)state;
	from.zone = 9;
	run();
	assert_result(PLUG_RESTORE_CLOCK, PLUG_RESTORE_SKIPPED);
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_DONE);
}

static void a_lost_answer_to_add_rule_is_looked_up(void **state)
{
	(void)state;
	model.loses_method = "add_rule";
	model.loss = LOSS_AFTER;
	model.losses = 4;
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_DONE);
	assert_result(PLUG_RESTORE_COUNTDOWN, PLUG_RESTORE_DONE);
	assert_int_equal(model.adds, 4);
	assert_int_equal(count_there(PLUG_RULE_SCHEDULE), 3);
}

static void a_lost_add_rule_is_sent_again(void **state)
{
	(void)state;
	model.loses_method = "add_rule";
	model.loss = LOSS_BEFORE;
	model.losses = 2;
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_DONE);
	assert_int_equal(count_there(PLUG_RULE_SCHEDULE), 3);
}

static void add_rule_is_not_tried_for_ever(void **state)
{
	(void)state;
	model.loses_method = "add_rule";
	model.loss = LOSS_BEFORE;
	model.losses = 100;
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_FAILED);
	assert_result(PLUG_RESTORE_AWAY, PLUG_RESTORE_NOT_TRIED);
	assert_int_equal(model.losses, 97);
}

static void a_device_that_is_gone_ends_it(void **state)
{
	(void)state;
	model.loses_method = "set_dev_alias";
	model.loss = LOSS_BEFORE;
	model.losses = 100;
	run();
	assert_result(PLUG_RESTORE_LIGHT, PLUG_RESTORE_DONE);
	assert_result(PLUG_RESTORE_NAME, PLUG_RESTORE_FAILED);
	assert_string_equal(item(PLUG_RESTORE_NAME)->why, "no answer in time");
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_NOT_TRIED);
	assert_int_equal(model.losses, 97);
}

static void one_lost_answer_is_nothing(void **state)
{
	static const char *const methods[] = { "set_dev_alias", "get_sysinfo", "get_timezone",
		"delete_all_rules", "set_overall_enable", "get_rules" };

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		teardown(state);
		setup(state);
		model.loses_method = methods[i];
		model.loss = i % 2 == 0 ? LOSS_AFTER : LOSS_BEFORE;
		model.losses = 2;
		run();
		assert_int_equal(plug_restore_count(&restore, PLUG_RESTORE_DONE), 7);
		assert_int_equal(model.losses, 0);
	}
}

static void a_full_table_is_told_and_the_rest_is_tried(void **state)
{
	(void)state;
	model.fails_method = "add_rule";
	model.err_code = -10;
	model.failures = 1;
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_FAILED);
	assert_string_equal(item(PLUG_RESTORE_SCHEDULE)->why,
		"device answered -10 (table is full) after 0 of 3 rules");
	assert_result(PLUG_RESTORE_COUNTDOWN, PLUG_RESTORE_DONE);
}

static void a_busy_device_is_waited_for(void **state)
{
	(void)state;
	model.fails_method = "add_rule";
	model.err_code = -32;
	model.failures = 5;
	run();
	assert_int_equal(plug_restore_count(&restore, PLUG_RESTORE_DONE), 7);
	assert_int_equal(model.busy_waits, 5);
	assert_int_equal(count_there(PLUG_RULE_SCHEDULE), 3);
}

static void a_setting_the_device_does_not_have_is_skipped(void **state)
{
	(void)state;
	model.fails_method = "set_dev_location";
	model.err_code = -2;
	model.failures = 1;
	run();
	assert_result(PLUG_RESTORE_LOCATION, PLUG_RESTORE_SKIPPED);
	assert_int_equal(plug_restore_count(&restore, PLUG_RESTORE_FAILED), 0);
}

static void rules_the_device_cannot_keep_are_a_failure(void **state)
{
	(void)state;
	model.fails_method = "get_rules";
	model.err_code = -1;
	model.failures = 100;
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_FAILED);
	/* Nothing is lost where there was nothing. */
	assert_result(PLUG_RESTORE_AWAY, PLUG_RESTORE_SKIPPED);
}

static void a_device_that_only_says_yes_is_seen_through(void **state)
{
	(void)state;
	model.ignores = "";
	run();
	assert_result(PLUG_RESTORE_CLOCK, PLUG_RESTORE_FAILED);
	assert_result(PLUG_RESTORE_LOCATION, PLUG_RESTORE_FAILED);
	assert_result(PLUG_RESTORE_LIGHT, PLUG_RESTORE_FAILED);
	assert_result(PLUG_RESTORE_NAME, PLUG_RESTORE_FAILED);
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_FAILED);
	assert_result(PLUG_RESTORE_AWAY, PLUG_RESTORE_DONE);
	assert_false(plug_restore_is_whole(&restore));
}

static void a_clock_that_goes_its_own_way_loses_nothing(void **state)
{
	(void)state;
	model.ignores = "set_timezone";
	run();
	assert_result(PLUG_RESTORE_CLOCK, PLUG_RESTORE_FAILED);
	assert_true(plug_restore_is_whole(&restore));
	model.losses = 100;
	model.loses_method = "set_timezone";
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_NOT_TRIED);
	assert_false(plug_restore_is_whole(&restore));
}

static void an_old_rule_that_stays_is_seen(void **state)
{
	(void)state;
	model.ignores = "delete_all_rules";
	run();
	assert_result(PLUG_RESTORE_SCHEDULE, PLUG_RESTORE_FAILED);
	assert_string_equal(item(PLUG_RESTORE_SCHEDULE)->why, "3 rules were to be there, 4 are");
	assert_result(PLUG_RESTORE_COUNTDOWN, PLUG_RESTORE_DONE);
}

static void another_device_at_the_address_ends_it(void **state)
{
	(void)state;
	model.mac = "50:C7:BF:00:00:03";
	run();
	assert_result(PLUG_RESTORE_CLOCK, PLUG_RESTORE_DONE);
	assert_result(PLUG_RESTORE_LOCATION, PLUG_RESTORE_FAILED);
	assert_result(PLUG_RESTORE_LIGHT, PLUG_RESTORE_NOT_TRIED);
}

static void outlets_of_a_strip_have_items_of_their_own(void **state)
{
	struct plug_restore_ask ask;

	(void)state;
	plug_snapshot_clear(&from);
	from = (struct plug_snapshot) { .family = PLUG_FAMILY_STRIP,
		.alias = "Cases",
		.outlet_count = 2,
		.outlets[1].alias = "Gold" };
	to.snapshot.family = PLUG_FAMILY_STRIP;
	to.snapshot.outlet_count = 2;
	memcpy(to.child_ids[1], "X01", 4);
	plug_restore_begin(&restore, &(struct plug_restore_settings) { &from, &to, local_time, 0 });
	assert_int_equal(restore.item_count, 4 + 2 * 4);
	assert_int_equal(plug_restore_count(&restore, PLUG_RESTORE_NOT_TRIED), 2);
	assert_true(plug_restore_next(&restore, &ask));
	assert_string_equal(
		ask.request.text, "{\"system\":{\"set_dev_alias\":{\"alias\":\"Cases\"}}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_arrives, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_countdown_that_ended_meanwhile_is_no_loss, setup, teardown),
		cmocka_unit_test_setup_teardown(a_list_that_was_off_is_off_again, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_zone_nobody_knows_is_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_lost_answer_to_add_rule_is_looked_up, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lost_add_rule_is_sent_again, setup, teardown),
		cmocka_unit_test_setup_teardown(add_rule_is_not_tried_for_ever, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_that_is_gone_ends_it, setup, teardown),
		cmocka_unit_test_setup_teardown(one_lost_answer_is_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_full_table_is_told_and_the_rest_is_tried, setup, teardown),
		cmocka_unit_test_setup_teardown(a_busy_device_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_setting_the_device_does_not_have_is_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(
			rules_the_device_cannot_keep_are_a_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_device_that_only_says_yes_is_seen_through, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_clock_that_goes_its_own_way_loses_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(an_old_rule_that_stays_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(
			another_device_at_the_address_ends_it, setup, teardown),
		cmocka_unit_test_setup_teardown(
			outlets_of_a_strip_have_items_of_their_own, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
