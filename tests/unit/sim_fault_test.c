#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/json.h"
#include "tests/unit/sim_rig.h"

static const char *const ignored[] = { "fault", NULL };

/* Switches on what a line of JSON describes; the name of what it got wrong, or NULL. The name is
 * kept here: it belongs to the line. */
static const char *switch_on_as(struct sim_fault **faults, const char *line, uint64_t seed)
{
	static char bad[32];
	struct json_object *object = NULL;
	struct sim_fault_settings settings;
	enum sim_fault_kind kind = SIM_FAULT_COUNT;
	const char *name = NULL;
	const char *error = NULL;

	assert_int_equal(
		plug_json_parse(line, strlen(line), PLUG_JSON_DISTINCT_KEYS, &object), PLUG_OK);
	assert_true(plug_json_string(object, "fault", &name));
	assert_true(sim_fault_kind_find(name, &kind));
	error = sim_fault_settings_read(kind, object, ignored, &settings);
	if (error) {
		strncpy(bad, error, sizeof bad - 1);
	} else {
		sim_fault_set(faults, kind, &settings, seed);
		sim_fault_settings_clear(&settings);
	}
	json_object_put(object);
	return error ? bad : NULL;
}

static const char *switch_on(struct sim_fault **faults, const char *line)
{
	return switch_on_as(faults, line, 1);
}

/* The first fault that is on, of which there must be one. */
static struct sim_fault *first(struct sim_fault *faults)
{
	if (!faults) {
		print_error("no fault is on\n");
		abort();
	}
	return faults;
}

static void settings_are_checked(void **state)
{
	static const struct {
		const char *line;
		const char *bad; /* NULL: all is well */
	} rows[] = {
		{ "{\"fault\":\"drip\"}", NULL },
		{ "{\"fault\":\"drip\",\"ms\":5,\"bytes\":2,\"times\":1,\"percent\":50}", NULL },
		{ "{\"fault\":\"drip\",\"ms\":-1}", "ms" },
		{ "{\"fault\":\"drip\",\"ms\":3600001}", "ms" },
		{ "{\"fault\":\"drip\",\"bytes\":0}", "bytes" },
		{ "{\"fault\":\"drip\",\"times\":0}", "times" },
		{ "{\"fault\":\"drip\",\"percent\":0}", "percent" },
		{ "{\"fault\":\"drip\",\"percent\":\"5\"}", "percent" },
		{ "{\"fault\":\"drip\",\"level\":\"top\"}", "level" },
		{ "{\"fault\":\"drip\",\"transport\":\"udp\"}", "transport" },
		{ "{\"fault\":\"drip\",\"transport\":\"none\"}", "transport" },
		{ "{\"fault\":\"drop\",\"transport\":\"udp\",\"carried_out\":true}", NULL },
		{ "{\"fault\":\"drop\",\"carried_out\":2}", "carried_out" },
		{ "{\"fault\":\"wrong_length\",\"bytes\":-1048576}", NULL },
		{ "{\"fault\":\"wrong_length\",\"bytes\":-1048577}", "bytes" },
		{ "{\"fault\":\"truncate\",\"bytes\":-1}", "bytes" },
		{ "{\"fault\":\"err_code\",\"level\":\"top\",\"module\":\"emeter\"}", NULL },
		{ "{\"fault\":\"err_code\",\"level\":\"bottom\"}", "level" },
		{ "{\"fault\":\"err_code\",\"level\":2}", "level" },
		{ "{\"fault\":\"err_code\",\"module\":5}", "module" },
		{ "{\"fault\":\"busy\",\"err_code\":5}", "err_code" },
		{ "{\"fault\":\"bad_energy\",\"value\":\"nan\"}", NULL },
		{ "{\"fault\":\"bad_energy\",\"value\":\"odd\"}", "value" },
		{ "{\"fault\":\"close\",\"colour\":1}", "colour" },
		{ "{\"fault\":\"other_device\",\"times\":1}", "times" },
	};
	struct sim_fault *faults = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *bad = switch_on(&faults, rows[i].line);

		print_message("%s\n", rows[i].line);
		if (rows[i].bad) {
			assert_non_null(bad);
			assert_string_equal(bad, rows[i].bad);
		} else {
			assert_null(bad);
		}
	}
	sim_fault_clear_all(&faults);
}

static void faults_are_kept_in_order_and_once(void **state)
{
	struct sim_fault *faults = NULL;

	(void)state;
	switch_on(&faults, "{\"fault\":\"close\"}");
	switch_on(&faults, "{\"fault\":\"refuse\"}");
	switch_on(&faults, "{\"fault\":\"drip\",\"ms\":1}");
	switch_on(&faults, "{\"fault\":\"drip\",\"ms\":2}");
	assert_int_equal(first(faults)->kind, SIM_FAULT_REFUSE);
	assert_int_equal(faults->next->kind, SIM_FAULT_DRIP);
	assert_int_equal(faults->next->settings.ms, 2);
	assert_int_equal(faults->next->next->kind, SIM_FAULT_CLOSE);
	assert_null(faults->next->next->next);
	assert_null(sim_fault_find(faults, SIM_FAULT_SLOW));
	assert_false(sim_fault_clear(&faults, SIM_FAULT_SLOW));
	assert_true(sim_fault_clear(&faults, SIM_FAULT_DRIP));
	assert_null(sim_fault_find(faults, SIM_FAULT_DRIP));
	sim_fault_clear_all(&faults);
	assert_null(faults);
}

static void no_fault_leaves_the_plan_alone(void **state)
{
	const struct sim_plan healthy = { 0 };
	struct sim_plan plan = { 0 };
	struct sim_fault *faults = NULL;

	(void)state;
	sim_fault_plan(faults, SIM_TCP, &plan);
	assert_memory_equal(&plan, &healthy, sizeof plan);
	switch_on(&faults, "{\"fault\":\"refuse\"}");
	switch_on(&faults, "{\"fault\":\"drop\",\"transport\":\"udp\"}");
	sim_fault_plan(faults, SIM_TCP, &plan);
	assert_memory_equal(&plan, &healthy, sizeof plan);
	sim_fault_clear_all(&faults);
}

static void several_faults_share_a_plan(void **state)
{
	struct sim_plan plan = { 0 };
	struct sim_fault *faults = NULL;

	(void)state;
	switch_on(&faults, "{\"fault\":\"slow\",\"ms\":5}");
	switch_on(&faults, "{\"fault\":\"header_alone\",\"bytes\":3,\"ms\":7}");
	switch_on(&faults, "{\"fault\":\"close\"}");
	sim_fault_plan(faults, SIM_TCP, &plan);
	assert_int_equal(plan.act, SIM_ACT_ANSWER);
	assert_int_equal(plan.delay_ms, 5);
	assert_int_equal(plan.first_bytes, 3);
	assert_int_equal(plan.gap_ms, 7);
	assert_true(plan.is_closing);
	sim_fault_clear_all(&faults);
}

static void a_dropped_request_spends_no_other_fault(void **state)
{
	struct sim_plan plan = { 0 };
	struct sim_fault *faults = NULL;

	(void)state;
	switch_on(&faults, "{\"fault\":\"drop\"}");
	switch_on(&faults, "{\"fault\":\"close\",\"times\":1}");
	sim_fault_plan(faults, SIM_TCP, &plan);
	assert_int_equal(plan.struck, 1U << SIM_FAULT_DROP);
	assert_int_equal(sim_fault_settle(&faults, plan.struck), 1);
	assert_non_null(sim_fault_find(faults, SIM_FAULT_CLOSE));
	sim_fault_clear_all(&faults);
}

static void a_fault_ends_after_its_times(void **state)
{
	struct sim_fault *faults = NULL;

	(void)state;
	switch_on(&faults, "{\"fault\":\"bad_json\",\"times\":3}");
	for (int left = 3; left > 0; left--) {
		struct sim_plan plan = { 0 };

		assert_int_equal(first(faults)->settings.times, left);
		sim_fault_plan(faults, SIM_TCP, &plan);
		assert_int_equal(plan.body, SIM_BODY_BAD_JSON);
		sim_fault_settle(&faults, plan.struck);
	}
	assert_null(faults);
}

static void a_fault_without_times_stays(void **state)
{
	struct sim_fault *faults = NULL;

	(void)state;
	switch_on(&faults, "{\"fault\":\"bad_json\"}");
	for (uint32_t i = 0; i < 1000; i++) {
		sim_fault_settle(&faults, 1U << SIM_FAULT_BAD_JSON);
	}
	assert_int_equal(first(faults)->strikes, 1000);
	sim_fault_clear_all(&faults);
}

static void percent_is_about_right_and_repeatable(void **state)
{
	int struck[2] = { 0 };

	(void)state;
	for (size_t run = 0; run < 2; run++) {
		struct sim_fault *faults = NULL;

		switch_on(&faults, "{\"fault\":\"drop\",\"percent\":10}");
		for (int i = 0; i < 10000; i++) {
			struct sim_plan plan = { 0 };

			sim_fault_plan(faults, SIM_UDP, &plan);
			struck[run] += plan.act == SIM_ACT_DROP;
		}
		sim_fault_clear_all(&faults);
	}
	assert_in_range(struck[0], 900, 1100);
	assert_int_equal(struck[0], struck[1]);
}

/* The requests of 1000 that a device with that seed does not hear, as bits. */
static void drop_some(uint64_t seed, uint8_t *struck)
{
	struct sim_fault *faults = NULL;

	switch_on_as(&faults, "{\"fault\":\"drop\",\"percent\":50}", seed);
	for (size_t i = 0; i < 1000; i++) {
		struct sim_plan plan = { 0 };

		sim_fault_plan(faults, SIM_UDP, &plan);
		struck[i] = plan.act == SIM_ACT_DROP;
	}
	sim_fault_clear_all(&faults);
}

static void percent_strikes_each_device_at_other_requests(void **state)
{
	uint8_t one[1000];
	uint8_t other[1000];
	int different = 0;

	(void)state;
	drop_some(0x50C7BF010001, one);
	drop_some(0x50C7BF010002, other);
	for (size_t i = 0; i < sizeof one; i++) {
		different += one[i] != other[i];
	}
	assert_in_range(different, 400, 600);
}

static void faults_of_content_are_spent_only_where_they_strike(void **state)
{
	static const struct {
		const char *line;
		const char *other;
		const char *meant;
	} rows[] = {
		{ "{\"fault\":\"stuck_relay\",\"times\":1}", "{\"system\":{\"get_sysinfo\":{}}}",
			"{\"system\":{\"set_relay_state\":{\"state\":1}}}" },
		{ "{\"fault\":\"bad_energy\",\"times\":1}", "{\"system\":{\"get_sysinfo\":{}}}",
			"{\"emeter\":{\"get_realtime\":{}}}" },
		{ "{\"fault\":\"busy\",\"times\":1,\"module\":\"emeter\"}",
			"{\"system\":{\"get_sysinfo\":{}}}", "{\"emeter\":{\"get_realtime\":{}}}" },
		{ "{\"fault\":\"err_code\",\"times\":1,\"level\":\"module\",\"module\":\"emeter\"}",
			"{\"system\":{\"get_sysinfo\":{}}}", "{\"emeter\":{\"get_realtime\":{}}}" },
		{ "{\"fault\":\"err_code\",\"times\":1,\"level\":\"top\",\"module\":\"emeter\"}",
			"{\"system\":{\"get_sysinfo\":{}}}",
			"{\"system\":{\"get_sysinfo\":{}},\"emeter\":{\"get_realtime\":{}}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rig rig;

		print_message("%s\n", rows[i].line);
		rig_init(&rig, "HS110v2");
		assert_null(switch_on(&rig.faults, rows[i].line));
		rig_ask(&rig, rows[i].other);
		assert_non_null(rig.faults);
		rig_ask(&rig, rows[i].meant);
		assert_null(rig.faults);
		assert_false(rig.device->outlets[0].is_on);
		rig_clear(&rig);
	}
}

static void errors_stand_where_they_are_told_to(void **state)
{
#define ERROR "{\"err_code\":-32,\"err_msg\":\"another cmd is running\"}"
	static const struct {
		const char *line;
		const char *answer;
	} rows[] = {
		{ "{\"fault\":\"busy\"}", "{\"emeter\":{\"get_vgain_igain\":" ERROR
					  ",\"erase_emeter_stat\":" ERROR "}}" },
		{ "{\"fault\":\"busy\",\"method\":\"erase_emeter_stat\"}",
			"{\"emeter\":{\"get_vgain_igain\":{\"vgain\":13398,\"igain\":16712,"
			"\"err_code\":0},\"erase_emeter_stat\":" ERROR "}}" },
		{ "{\"fault\":\"busy\",\"level\":\"module\"}", "{\"emeter\":" ERROR "}" },
		{ "{\"fault\":\"busy\",\"level\":\"top\"}", ERROR },
		{ "{\"fault\":\"err_code\",\"err_code\":-12345,\"level\":\"top\"}",
			"{\"err_code\":-12345}" },
	};
#undef ERROR

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rig rig;

		print_message("%s\n", rows[i].line);
		rig_init(&rig, "HS110v2");
		assert_null(switch_on(&rig.faults, rows[i].line));
		assert_string_equal(
			rig_ask(&rig,
				"{\"emeter\":{\"get_vgain_igain\":{},\"erase_emeter_stat\":{}}}"),
			rows[i].answer);
		rig_clear(&rig);
	}
}

static void lists_are_json_that_can_be_read_back(void **state)
{
	struct sim_fault *faults = NULL;
	struct sim_text text = { 0 };
	struct json_object *list = NULL;

	(void)state;
	switch_on(&faults, "{\"fault\":\"err_code\",\"err_code\":-7,\"module\":\"a\\\"b\"}");
	switch_on(&faults, "{\"fault\":\"slow\"}");
	sim_fault_list(faults, &text);
	assert_string_equal(text.bytes,
		"[{\"fault\":\"slow\",\"times\":0,\"percent\":100,\"transport\":\"both\",\"ms\":"
		"1000,"
		"\"strikes\":0},{\"fault\":\"err_code\",\"times\":0,\"percent\":100,"
		"\"transport\":\"both\",\"err_code\":-7,\"level\":\"method\",\"module\":\"a\\\"b\","
		"\"strikes\":0}]");
	sim_text_cut(&text, 0);
	sim_fault_list_kinds(&text);
	list = json_tokener_parse(text.bytes);
	assert_int_equal(json_object_array_length(list), SIM_FAULT_COUNT);
	json_object_put(list);
	sim_text_free(&text);
	sim_fault_clear_all(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_checked),
		cmocka_unit_test(faults_are_kept_in_order_and_once),
		cmocka_unit_test(no_fault_leaves_the_plan_alone),
		cmocka_unit_test(several_faults_share_a_plan),
		cmocka_unit_test(a_dropped_request_spends_no_other_fault),
		cmocka_unit_test(a_fault_ends_after_its_times),
		cmocka_unit_test(a_fault_without_times_stays),
		cmocka_unit_test(percent_is_about_right_and_repeatable),
		cmocka_unit_test(percent_strikes_each_device_at_other_requests),
		cmocka_unit_test(faults_of_content_are_spent_only_where_they_strike),
		cmocka_unit_test(errors_stand_where_they_are_told_to),
		cmocka_unit_test(lists_are_json_that_can_be_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
