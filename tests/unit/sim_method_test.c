#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/device/names.h"
#include "tests/unit/sim_rig.h"

/* The one strip of the tests, and the ids of its outlets. */
#define STRIP "HS300"

struct row {
	const char *name;
	const char *model;
	const char *request;
	const char *answer;
};

#define NO_MODULE "{\"err_code\":-1,\"err_msg\":\"module not support\"}"
#define INVALID "{\"err_code\":-3,\"err_msg\":\"invalid argument\"}"

static const struct row rows[] = {
	{ "nothing asked", "HS100", "{}", "{}" },
	{ "no method", "HS100", "{\"system\":{}}", "{\"system\":{}}" },
	{ "relay", "HS100", "{\"system\":{\"set_relay_state\":{\"state\":1}}}",
		"{\"system\":{\"set_relay_state\":{\"err_code\":0}}}" },
	{ "null for no arguments", "HS110v1", "{\"emeter\":{\"erase_emeter_stat\":null}}",
		"{\"emeter\":{\"erase_emeter_stat\":{\"err_code\":0}}}" },
	{ "two modules", "HS110v1",
		"{\"system\":{\"set_led_off\":{\"off\":1}},\"emeter\":{\"erase_emeter_stat\":{}}}",
		"{\"system\":{\"set_led_off\":{\"err_code\":0}},"
		"\"emeter\":{\"erase_emeter_stat\":{\"err_code\":0}}}" },
	{ "refused by module", "HS110v1", "{\"x\":{\"a\":{},\"b\":{}}}", "{\"x\":" NO_MODULE "}" },
	{ "refused by method", "HS100", "{\"x\":{\"a\":{},\"b\":{}}}",
		"{\"x\":{\"a\":" NO_MODULE ",\"b\":" NO_MODULE "}}" },
	{ "refused by a bulb", "KL110", "{\"emeter\":{\"get_realtime\":{}}}",
		"{\"emeter\":{\"err_code\":-2001,\"err_msg\":\"Module not support\"}}" },
	{ "method refused", "HS100", "{\"system\":{\"fly\":{}}}",
		"{\"system\":{\"fly\":{\"err_code\":-2,\"err_msg\":\"member not support\"}}}" },
	{ "method refused by a bulb", "KL110", "{\"system\":{\"set_relay_state\":{\"state\":1}}}",
		"{\"system\":{\"set_relay_state\":"
		"{\"err_code\":-2000,\"err_msg\":\"Method not support\"}}}" },
	{ "module that is no object", "HS110v2", "{\"system\":5}", "{\"system\":" INVALID "}" },
	{ "arguments that are no object", "HS110v2", "{\"system\":{\"get_sysinfo\":5}}",
		"{\"system\":{\"get_sysinfo\":" INVALID "}}" },
	{ "last of two", "HS100",
		"{\"system\":{\"set_relay_state\":{\"state\":7},\"set_relay_state\":{\"state\":0}}"
		"}",
		"{\"system\":{\"set_relay_state\":{\"err_code\":0}}}" },
	{ "names that need escapes", "HS110v2", "{\"a\\\"b\":{\"c\\\\d\":{}}}",
		"{\"a\\\"b\":" NO_MODULE "}" },
	{ "context last", STRIP,
		"{\"system\":{\"set_relay_state\":{\"state\":1}},\"context\":{\"child_ids\":[\"x\"]"
		"}}",
		"{\"system\":{\"set_relay_state\":{\"err_code\":-14,\"err_msg\":\"entry not "
		"exist\"}}}" },
	{ "nobody asked for a reading", STRIP,
		"{\"context\":{\"child_ids\":[]},\"emeter\":{\"get_realtime\":{}}}",
		"{\"emeter\":{\"get_realtime\":{\"err_code\":0}}}" },
	{ "context of a bulb", "KL110", "{\"context\":5,\"system\":{}}", "{\"system\":{}}" },
	{ "rule without id", "HS100", "{\"schedule\":{\"edit_rule\":{\"enable\":1}}}",
		"{\"schedule\":{\"edit_rule\":" INVALID "}}" },
	{ "rule that nobody has", "HS100", "{\"schedule\":{\"delete_rule\":{\"id\":\"x\"}}}",
		"{\"schedule\":{\"delete_rule\":"
		"{\"err_code\":-14,\"err_msg\":\"entry not exist\"}}}" },
	{ "rule to change that nobody has", "HS100",
		"{\"anti_theft\":{\"edit_rule\":{\"id\":\"x\"}}}",
		"{\"anti_theft\":{\"edit_rule\":"
		"{\"err_code\":-14,\"err_msg\":\"entry not exist\"}}}" },
	{ "months of no year", "HS110v1", "{\"emeter\":{\"get_monthstat\":{\"year\":26}}}",
		"{\"emeter\":{\"get_monthstat\":" INVALID "}}" },
	{ "days of no month", "HS110v1",
		"{\"emeter\":{\"get_daystat\":{\"year\":2026,\"month\":13}}}",
		"{\"emeter\":{\"get_daystat\":" INVALID "}}" },
	{ "reboot at no time", "HS100", "{\"system\":{\"reboot\":{\"delay\":\"soon\"}}}",
		"{\"system\":{\"reboot\":" INVALID "}}" },
	{ "bulb neither on nor off", "KL110",
		"{\"smartlife.iot.smartbulb.lightingservice\":"
		"{\"transition_light_state\":{\"on_off\":5}}}",
		"{\"smartlife.iot.smartbulb.lightingservice\":"
		"{\"transition_light_state\":" INVALID "}}" },
	{ "bulb too bright", "KL110",
		"{\"smartlife.iot.smartbulb.lightingservice\":"
		"{\"transition_light_state\":{\"brightness\":101}}}",
		"{\"smartlife.iot.smartbulb.lightingservice\":"
		"{\"transition_light_state\":" INVALID "}}" },
	{ "clock set", "HS100",
		"{\"time\":{\"set_time\":{\"year\":2030,\"month\":1,\"mday\":2,\"hour\":3,\"min\":"
		"4,"
		"\"sec\":5},\"get_time\":{}}}",
		"{\"time\":{\"set_time\":{\"err_code\":0},\"get_time\":{\"year\":2030,\"month\":1,"
		"\"mday\":2,\"hour\":3,\"min\":4,\"sec\":5,\"err_code\":0}}}" },
	{ "dimmer by transition", "HS220",
		"{\"smartlife.iot.dimmer\":{\"set_dimmer_transition\":"
		"{\"brightness\":42,\"duration\":5}}}",
		"{\"smartlife.iot.dimmer\":{\"set_dimmer_transition\":{\"err_code\":0}}}" },
	{ "no rules", "HS100",
		"{\"schedule\":{\"get_rules\":{}},\"count_down\":{\"get_rules\":{}}}",
		"{\"schedule\":{\"get_rules\":{\"rule_list\":[],\"enable\":1,\"err_code\":0}},"
		"\"count_down\":{\"get_rules\":{\"rule_list\":[],\"err_code\":0}}}" },
	{ "countdown without end", "HS100",
		"{\"count_down\":{\"add_rule\":{\"enable\":1,\"act\":1}}}",
		"{\"count_down\":{\"add_rule\":" INVALID "}}" },
	{ "local time", "HS100", "{\"time\":{\"get_time\":{}}}",
		"{\"time\":{\"get_time\":{\"year\":2026,\"month\":11,\"mday\":21,\"hour\":13,"
		"\"min\":0,\"sec\":0,\"err_code\":0}}}" },
};

static void methods_answer_as_devices_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rig rig;
		const char *answer = NULL;

		print_message("%s\n", rows[i].name);
		rig_init(&rig, rows[i].model);
		answer = rig_ask(&rig, rows[i].request);
		assert_non_null(answer);
		assert_string_equal(answer, rows[i].answer);
		rig_clear(&rig);
	}
}

static void requests_that_are_no_json_object_are_not_answered(void **state)
{
	static const char *const bad[] = { "", " ", "{", "}", "[]", "null", "1", "\"x\"",
		"{\"a\":NaN}", "{'a':{}}", "{\"a\":{}}x", "{\"a\":{}", "\xff", "{\"a\":\"\x80\"}" };
	struct rig rig;

	(void)state;
	rig_init(&rig, "HS110v2");
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		print_message("row %zu\n", i);
		assert_null(rig_ask(&rig, bad[i]));
		assert_int_equal(rig.device->counters.bad_requests, i + 1);
	}
	rig_clear(&rig);
}

static void a_request_cut_anywhere_is_not_answered(void **state)
{
	static const char whole[] =
		"{\"context\":{\"child_ids\":[]},\"system\":{\"get_sysinfo\":{}},"
		"\"emeter\":{\"get_daystat\":{\"year\":2026,\"month\":11}}}";
	struct rig rig;

	(void)state;
	rig_init(&rig, STRIP);
	assert_non_null(rig_ask(&rig, whole));
	for (size_t cut = 0; cut < sizeof whole - 1; cut++) {
		char part[sizeof whole];

		memcpy(part, whole, cut);
		part[cut] = '\0';
		assert_null(rig_ask(&rig, part));
	}
	rig_clear(&rig);
}

static void depth_is_bounded(void **state)
{
	char deep[4096];
	struct rig rig;

	(void)state;
	memset(deep, '[', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	rig_init(&rig, "HS110v2");
	assert_null(rig_ask(&rig, deep));
	rig_clear(&rig);
}

static void every_model_answers_every_method_in_the_table(void **state)
{
	(void)state;
	for (size_t model = 0; model < sim_model_count; model++) {
		struct rig rig;

		rig_init(&rig, sim_models[model].name);
		for (size_t i = 0; i < sim_method_count; i++) {
			struct sim_text request = { 0 };
			struct json_object *answer = NULL;
			struct json_object *module = NULL;

			sim_text_add(&request, "{");
			sim_text_key(&request, sim_methods[i].module);
			sim_text_add(&request, "{");
			sim_text_key(&request, sim_methods[i].name);
			sim_text_add(&request, "{\"year\":2026,\"month\":11}}}");
			answer = json_tokener_parse(rig_ask(&rig, request.bytes));
			assert_true(
				json_object_object_get_ex(answer, sim_methods[i].module, &module));
			assert_true(json_object_is_type(module, json_type_object));
			json_object_put(answer);
			sim_text_free(&request);
			rig.device->leaves_ms = INT64_MAX; /* reboot and reset wait for nobody */
		}
		rig_clear(&rig);
	}
}

static void datagrams_shorten_the_ids_of_outlets(void **state)
{
	struct sim_exchange exchange = {
		.text = "{\"system\":{\"get_sysinfo\":{}}}",
		.size = 29,
		.is_datagram = true,
		.step.now_ms = RIG_START_MS,
	};
	struct rig rig;

	(void)state;
	rig_init(&rig, STRIP);
	assert_true(sim_answer(rig.device, &exchange, &rig.text));
	assert_non_null(strstr(rig.text.bytes, "{\"id\":\"05\","));
	assert_null(strstr(rig.text.bytes, "0005\","));
	rig_clear(&rig);
}

/* The request that moves the outlets of one strip, some of them named wrong. */
static const char *order(const struct sim_device *device, const char *more, struct sim_text *out)
{
	sim_text_add(out, "{\"context\":{\"child_ids\":[\"");
	sim_device_add_child_id(device, 2, out);
	sim_text_add(out, "\"");
	sim_text_add(out, more);
	sim_text_add(out, "]},\"system\":{\"set_relay_state\":{\"state\":1}}}");
	return out->bytes;
}

static void one_bad_outlet_spoils_the_order(void **state)
{
	static const struct {
		const char *more;
		const char *err_code;
		uint32_t moved;
	} orders[] = {
		{ "", "\"err_code\":0", 1U << 2 },
		{ ",\"\"", "\"err_code\":-14", 0 },
		{ ",\"00\"", "\"err_code\":-14", 0 },
		{ ",7", "\"err_code\":-3", 0 },
		{ ",null", "\"err_code\":-3", 0 },
		{ ",[]", "\"err_code\":-3", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		struct sim_text request = { 0 };
		struct rig rig;

		print_message("%s\n", orders[i].more);
		rig_init(&rig, STRIP);
		assert_non_null(strstr(rig_ask(&rig, order(rig.device, orders[i].more, &request)),
			orders[i].err_code));
		assert_int_equal(rig.exchange.step.moved, orders[i].moved);
		sim_text_free(&request);
		rig_clear(&rig);
	}
}

static void calls_are_counted_by_method(void **state)
{
	struct rig rig;
	size_t sum = 0;

	(void)state;
	rig_init(&rig, "HS110v2");
	rig_ask(&rig,
		"{\"system\":{\"get_sysinfo\":{},\"fly\":{}},\"emeter\":{\"get_realtime\":{}}}");
	rig_ask(&rig, "{\"system\":{\"get_sysinfo\":{}},\"x\":{\"y\":{}}}");
	for (size_t i = 0; i < sim_method_count; i++) {
		const uint32_t count = rig.device->counters.methods[i];

		sum += count;
		if (strcmp(sim_methods[i].name, "get_sysinfo") == 0) {
			assert_int_equal(count, 2);
		}
	}
	assert_int_equal(sum, 3);
	assert_int_equal(rig.device->counters.unknown_methods, 2);
	rig_clear(&rig);
}

static void rules_fill_a_table_and_keep_their_ids(void **state)
{
	struct rig rig;
	const char *answer = NULL;

	(void)state;
	rig_init(&rig, "HS100");
	for (size_t i = 0; i < SIM_RULES_MAX; i++) {
		assert_non_null(strstr(rig_ask(&rig, "{\"schedule\":{\"add_rule\":{\"smin\":5}}}"),
			"\"err_code\":0"));
	}
	answer = rig_ask(&rig, "{\"schedule\":{\"add_rule\":{\"smin\":5}}}");
	assert_string_equal(answer,
		"{\"schedule\":{\"add_rule\":{\"err_code\":-10,\"err_msg\":\"table is full\"}}}");
	rig_ask(&rig,
		"{\"schedule\":{\"delete_all_rules\":{},\"set_overall_enable\":{\"enable\":0}}}");
	answer = rig_ask(&rig, "{\"schedule\":{\"get_rules\":{}}}");
	assert_string_equal(answer,
		"{\"schedule\":{\"get_rules\":{\"rule_list\":[],\"enable\":0,\"err_code\":0}}}");
	rig_clear(&rig);
}

static void countdown_tells_what_remains(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, "HS100");
	rig_ask(&rig, "{\"count_down\":{\"add_rule\":{\"enable\":1,\"delay\":100,\"act\":1}}}");
	rig_pass(&rig, 40500);
	assert_non_null(
		strstr(rig_ask(&rig, "{\"count_down\":{\"get_rules\":{}}}"), "\"remain\":60}"));
	assert_non_null(strstr(rig_ask(&rig, "{\"system\":{\"get_sysinfo\":{}}}"),
		"\"active_mode\":\"count_down\""));
	rig_pass(&rig, 60000);
	assert_true(rig.device->outlets[0].is_on);
	assert_non_null(
		strstr(rig_ask(&rig, "{\"count_down\":{\"get_rules\":{}}}"), "\"remain\":0}"));
	rig_clear(&rig);
}

static void countdown_is_changed_and_deleted(void **state)
{
	struct rig rig;
	struct sim_text request = { 0 };
	char id[33] = "";

	(void)state;
	rig_init(&rig, "HS100");
	memcpy(id,
		strstr(rig_ask(&rig, "{\"count_down\":{\"add_rule\":"
				     "{\"enable\":1,\"delay\":100,\"act\":1}}}"),
			"\"id\":\"") +
			6,
		sizeof id - 1);
	sim_text_add(
		&request, "{\"count_down\":{\"edit_rule\":{\"enable\":1,\"delay\":500,\"act\":1");
	sim_text_string(&request, "id", id);
	sim_text_add(&request, "}}}");
	assert_non_null(strstr(rig_ask(&rig, request.bytes), "\"err_code\":0"));
	assert_int_equal(sim_device_due_ms(rig.device), rig.now_ms + 500000);
	sim_text_cut(&request, 0);
	sim_text_add(&request, "{\"count_down\":{\"delete_rule\":{");
	sim_text_string(&request, "id", id);
	sim_text_add(&request, "}}}");
	assert_non_null(strstr(rig_ask(&rig, request.bytes), "\"err_code\":0"));
	assert_int_equal(sim_device_due_ms(rig.device), INT64_MAX);
	sim_text_free(&request);
	rig_clear(&rig);
}

static void a_device_that_just_left_does_not_answer(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, "HS100");
	assert_non_null(rig_ask(&rig, "{\"system\":{\"reboot\":{\"delay\":1}}}"));
	rig.now_ms += 1000;
	assert_null(rig_ask(&rig, "{\"system\":{\"get_sysinfo\":{}}}"));
	assert_true(rig.exchange.step.has_presence);
	assert_int_equal(rig.device->counters.bad_requests, 0);
	rig_clear(&rig);
}

static void equal_devices_answer_equally(void **state)
{
	static const char request[] =
		"{\"system\":{\"get_sysinfo\":{}},\"emeter\":{\"get_realtime\":{},"
		"\"get_monthstat\":{\"year\":2026}}}";
	struct rig one;
	struct rig other;

	(void)state;
	rig_init(&one, "HS110v1");
	rig_init(&other, "HS110v1");
	for (int i = 0; i < 10; i++) {
		rig_switch(&one, 0, i % 3 == 0);
		rig_switch(&other, 0, i % 3 == 0);
		assert_string_equal(rig_ask(&one, request), rig_ask(&other, request));
		rig_pass(&one, 7 * (int64_t)RIG_HOUR_MS);
		rig_pass(&other, 7 * (int64_t)RIG_HOUR_MS);
	}
	rig_clear(&one);
	rig_clear(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(methods_answer_as_devices_do),
		cmocka_unit_test(requests_that_are_no_json_object_are_not_answered),
		cmocka_unit_test(a_request_cut_anywhere_is_not_answered),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(every_model_answers_every_method_in_the_table),
		cmocka_unit_test(datagrams_shorten_the_ids_of_outlets),
		cmocka_unit_test(one_bad_outlet_spoils_the_order),
		cmocka_unit_test(calls_are_counted_by_method),
		cmocka_unit_test(rules_fill_a_table_and_keep_their_ids),
		cmocka_unit_test(countdown_tells_what_remains),
		cmocka_unit_test(countdown_is_changed_and_deleted),
		cmocka_unit_test(a_device_that_just_left_does_not_answer),
		cmocka_unit_test(equal_devices_answer_equally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
