/* Brokers that are not there, go away, or stand still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>

#include "tests/unit/mqtt_rig.h"

enum {
	/* The figure is 2 s after the broker accepts again. */
	BACK_MS = 3000,
	STOP_MS = 3000,
	/* The figure is 50 ms; sanitizers and a shared machine get three times that. */
	GAP_NS = 150 * 1000000,
};

static struct rig *prepare(void **state)
{
	struct rig *rig = *state;

	broker_prepare(rig, "allow_anonymous true");
	return rig;
}

static struct rig *with_client(void **state)
{
	struct rig *rig = prepare(state);

	broker_start(&rig->broker);
	client_connect(rig);
	return rig;
}

static void expect_alive(struct rig *rig)
{
	const unsigned before = rig->client.messages;

	rig_shell(rig, "mosquitto_pub -p $PORT -q 1 -t t/alive -m x");
	RIG_WAIT(rig, rig->client.messages > before, RIG_PATIENCE_MS);
}

static void a_broker_absent_at_start_is_reported_once_and_found_later(void **state)
{
	struct rig *rig = prepare(state);
	const struct mqtt_options options = client_options(rig);

	client_start(rig, &options);
	assert_int_equal(client_publish(&rig->client, "t", "x", 0), MQTT_DOWN);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_UNREACHABLE);
	assert_non_null(strstr(rig->client.text, "127.0.0.1"));
	rig_idle(rig, 2500);
	assert_int_equal(rig->client.disconnected, 1);
	broker_start(&rig->broker);
	RIG_WAIT(rig, rig->client.connected == 1, BACK_MS);
	expect_alive(rig);
}

static void a_name_nobody_knows_is_unreachable(void **state)
{
	struct rig *rig = prepare(state);
	struct mqtt_options options = client_options(rig);

	options.host = "no-such-host.invalid";
	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_UNREACHABLE);
	assert_non_null(strstr(rig->client.text, "no such name"));
}

/* ---- killed ---- */

static uint64_t next_tag;

static void publish_more(struct client *client)
{
	while (next_tag < RIG_TAGS &&
		client_publish(client, "t-load", "x", next_tag) == MQTT_SENT) {
		next_tag++;
	}
}

static void answer_once(struct client *client, uint64_t tag, bool is_delivered)
{
	(void)is_delivered;
	assert_int_equal(client->answers[tag], 1);
}

static void expect_one_answer_each(struct rig *rig)
{
	RIG_WAIT(rig, rig->client.delivered + rig->client.failed == next_tag, RIG_PATIENCE_MS);
	for (uint64_t tag = 0; tag < next_tag; tag++) {
		assert_int_equal(rig->client.answers[tag], 1);
	}
}

static void start_load(struct rig *rig)
{
	next_tag = 0;
	rig->client.on_connected = publish_more;
	rig->client.on_room = publish_more;
	rig->client.on_published = answer_once;
}

static void after_a_kill_everything_is_reported_and_the_broker_found_again(void **state)
{
	struct rig *rig = *state;
	unsigned before;

	start_load(rig);
	(void)with_client(state);
	RIG_WAIT(rig, rig->client.delivered > 500, RIG_PATIENCE_MS);
	rig->client.on_room = NULL;
	broker_freeze(&rig->broker);
	publish_more(&rig->client);
	before = rig->client.failed;
	/* On the wire: what is still in Paho's queue at a loss, it leaks. */
	rig_idle(rig, 100);
	broker_kill(&rig->broker);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_UNREACHABLE);
	assert_non_null(strstr(rig->client.text, "lost"));
	assert_true(rig->client.failed > before);
	expect_one_answer_each(rig);
	rig->client.on_connected = NULL;
	broker_start(&rig->broker);
	RIG_WAIT(rig, rig->client.connected == 2, BACK_MS);
	expect_alive(rig);
	expect_one_answer_each(rig);
}

static void a_broker_that_says_goodbye_is_lost_too(void **state)
{
	struct rig *rig = with_client(state);

	broker_signal(&rig->broker, SIGTERM);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.reason, MQTT_REASON_UNREACHABLE);
	broker_kill(&rig->broker);
	broker_start(&rig->broker);
	RIG_WAIT(rig, rig->client.connected == 2, BACK_MS);
	expect_alive(rig);
}

/* ---- refused ---- */

static void a_wrong_password_is_named_once_and_not_tried_again_soon(void **state)
{
	static const int protocols[] = { 5, 4 };
	struct rig *rig = *state;

	for (size_t i = 0; i < 2; i++) {
		struct mqtt_options options;

		broker_prepare(rig, "allow_anonymous false\npassword_file pw");
		rig_shell(rig, "touch pw && mosquitto_passwd -b pw me right && "
			       "sed -i \"s#password_file pw#password_file $PWD/pw#\" $PORT.conf");
		broker_start(&rig->broker);
		options = client_options(rig);
		options.protocol = protocols[i];
		options.username = "me";
		options.password = "wrong";
		client_start(rig, &options);
		RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
		assert_int_equal(rig->client.reason, MQTT_REASON_REFUSED);
		assert_non_null(strstr(rig->client.text, "not authorised"));
		rig_idle(rig, 1500);
		assert_int_equal(rig->client.disconnected, 1);
		(void)rig_clean(state);
		options.password = "right";
		broker_start(&rig->broker);
		client_start(rig, &options);
		RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
		(void)rig_clean(state);
	}
}

/* ---- frozen ---- */

static unsigned publish_readings_until_full(struct rig *rig)
{
	static char payload[8 * 1024];
	const struct mqtt_publish reading = {
		.topic = "t-reading", .payload = payload, .payload_size = sizeof payload
	};
	unsigned sent = 0;

	while (mqtt_publish(rig->client.mqtt, &reading) == MQTT_SENT) {
		assert_true(++sent < 100000);
		if (sent % 16 == 0) {
			uv_run(&rig->loop, UV_RUN_NOWAIT);
		}
	}
	return sent;
}

static void a_frozen_broker_stops_nothing_and_goes_on_when_thawed(void **state)
{
	struct rig *rig = with_client(state);
	unsigned sent;

	broker_freeze(&rig->broker);
	rig_watch_gaps(rig);
	next_tag = 0;
	publish_more(&rig->client);
	assert_int_equal(next_tag, MQTT_WINDOW);
	sent = publish_readings_until_full(rig);
	assert_true(sent > 4000);
	rig_idle(rig, 1500);
	assert_true(rig->longest_gap_ns < GAP_NS);
	assert_int_equal(rig->client.delivered, 0);
	assert_true(mqtt_is_connected(rig->client.mqtt));
	broker_signal(&rig->broker, SIGCONT);
	RIG_WAIT(rig, rig->client.delivered == MQTT_WINDOW && rig->client.rooms > 0,
		RIG_PATIENCE_MS);
	/* Comes after all of the backlog. */
	RIG_WAIT(rig, client_publish(&rig->client, "t/alive", "x", next_tag) == MQTT_SENT,
		RIG_PATIENCE_MS);
	RIG_WAIT(rig, rig->client.delivered == MQTT_WINDOW + 1 && rig->client.messages == 1,
		RIG_PATIENCE_MS);
	assert_int_equal(rig->client.disconnected, 0);
}

static void a_broker_frozen_for_long_is_lost_and_found_again(void **state)
{
	struct rig *rig = prepare(state);
	struct mqtt_options options = client_options(rig);

	options.keepalive_s = 1;
	broker_start(&rig->broker);
	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	rig_watch_gaps(rig);
	broker_freeze(&rig->broker);
	next_tag = 0;
	publish_more(&rig->client);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.failed, MQTT_WINDOW);
	/* The port still accepts; nobody answers. */
	RIG_WAIT(rig, rig->client.disconnected == 2, RIG_PATIENCE_MS);
	assert_non_null(strstr(rig->client.text, "no answer in time"));
	assert_true(rig->longest_gap_ns < GAP_NS);
	broker_signal(&rig->broker, SIGCONT);
	RIG_WAIT(rig, rig->client.connected == 2, RIG_PATIENCE_MS);
	expect_alive(rig);
	expect_one_answer_each(rig);
}

/* ---- stopping ---- */

static void expect_availability(struct rig *rig, const char *payload)
{
	rig_shell(rig, "mosquitto_sub -p $PORT -t t-availability -C 1 -W 8 > got");
	assert_string_equal(rig_read(rig, "got"), payload);
}

static void stop_before_the_first_turn_of_the_loop(void **state)
{
	struct rig *rig = prepare(state);
	const struct mqtt_options options = client_options(rig);

	client_start(rig, &options);
	assert_true(client_stop(&rig->client) < STOP_MS);
	assert_int_equal(rig->client.disconnected, 0);
}

static void stop_while_waiting_for_a_broker(void **state)
{
	struct rig *rig = prepare(state);
	const struct mqtt_options options = client_options(rig);

	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	assert_true(client_stop(&rig->client) < STOP_MS);
}

static void stop_while_connecting_to_a_frozen_broker(void **state)
{
	struct rig *rig = prepare(state);
	const struct mqtt_options options = client_options(rig);

	broker_start(&rig->broker);
	broker_freeze(&rig->broker);
	client_start(rig, &options);
	rig_idle(rig, 300);
	rig_watch_gaps(rig);
	assert_true(client_stop(&rig->client) < STOP_MS);
	assert_true(rig->longest_gap_ns < GAP_NS);
	assert_int_equal(rig->client.disconnected, 0);
}

static void stop_leaves_the_last_words_and_not_the_will(void **state)
{
	struct rig *rig = with_client(state);

	next_tag = 0;
	publish_more(&rig->client); /* the window is full */
	assert_true(client_stop(&rig->client) < STOP_MS);
	/* Nothing else comes after mqtt_stop. */
	assert_int_equal(rig->client.delivered + rig->client.failed, 0);
	assert_int_equal(rig->client.disconnected, 0);
	expect_availability(rig, "offline\n");
}

static void stop_with_a_frozen_broker_ends_in_time_and_leaves_it_offline(void **state)
{
	struct rig *rig = with_client(state);

	broker_freeze(&rig->broker);
	rig_watch_gaps(rig);
	assert_true(client_stop(&rig->client) < STOP_MS);
	assert_true(rig->longest_gap_ns < GAP_NS);
	broker_signal(&rig->broker, SIGCONT);
	expect_availability(rig, "offline\n");
}

static void on_stopped(void *arg)
{
	struct client *client = arg;

	client->stopped++;
	client->mqtt = NULL;
}

/* With a publish stuck half-way no DISCONNECT can follow, and the broker must not take the silence
 * for a goodbye. Only one: what Paho has in its queue when it is destroyed, it leaks. */
static void stop_with_a_broker_that_takes_no_more_bytes_leaves_the_will(void **state)
{
	enum { HUGE_BYTES = 16 * 1024 * 1024 };
	struct rig *rig = with_client(state);
	char *payload = calloc(1, HUGE_BYTES);
	const struct mqtt_publish huge = {
		.topic = "t-huge", .payload = payload, .payload_size = HUGE_BYTES, .qos = 1
	};
	const uint64_t start_ms = rig_now_ms();

	assert_non_null(payload);
	broker_freeze(&rig->broker);
	assert_int_equal(mqtt_publish(rig->client.mqtt, &huge), MQTT_SENT);
	free(payload);
	rig_idle(rig, 200);
	mqtt_stop(rig->client.mqtt, NULL, on_stopped);
	RIG_WAIT(rig, rig->client.stopped == 1, RIG_PATIENCE_MS);
	assert_true(rig_now_ms() - start_ms < STOP_MS);
	broker_signal(&rig->broker, SIGCONT);
	expect_availability(rig, "gone\n");
}

static void stop_here(struct client *client)
{
	mqtt_stop(client->mqtt, NULL, on_stopped);
}

static void stop_from_within_a_callback(void **state)
{
	struct rig *rig = prepare(state);
	const struct mqtt_options options = client_options(rig);

	broker_start(&rig->broker);
	rig->client.on_connected = stop_here;
	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.stopped == 1, RIG_PATIENCE_MS);
}

#define with_rig(test) cmocka_unit_test_setup_teardown(test, NULL, rig_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_rig(a_broker_absent_at_start_is_reported_once_and_found_later),
		with_rig(a_name_nobody_knows_is_unreachable),
		with_rig(after_a_kill_everything_is_reported_and_the_broker_found_again),
		with_rig(a_broker_that_says_goodbye_is_lost_too),
		with_rig(a_wrong_password_is_named_once_and_not_tried_again_soon),
		with_rig(a_frozen_broker_stops_nothing_and_goes_on_when_thawed),
		with_rig(a_broker_frozen_for_long_is_lost_and_found_again),
		with_rig(stop_before_the_first_turn_of_the_loop),
		with_rig(stop_while_waiting_for_a_broker),
		with_rig(stop_while_connecting_to_a_frozen_broker),
		with_rig(stop_leaves_the_last_words_and_not_the_will),
		with_rig(stop_with_a_frozen_broker_ends_in_time_and_leaves_it_offline),
		with_rig(stop_with_a_broker_that_takes_no_more_bytes_leaves_the_will),
		with_rig(stop_from_within_a_callback),
	};

	rig_need_mosquitto();
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
