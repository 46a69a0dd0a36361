#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/mqtt/inbox.h"

enum { PUTTERS = 4, PER_PUTTER = 20000 };

struct fixture {
	uv_loop_t loop;
	uv_async_t wake;
	struct inbox inbox;
	unsigned wakes;
};

static void on_wake(uv_async_t *wake)
{
	struct fixture *fixture = wake->data;

	fixture->wakes++;
}

static int setup(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);

	assert_non_null(fixture);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	assert_int_equal(uv_async_init(&fixture->loop, &fixture->wake, on_wake), 0);
	assert_int_equal(inbox_init(&fixture->inbox, &fixture->wake), 0);
	fixture->wake.data = fixture;
	*state = fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	inbox_silence(&fixture->inbox);
	uv_close((uv_handle_t *)&fixture->wake, NULL);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	inbox_clear(&fixture->inbox);
	free(fixture);
	return 0;
}

static struct inbox_bytes text(const char *data)
{
	return (struct inbox_bytes) { data, strlen(data) };
}

static struct inbox_message *take_message(struct fixture *fixture)
{
	struct inbox_entry *entry = inbox_take(&fixture->inbox);

	assert_non_null(entry);
	assert_int_equal(entry->kind, INBOX_MESSAGE);
	return (struct inbox_message *)entry;
}

static void inbox_copies_every_part_of_a_message(void **state)
{
	struct fixture *fixture = *state;
	char topic[] = "t/a", payload[] = "a\0b", response[] = "r", source[] = "panel";
	const uint8_t correlation[] = { 0, 1, 0 };
	const struct inbox_arrival arrival = { .topic = text(topic),
		.payload = { payload, 3 },
		.response_topic = text(response),
		.correlation = { correlation, 3 },
		.source = text(source),
		.is_retained = true,
		.has_expiry = true,
		.expiry_s = 9 };
	struct inbox_message *taken;

	assert_true(inbox_put_message(&fixture->inbox, &arrival));
	memset(topic, 'x', 3);
	memset(payload, 'x', 3);
	memset(response, 'x', 1);
	memset(source, 'x', 5);
	taken = take_message(fixture);
	assert_string_equal(taken->message.topic, "t/a");
	assert_memory_equal(taken->message.payload, "a\0b\0", 4);
	assert_int_equal(taken->message.payload_size, 3);
	assert_string_equal(taken->message.response_topic, "r");
	assert_memory_equal(taken->message.correlation, correlation, 3);
	assert_int_equal(taken->message.correlation_size, 3);
	assert_string_equal(taken->message.source, "panel");
	assert_true(taken->message.is_retained);
	assert_false(taken->message.is_duplicate);
	assert_true(taken->message.has_expiry);
	assert_int_equal(taken->message.expiry_s, 9);
	assert_true(taken->message.arrived_ms > 0);
	free(taken);
}

static void inbox_gives_an_empty_payload_as_an_empty_string(void **state)
{
	struct fixture *fixture = *state;
	const struct inbox_arrival arrival = { .topic = text("t") };
	struct inbox_message *taken;

	assert_true(inbox_put_message(&fixture->inbox, &arrival));
	taken = take_message(fixture);
	assert_string_equal(taken->message.payload, "");
	assert_int_equal(taken->message.payload_size, 0);
	assert_null(taken->message.response_topic);
	assert_null(taken->message.correlation);
	assert_null(taken->message.source);
	free(taken);
}

/* A size without bytes behind it: a copy would be seen by the sanitizers. */
static void inbox_keeps_only_the_size_of_a_large_payload(void **state)
{
	struct fixture *fixture = *state;
	const struct inbox_arrival arrival = { .topic = text("t"),
		.payload = { "x", MQTT_PAYLOAD_MAX_BYTES + 1 } };
	struct inbox_message *taken;

	assert_true(inbox_put_message(&fixture->inbox, &arrival));
	taken = take_message(fixture);
	assert_null(taken->message.payload);
	assert_int_equal(taken->message.payload_size, MQTT_PAYLOAD_MAX_BYTES + 1);
	free(taken);
}

static void inbox_drops_topics_that_are_empty_long_or_broken(void **state)
{
	static char longest[INBOX_TOPIC_MAX_BYTES + 1];
	const struct {
		struct inbox_bytes topic;
		bool is_good;
	} rows[] = {
		{ { "", 0 }, false },
		{ { NULL, 0 }, false },
		{ { "t\0a", 3 }, false },
		{ { "t/a\0", 4 }, false },
		{ { longest, INBOX_TOPIC_MAX_BYTES + 1 }, false },
		{ { longest, INBOX_TOPIC_MAX_BYTES }, true },
		{ { "t", 1 }, true },
	};
	struct fixture *fixture = *state;
	uint64_t dropped;
	size_t count;

	memset(longest, 'x', sizeof longest);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct inbox_arrival arrival = { .topic = rows[i].topic };

		assert_int_equal(inbox_put_message(&fixture->inbox, &arrival), rows[i].is_good);
	}
	inbox_count(&fixture->inbox, &count, &dropped);
	assert_int_equal(count, 2);
	assert_int_equal(dropped, 5);
}

static void inbox_leaves_out_properties_that_are_long_or_broken(void **state)
{
	static char bytes[INBOX_PROPERTY_MAX_BYTES + 1];
	struct fixture *fixture = *state;
	const struct inbox_arrival arrival = { .topic = text("t"),
		.response_topic = { "r\0", 2 },
		.correlation = { bytes, sizeof bytes },
		.source = { bytes, sizeof bytes } };
	struct inbox_message *taken;

	memset(bytes, 'x', sizeof bytes);
	assert_true(inbox_put_message(&fixture->inbox, &arrival));
	taken = take_message(fixture);
	assert_null(taken->message.response_topic);
	assert_null(taken->message.correlation);
	assert_int_equal(taken->message.correlation_size, 0);
	assert_null(taken->message.source);
	free(taken);
}

static void inbox_drops_messages_above_the_bound_but_nothing_else(void **state)
{
	struct fixture *fixture = *state;
	const struct inbox_arrival arrival = { .topic = text("t") };
	static struct inbox_entry entry = { .kind = INBOX_PUBLISH };
	uint64_t dropped;
	size_t count;

	for (size_t i = 0; i < MQTT_INBOX_MAX; i++) {
		assert_true(inbox_put_message(&fixture->inbox, &arrival));
	}
	assert_false(inbox_put_message(&fixture->inbox, &arrival));
	inbox_put(&fixture->inbox, &entry);
	inbox_count(&fixture->inbox, &count, &dropped);
	assert_int_equal(count, MQTT_INBOX_MAX);
	assert_int_equal(dropped, 1);
	free(take_message(fixture));
	assert_true(inbox_put_message(&fixture->inbox, &arrival));
}

static void inbox_gives_entries_in_order_and_each_once(void **state)
{
	struct fixture *fixture = *state;
	struct inbox_entry first = { .kind = INBOX_CONNECT }, second = { .kind = INBOX_LOST };

	assert_null(inbox_take(&fixture->inbox));
	inbox_put(&fixture->inbox, &first);
	inbox_put(&fixture->inbox, &second);
	inbox_put(&fixture->inbox, &first);
	assert_ptr_equal(inbox_take(&fixture->inbox), &first);
	assert_ptr_equal(inbox_take(&fixture->inbox), &second);
	assert_null(inbox_take(&fixture->inbox));
	inbox_put(&fixture->inbox, &first);
	assert_ptr_equal(inbox_take(&fixture->inbox), &first);
}

static void inbox_wakes_the_loop_until_it_is_silenced(void **state)
{
	struct fixture *fixture = *state;
	const struct inbox_arrival arrival = { .topic = text("t") };
	static struct inbox_entry entry = { .kind = INBOX_LOST };

	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_int_equal(fixture->wakes, 0);
	inbox_put(&fixture->inbox, &entry);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_int_equal(fixture->wakes, 1);
	inbox_put_message(&fixture->inbox, &arrival);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_int_equal(fixture->wakes, 2);
	inbox_silence(&fixture->inbox);
	inbox_put_message(&fixture->inbox, &arrival);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
	assert_int_equal(fixture->wakes, 2);
}

struct putter {
	struct fixture *fixture;
	uv_thread_t thread;
	unsigned refused;
	char topic[8];
};

static void put_many(void *arg)
{
	struct putter *putter = arg;
	struct inbox_arrival arrival = { .topic = text(putter->topic) };

	for (uint32_t i = 0; i < PER_PUTTER; i++) {
		arrival.expiry_s = i;
		putter->refused += !inbox_put_message(&putter->fixture->inbox, &arrival);
	}
}

static void inbox_keeps_each_threads_order_and_counts_every_message(void **state)
{
	struct fixture *fixture = *state;
	struct putter putters[PUTTERS];
	uint32_t next[PUTTERS] = { 0 };
	unsigned taken = 0, refused = 0;
	uint64_t dropped = 0;
	size_t count = 0;

	for (int i = 0; i < PUTTERS; i++) {
		putters[i] = (struct putter) { .fixture = fixture, .topic = { (char)('0' + i) } };
		assert_int_equal(uv_thread_create(&putters[i].thread, put_many, &putters[i]), 0);
	}
	while (taken + dropped < PUTTERS * PER_PUTTER) {
		struct inbox_message *message = (struct inbox_message *)inbox_take(&fixture->inbox);

		if (message) {
			const int who = message->message.topic[0] - '0';

			assert_true(message->message.expiry_s >= next[who]);
			next[who] = message->message.expiry_s + 1;
			taken++;
			free(message);
		}
		inbox_count(&fixture->inbox, &count, &dropped);
		assert_true(count <= MQTT_INBOX_MAX);
	}
	for (int i = 0; i < PUTTERS; i++) {
		assert_int_equal(uv_thread_join(&putters[i].thread), 0);
		refused += putters[i].refused;
	}
	assert_int_equal(refused, dropped);
	assert_null(inbox_take(&fixture->inbox));
}

#define with_inbox(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_inbox(inbox_copies_every_part_of_a_message),
		with_inbox(inbox_gives_an_empty_payload_as_an_empty_string),
		with_inbox(inbox_keeps_only_the_size_of_a_large_payload),
		with_inbox(inbox_drops_topics_that_are_empty_long_or_broken),
		with_inbox(inbox_leaves_out_properties_that_are_long_or_broken),
		with_inbox(inbox_drops_messages_above_the_bound_but_nothing_else),
		with_inbox(inbox_gives_entries_in_order_and_each_once),
		with_inbox(inbox_wakes_the_loop_until_it_is_silenced),
		with_inbox(inbox_keeps_each_threads_order_and_counts_every_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
