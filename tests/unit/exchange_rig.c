#include "tests/unit/exchange_rig.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/mem.h"

uv_loop_t loop;
struct plug_transport transport;
struct fake_plug plug;
struct plug_line *line;
struct heard heard;

static uv_timer_t tick;
static bool is_asking;

uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

void turn(void)
{
	uv_run(&loop, UV_RUN_ONCE);
}

static void on_tick(uv_timer_t *timer)
{
	(void)timer;
}

void on_answer(struct plug_line *from, enum plug_error error, const char *text, size_t size)
{
	void (*then)(struct plug_line * line) = heard.then;

	assert_false(is_asking);
	assert_int_equal(text != NULL, error == PLUG_OK);
	if (text) {
		assert_int_equal(strlen(text), size);
	} else {
		assert_int_equal(size, 0);
	}
	heard.answers++;
	heard.error = error;
	heard.size = size;
	free(heard.text);
	heard.text = mem_copy(text);
	heard.then = NULL;
	if (then) {
		then(from);
	}
}

static void on_drop(struct plug_line *from, enum plug_error how)
{
	assert_true(plug_line_is_idle(from));
	heard.drops++;
	heard.drop = how;
}

/* The memory is the owner's again: nothing may look at it any more. */
void on_closed(struct plug_line *from)
{
	heard.closed++;
	free(from);
}

void open_line(const char *host, uint16_t port)
{
	if (line) {
		plug_line_close(line, on_closed);
	}
	line = mem_new(sizeof *line);
	assert_int_equal(plug_line_init(line, &transport, host, port, on_drop), PLUG_OK);
}

int exchange_rig_setup(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	memset(&heard, 0, sizeof heard);
	uv_loop_init(&loop);
	uv_timer_init(&loop, &tick);
	uv_timer_start(&tick, on_tick, 5, 5);
	plug_transport_init(&transport, &loop);
	fake_plug_init(&plug, &loop, answer);
	open_line("127.0.0.1", plug.port);
	return 0;
}

int exchange_rig_teardown(void **state)
{
	(void)state;
	if (line) {
		plug_line_close(line, on_closed);
		line = NULL;
	}
	fake_plug_stop(&plug);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	free(heard.text);
	heard.text = NULL;
	return 0;
}

void ask(const char *text, uint64_t timeout_ms, bool may_repeat)
{
	char *request = mem_copy(text);
	const struct plug_ask what = { request, strlen(request), timeout_ms, may_repeat };

	is_asking = true;
	assert_int_equal(plug_line_ask(line, &what, on_answer), PLUG_OK);
	is_asking = false;
	assert_false(plug_line_is_idle(line));
	/* Borrowed during the call only. */
	memset(request, '!', strlen(request));
	free(request);
}

enum plug_error wait_answer(void)
{
	const size_t before = heard.answers;

	WAIT_FOR(heard.answers > before);
	assert_int_equal(heard.answers, before + 1);
	return heard.error;
}

enum plug_error exchange(void)
{
	ask(SYSINFO, PATIENCE_MS, true);
	return wait_answer();
}

enum plug_error exchange_once(void)
{
	ask(SWITCH_ON, PATIENCE_MS, false);
	return wait_answer();
}

void answer(struct fake_connection *connection, const char *text)
{
	(void)text;
	fake_answer(connection, ANSWER);
}

void answer_and_close(struct fake_connection *connection, const char *text)
{
	answer(connection, text);
	fake_close(connection);
}

void close_unanswered(struct fake_connection *connection, const char *text)
{
	(void)text;
	fake_close(connection);
}

void reset_unanswered(struct fake_connection *connection, const char *text)
{
	(void)text;
	fake_reset(connection);
}
