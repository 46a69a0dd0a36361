/* What a broker may say and Mosquitto seldom does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/mqtt_fake.h"

static struct fake fake;

static struct rig *start(void **state)
{
	struct rig *rig = *state;
	struct mqtt_options options;

	fake_start(&fake, rig);
	options = client_options(rig);
	client_start(rig, &options);
	return rig;
}

static int setup(void **state)
{
	(void)state;
	fake = (struct fake) { .has_suback = true, .has_puback = true };
	return 0;
}

static int teardown(void **state)
{
	const int result = rig_clean(state);

	if (fake.rig) {
		fake_stop(&fake);
	}
	return result;
}

static void window_stays_one_below_the_servers_receive_maximum(void **state)
{
	struct rig *rig;

	fake.connack_properties = "\x21\x00\x04";
	fake.connack_properties_size = 3;
	fake.has_puback = false;
	rig = start(state);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	for (uint64_t tag = 0; tag < 3; tag++) {
		assert_int_equal(client_publish(&rig->client, "t", "x", tag), MQTT_SENT);
	}
	assert_int_equal(client_publish(&rig->client, "t", "x", 3), MQTT_FULL);
	RIG_WAIT(rig, fake.publishes == 3, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.rooms, 0);
	fake_acknowledge(&fake);
	RIG_WAIT(rig, rig->client.delivered == 3 && rig->client.rooms == 1, RIG_PATIENCE_MS);
	assert_int_equal(client_publish(&rig->client, "t", "x", 3), MQTT_SENT);
	RIG_WAIT(rig, fake.publishes == 4, RIG_PATIENCE_MS);
	/* There was no FULL since. */
	fake_acknowledge(&fake);
	RIG_WAIT(rig, rig->client.delivered == 4, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.rooms, 1);
}

static void a_receive_maximum_of_one_leaves_a_window_of_one(void **state)
{
	struct rig *rig;

	fake.connack_properties = "\x21\x00\x01";
	fake.connack_properties_size = 3;
	rig = start(state);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	assert_int_equal(client_publish(&rig->client, "t", "x", 0), MQTT_SENT);
	assert_int_equal(client_publish(&rig->client, "t", "x", 1), MQTT_FULL);
	RIG_WAIT(rig, rig->client.rooms == 1, RIG_PATIENCE_MS);
}

static void a_packet_above_the_servers_maximum_is_refused_here(void **state)
{
	enum { PACKET_TOO_LARGE = 149 };
	struct rig *rig;
	char payload[512];

	memset(payload, 'x', sizeof payload - 1);
	payload[sizeof payload - 1] = '\0';
	fake.connack_properties = "\x27\x00\x00\x02\x00";
	fake.connack_properties_size = 5;
	rig = start(state);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	assert_int_equal(client_publish(&rig->client, "t", payload, 1), MQTT_SENT);
	RIG_WAIT(rig, rig->client.failed == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.refused, PACKET_TOO_LARGE);
	payload[300] = '\0';
	assert_int_equal(client_publish(&rig->client, "t", payload, 2), MQTT_SENT);
	RIG_WAIT(rig, rig->client.delivered == 1, RIG_PATIENCE_MS);
	assert_int_equal(fake.publishes, 1);
}

static void a_refused_subscription_is_no_connection(void **state)
{
	struct rig *rig;

	fake.suback_code = 135;
	rig = start(state);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_REFUSED);
	assert_non_null(strstr(rig->client.text, "t/#"));
	assert_non_null(strstr(rig->client.text, "not authorised"));
	RIG_WAIT(rig, fake.disconnects == 1, RIG_PATIENCE_MS);
	/* A person has to do something: no quick retry. */
	rig_idle(rig, 2000);
	assert_int_equal(fake.connects, 1);
	assert_int_equal(rig->client.connected, 0);
}

static void a_subscription_that_is_never_acknowledged_is_given_up(void **state)
{
	struct rig *rig;

	fake.has_suback = false;
	rig = start(state);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_UNREACHABLE);
	assert_non_null(strstr(rig->client.text, "subscriptions"));
	RIG_WAIT(rig, fake.disconnects == 1, RIG_PATIENCE_MS);
}

static void stop_while_subscribing_says_goodbye_and_ends(void **state)
{
	struct rig *rig;

	fake.has_suback = false;
	rig = start(state);
	RIG_WAIT(rig, fake.connects == 1, RIG_PATIENCE_MS);
	assert_true(client_stop(&rig->client) < 3000);
	RIG_WAIT(rig, fake.disconnects == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.connected, 0);
	assert_int_equal(rig->client.disconnected, 0);
}

static void a_takeover_by_the_same_client_id_is_named_and_not_fought(void **state)
{
	static const uint8_t taken_over[] = { 0xE0, 2, 142, 0 };
	struct rig *rig = start(state);

	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	fake_send(&fake, taken_over, sizeof taken_over);
	fake_hang_up(&fake);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_REFUSED);
	assert_non_null(strstr(rig->client.text, "same client id"));
	rig_idle(rig, 2000);
	assert_int_equal(fake.connects, 1);
}

static void a_busy_server_is_tried_again_soon(void **state)
{
	struct rig *rig;

	fake.connack_code = 136;
	rig = start(state);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_UNREACHABLE);
	assert_non_null(strstr(rig->client.text, "server unavailable"));
	fake.connack_code = 0;
	RIG_WAIT(rig, rig->client.connected == 1, 3000);
	assert_int_equal(rig->client.disconnected, 1);
}

static void what_is_in_flight_at_a_loss_is_reported_once_each(void **state)
{
	struct rig *rig;
	struct mqtt_counters counters;

	fake.has_puback = false;
	rig = start(state);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	for (uint64_t tag = 0; tag < MQTT_WINDOW; tag++) {
		assert_int_equal(client_publish(&rig->client, "t", "x", tag), MQTT_SENT);
	}
	RIG_WAIT(rig, fake.publishes == MQTT_WINDOW, RIG_PATIENCE_MS);
	fake_hang_up(&fake);
	RIG_WAIT(rig, rig->client.failed == MQTT_WINDOW, RIG_PATIENCE_MS);
	RIG_WAIT(rig, rig->client.connected == 2, RIG_PATIENCE_MS);
	for (uint64_t tag = 0; tag < MQTT_WINDOW; tag++) {
		assert_int_equal(rig->client.answers[tag], 1);
	}
	mqtt_counters(rig->client.mqtt, &counters);
	assert_int_equal(counters.in_flight, 0);
	assert_int_equal(counters.failed, MQTT_WINDOW);
	/* Paho did not send them again by itself. */
	assert_int_equal(fake.publishes, MQTT_WINDOW);
	assert_int_equal(rig->client.disconnected, 1);
}

static void a_topic_with_a_nul_or_without_end_is_dropped_and_counted(void **state)
{
	struct rig *rig = start(state);
	struct mqtt_counters counters;
	char topic[1026];

	memset(topic, 'x', sizeof topic);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	fake_publish(&fake, "t/a\0b", 5);
	fake_publish(&fake, topic, 1025);
	fake_publish(&fake, topic, 1024);
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	mqtt_counters(rig->client.mqtt, &counters);
	assert_int_equal(counters.dropped, 2);
	assert_int_equal(rig->client.disconnected, 0);
}

#define with_fake(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_fake(window_stays_one_below_the_servers_receive_maximum),
		with_fake(a_receive_maximum_of_one_leaves_a_window_of_one),
		with_fake(a_packet_above_the_servers_maximum_is_refused_here),
		with_fake(a_refused_subscription_is_no_connection),
		with_fake(a_subscription_that_is_never_acknowledged_is_given_up),
		with_fake(stop_while_subscribing_says_goodbye_and_ends),
		with_fake(a_takeover_by_the_same_client_id_is_named_and_not_fought),
		with_fake(a_busy_server_is_tried_again_soon),
		with_fake(what_is_in_flight_at_a_loss_is_reported_once_each),
		with_fake(a_topic_with_a_nul_or_without_end_is_dropped_and_counted),
	};

	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
