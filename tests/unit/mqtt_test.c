/* Messages in and out, with a real Mosquitto. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/unit/mqtt_rig.h"

enum { BURST = 5000, WINDOWED = 2000, NOT_AUTHORISED = 135 };

static struct rig *with_client(void **state)
{
	struct rig *rig = *state;

	broker_prepare(rig, "allow_anonymous true");
	broker_start(&rig->broker);
	client_connect(rig);
	return rig;
}

static void mqtt_new_names_what_is_wrong_with_the_options(void **state)
{
	static const char *const empty[] = { "t/#", "" };
	struct rig *rig = *state;
	const struct mqtt_options good = client_options(rig);
	struct mqtt_options bad[8];
	const char *const word[] = { "host", "port", "port", "protocol", "client id", "keepalive",
		"key", "subscription" };

	for (size_t i = 0; i < 8; i++) {
		bad[i] = good;
		bad[i].port = 1883;
	}
	bad[0].host = "";
	bad[1].port = 0;
	bad[2].port = 65536;
	bad[3].protocol = 3;
	bad[4].client_id = NULL;
	bad[5].keepalive_s = 0;
	bad[6].tls = (struct mqtt_tls_options) { .is_used = true, .cert_file = "x" };
	bad[7].subscriptions = empty;
	bad[7].subscription_count = 2;
	for (size_t i = 0; i < 8; i++) {
		const struct mqtt_events events = { 0 };
		const char *problem = NULL;

		assert_null(mqtt_new(&rig->loop, &bad[i], &events, NULL, &problem));
		assert_non_null(problem);
		assert_non_null(strstr(problem, word[i]));
	}
}

static void message_arrives_with_all_its_properties(void **state)
{
	struct rig *rig = with_client(state);
	const struct kept_message *last = &rig->client.last;

	rig_shell(rig, "mosquitto_pub -p $PORT -V 5 -q 1 -t t/a/set -m ON "
		       "-D publish response-topic t-reply/7 -D publish correlation-data c0ffee "
		       "-D publish user-property source panel -D publish user-property x y "
		       "-D publish message-expiry-interval 60");
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	assert_string_equal(last->topic, "t/a/set");
	assert_string_equal(last->payload, "ON");
	assert_int_equal(last->message.payload_size, 2);
	assert_false(last->message.is_retained);
	assert_false(last->message.is_duplicate);
	assert_string_equal(last->response_topic, "t-reply/7");
	assert_string_equal(last->correlation, "c0ffee");
	assert_int_equal(last->message.correlation_size, 6);
	assert_string_equal(last->source, "panel");
	assert_true(last->message.has_expiry);
	assert_in_range(last->message.expiry_s, 58, 60);
}

static void message_without_properties_has_none(void **state)
{
	struct rig *rig = with_client(state);
	const struct mqtt_message *last = &rig->client.last.message;

	rig_shell(rig, "mosquitto_pub -p $PORT -q 0 -t t/a -m x");
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	assert_null(last->response_topic);
	assert_null(last->correlation);
	assert_null(last->source);
	assert_false(last->has_expiry);
}

static void publish_carries_content_type_expiry_and_correlation(void **state)
{
	struct rig *rig = with_client(state);
	struct mqtt_publish publish = { .topic = "out/json",
		.payload = "{}",
		.payload_size = 2,
		.qos = 1,
		.is_retained = true,
		.is_json = true,
		.expiry_s = 90,
		.correlation = (const uint8_t *)"c1",
		.correlation_size = 2,
		.tag = 5 };

	assert_int_equal(mqtt_publish(rig->client.mqtt, &publish), MQTT_SENT);
	RIG_WAIT(rig, rig->client.delivered == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.answers[5], 1);
	publish = (struct mqtt_publish) { .topic = "out/zero",
		.payload = "1.5",
		.payload_size = 3,
		.is_retained = true,
		.expiry_s = 70 };
	assert_int_equal(mqtt_publish(rig->client.mqtt, &publish), MQTT_SENT);
	rig_shell(rig, "mosquitto_sub -p $PORT -V 5 -t out/# -C 2 -W 8 -F '%t %p %q %r %C %D %E' |"
		       " sort > got");
	/* Mosquitto counts the expiry down while it keeps the message. */
	assert_non_null(strstr(rig_read(rig, "got"), "out/json {} 0 1 application/json c1 "));
	assert_non_null(strstr(rig_read(rig, "got"), "out/zero 1.5 0 1   "));
	rig_shell(rig, "awk '/json/ { e = $NF < 91 && $NF > 80 } "
		       "/zero/ { z = $NF < 71 && $NF > 60 } END { exit !(e && z) }' got");
}

static void expect_message(struct rig *rig, unsigned count, const char *topic, const char *payload)
{
	RIG_WAIT(rig, rig->client.messages == count, RIG_PATIENCE_MS);
	assert_string_equal(rig->client.last.topic, topic);
	assert_string_equal(rig->client.last.payload, payload);
}

static void retained_messages_are_asked_for(struct rig *rig)
{
	mqtt_subscribe(rig->client.mqtt, "kept/+");
	expect_message(rig, 1, "kept/a", "55.139");
	RIG_WAIT(rig, rig->client.subscribed == 1, RIG_PATIENCE_MS);
	assert_true(rig->client.last.message.is_retained);
	rig_shell(rig, "mosquitto_pub -p $PORT -t kept/b -m 7");
	expect_message(rig, 2, "kept/b", "7");
	mqtt_unsubscribe(rig->client.mqtt, "kept/+");
	/* In order: when the second of two comes, the first one will not. */
	rig_shell(rig, "mosquitto_pub -p $PORT -t t/fence -m 1");
	expect_message(rig, 3, "t/fence", "1");
	rig_shell(rig, "mosquitto_pub -p $PORT -q 1 -t kept/b -m 8 &&"
		       "mosquitto_pub -p $PORT -q 1 -t t/fence -m 2");
	expect_message(rig, 4, "t/fence", "2");
	(void)client_stop(&rig->client);
}

static void filter_is_subscribed_for_a_while_and_brings_what_is_retained(void **state)
{
	struct rig *rig = *state;
	struct mqtt_options options;

	broker_prepare(rig, "allow_anonymous true");
	broker_start(&rig->broker);
	rig_shell(rig, "mosquitto_pub -p $PORT -r -t kept/a -m 55.139");
	options = client_options(rig);
	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	retained_messages_are_asked_for(rig);
	memset(&rig->client, 0, sizeof rig->client);
	options.protocol = 4;
	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	retained_messages_are_asked_for(rig);
}

static void nothing_is_subscribed_without_a_connection(void **state)
{
	struct rig *rig = with_client(state);

	broker_kill(&rig->broker);
	RIG_WAIT(rig, rig->client.disconnected > 0, RIG_PATIENCE_MS);
	mqtt_subscribe(rig->client.mqtt, "kept/+");
	mqtt_unsubscribe(rig->client.mqtt, "kept/+");
	broker_start(&rig->broker);
	RIG_WAIT(rig, rig->client.connected == 2, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.subscribed, 0);
}

static void empty_payload_clears_a_retained_topic(void **state)
{
	struct rig *rig = with_client(state);
	const struct mqtt_publish clear = { .topic = "kept", .qos = 1, .is_retained = true };

	rig_shell(rig, "mosquitto_pub -p $PORT -r -t kept -m old && mosquitto_pub -p $PORT -r -t "
		       "other -m new");
	assert_int_equal(mqtt_publish(rig->client.mqtt, &clear), MQTT_SENT);
	RIG_WAIT(rig, rig->client.delivered == 1, RIG_PATIENCE_MS);
	rig_shell(rig, "mosquitto_sub -p $PORT -t kept -t other -C 1 -W 8 > got");
	assert_string_equal(rig_read(rig, "got"), "new\n");
}

static void retained_messages_are_not_replayed_but_shown_as_such_in_5(void **state)
{
	struct rig *rig = *state;

	broker_prepare(rig, "allow_anonymous true");
	broker_start(&rig->broker);
	rig_shell(rig, "mosquitto_pub -p $PORT -r -t t/old -m ON");
	client_connect(rig);
	rig_shell(rig, "mosquitto_pub -p $PORT -r -t t/new -m ON");
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	assert_string_equal(rig->client.last.topic, "t/new");
	assert_true(rig->client.last.message.is_retained);
}

static void protocol_4_works_and_shows_replayed_messages_as_retained(void **state)
{
	struct rig *rig = *state;
	struct mqtt_options options;

	broker_prepare(rig, "allow_anonymous true");
	broker_start(&rig->broker);
	rig_shell(rig, "mosquitto_pub -p $PORT -r -t t/old -m ON");
	options = client_options(rig);
	options.protocol = 4;
	client_start(rig, &options);
	RIG_WAIT(rig, rig->client.connected == 1, RIG_PATIENCE_MS);
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	assert_true(rig->client.last.message.is_retained);
	assert_int_equal(client_publish(&rig->client, "t/self", "hello", 3), MQTT_SENT);
	RIG_WAIT(rig, rig->client.messages == 2 && rig->client.delivered == 1, RIG_PATIENCE_MS);
	assert_string_equal(rig->client.last.payload, "hello");
	assert_false(rig->client.last.message.is_retained);
}

static void of_a_large_payload_only_the_size_is_handed_over(void **state)
{
	struct rig *rig = with_client(state);
	const struct kept_message *last = &rig->client.last;

	rig_shell(rig, "head -c 1024 /dev/zero > fits && head -c 1025 /dev/zero > over && "
		       "head -c 1048576 /dev/zero > mega");
	rig_shell(rig, "mosquitto_pub -p $PORT -t t/1 -f fits");
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	assert_int_equal(last->message.payload_size, 1024);
	assert_true(last->has_payload);
	rig_shell(rig, "mosquitto_pub -p $PORT -t t/2 -f over");
	RIG_WAIT(rig, rig->client.messages == 2, RIG_PATIENCE_MS);
	assert_int_equal(last->message.payload_size, 1025);
	assert_false(last->has_payload);
	rig_shell(rig, "mosquitto_pub -p $PORT -t t/3 -f mega");
	RIG_WAIT(rig, rig->client.messages == 3, RIG_PATIENCE_MS);
	assert_int_equal(last->message.payload_size, 1048576);
	assert_false(last->has_payload);
}

static void a_monstrous_payload_is_kept_away_by_the_broker(void **state)
{
	struct rig *rig = with_client(state);

	rig_shell(rig, "head -c 3145728 /dev/zero > monster && "
		       "mosquitto_pub -p $PORT -q 1 -t t/1 -f monster && "
		       "mosquitto_pub -p $PORT -q 1 -t t/2 -m after");
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	assert_string_equal(rig->client.last.topic, "t/2");
	assert_int_equal(rig->client.disconnected, 0);
}

static void binary_payload_arrives_byte_for_byte(void **state)
{
	static const char bytes[] = "\x00\xff\x00 \x80\n";
	struct rig *rig = with_client(state);

	rig_shell(rig, "printf '\\000\\377\\000 \\200\\n' > bytes && "
		       "mosquitto_pub -p $PORT -t t/b -f bytes");
	RIG_WAIT(rig, rig->client.messages == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.last.message.payload_size, 6);
	assert_memory_equal(rig->client.last.payload, bytes, 6);
}

static void check_order(struct client *client, const struct mqtt_message *message)
{
	assert_int_equal(strtoul(message->payload, NULL, 10), client->messages);
}

static void a_burst_of_5000_arrives_whole_and_in_order(void **state)
{
	struct rig *rig = with_client(state);
	struct mqtt_counters counters;

	rig->client.on_message = check_order;
	rig_watch_gaps(rig);
	rig_shell(rig, "seq 5000 | mosquitto_pub -p $PORT -q 1 -t t/burst -l");
	RIG_WAIT(rig, rig->client.messages == BURST, RIG_PATIENCE_MS);
	mqtt_counters(rig->client.mqtt, &counters);
	assert_int_equal(counters.received, BURST);
	assert_int_equal(counters.dropped, 0);
	assert_int_equal(counters.inbox, 0);
}

static void a_loop_that_stands_still_drops_and_counts_above_the_bound(void **state)
{
	struct rig *rig = with_client(state);
	struct mqtt_counters counters;
	const uint64_t end_ms = rig_now_ms() + RIG_PATIENCE_MS;

	rig_shell(rig, "seq 5000 > lines");
	rig_shell_start(rig, "mosquitto_pub -p $PORT -q 0 -t t/burst -l < lines");
	do {
		mqtt_counters(rig->client.mqtt, &counters);
		assert_true(rig_now_ms() < end_ms);
	} while (counters.inbox + counters.dropped < BURST);
	assert_int_equal(counters.inbox, MQTT_INBOX_MAX);
	RIG_WAIT(rig, rig->client.messages == MQTT_INBOX_MAX, RIG_PATIENCE_MS);
	mqtt_counters(rig->client.mqtt, &counters);
	assert_int_equal(counters.dropped, BURST - MQTT_INBOX_MAX);
}

/* ---- the window ---- */

static uint64_t next_tag;

static void publish_until_full(struct client *client)
{
	char payload[RIG_KEPT_BYTES];

	while (next_tag < WINDOWED) {
		enum mqtt_sent sent;

		(void)snprintf(payload, sizeof payload, "%llu", (unsigned long long)next_tag + 1);
		sent = client_publish(client, "t/windowed", payload, next_tag);
		if (sent != MQTT_SENT) {
			assert_int_equal(sent, MQTT_FULL);
			return;
		}
		next_tag++;
	}
}

static void never_more_than_the_window(struct client *client, uint64_t tag, bool is_delivered)
{
	struct mqtt_counters counters;

	(void)tag;
	assert_true(is_delivered);
	mqtt_counters(client->mqtt, &counters);
	assert_true(counters.in_flight < MQTT_WINDOW);
}

static void publishes_above_the_window_wait_for_room_and_go_out_once_each(void **state)
{
	struct rig *rig = with_client(state);
	const uint64_t start_ms = rig_now_ms();

	next_tag = 0;
	rig->client.on_room = publish_until_full;
	rig->client.on_published = never_more_than_the_window;
	rig->client.on_message = check_order;
	publish_until_full(&rig->client);
	assert_int_equal(next_tag, MQTT_WINDOW);
	RIG_WAIT(rig, rig->client.delivered == WINDOWED, RIG_PATIENCE_MS);
	/* At the server's Receive Maximum it would be one second per 20 messages. */
	assert_true(rig_now_ms() - start_ms < 5000);
	RIG_WAIT(rig, rig->client.messages == WINDOWED, RIG_PATIENCE_MS);
	for (size_t tag = 0; tag < WINDOWED; tag++) {
		assert_int_equal(rig->client.answers[tag], 1);
	}
	assert_int_equal(rig->client.failed, 0);
}

static void a_publish_the_acl_forbids_comes_back_with_the_reason(void **state)
{
	struct rig *rig = *state;

	broker_prepare(rig, "allow_anonymous true\nacl_file acl");
	rig_shell(rig, "printf 'topic readwrite t/#\\ntopic readwrite t-availability\\n' > acl && "
		       "sed -i \"s#acl_file acl#acl_file $PWD/acl#\" *.conf");
	broker_start(&rig->broker);
	client_connect(rig);
	assert_int_equal(client_publish(&rig->client, "forbidden", "x", 8), MQTT_SENT);
	RIG_WAIT(rig, rig->client.failed == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.answers[8], 1);
	assert_int_equal(rig->client.refused, NOT_AUTHORISED);
	assert_true(mqtt_is_connected(rig->client.mqtt));
}

static void a_topic_that_would_end_the_connection_is_refused_here(void **state)
{
	static const char *const topics[] = { "a/+", "#", "", "bad\xff" };
	struct rig *rig = with_client(state);

	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(client_publish(&rig->client, topics[i], "x", i), MQTT_SENT);
		assert_int_equal(rig->client.failed, i);
		RIG_WAIT(rig, rig->client.failed == i + 1, RIG_PATIENCE_MS);
		assert_true(rig->client.refused > 0);
	}
	assert_int_equal(client_publish(&rig->client, "t/good", "x", 9), MQTT_SENT);
	RIG_WAIT(rig, rig->client.delivered == 1, RIG_PATIENCE_MS);
	assert_int_equal(rig->client.disconnected, 0);
}

/* ---- drain ---- */

static unsigned depth, deepest;

static void drain_again(struct client *client, const struct mqtt_message *message)
{
	(void)message;
	depth++;
	deepest = depth > deepest ? depth : deepest;
	mqtt_drain(client->mqtt);
	depth--;
}

static void work_long(struct client *client)
{
	const uint64_t end_ms = rig_now_ms() + RIG_PATIENCE_MS;

	for (uint64_t tag = 0; tag < 10; tag++) {
		assert_int_equal(client_publish(client, "t/self", "x", tag), MQTT_SENT);
	}
	while ((client->messages < 10 || client->delivered < 10) && rig_now_ms() < end_ms) {
		mqtt_drain(client->mqtt);
	}
	/* Their callbacks came while we were in here. */
	assert_int_equal(client->messages, 10);
	assert_int_equal(client->delivered, 10);
}

static void a_long_slice_in_a_callback_may_look_at_what_waits(void **state)
{
	struct rig *rig = *state;

	depth = deepest = 0;
	broker_prepare(rig, "allow_anonymous true");
	broker_start(&rig->broker);
	rig->client.on_connected = work_long;
	rig->client.on_message = drain_again;
	client_connect(rig);
	assert_int_equal(rig->client.messages, 10);
	assert_in_range(deepest, 1, 2);
}

/* ---- the socket, the environment ---- */

static int nodelay_of_peer(int port)
{
	for (int fd = 0; fd < 1024; fd++) {
		struct sockaddr_in peer = { 0 };
		socklen_t size = sizeof peer;
		int on = 0;

		if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
			peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) {
			size = sizeof on;
			assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
			return on != 0;
		}
	}
	fail_msg("there is no socket connected to port %d", port);
	return -1;
}

static void the_brokers_socket_has_nodelay_after_each_connect(void **state)
{
	struct rig *rig = with_client(state);

	assert_int_equal(nodelay_of_peer(rig->broker.port), 1);
	broker_kill(&rig->broker);
	RIG_WAIT(rig, rig->client.disconnected == 1, RIG_PATIENCE_MS);
	broker_start(&rig->broker);
	RIG_WAIT(rig, rig->client.connected == 2, RIG_PATIENCE_MS);
	assert_int_equal(nodelay_of_peer(rig->broker.port), 1);
}

static void a_web_proxy_in_the_environment_is_not_asked(void **state)
{
	char proxy[RIG_KEPT_BYTES];

	/* Nobody listens there. */
	(void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%d", rig_free_port());
	assert_int_equal(setenv("http_proxy", proxy, 1), 0);
	assert_int_equal(setenv("https_proxy", proxy, 1), 0);
	(void)with_client(state);
	assert_null(getenv("http_proxy"));
}

#define with_rig(test) cmocka_unit_test_setup_teardown(test, NULL, rig_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_rig(mqtt_new_names_what_is_wrong_with_the_options),
		with_rig(message_arrives_with_all_its_properties),
		with_rig(message_without_properties_has_none),
		with_rig(publish_carries_content_type_expiry_and_correlation),
		with_rig(filter_is_subscribed_for_a_while_and_brings_what_is_retained),
		with_rig(nothing_is_subscribed_without_a_connection),
		with_rig(empty_payload_clears_a_retained_topic),
		with_rig(retained_messages_are_not_replayed_but_shown_as_such_in_5),
		with_rig(protocol_4_works_and_shows_replayed_messages_as_retained),
		with_rig(of_a_large_payload_only_the_size_is_handed_over),
		with_rig(a_monstrous_payload_is_kept_away_by_the_broker),
		with_rig(binary_payload_arrives_byte_for_byte),
		with_rig(a_burst_of_5000_arrives_whole_and_in_order),
		with_rig(a_loop_that_stands_still_drops_and_counts_above_the_bound),
		with_rig(publishes_above_the_window_wait_for_room_and_go_out_once_each),
		with_rig(a_publish_the_acl_forbids_comes_back_with_the_reason),
		with_rig(a_topic_that_would_end_the_connection_is_refused_here),
		with_rig(a_long_slice_in_a_callback_may_look_at_what_waits),
		with_rig(the_brokers_socket_has_nodelay_after_each_connect),
		with_rig(a_web_proxy_in_the_environment_is_not_asked),
	};

	rig_need_mosquitto();
	return cmocka_run_group_tests(tests, rig_setup, rig_teardown);
}
