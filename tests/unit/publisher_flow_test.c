/* What holds publishing up: the window, refusals, connections, other work. */
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

/* ---- the window ---- */

static void window_that_is_full_stops_and_goes_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < 20; i++) {
		publisher_mark(publisher, &outlets[i], STATE);
	}
	pump_all();
	assert_int_equal(mqtt.sent_count, MQTT_WINDOW);
	pump_all();
	assert_int_equal(mqtt.sent_count, MQTT_WINDOW);
	deliver(mqtt.sent[7].tag);
	assert_int_equal(mqtt.sent_count, MQTT_WINDOW + 1);
	deliver(mqtt.sent[7].tag);
	assert_int_equal(mqtt.sent_count, MQTT_WINDOW + 1);
	for (size_t i = 0; i < 20; i++) {
		if (i != 7) {
			deliver(mqtt.sent[i].tag);
		}
	}
	assert_int_equal(mqtt.sent_count, 20);
	assert_true(publisher_is_idle(publisher));
}

static void window_does_not_hold_up_readings(void **state)
{
	(void)state;
	for (size_t i = 0; i < MQTT_WINDOW; i++) {
		publisher_mark(publisher, &outlets[i], STATE);
	}
	outlets[100].now.has_rssi = true;
	publisher_mark(publisher, &outlets[100], RSSI);
	pump_all();
	assert_int_equal(mqtt.sent_count, MQTT_WINDOW + 1);
	assert_string_equal(mqtt.sent[MQTT_WINDOW].topic, "m/plug/100/rssi");
}

static void full_client_is_left_alone_until_it_has_room(void **state)
{
	(void)state;
	mqtt.room = 3;
	for (size_t i = 0; i < 5; i++) {
		publisher_mark(publisher, &outlets[i], STATE);
	}
	pump_all();
	assert_int_equal(mqtt.sent_count, 3);
	/* Nothing turns the loop meanwhile. */
	assert_false(uv_loop_alive(&loop));
	mqtt.room = 10;
	pump_all();
	assert_int_equal(mqtt.sent_count, 5);
}

/* ---- refusals ---- */

static void refused_message_is_not_sent_again_and_told_once(void **state)
{
	struct publisher_counters counters;

	(void)state;
	publisher_mark(publisher, &outlets[0], STATE);
	publisher_mark_document(publisher, DOCUMENT_INFO);
	send_text("m/plug/000/result", "{}");
	publisher_clear_topic(publisher, "m/plug/old/set");
	pump_all();
	assert_int_equal(mqtt.sent_count, 4);
	for (size_t i = 0; i < 4; i++) {
		publisher_on_published(publisher, mqtt.sent[i].tag, false, NOT_AUTHORISED);
	}
	assert_int_equal(mqtt.sent_count, 4);
	assert_true(publisher_is_idle(publisher));
	assert_int_equal(told.refusals, 1);
	assert_string_equal(told.refused_topic, "m/plug/old/set");
	publisher_counters(publisher, &counters);
	assert_int_equal(counters.refused, 4);
}

static void refusal_names_the_topic(void **state)
{
	(void)state;
	publisher_mark(publisher, &outlets[0], STATE);
	pump_all();
	publisher_on_published(publisher, mqtt.sent[0].tag, false, NOT_AUTHORISED);
	assert_string_equal(told.refused_topic, "m/plug/000/state");
	/* A new connection may have other rights: it is told again. */
	publisher_connect(publisher, &mqtt, &topics);
	publisher_mark_document(publisher, DOCUMENT_HEALTH);
	pump_all();
	publisher_on_published(publisher, mqtt.sent[1].tag, false, NOT_AUTHORISED);
	assert_string_equal(told.refused_topic, "m/bridge/main/health");
	assert_int_equal(told.refusals, 2);
}

/* ---- clearing ---- */

static void clearing_an_outlet_empties_all_its_retained_topics(void **state)
{
	(void)state;
	publisher_clear_outlet(publisher, "m/plug/old");
	pump_all();
	assert_int_equal(mqtt.sent_count, LEAF_COUNT);
	for (enum leaf leaf = LEAF_AVAILABILITY; leaf < LEAF_COUNT; leaf++) {
		char topic[TOPIC_MAX_BYTES];

		topics_outlet(&topics, "old", topics_leaf_name(leaf), topic);
		assert_string_equal(mqtt.sent[leaf].topic, topic);
		assert_string_equal(mqtt.sent[leaf].payload, "");
		assert_int_equal(mqtt.sent[leaf].qos, 1);
		assert_true(mqtt.sent[leaf].is_retained);
		assert_false(mqtt.sent[leaf].is_json);
		assert_int_equal(told.cleared, 0);
		deliver(mqtt.sent[leaf].tag);
	}
	assert_int_equal(told.cleared, 1);
}

static void clearing_a_bridge_empties_its_documents(void **state)
{
	(void)state;
	publisher_clear_bridge(publisher, "m/bridge/old");
	expect_sent("m/bridge/old/availability=\nm/bridge/old/info=\nm/bridge/old/health=\n"
		    "m/bridge/old/inventory=\n");
}

static void clearing_is_done_when_every_topic_is_through(void **state)
{
	uint64_t tags[MQTT_WINDOW];
	size_t count = 0;

	(void)state;
	publisher_clear_outlet(publisher, "m/plug/a");
	publisher_clear_outlet(publisher, "m/plug/b");
	pump_all();
	count = take_tags(tags);
	assert_int_equal(count, MQTT_WINDOW);
	lose(tags, count);
	mqtt_sink_forget(&mqtt);
	assert_int_equal(told.cleared, 0);
	deliver_everything();
	assert_int_equal(mqtt.sent_count, 2 * LEAF_COUNT);
	assert_string_equal(mqtt.sent[0].topic, "m/plug/a/availability");
	assert_string_equal(mqtt.sent[2 * LEAF_COUNT - 1].topic, "m/plug/b/json");
	assert_int_equal(told.cleared, 1);
}

static void clearing_one_topic_is_not_told(void **state)
{
	(void)state;
	publisher_clear_topic(publisher, "m/plug/000/set");
	deliver_everything();
	assert_int_equal(mqtt.sent_count, 1);
	assert_int_equal(told.cleared, 0);
}

/* ---- connections ---- */

static void new_connection_sends_again_what_was_in_flight(void **state)
{
	uint64_t old_tags[MQTT_WINDOW];
	size_t count = 0;

	(void)state;
	publisher_clear_topic(publisher, "c1");
	publisher_clear_topic(publisher, "c2");
	send_text("r", "1");
	send_text("r", "2");
	send_text("r", "3");
	publisher_mark_document(publisher, DOCUMENT_INFO);
	publisher_mark(publisher, &outlets[0], STATE);
	pump_all();
	count = take_tags(old_tags);
	assert_int_equal(count, 7);
	mqtt_sink_forget(&mqtt);
	publisher_connect(publisher, &mqtt, &topics);
	expect_sent("c1=\nc2=\nm/plug/000/state=OFF\nr=1\nr=2\nr=3\n"
		    "m/bridge/main/info={\"n\":2}\n");
	/* What the old connection had to say comes too late. */
	for (size_t i = 0; i < count; i++) {
		publisher_on_published(publisher, old_tags[i], false, 0);
	}
	expect_sent("");
	assert_false(publisher_is_idle(publisher));
}

static void mark_readings(void)
{
	for (size_t i = 0; i < OUTLETS; i++) {
		outlets[i].now.has_rssi = true;
		publisher_mark(publisher, &outlets[i], RSSI);
	}
}

static void publisher_rests_when_the_connection_is_lost_in_a_long_slice(void **state)
{
	(void)state;
	mark_readings();
	publisher_pump(publisher);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_true(mqtt.sent_count > 0 && mqtt.sent_count < OUTLETS);
	assert_int_equal(uv_backend_timeout(&loop), 0);
	mqtt.is_connected = false;
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_false(uv_loop_alive(&loop));
	mqtt.is_connected = true;
	pump_all();
	assert_int_equal(mqtt.sent_count, OUTLETS);
}

static void long_work_is_done_in_slices(void **state)
{
	size_t turns = 0;

	(void)state;
	mark_readings();
	publisher_pump(publisher);
	for (; mqtt.sent_count < OUTLETS && turns < OUTLETS; turns++) {
		const size_t before = mqtt.sent_count;

		uv_run(&loop, UV_RUN_NOWAIT);
		assert_in_range(mqtt.sent_count - before, 1, 256);
		assert_int_equal(told.slices, mqtt.sent_count / 16);
	}
	assert_int_equal(mqtt.sent_count, OUTLETS);
	assert_true(turns > 2);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_false(uv_loop_alive(&loop));
	assert_true(publisher_is_idle(publisher));
}

/* A command is looked at: its result is queued, acknowledgements come in, all from within a pump.
 */
static void answer_a_command(void)
{
	static size_t acknowledged;

	if (mqtt.sent_count <= 16) {
		acknowledged = 0;
	}
	send_text("r", "between");
	for (; acknowledged < mqtt.sent_count; acknowledged++) {
		if (mqtt.sent[acknowledged].qos > 0) {
			deliver(mqtt.sent[acknowledged].tag);
		}
	}
	publisher_pump(publisher);
}

static void work_that_comes_between_is_taken_up(void **state)
{
	size_t results = 0;

	(void)state;
	told.on_slice = answer_a_command;
	for (size_t i = 0; i < 64; i++) {
		outlets[i].now.has_rssi = true;
		publisher_mark(publisher, &outlets[i], RSSI | STATE);
	}
	deliver_everything();
	for (size_t i = 0; i < mqtt.sent_count; i++) {
		results += strcmp(mqtt.sent[i].topic, "r") == 0;
	}
	assert_true(told.slices >= 8);
	assert_int_equal(results, told.slices);
	assert_int_equal(mqtt.sent_count, 128 + results);
}

/* Teardown closes it: nothing of this may leak. */
static void publisher_is_closed_with_work_in_every_state(void **state)
{
	(void)state;
	send_text("r", "1");
	publisher_clear_topic(publisher, "c");
	publisher_mark_document(publisher, DOCUMENT_INFO);
	pump_all();
	send_text("r", "2");
	publisher_clear_topic(publisher, "d");
	for (size_t i = 0; i < OUTLETS; i++) {
		publisher_mark(publisher, &outlets[i], RSSI);
	}
	assert_false(publisher_is_idle(publisher));
}

#define TEST(name)                                                                                 \
	cmocka_unit_test_setup_teardown(name, publisher_rig_setup, publisher_rig_teardown)

/* ---- announcements ---- */

static void announce(int count)
{
	told.announcements = count;
	publisher_mark_announcements(publisher);
}

static void announcements_come_behind_what_is_urgent_and_before_everything(void **state)
{
	(void)state;
	announce(2);
	publisher_mark_document(publisher, DOCUMENT_AVAILABILITY);
	publisher_mark_document(publisher, DOCUMENT_INFO);
	publisher_mark_all(publisher, &outlets[1]);
	publisher_mark(publisher, &outlets[2], STATE);
	send_text("m/plug/002/result", "{}");
	outlets[1].dirty = STATE | RSSI;
	outlets[1].now.has_rssi = true;
	expect_sent("m/bridge/main/availability=online\n"
		    "m/plug/002/state=OFF\n"
		    "m/plug/002/result={}\n"
		    "ha/0={}\n"
		    "ha/1={}\n"
		    "m/plug/001/state=OFF\n"
		    "m/bridge/main/info={\"n\":2}\n"
		    "m/plug/001/rssi=0\n");
}

static void state_that_changes_overtakes_announcements(void **state)
{
	(void)state;
	announce(1);
	publisher_mark_all(publisher, &outlets[1]);
	publisher_mark_all(publisher, &outlets[2]);
	outlets[1].dirty = STATE;
	outlets[2].dirty = STATE;
	publisher_mark(publisher, &outlets[1], RSSI);
	publisher_mark(publisher, &outlets[2], STATE);
	expect_sent("m/plug/002/state=OFF\n"
		    "ha/0={}\n"
		    "m/plug/001/state=OFF\n");
}

static void announcements_are_not_written_before_there_is_room(void **state)
{
	(void)state;
	announce(MQTT_WINDOW + 5);
	pump_all();
	assert_int_equal(told.announced, MQTT_WINDOW);
	assert_int_equal(told.looks, 2 * MQTT_WINDOW);
	pump_all();
	assert_int_equal(told.looks, 2 * MQTT_WINDOW);
	deliver_everything();
	assert_int_equal(told.announced, MQTT_WINDOW + 5);
	assert_int_equal(told.delivered, MQTT_WINDOW + 5);
}

static void announcements_are_told_what_became_of_them(void **state)
{
	uint64_t tags[MQTT_WINDOW];

	(void)state;
	announce(3);
	pump_all();
	assert_int_equal(take_tags(tags), 3);
	deliver(tags[0]);
	publisher_on_published(publisher, tags[1], false, NOT_AUTHORISED);
	lose(&tags[2], 1);
	assert_int_equal(told.delivered, 1);
	assert_int_equal(told.refused, 1);
	assert_int_equal(told.lost, 1);
	assert_string_equal(told.refused_topic, "ha/1");
	assert_true(publisher_is_idle(publisher));
}

static void announcements_under_way_are_lost_with_their_connection(void **state)
{
	(void)state;
	announce(3);
	pump_all();
	publisher_connect(publisher, &mqtt, &topics);
	assert_int_equal(told.lost, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(window_that_is_full_stops_and_goes_on),
		TEST(window_does_not_hold_up_readings),
		TEST(full_client_is_left_alone_until_it_has_room),
		TEST(refused_message_is_not_sent_again_and_told_once),
		TEST(refusal_names_the_topic),
		TEST(clearing_an_outlet_empties_all_its_retained_topics),
		TEST(clearing_a_bridge_empties_its_documents),
		TEST(clearing_is_done_when_every_topic_is_through),
		TEST(clearing_one_topic_is_not_told),
		TEST(new_connection_sends_again_what_was_in_flight),
		TEST(publisher_rests_when_the_connection_is_lost_in_a_long_slice),
		TEST(long_work_is_done_in_slices),
		TEST(work_that_comes_between_is_taken_up),
		TEST(announcements_come_behind_what_is_urgent_and_before_everything),
		TEST(state_that_changes_overtakes_announcements),
		TEST(announcements_are_not_written_before_there_is_room),
		TEST(announcements_are_told_what_became_of_them),
		TEST(announcements_under_way_are_lost_with_their_connection),
		TEST(publisher_is_closed_with_work_in_every_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
