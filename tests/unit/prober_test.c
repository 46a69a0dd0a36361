/* Who is at an address is asked alone, a few at a time, and not asked for more. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/search/prober.h"
#include "tests/unit/fake_plug.h"

enum { PATIENCE_MS = 20000, TIMEOUT_MS = 500 };

static uv_loop_t loop;
static struct fake_plug plug;
static struct device_host host;
static struct prober *prober;
static struct device device;
static bool is_hanging;
static size_t strange_requests;
static size_t answers, good_answers;
static char answered[32];

static void on_request(struct fake_connection *connection, const char *text)
{
	if (strcmp(text, "{\"system\":{\"get_sysinfo\":{}}}") != 0) {
		strange_requests++;
	}
	if (!is_hanging) {
		fake_answer(connection,
			"{\"system\":{\"get_sysinfo\":{\"err_code\":0,\"type\":"
			"\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS100(EU)\",\"mac\":\"50:C7:BF:00:00:"
			"01\",\"alias\":\"Kettle\",\"relay_state\":0}}}");
	}
}

static void on_probed(
	void *arg, struct device *probed, const char *address, const struct plug_sysinfo *info)
{
	assert_ptr_equal(arg, &answers);
	assert_ptr_equal(probed, &device);
	answers++;
	(void)snprintf(answered, sizeof answered, "%s", address);
	if (info) {
		good_answers++;
		assert_int_equal(info->mac[5], 1);
		assert_string_equal(info->alias, "Kettle");
	}
}

static int setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	answers = good_answers = strange_requests = 0;
	is_hanging = false;
	uv_loop_init(&loop);
	fake_plug_init(&plug, &loop, on_request);
	host = (struct device_host) { .timeout_ms = TIMEOUT_MS };
	plug_transport_init(&host.transport, &loop);
	device = (struct device) { .port = plug.port };
	prober = prober_new(&host, on_probed, &answers);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	prober_close(prober);
	fake_plug_stop(&plug);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	assert_int_equal(strange_requests, 0);
	return 0;
}

static void wait_answers(size_t count)
{
	const uint64_t end_ms = uv_hrtime() / 1000000 + PATIENCE_MS;

	while (answers < count) {
		assert_true(uv_hrtime() / 1000000 < end_ms);
		uv_run(&loop, UV_RUN_ONCE);
	}
}

static void the_answer_of_an_address_is_told(void **state)
{
	(void)state;
	assert_true(prober_add(prober, &device, "127.0.0.1"));
	wait_answers(1);
	assert_int_equal(good_answers, 1);
	assert_string_equal(answered, "127.0.0.1");
	assert_int_equal(device.probes, 0);
	assert_int_equal(plug.requests, 1);
}

static void who_does_not_answer_is_told_too(void **state)
{
	(void)state;
	is_hanging = true;
	assert_true(prober_add(prober, &device, "127.0.0.1"));
	assert_true(prober_add(prober, &device, "127.9.9.9"));
	wait_answers(2);
	assert_int_equal(good_answers, 0);
	assert_int_equal(device.probes, 0);
}

static void one_device_has_few_probes_and_one_for_each_address(void **state)
{
	char address[32];

	(void)state;
	is_hanging = true;
	for (int i = 0; i < PROBES_PER_DEVICE_MAX + 3; i++) {
		(void)snprintf(address, sizeof address, "127.0.0.%d", 1 + i);
		assert_int_equal(prober_add(prober, &device, address), i < PROBES_PER_DEVICE_MAX);
		assert_false(prober_add(prober, &device, "127.0.0.1"));
	}
	assert_int_equal(device.probes, PROBES_PER_DEVICE_MAX);
	wait_answers(PROBES_PER_DEVICE_MAX);
	assert_true(prober_add(prober, &device, "127.0.0.1"));
}

static void no_answer_comes_for_whom_nobody_asks_any_more(void **state)
{
	(void)state;
	is_hanging = true;
	assert_true(prober_add(prober, &device, "127.0.0.1"));
	assert_true(prober_add(prober, &device, "127.0.0.2"));
	prober_forget(prober, &device);
	assert_int_equal(device.probes, 0);
	is_hanging = false;
	assert_true(prober_add(prober, &device, "127.0.0.1"));
	wait_answers(1);
	assert_int_equal(good_answers, 1);
}

/* What waits is asked when there is room, and dropped when the prober closes. */
static void many_wait_for_their_turn(void **state)
{
	static struct device devices[2 * PROBES_RUNNING_MAX];

	(void)state;
	is_hanging = true;
	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
		devices[i] = (struct device) { .port = plug.port };
		assert_true(prober_add(prober, &devices[i], "127.0.0.1"));
	}
	while (plug.requests < PROBES_RUNNING_MAX) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(plug.connects, PROBES_RUNNING_MAX);
	for (size_t i = 0; i < PROBES_RUNNING_MAX; i++) {
		prober_forget(prober, &devices[i]);
	}
	while (plug.requests < sizeof devices / sizeof devices[0]) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	assert_int_equal(answers, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_answer_of_an_address_is_told),
		TEST(who_does_not_answer_is_told_too),
		TEST(one_device_has_few_probes_and_one_for_each_address),
		TEST(no_answer_comes_for_whom_nobody_asks_any_more),
		TEST(many_wait_for_their_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
