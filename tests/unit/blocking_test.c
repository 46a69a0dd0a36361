/* Calls that block, against a plug in another thread: what they return, how often they reach the
 * plug, and what they leave of the program's signals. */
#include "protocol/blocking/device.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <cmocka.h>
#include <uv.h>

#include "protocol/blocking/energy.h"
#include "protocol/blocking/light.h"
#include "protocol/blocking/maintenance.h"
#include "protocol/blocking/outlet.h"
#include "protocol/blocking/quiet.h"
#include "protocol/blocking/rules.h"
#include "protocol/blocking/settings.h"
#include "tests/unit/blocking_rig.h"
#include "tests/unit/sysinfo_samples.h"

#define LED_DONE "{\"system\":{\"set_led_off\":{\"err_code\":0}}}"
#define CAMERA "{\"system\":{\"get_sysinfo\":{\"model\":\"EC60(US)\",\"system\":{}}}}"

static struct blocking_plug *plug;
static struct plug_device *device;

/* The look at a kept connection before it is used; -1 makes it see nothing. */
static bool is_blind;
ssize_t __real_recv(int socket, void *buffer, size_t size, int flags);
ssize_t __wrap_recv(int socket, void *buffer, size_t size, int flags);
ssize_t __wrap_recv(int socket, void *buffer, size_t size, int flags)
{
	if (is_blind) {
		errno = EAGAIN;
		return -1;
	}
	return __real_recv(socket, buffer, size, flags);
}

static void open_with(const char *sysinfo, enum blocking_way way, const char *answer)
{
	plug = blocking_plug_start(sysinfo, way, answer);
	assert_int_equal(
		plug_device_open("127.0.0.1", blocking_plug_port(plug), PATIENCE_MS, &device),
		PLUG_OK);
}

static int teardown(void **state)
{
	(void)state;
	is_blind = false;
	plug_device_close(device);
	blocking_plug_stop(plug);
	device = NULL;
	plug = NULL;
	return 0;
}

static enum plug_error call_led(enum plug_error (*call)(
	struct plug_device *, enum plug_error, const struct plug_request *, struct plug_method))
{
	struct plug_request request;

	return call(device, plug_request_set_led(&request, true), &request, plug_led_method);
}

/* ---- open ---- */

static void open_tells_what_the_device_is(void **state)
{
	struct plug_identity identity;
	struct plug_location location;
	bool is_on;

	(void)state;
	open_with(plug_text, WAY_ANSWER, LED_DONE);
	assert_string_equal(plug_device_info(device)->model, "HS110(EU)");
	assert_int_equal(plug_device_info(device)->outlet_count, 1);
	plug_device_identity(device, &identity);
	assert_string_equal(identity.device_id, DEVICE_ID);
	assert_null(identity.hardware_id);
	assert_true(plug_device_led(device, &is_on));
	assert_true(is_on);
	assert_true(plug_device_location(device, &location));
	assert_int_equal(location.latitude_i, 525000);
	assert_int_equal(location.longitude_i, 134000);
}

static void open_looks_names_up(void **state)
{
	(void)state;
	plug = blocking_plug_start(plug_text, WAY_ANSWER, LED_DONE);
	assert_int_equal(
		plug_device_open("localhost", blocking_plug_port(plug), PATIENCE_MS, &device),
		PLUG_OK);
}

static void open_refuses_what_cannot_be(void **state)
{
	static const struct {
		const char *host;
		uint16_t port;
		uint64_t timeout_ms;
	} rows[] = {
		{ NULL, 9999, 1000 },
		{ "", 9999, 1000 },
		{ "127.0.0.1", 0, 1000 },
		{ "127.0.0.1", 9999, 0 },
		{ "127.0.0.1", 9999, PLUG_DEVICE_TIMEOUT_MAX_MS + 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_device *opened = (struct plug_device *)&rows;

		assert_int_equal(
			plug_device_open(rows[i].host, rows[i].port, rows[i].timeout_ms, &opened),
			PLUG_EINVAL);
		assert_null(opened);
	}
}

static void open_fails_where_nobody_listens(void **state)
{
	uint16_t port;

	(void)state;
	plug = blocking_plug_start(plug_text, WAY_ANSWER, LED_DONE);
	port = blocking_plug_port(plug);
	blocking_plug_stop(plug);
	plug = NULL;
	assert_int_equal(plug_device_open("127.0.0.1", port, PATIENCE_MS, &device), PLUG_EREFUSED);
	assert_null(device);
}

static void open_fails_on_what_is_no_answer(void **state)
{
	static const struct {
		const char *sysinfo;
		enum plug_error error;
	} rows[] = {
		{ "{\"system\":{}}", PLUG_EPROTO },
		{ "no JSON", PLUG_EPROTO },
		{ "{\"system\":{\"get_sysinfo\":{\"err_code\":-3}}}", PLUG_EDEVICE },
		{ "{\"system\":{\"get_sysinfo\":{\"err_code\":-2}}}", PLUG_EUNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		plug = blocking_plug_start(rows[i].sysinfo, WAY_ANSWER, LED_DONE);
		assert_int_equal(plug_device_open("127.0.0.1", blocking_plug_port(plug),
					 PATIENCE_MS, &device),
			rows[i].error);
		assert_null(device);
		blocking_plug_stop(plug);
		plug = NULL;
	}
}

/* ---- calls ---- */

static void connection_is_kept_between_calls(void **state)
{
	(void)state;
	open_with(plug_text, WAY_ANSWER, LED_DONE);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(plug_device_set_led(device, true), PLUG_OK);
	}
	assert_string_equal(blocking_plug_last(plug), "{\"system\":{\"set_led_off\":{\"off\":0}}}");
	assert_int_equal(blocking_plug_requests(plug), 4);
	assert_int_equal(blocking_plug_connects(plug), 1);
}

static void device_that_closes_after_each_answer_is_asked_again(void **state)
{
	(void)state;
	open_with(plug_text, WAY_ANSWER_CLOSE, LED_DONE);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(plug_device_set_led(device, true), PLUG_OK);
	}
	assert_int_equal(plug_device_refresh(device), PLUG_OK);
}

static void timeout_is_for_the_whole_call(void **state)
{
	(void)state;
	open_with(plug_text, WAY_HANG, LED_DONE);
	assert_int_equal(plug_device_set_timeout(device, 0), PLUG_EINVAL);
	assert_int_equal(plug_device_timeout_ms(device), PATIENCE_MS);
	assert_int_equal(plug_device_set_timeout(device, SHORT_MS), PLUG_OK);
	assert_int_equal(call_led(plug_device_call), PLUG_ETIMEOUT);
	assert_true(plug_device_was_sent(device));
	assert_null(plug_device_reply(device)->root);
	/* What came too late is nobody's answer. */
	blocking_plug_change(plug, WAY_ANSWER, LED_DONE);
	assert_int_equal(plug_device_set_timeout(device, PATIENCE_MS), PLUG_OK);
	assert_int_equal(call_led(plug_device_call), PLUG_OK);
}

static void half_an_answer_is_none(void **state)
{
	(void)state;
	open_with(plug_text, WAY_HALF, LED_DONE);
	assert_int_equal(call_led(plug_device_call), PLUG_ERESET);
	assert_null(plug_device_reply(device)->root);
	assert_int_equal(plug_device_refresh(device), PLUG_OK);
}

static void request_of_once_reaches_the_device_once(void **state)
{
	(void)state;
	open_with(plug_text, WAY_CLOSE, LED_DONE);
	assert_int_equal(call_led(plug_device_call_once), PLUG_ERESET);
	assert_int_equal(blocking_plug_requests(plug), 2);
	/* One that may be repeated is, where the connection was an old one. */
	assert_int_equal(plug_device_refresh(device), PLUG_OK);
	assert_int_equal(call_led(plug_device_call), PLUG_ERESET);
	assert_int_equal(blocking_plug_requests(plug), 5);
}

static void device_may_go_away_at_the_last_call(void **state)
{
	(void)state;
	open_with(plug_text, WAY_CLOSE, LED_DONE);
	assert_int_equal(plug_device_reboot(device, 1), PLUG_OK);
	blocking_plug_change(plug, WAY_HANG, LED_DONE);
	assert_int_equal(plug_device_set_timeout(device, SHORT_MS), PLUG_OK);
	assert_int_equal(plug_device_reset(device, 1), PLUG_OK);
	assert_int_equal(blocking_plug_requests(plug), 3);
	/* But it must have been there. */
	blocking_plug_stop(plug);
	plug = NULL;
	assert_int_equal(plug_device_reboot(device, 1), PLUG_EREFUSED);
}

static void refusal_is_told_and_forgotten(void **state)
{
	(void)state;
	open_with(plug_text, WAY_ANSWER,
		"{\"system\":{\"reboot\":{\"err_code\":-3,\"err_msg\":\"no\"}}}");
	assert_int_equal(plug_device_reboot(device, 1), PLUG_EDEVICE);
	assert_int_equal(plug_device_refusal(device)->err_code, -3);
	assert_string_equal(plug_device_refusal(device)->err_msg, "no");
	assert_int_equal(plug_device_refresh(device), PLUG_OK);
	assert_int_equal(plug_device_refusal(device)->err_code, 0);
	assert_null(plug_device_refusal(device)->err_msg);
}

/* It answers that it is busy for as long as it is asked; the deadline is the call's all the same.
 */
static void busy_device_is_asked_again_while_there_is_time(void **state)
{
	(void)state;
	open_with(plug_text, WAY_ANSWER, "{\"system\":{\"set_led_off\":{\"err_code\":-32}}}");
	assert_int_equal(plug_device_set_timeout(device, 1000), PLUG_OK);
	assert_int_equal(call_led(plug_device_call), PLUG_EDEVICE);
	assert_int_equal(blocking_plug_requests(plug), 2);
	assert_int_equal(plug_device_set_timeout(device, PATIENCE_MS), PLUG_OK);
	assert_int_equal(call_led(plug_device_call_once), PLUG_EDEVICE);
	assert_int_equal(plug_device_refusal(device)->err_code, -32);
	assert_int_equal(blocking_plug_requests(plug), 8);
}

static void request_that_was_not_built_is_not_sent(void **state)
{
	const struct plug_rule_place nowhere = { PLUG_RULE_SCHEDULE, 1 };
	struct plug_rules *rules = calloc(1, sizeof *rules);
	struct plug_realtime reading;

	(void)state;
	assert_non_null(rules);
	open_with(dimmer_text, WAY_ANSWER, LED_DONE);
	assert_int_equal(plug_device_reboot(device, 0), PLUG_EINVAL);
	assert_int_equal(plug_device_switch(device, 1, true), PLUG_EINVAL);
	assert_int_equal(plug_device_switch(device, -2, true), PLUG_EINVAL);
	assert_int_equal(plug_device_set_brightness(device, 101), PLUG_EINVAL);
	assert_int_equal(plug_device_rules(device, &nowhere, rules), PLUG_EINVAL);
	assert_int_equal(plug_device_reading(device, 0, &reading), PLUG_EUNSUPPORTED);
	assert_int_equal(blocking_plug_requests(plug), 1);
	free(rules);
}

static void outlets_of_a_strip_are_meant_one_by_one(void **state)
{
	const char *child_id;

	(void)state;
	open_with(strip_text, WAY_ANSWER, "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}");
	assert_int_equal(plug_device_switch(device, 1, true), PLUG_OK);
	assert_string_equal(blocking_plug_last(plug),
		"{\"context\":{\"child_ids\":[\"" DEVICE_ID
		"01\"]},\"system\":{\"set_relay_state\":{\"state\":1}}}");
	assert_int_equal(plug_device_switch(device, PLUG_DEVICE_ITSELF, true), PLUG_EINVAL);
	assert_int_equal(plug_device_switch(device, 4, true), PLUG_EINVAL);
	assert_int_equal(plug_device_child_id(device, PLUG_DEVICE_ITSELF, &child_id), PLUG_OK);
	assert_null(child_id);
}

static void toggle_asks_how_the_outlet_stands(void **state)
{
	bool is_on = true;

	(void)state;
	open_with(plug_text, WAY_ANSWER, "{\"system\":{\"set_relay_state\":{\"err_code\":0}}}");
	assert_int_equal(plug_device_toggle(device, 0, &is_on), PLUG_OK);
	assert_false(is_on);
	assert_string_equal(
		blocking_plug_last(plug), "{\"system\":{\"set_relay_state\":{\"state\":0}}}");
	assert_int_equal(plug_device_toggle(device, 1, NULL), PLUG_EINVAL);
}

static void device_of_no_known_kind_is_asked_for_nothing(void **state)
{
	const char *reply;

	(void)state;
	open_with(CAMERA, WAY_ANSWER, "{\"emeter\":{}}");
	assert_int_equal(plug_device_info(device)->family, PLUG_FAMILY_UNSUPPORTED);
	assert_int_equal(plug_device_set_led(device, true), PLUG_EUNSUPPORTED);
	assert_int_equal(plug_device_switch(device, 0, true), PLUG_EUNSUPPORTED);
	assert_int_equal(blocking_plug_requests(plug), 1);
	assert_int_equal(plug_device_raw(device, "{\"emeter\":{}}", &reply), PLUG_OK);
}

static void free_command_goes_and_comes_as_it_is(void **state)
{
	const char *reply;

	(void)state;
	open_with(plug_text, WAY_ANSWER, "[1, 2]");
	assert_int_equal(plug_device_raw(device, "anything", &reply), PLUG_OK);
	assert_string_equal(reply, "[1, 2]");
	assert_string_equal(blocking_plug_last(plug), "anything");
	assert_int_equal(plug_device_raw(device, "", &reply), PLUG_EINVAL);
	assert_null(reply);
	blocking_plug_change(plug, WAY_CLOSE, "");
	assert_int_equal(plug_device_raw(device, "anything", &reply), PLUG_ERESET);
	assert_null(reply);
	assert_int_equal(blocking_plug_requests(plug), 3);
}

/* ---- signals ---- */

static bool is_pending(int number)
{
	sigset_t set;

	assert_int_equal(sigpending(&set), 0);
	return sigismember(&set, number) == 1;
}

static bool is_blocked(int number)
{
	sigset_t set;

	assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &set), 0);
	return sigismember(&set, number) == 1;
}

/* The program would end here: nobody has told it to ignore SIGPIPE. */
static void broken_connection_does_not_end_the_program(void **state)
{
	(void)state;
	open_with(plug_text, WAY_ANSWER, LED_DONE);
	blocking_plug_break(plug);
	is_blind = true;
	assert_int_equal(call_led(plug_device_call), PLUG_OK);
	assert_int_equal(blocking_plug_connects(plug), 2);
	assert_false(is_pending(SIGPIPE));
	assert_false(is_blocked(SIGPIPE));
}

static void signal_of_a_call_is_taken_out(void **state)
{
	struct plug_quiet quiet;

	(void)state;
	plug_quiet_begin(&quiet);
	assert_int_equal(raise(SIGPIPE), 0);
	assert_true(is_pending(SIGPIPE));
	plug_quiet_end(&quiet);
	assert_false(is_pending(SIGPIPE));
	assert_false(is_blocked(SIGPIPE));
}

static void signal_of_the_program_stays(void **state)
{
	const struct timespec at_once = { 0 };
	struct plug_quiet quiet;
	sigset_t set;
	sigset_t old;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
	assert_int_equal(raise(SIGPIPE), 0);
	plug_quiet_begin(&quiet);
	plug_quiet_end(&quiet);
	assert_true(is_pending(SIGPIPE));
	assert_true(is_blocked(SIGPIPE));
	assert_int_equal(sigtimedwait(&set, NULL, &at_once), SIGPIPE);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, &old, NULL), 0);
}

static void close_takes_nothing(void **state)
{
	(void)state;
	plug_device_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(open_tells_what_the_device_is, teardown),
		cmocka_unit_test_teardown(open_looks_names_up, teardown),
		cmocka_unit_test_teardown(open_refuses_what_cannot_be, teardown),
		cmocka_unit_test_teardown(open_fails_where_nobody_listens, teardown),
		cmocka_unit_test_teardown(open_fails_on_what_is_no_answer, teardown),
		cmocka_unit_test_teardown(connection_is_kept_between_calls, teardown),
		cmocka_unit_test_teardown(
			device_that_closes_after_each_answer_is_asked_again, teardown),
		cmocka_unit_test_teardown(timeout_is_for_the_whole_call, teardown),
		cmocka_unit_test_teardown(half_an_answer_is_none, teardown),
		cmocka_unit_test_teardown(request_of_once_reaches_the_device_once, teardown),
		cmocka_unit_test_teardown(device_may_go_away_at_the_last_call, teardown),
		cmocka_unit_test_teardown(refusal_is_told_and_forgotten, teardown),
		cmocka_unit_test_teardown(busy_device_is_asked_again_while_there_is_time, teardown),
		cmocka_unit_test_teardown(request_that_was_not_built_is_not_sent, teardown),
		cmocka_unit_test_teardown(outlets_of_a_strip_are_meant_one_by_one, teardown),
		cmocka_unit_test_teardown(toggle_asks_how_the_outlet_stands, teardown),
		cmocka_unit_test_teardown(device_of_no_known_kind_is_asked_for_nothing, teardown),
		cmocka_unit_test_teardown(free_command_goes_and_comes_as_it_is, teardown),
		cmocka_unit_test_teardown(broken_connection_does_not_end_the_program, teardown),
		cmocka_unit_test_teardown(signal_of_a_call_is_taken_out, teardown),
		cmocka_unit_test_teardown(signal_of_the_program_stays, teardown),
		cmocka_unit_test_teardown(close_takes_nothing, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
