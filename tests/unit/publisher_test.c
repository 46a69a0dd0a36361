/* What is published, how, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/mem.h"
#include "tests/unit/publisher_rig.h"

/* ---- leaves ---- */

static void publisher_waits_for_a_connection(void **state)
{
	(void)state;
	publisher_mark(publisher, &outlets[0], STATE);
	publisher_connect(publisher, NULL, &topics);
	expect_sent("");
	mqtt.is_connected = false;
	publisher_connect(publisher, &mqtt, &topics);
	expect_sent("");
	mqtt.is_connected = true;
	mqtt.says_down = true;
	expect_sent("");
	mqtt.says_down = false;
	assert_false(publisher_is_idle(publisher));
	expect_sent("m/plug/000/state=OFF\n");
}

static void newest_value_of_a_leaf_wins(void **state)
{
	(void)state;
	publisher_mark(publisher, &outlets[0], outlet_take_state(&outlets[0], true));
	publisher_mark(publisher, &outlets[0], outlet_take_state(&outlets[0], false));
	publisher_mark(publisher, &outlets[0], outlet_take_state(&outlets[0], true));
	outlets[0].dirty &= STATE;
	expect_sent("m/plug/000/state=ON\n");
}

static void leaves_are_sent_as_the_contract_says(void **state)
{
	static const struct {
		const char *topic;
		int qos;
		bool is_json;
		uint32_t expiry_s;
	} rows[] = {
		{ "m/plug/000/availability", 1, false, 0 },
		{ "m/plug/000/state", 1, false, 0 },
		{ "m/plug/000/power", 0, false, 180 },
		{ "m/plug/000/voltage", 0, false, 180 },
		{ "m/plug/000/current", 0, false, 180 },
		{ "m/plug/000/apparent_power", 0, false, 180 },
		{ "m/plug/000/power_factor", 0, false, 180 },
		{ "m/plug/000/energy", 0, false, 0 },
		{ "m/plug/000/energy_today", 0, false, 0 },
		{ "m/plug/000/rssi", 0, false, 180 },
		{ "m/plug/000/json", 0, true, 180 },
	};

	(void)state;
	outlets[0].now = (struct outlet_readings) { true, true, true, true, true, true, true, true,
		1, 2, 3, -4, 5, 6, 7, 8 };
	publisher_mark(publisher, &outlets[0], LEAVES_ALL);
	pump_all();
	assert_int_equal(mqtt.sent_count, sizeof rows / sizeof rows[0]);
	for (size_t i = 0; i < mqtt.sent_count; i++) {
		assert_string_equal(mqtt.sent[i].topic, rows[i].topic);
		assert_int_equal(mqtt.sent[i].qos, rows[i].qos);
		assert_int_equal(mqtt.sent[i].is_json, rows[i].is_json);
		assert_int_equal(mqtt.sent[i].expiry_s, rows[i].expiry_s);
		assert_true(mqtt.sent[i].is_retained);
		assert_null(mqtt.sent[i].correlation);
	}
}

/* An empty payload would clear the retained topic. */
static void leaf_without_a_value_is_not_sent(void **state)
{
	(void)state;
	outlets[0].has_state = false;
	publisher_mark(publisher, &outlets[0], LEAVES_ALL & ~(1U << LEAF_JSON));
	expect_sent("m/plug/000/availability=online\n");
	assert_int_equal(outlets[0].dirty, LEAVES_NONE);
}

/* It is to arrive, and to be sent once, also when all is published again. */
static void reading_that_is_gone_is_cleared_until_that_arrived(void **state)
{
	const struct outlet_steps steps = { .power_mw = 500 };
	const struct plug_realtime reading = { .has_power = true, .power_mw = 1000 };
	const struct plug_realtime nothing = { .has_voltage = true, .has_current = true };
	struct outlet *outlet = &outlets[0];
	uint64_t tags[MQTT_WINDOW];

	(void)state;
	outlet->cleared = LEAVES_READINGS;
	publisher_mark(publisher, outlet, outlet_take_reading(outlet, &reading, &steps) & POWER);
	expect_sent("m/plug/000/power=1\n");
	publisher_mark(publisher, outlet, outlet_take_reading(outlet, &nothing, &steps) & POWER);
	pump_all();
	assert_int_equal(mqtt.sent_count, 1);
	assert_int_equal(mqtt.sent[0].qos, 1);
	assert_int_equal(mqtt.sent[0].expiry_s, 0);
	assert_true(mqtt.sent[0].is_retained);
	assert_string_equal(mqtt.sent[0].payload, "");
	lose(tags, take_tags(tags));
	mqtt_sink_forget(&mqtt);
	pump_all();
	assert_int_equal(mqtt.sent_count, 1);
	deliver(mqtt.sent[0].tag);
	mqtt_sink_forget(&mqtt);
	publisher_mark(publisher, outlet, POWER);
	expect_sent("");
	publisher_mark(publisher, outlet, outlet_take_reading(outlet, &reading, &steps) & POWER);
	expect_sent("m/plug/000/power=1\n");
}

static void reading_of_an_offline_device_stays(void **state)
{
	const struct outlet_steps steps = { .power_mw = 500 };
	const struct plug_realtime nothing = { 0 };

	(void)state;
	publisher_mark(publisher, &outlets[0], outlet_take_reading(&outlets[0], &nothing, &steps));
	box.is_online = false;
	outlets[0].dirty &= LEAVES_METER;
	expect_sent("");
	assert_true(publisher_is_idle(publisher));
}

static void leaf_is_measured_from_what_was_sent(void **state)
{
	const struct outlet_steps steps = { .power_mw = 500 };
	const struct plug_realtime reading = { .has_power = true, .power_mw = 1000 };

	(void)state;
	publisher_mark(publisher, &outlets[0], outlet_take_reading(&outlets[0], &reading, &steps));
	pump_all();
	assert_true(outlets[0].published.has_power);
	assert_int_equal(outlets[0].published.power_mw, 1000);
	assert_int_equal(outlet_take_reading(&outlets[0], &reading, &steps), LEAVES_NONE);
}

static void leaf_is_dirty_again_when_it_was_not_delivered(void **state)
{
	uint64_t tags[MQTT_WINDOW];

	(void)state;
	publisher_mark(publisher, &outlets[0], STATE);
	pump_all();
	assert_false(publisher_is_idle(publisher));
	(void)outlet_take_state(&outlets[0], true);
	lose(tags, take_tags(tags));
	mqtt_sink_forget(&mqtt);
	assert_int_equal(outlets[0].dirty, STATE);
	pump_all();
	assert_string_equal(mqtt.sent[0].payload, "ON");
	deliver(mqtt.sent[0].tag);
	assert_true(publisher_is_idle(publisher));
	assert_int_equal(outlets[0].dirty, LEAVES_NONE);
}

static void reading_is_done_with_when_it_was_sent(void **state)
{
	(void)state;
	outlets[0].now.has_rssi = true;
	publisher_mark(publisher, &outlets[0], RSSI);
	expect_sent("m/plug/000/rssi=0\n");
	assert_true(publisher_is_idle(publisher));
}

/* ---- results ---- */

static void results_go_behind_states_and_before_readings(void **state)
{
	const struct publisher_message result = message("m/plug/002/result", "{\"status\":\"ok\"}");

	(void)state;
	outlets[0].now.has_rssi = true;
	publisher_mark(publisher, &outlets[0], RSSI);
	for (size_t i = 0; i < 3; i++) {
		publisher_mark(publisher, &outlets[i], STATE | AVAILABILITY);
	}
	publisher_send(publisher, &result);
	expect_sent("m/plug/000/availability=online\nm/plug/000/state=OFF\n"
		    "m/plug/001/availability=online\nm/plug/001/state=OFF\n"
		    "m/plug/002/availability=online\nm/plug/002/state=OFF\n"
		    "m/plug/002/result={\"status\":\"ok\"}\nm/plug/000/rssi=0\n");
}

static void result_waits_for_the_state_when_the_window_is_full(void **state)
{
	const struct publisher_message result = message("m/plug/000/result", "{}");

	(void)state;
	for (size_t i = 1; i < MQTT_WINDOW; i++) {
		publisher_mark(publisher, &outlets[i], STATE);
	}
	pump_all();
	publisher_mark(publisher, &outlets[0], STATE);
	publisher_send(publisher, &result);
	pump_all();
	assert_string_equal(mqtt.sent[MQTT_WINDOW - 1].topic, "m/plug/000/state");
	assert_int_equal(mqtt.sent_count, MQTT_WINDOW);
	deliver(mqtt.sent[0].tag);
	assert_string_equal(mqtt.sent[MQTT_WINDOW].topic, "m/plug/000/result");
}

/* One that waits for its readings only must not wait on when its state changes. */
static void state_overtakes_the_readings_that_wait(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		outlets[i].now.has_rssi = true;
		publisher_mark(publisher, &outlets[i], RSSI);
	}
	publisher_mark(publisher, &outlets[2], STATE);
	expect_sent("m/plug/002/state=OFF\nm/plug/000/rssi=0\nm/plug/001/rssi=0\n"
		    "m/plug/002/rssi=0\n");
}

/* Readings wait until the loop has nothing more urgent to do; the answer to a command does not. */
static void result_is_sent_at_once(void **state)
{
	(void)state;
	outlets[0].now.has_rssi = true;
	publisher_mark(publisher, &outlets[0], RSSI | STATE);
	send_text("r", "1");
	publisher_pump(publisher);
	assert_int_equal(mqtt.sent_count, 2);
	expect_sent("m/plug/000/state=OFF\nr=1\nm/plug/000/rssi=0\n");
}

static void result_carries_its_correlation(void **state)
{
	const uint8_t correlation[] = { 'a', 0, 'b' };
	struct publisher_message result = message("reply/7", "{}");

	(void)state;
	result.correlation = correlation;
	result.correlation_size = sizeof correlation;
	publisher_send(publisher, &result);
	pump_all();
	assert_int_equal(mqtt.sent[0].correlation_size, sizeof correlation);
	assert_memory_equal(mqtt.sent[0].correlation, correlation, sizeof correlation);
	assert_int_equal(mqtt.sent[0].qos, 1);
	assert_false(mqtt.sent[0].is_retained);
	assert_true(mqtt.sent[0].is_json);
	assert_int_equal(mqtt.sent[0].expiry_s, 0);
}

static void expect_counters(size_t waiting, uint64_t dropped)
{
	struct publisher_counters counters;

	publisher_counters(publisher, &counters);
	assert_int_equal(counters.waiting, waiting);
	assert_int_equal(counters.dropped, dropped);
}

static void messages_that_were_not_delivered_keep_their_order(void **state)
{
	uint64_t tags[MQTT_WINDOW];

	(void)state;
	send_text("r", "1");
	send_text("r", "2");
	send_text("r", "3");
	pump_all();
	send_text("r", "4");
	lose(tags, take_tags(tags));
	mqtt_sink_forget(&mqtt);
	expect_counters(4, 0);
	expect_sent("r=1\nr=2\nr=3\nr=4\n");
	expect_counters(0, 0);
}

static void everything_goes_out_in_order_of_importance(void **state)
{
	(void)state;
	outlets[0].now.has_rssi = true;
	publisher_mark(publisher, &outlets[0], RSSI | STATE);
	publisher_mark_document(publisher, DOCUMENT_INVENTORY);
	publisher_mark_document(publisher, DOCUMENT_AVAILABILITY);
	publisher_mark_document(publisher, DOCUMENT_INFO);
	send_text("r", "1");
	publisher_clear_topic(publisher, "m/plug/old/set");
	expect_sent(
		"m/bridge/main/availability=online\nm/plug/old/set=\nm/plug/000/state=OFF\nr=1\n"
		"m/bridge/main/info={\"n\":2}\nm/bridge/main/inventory={\"n\":3}\n"
		"m/plug/000/rssi=0\n");
}

static void document_is_made_when_it_is_sent(void **state)
{
	uint64_t tags[MQTT_WINDOW];

	(void)state;
	publisher_mark_document(publisher, DOCUMENT_HEALTH);
	publisher_mark_document(publisher, DOCUMENT_HEALTH);
	pump_all();
	assert_int_equal(mqtt.sent_count, 1);
	assert_string_equal(mqtt.sent[0].payload, "{\"n\":1}");
	assert_int_equal(mqtt.sent[0].qos, 1);
	assert_true(mqtt.sent[0].is_retained && mqtt.sent[0].is_json);
	lose(tags, take_tags(tags));
	mqtt_sink_forget(&mqtt);
	expect_sent("m/bridge/main/health={\"n\":2}\n");
}

static void send_numbered(int first, int end, bool is_expendable)
{
	for (int i = first; i < end; i++) {
		char *payload = mem_printf("%d", i);
		struct publisher_message numbered = message("r", payload);

		numbered.is_expendable = is_expendable;
		publisher_send(publisher, &numbered);
		free(payload);
	}
}

/* Connects at last and compares the payloads of all messages. */
static void expect_numbers(const int *expected, size_t count)
{
	mqtt.is_connected = true;
	deliver_everything();
	assert_int_equal(mqtt.sent_count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(strtol(mqtt.sent[i].payload, NULL, 10), expected[i]);
	}
}

static void queue_that_overflows_drops_superseded_first_then_the_oldest(void **state)
{
	enum { ROOM = PUBLISHER_MESSAGES_BASE + 3 * PUBLISHER_MESSAGES_PER_OUTLET };
	int expected[ROOM];

	(void)state;
	mqtt.is_connected = false;
	publisher_configure(publisher, 3, HEARTBEAT_MS);
	send_numbered(0, 10, false);
	send_numbered(10, 12, true);
	send_numbered(12, ROOM, false);
	expect_counters(ROOM, 0);
	/* 10 and 11 go, then 0. */
	send_numbered(ROOM, ROOM + 3, false);
	expect_counters(ROOM, 3);
	for (int i = 0; i < ROOM; i++) {
		expected[i] = i < 9 ? i + 1 : i + 3;
	}
	expect_numbers(expected, ROOM);
	expect_counters(0, 3);
}

static void superseded_result_does_not_push_out_a_better_one(void **state)
{
	int expected[PUBLISHER_MESSAGES_BASE];

	(void)state;
	mqtt.is_connected = false;
	send_numbered(0, PUBLISHER_MESSAGES_BASE, false);
	send_numbered(1000, 1001, true);
	expect_counters(PUBLISHER_MESSAGES_BASE, 1);
	for (int i = 0; i < PUBLISHER_MESSAGES_BASE; i++) {
		expected[i] = i;
	}
	expect_numbers(expected, PUBLISHER_MESSAGES_BASE);
}

/* ---- outlets that go ---- */

static void outlet_that_is_forgotten_is_not_touched_again(void **state)
{
	struct outlet *gone = mem_new(sizeof *gone);
	struct publisher_message result = message("r", "in flight");
	uint64_t tags[MQTT_WINDOW];
	size_t count = 0;

	(void)state;
	outlet_init(gone, "gone", &box);
	(void)outlet_take_state(gone, true);
	publisher_mark(publisher, gone, STATE);
	publisher_send(publisher, &result);
	pump_all();
	count = take_tags(tags);
	assert_int_equal(count, 2);
	mqtt_sink_forget(&mqtt);
	result.payload = "waiting";
	publisher_send(publisher, &result);
	publisher_mark(publisher, gone, LEAVES_ALL);
	publisher_forget(publisher, gone);
	outlet_clear(gone);
	free(gone);
	lose(tags, count);
	expect_sent("r=in flight\nr=waiting\n");
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, publisher_rig_setup, publisher_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(publisher_waits_for_a_connection),
		TEST(newest_value_of_a_leaf_wins),
		TEST(leaves_are_sent_as_the_contract_says),
		TEST(leaf_without_a_value_is_not_sent),
		TEST(reading_that_is_gone_is_cleared_until_that_arrived),
		TEST(reading_of_an_offline_device_stays),
		TEST(leaf_is_measured_from_what_was_sent),
		TEST(leaf_is_dirty_again_when_it_was_not_delivered),
		TEST(reading_is_done_with_when_it_was_sent),
		TEST(results_go_behind_states_and_before_readings),
		TEST(result_waits_for_the_state_when_the_window_is_full),
		TEST(state_overtakes_the_readings_that_wait),
		TEST(result_is_sent_at_once),
		TEST(result_carries_its_correlation),
		TEST(messages_that_were_not_delivered_keep_their_order),
		TEST(everything_goes_out_in_order_of_importance),
		TEST(document_is_made_when_it_is_sent),
		TEST(queue_that_overflows_drops_superseded_first_then_the_oldest),
		TEST(superseded_result_does_not_push_out_a_better_one),
		TEST(outlet_that_is_forgotten_is_not_touched_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
