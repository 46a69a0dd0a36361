/* Lines that are disconnected, closed, looked up, asked from their own callbacks, and many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "bridge/mem.h"
#include "tests/unit/exchange_rig.h"

/* Refused by every resolver before it asks anybody: a label has at most 63 characters. */
#define NAME_70 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg"

/* ---- names ---- */

static void name_is_looked_up(void **state)
{
	(void)state;
	open_line("localhost", plug.port);
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(exchange_once(), PLUG_OK);
	plug.on_request = answer_and_close;
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(plug.requests, 4);
}

static void name_that_nobody_has_is_not_found(void **state)
{
	static const char *const names[] = { NAME_70, NAME_70 "." NAME_70 "." NAME_70 "." NAME_70,
		"" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		open_line(names[i], plug.port);
		if (exchange() != PLUG_ERESOLVE) {
			fail_msg("%s", names[i]);
		}
		assert_false(plug_line_was_sent(line));
		/* Not for ever: each exchange asks anew. */
		assert_int_equal(exchange_once(), PLUG_ERESOLVE);
	}
	assert_int_equal(plug.connects, 0);
}

/* ---- asking ---- */

static void line_that_is_busy_takes_no_other_request(void **state)
{
	const struct plug_ask what = { SWITCH_ON, strlen(SWITCH_ON), PATIENCE_MS, true };

	(void)state;
	plug.on_request = NULL;
	ask(SYSINFO, PATIENCE_MS, true);
	assert_int_equal(plug_line_ask(line, &what, on_answer), PLUG_EINVAL);
	WAIT_FOR(plug.requests == 1);
	assert_int_equal(plug_line_ask(line, &what, on_answer), PLUG_EINVAL);
	assert_int_equal(heard.answers, 0);
	/* The one under way goes on. */
	fake_answer(plug.connections, ANSWER);
	assert_int_equal(wait_answer(), PLUG_OK);
	assert_int_equal(plug.requests, 1);
}

enum { CHAIN = 200 };

static void ask_again(struct plug_line *from)
{
	assert_ptr_equal(from, line);
	assert_true(plug_line_is_idle(line));
	if (heard.answers < CHAIN) {
		heard.then = ask_again;
		ask(SYSINFO, PATIENCE_MS, heard.answers % 2);
	}
}

static void callback_may_ask_again(void **state)
{
	static fake_request_cb *const plugs[] = { answer, answer_and_close };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		plug.on_request = plugs[i];
		heard.answers = 0;
		heard.then = ask_again;
		ask(SYSINFO, PATIENCE_MS, true);
		WAIT_FOR(heard.answers == CHAIN);
		assert_int_equal(heard.error, PLUG_OK);
		assert_true(plug_line_is_idle(line));
	}
	assert_int_equal(plug.requests, 2 * CHAIN);
}

static void callback_may_ask_again_after_each_kind_of_failure(void **state)
{
	(void)state;
	plug.on_request = close_unanswered;
	heard.answers = CHAIN - 3;
	heard.then = ask_again;
	ask(SYSINFO, PATIENCE_MS, true);
	WAIT_FOR(heard.answers == CHAIN);
	assert_int_equal(heard.error, PLUG_ERESET);
	fake_plug_power(&plug, false);
	heard.answers = CHAIN - 3;
	heard.then = ask_again;
	ask(SYSINFO, PATIENCE_MS, true);
	WAIT_FOR(heard.answers == CHAIN);
	assert_int_equal(heard.error, PLUG_EREFUSED);
}

/* ---- disconnecting ---- */

static void disconnect_ends_an_exchange_before_it_returns(void **state)
{
	(void)state;
	plug.on_request = NULL;
	ask(SYSINFO, PATIENCE_MS, true);
	WAIT_FOR(plug.requests == 1);
	plug_line_disconnect(line);
	assert_int_equal(heard.answers, 1);
	assert_int_equal(heard.error, PLUG_ECANCELED);
	assert_true(plug_line_is_idle(line));
	plug_line_disconnect(line);
	WAIT_FOR(plug.open == 0);
	assert_int_equal(heard.answers, 1);
	plug.on_request = answer;
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(heard.drops, 0);
}

static void disconnect_at_once_ends_an_exchange_that_has_hardly_begun(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", NAME_70, "" };

	(void)state;
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		open_line(hosts[i], plug.port);
		ask(SYSINFO, PATIENCE_MS, true);
		heard.answers = 0;
		plug_line_disconnect(line);
		assert_int_equal(heard.answers, 1);
		assert_int_equal(heard.error, PLUG_ECANCELED);
		assert_false(plug_line_was_sent(line));
	}
	assert_int_equal(plug.requests, 0);
}

static void disconnect_of_an_idle_line_drops_its_connection(void **state)
{
	(void)state;
	plug_line_disconnect(line);
	assert_int_equal(exchange(), PLUG_OK);
	plug_line_disconnect(line);
	WAIT_FOR(plug.open == 0);
	assert_int_equal(heard.drops, 0);
	assert_int_equal(exchange_once(), PLUG_OK);
	assert_int_equal(plug.connects, 2);
}

static void callback_of_a_disconnect_may_ask_again(void **state)
{
	(void)state;
	plug.on_request = NULL;
	heard.answers = CHAIN - 2;
	heard.then = ask_again;
	ask(SYSINFO, PATIENCE_MS, true);
	WAIT_FOR(plug.requests == 1);
	plug.on_request = answer;
	plug_line_disconnect(line);
	assert_int_equal(heard.error, PLUG_ECANCELED);
	assert_int_equal(wait_answer(), PLUG_OK);
}

/* ---- closing ---- */

static void close_line(void)
{
	plug_line_close(line, on_closed);
	assert_int_equal(heard.closed, 0);
	line = NULL;
	WAIT_FOR(heard.closed == 1);
}

static void line_that_was_never_asked_is_closed(void **state)
{
	(void)state;
	close_line();
	assert_int_equal(heard.answers, 0);
}

static void line_with_a_kept_connection_is_closed(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	close_line();
	WAIT_FOR(plug.open == 0);
	assert_int_equal(heard.answers, 1);
	assert_int_equal(heard.drops, 0);
}

static void close_while_it(const char *host)
{
	heard.answers = 0;
	heard.closed = 0;
	open_line(host, plug.port);
	heard.closed = 0;
	ask(SYSINFO, PATIENCE_MS, true);
	plug_line_close(line, on_closed);
	line = NULL;
	assert_int_equal(heard.answers, 1);
	assert_int_equal(heard.error, PLUG_ECANCELED);
}

/* Lookup, lookup that cannot begin, connect. */
static void line_is_closed_while_it_opens_a_connection(void **state)
{
	static const char *const hosts[] = { "localhost", NAME_70, "", "127.0.0.1" };

	(void)state;
	close_line();
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		close_while_it(hosts[i]);
		WAIT_FOR(heard.closed == 1);
	}
	assert_int_equal(plug.requests, 0);
}

static void line_is_closed_while_it_waits_for_an_answer(void **state)
{
	(void)state;
	plug.on_request = NULL;
	ask(SYSINFO, PATIENCE_MS, true);
	WAIT_FOR(plug.requests == 1);
	close_line();
	assert_int_equal(heard.answers, 1);
	assert_int_equal(heard.error, PLUG_ECANCELED);
	WAIT_FOR(plug.open == 0);
}

static void answer_half(struct fake_connection *connection, const char *text)
{
	(void)text;
	fake_send(connection, "\0\0\0\x20{\"half", 10);
	plug.data = connection;
}

static void line_is_closed_in_the_middle_of_an_answer(void **state)
{
	(void)state;
	plug.on_request = answer_half;
	ask(SYSINFO, PATIENCE_MS, true);
	WAIT_FOR(!plug_frame_reader_is_empty(&line->reader));
	close_line();
	assert_int_equal(heard.error, PLUG_ECANCELED);
}

static void close_from_callback(struct plug_line *from)
{
	line = NULL;
	plug_line_close(from, on_closed);
	assert_int_equal(heard.closed, 0);
}

static void line_is_closed_by_its_callback(void **state)
{
	static fake_request_cb *const plugs[] = { answer, answer_and_close, close_unanswered,
		reset_unanswered };

	(void)state;
	close_line();
	for (size_t i = 0; i < sizeof plugs / sizeof plugs[0]; i++) {
		plug.on_request = plugs[i];
		open_line("127.0.0.1", plug.port);
		heard.closed = 0;
		heard.then = close_from_callback;
		ask(SYSINFO, PATIENCE_MS, true);
		WAIT_FOR(heard.closed == 1);
	}
	assert_int_equal(heard.answers, sizeof plugs / sizeof plugs[0]);
}

static void ask_in_vain(struct plug_line *from)
{
	const struct plug_ask what = { SYSINFO, strlen(SYSINFO), PATIENCE_MS, true };

	assert_int_equal(plug_line_ask(from, &what, on_answer), PLUG_EINVAL);
	assert_false(plug_line_is_idle(from));
}

static void line_that_closes_takes_no_request(void **state)
{
	(void)state;
	plug.on_request = NULL;
	ask(SYSINFO, PATIENCE_MS, true);
	WAIT_FOR(plug.requests == 1);
	heard.then = ask_in_vain;
	plug_line_close(line, on_closed);
	ask_in_vain(line);
	line = NULL;
	WAIT_FOR(heard.closed == 1);
	assert_int_equal(heard.answers, 1);
}

/* ---- many ---- */

enum { MANY = 500, ROUNDS = 3 };

static struct plug_line many[MANY];
static size_t many_answers, many_failures, many_closed;

static void on_many(struct plug_line *from, enum plug_error error, const char *text, size_t size)
{
	const struct plug_ask what = { SYSINFO, strlen(SYSINFO), PATIENCE_MS, true };
	size_t *left = from->data;

	many_answers++;
	many_failures += error != PLUG_OK || size != strlen(ANSWER) || strcmp(text, ANSWER) != 0;
	if (--*left > 0) {
		assert_int_equal(plug_line_ask(from, &what, on_many), PLUG_OK);
	}
}

static void on_many_closed(struct plug_line *from)
{
	(void)from;
	many_closed++;
}

static void need_descriptors(rlim_t count)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur < count) {
		limit.rlim_cur = count;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	}
}

static void many_lines_work_at_once(void **state)
{
	const struct plug_ask what = { SYSINFO, strlen(SYSINFO), PATIENCE_MS, true };
	size_t left[MANY];

	(void)state;
	need_descriptors(2 * MANY + 64);
	many_answers = 0;
	many_failures = 0;
	many_closed = 0;
	for (size_t i = 0; i < MANY; i++) {
		left[i] = ROUNDS;
		assert_int_equal(plug_line_init(&many[i], &transport, "127.0.0.1", plug.port, NULL),
			PLUG_OK);
		many[i].data = &left[i];
		assert_int_equal(plug_line_ask(&many[i], &what, on_many), PLUG_OK);
	}
	WAIT_FOR(many_answers == (size_t)MANY * ROUNDS);
	assert_int_equal(many_failures, 0);
	assert_int_equal(plug.connects, MANY);
	assert_int_equal(plug.requests, (size_t)MANY * ROUNDS);
	for (size_t i = 0; i < MANY; i++) {
		plug_line_close(&many[i], on_many_closed);
	}
	WAIT_FOR(many_closed == MANY && plug.open == 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, exchange_rig_setup, exchange_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(name_is_looked_up),
		TEST(name_that_nobody_has_is_not_found),
		TEST(line_that_is_busy_takes_no_other_request),
		TEST(callback_may_ask_again),
		TEST(callback_may_ask_again_after_each_kind_of_failure),
		TEST(disconnect_ends_an_exchange_before_it_returns),
		TEST(disconnect_at_once_ends_an_exchange_that_has_hardly_begun),
		TEST(disconnect_of_an_idle_line_drops_its_connection),
		TEST(callback_of_a_disconnect_may_ask_again),
		TEST(line_that_was_never_asked_is_closed),
		TEST(line_with_a_kept_connection_is_closed),
		TEST(line_is_closed_while_it_opens_a_connection),
		TEST(line_is_closed_while_it_waits_for_an_answer),
		TEST(line_is_closed_in_the_middle_of_an_answer),
		TEST(line_is_closed_by_its_callback),
		TEST(line_that_closes_takes_no_request),
		TEST(many_lines_work_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
