/* A broker that is killed again and again while 2,000 messages of each QoS flow a second.
 *
 * Leaves without the check for leaks: what Paho has in its queue when a connection dies, it leaks,
 * and under this load there is always something. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/mqtt_rig.h"

enum {
	STRESS_S = 12,
	STEP_MS = 1,
	PER_STEP = 2,
	/* The figure is 2 s after the broker accepts again. */
	BACK_MS = 3000,
};

static uint64_t next_tag;
static uv_timer_t step;
static bool is_closed;

/* Twice the same answer would be seen here; none at all, at the end. */
static void answer_once(struct client *client, uint64_t tag, bool is_delivered)
{
	(void)is_delivered;
	assert_int_equal(client->answers[tag], 1);
}

static void on_step(uv_timer_t *timer)
{
	struct client *client = timer->data;
	const struct mqtt_publish reading = {
		.topic = "t-reading", .payload = "21.5", .payload_size = 4
	};

	for (int i = 0; i < PER_STEP && next_tag < RIG_TAGS; i++) {
		(void)mqtt_publish(client->mqtt, &reading);
		if (client_publish(client, "t-load", "ON", next_tag) == MQTT_SENT) {
			next_tag++;
		}
	}
}

static void note_closed(uv_handle_t *handle)
{
	(void)handle;
	is_closed = true;
}

/* One more life and death of the broker. */
static void kill_and_restart(struct rig *rig, unsigned round)
{
	const unsigned connected = rig->client.connected;
	const unsigned disconnected = rig->client.disconnected;
	const uint64_t tag = next_tag;

	RIG_WAIT(rig, next_tag > tag + 300, RIG_PATIENCE_MS);
	if (round % 3 == 1) {
		broker_freeze(&rig->broker);
		rig_idle(rig, 100);
	}
	broker_kill(&rig->broker);
	RIG_WAIT(rig, rig->client.disconnected > disconnected, RIG_PATIENCE_MS);
	broker_start(&rig->broker);
	RIG_WAIT(rig, rig->client.connected > connected, BACK_MS);
}

static void a_broker_killed_again_and_again_costs_no_answer_and_no_crash(void **state)
{
	struct rig *rig = *state;
	const char *longer = getenv("MQTT_TEST_STRESS_S");
	const uint64_t end_ms =
		rig_now_ms() + 1000 * (longer ? strtoul(longer, NULL, 10) : STRESS_S);
	unsigned rounds = 0;

	broker_prepare(rig, "allow_anonymous true");
	broker_start(&rig->broker);
	client_connect(rig);
	rig->client.on_published = answer_once;
	assert_int_equal(uv_timer_init(&rig->loop, &step), 0);
	step.data = &rig->client;
	assert_int_equal(uv_timer_start(&step, on_step, STEP_MS, STEP_MS), 0);
	while (rig_now_ms() < end_ms && next_tag < RIG_TAGS - 1000) {
		kill_and_restart(rig, rounds++);
	}
	uv_close((uv_handle_t *)&step, note_closed);
	RIG_WAIT(rig, is_closed, RIG_PATIENCE_MS);
	RIG_WAIT(rig, rig->client.delivered + rig->client.failed == next_tag, RIG_PATIENCE_MS);
	print_message("killed %u times, %u delivered, %u reported as not delivered\n", rounds,
		rig->client.delivered, rig->client.failed);
	assert_true(rounds > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_broker_killed_again_and_again_costs_no_answer_and_no_crash, NULL,
			rig_clean),
	};
	int failed;

	rig_need_mosquitto();
	failed = cmocka_run_group_tests(tests, rig_setup, rig_teardown);
	(void)fflush(NULL);
	_exit(failed);
}
