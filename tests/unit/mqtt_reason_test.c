/* When to try again, and what to say meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/mqtt/reason.h"
#include "bridge/mqtt/retry.h"

static void retry_doubles_up_to_its_maximum_with_jitter(void **state)
{
	static const uint64_t base_ms[] = { 250, 500, 1000, 1200, 1200, 1200 };

	(void)state;
	for (uint32_t chance = 0; chance < 100; chance++) {
		struct retry retry = { 0 };

		for (size_t i = 0; i < sizeof base_ms / sizeof base_ms[0]; i++) {
			const uint64_t delay_ms =
				retry_next_ms(&retry, MQTT_REASON_UNREACHABLE, chance);

			assert_in_range(delay_ms, base_ms[i] * 8 / 10, base_ms[i] * 12 / 10);
		}
	}
}

static void retry_jitter_uses_its_whole_range(void **state)
{
	uint64_t least_ms = UINT64_MAX, most_ms = 0;

	(void)state;
	for (uint32_t chance = 0; chance < 1000; chance++) {
		struct retry retry = { .delay_ms = RETRY_MAX_MS };
		const uint64_t delay_ms = retry_next_ms(&retry, MQTT_REASON_UNREACHABLE, chance);

		least_ms = delay_ms < least_ms ? delay_ms : least_ms;
		most_ms = delay_ms > most_ms ? delay_ms : most_ms;
	}
	assert_int_equal(least_ms, 960);
	assert_int_equal(most_ms, 1440);
}

static void retry_waits_half_a_minute_when_a_person_is_needed(void **state)
{
	struct retry retry = { 0 };

	(void)state;
	assert_in_range(retry_next_ms(&retry, MQTT_REASON_REFUSED, 7), 24000, 36000);
	assert_in_range(retry_next_ms(&retry, MQTT_REASON_TLS, 7), 24000, 36000);
	assert_true(retry_next_ms(&retry, MQTT_REASON_UNREACHABLE, 7) <= 1440);
}

static void retry_starts_over_after_a_connection_that_held(void **state)
{
	struct retry retry = { .delay_ms = RETRY_MAX_MS };

	(void)state;
	retry_held(&retry, RETRY_SETTLED_MS - 1);
	assert_true(retry_next_ms(&retry, MQTT_REASON_UNREACHABLE, 0) >= 960);
	retry_held(&retry, RETRY_SETTLED_MS);
	assert_true(retry_next_ms(&retry, MQTT_REASON_UNREACHABLE, 0) <= 300);
}

static void reason_has_words_for_every_way_to_fail(void **state)
{
	/* The lines of OpenSSL and the messages of Paho are what they were seen to say. */
	static const struct {
		struct reason_failure failure;
		enum mqtt_reason reason;
		const char *text;
	} rows[] = {
		{ { "h:1", false, 134, "", "CONNACK return code" }, MQTT_REASON_REFUSED,
			"h:1 refused the connection: wrong user name or password" },
		{ { "h:1", false, 5, "", "CONNACK return code" }, MQTT_REASON_REFUSED,
			"h:1 refused the connection: not authorised" },
		{ { "h:1", false, 136, "", "CONNACK return code" }, MQTT_REASON_UNREACHABLE,
			"h:1 refused the connection: server unavailable" },
		{ { "h:1", false, 250, "", "" }, MQTT_REASON_REFUSED,
			"h:1 refused the connection: no reason given" },
		{ { "h:1", false, -1, "", "" }, MQTT_REASON_UNREACHABLE,
			"cannot reach h:1: no such name, or no network" },
		{ { "h:1", false, -1, "", "TCP/TLS connect failure" }, MQTT_REASON_UNREACHABLE,
			"cannot reach h:1: connection refused, or no such host" },
		{ { "h:1", true, -1, "", "TCP/TLS connect failure" }, MQTT_REASON_UNREACHABLE,
			"cannot reach h:1: connection refused, or a certificate for another host, "
			"or ours not accepted" },
		{ { "h:1", true, -1, "", "TCP connect timeout" }, MQTT_REASON_UNREACHABLE,
			"cannot reach h:1: no answer in time" },
		{ { "h:1", false, -1, "", "something new" }, MQTT_REASON_UNREACHABLE,
			"cannot reach h:1: something new" },
		{ { "h:1", true, -1,
			  "70EF8FFFF640:error:0A000086:SSL routines:"
			  "tls_post_process_server_certificate:certificate verify failed:"
			  "../ssl/statem/statem_clnt.c:1889:\n",
			  "TCP/TLS connect failure" },
			MQTT_REASON_TLS, "no secure connection to h:1: certificate verify failed" },
		{ { "h:1", true, -1,
			  "1:error:0A000126:SSL routines::unexpected eof while reading:x.c:1:\n",
			  "" },
			MQTT_REASON_UNREACHABLE,
			"no secure connection to h:1: unexpected eof while reading" },
		{ { "h:1", true, -1, "not of that form\n", "" }, MQTT_REASON_TLS,
			"no secure connection to h:1: not of that form" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[320];

		assert_int_equal(
			reason_explain(&rows[i].failure, text, sizeof text), rows[i].reason);
		assert_string_equal(text, rows[i].text);
	}
}

static void reason_is_the_same_from_whichever_thread_it_came(void **state)
{
	struct reason_failure failure = { "h:1", true, -1,
		"AAAA:error:1:lib:func:verify failed:a.c:1:\n", "" };
	char first[320], second[320];

	(void)state;
	(void)reason_explain(&failure, first, sizeof first);
	failure.tls_error = "BBBB:error:1:lib:func:verify failed:a.c:1:\n";
	(void)reason_explain(&failure, second, sizeof second);
	assert_string_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retry_doubles_up_to_its_maximum_with_jitter),
		cmocka_unit_test(retry_jitter_uses_its_whole_range),
		cmocka_unit_test(retry_waits_half_a_minute_when_a_person_is_needed),
		cmocka_unit_test(retry_starts_over_after_a_connection_that_held),
		cmocka_unit_test(reason_has_words_for_every_way_to_fail),
		cmocka_unit_test(reason_is_the_same_from_whichever_thread_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
