/* One request, one reply: however the reply comes, or does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/mem.h"
#include "tests/unit/exchange_rig.h"

/* What exchange.c asked of the libraries below it. */
static struct {
	size_t nodelays;
	size_t write_max; /* bytes that a try is let write; 0: no limit */
	size_t largest_bytes;
} spy;

int __real_uv_tcp_nodelay(uv_tcp_t *tcp, int is_on);
int __wrap_uv_tcp_nodelay(uv_tcp_t *tcp, int is_on);
int __real_uv_try_write(uv_stream_t *stream, const uv_buf_t buffers[], unsigned count);
int __wrap_uv_try_write(uv_stream_t *stream, const uv_buf_t buffers[], unsigned count);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

int __wrap_uv_tcp_nodelay(uv_tcp_t *tcp, int is_on)
{
	/* The plug of the rig sets it, too: what counts is the line's side. */
	spy.nodelays += is_on && tcp->data != plug.connections;
	return __real_uv_tcp_nodelay(tcp, is_on);
}

int __wrap_uv_try_write(uv_stream_t *stream, const uv_buf_t buffers[], unsigned count)
{
	uv_buf_t first = buffers[0];

	if (spy.write_max > 0 && first.len > spy.write_max) {
		first.len = spy.write_max;
	}
	assert_int_equal(count, 1);
	return __real_uv_try_write(stream, &first, 1);
}

void *__wrap_realloc(void *memory, size_t size)
{
	spy.largest_bytes = size > spy.largest_bytes ? size : spy.largest_bytes;
	return __real_realloc(memory, size);
}

static int setup(void **state)
{
	memset(&spy, 0, sizeof spy);
	return exchange_rig_setup(state);
}

static void exchange_brings_the_answer(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	assert_string_equal(heard.text, ANSWER);
	assert_int_equal(plug.connects, 1);
	assert_int_equal(plug.requests, 1);
	assert_true(plug_line_was_sent(line));
	assert_true(plug_line_is_idle(line));
}

static void expect_sysinfo(struct fake_connection *connection, const char *text)
{
	assert_string_equal(text, SYSINFO);
	fake_answer(connection, ANSWER);
}

static void exchange_sends_the_request_as_one_segment(void **state)
{
	(void)state;
	plug.on_request = expect_sysinfo;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(exchange(), PLUG_OK);
		assert_int_equal(plug.request_reads, 1);
	}
	assert_int_equal(spy.nodelays, plug.connects);
}

static void exchange_keeps_the_connection(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(exchange(), PLUG_OK);
		assert_int_equal(exchange_once(), PLUG_OK);
	}
	assert_int_equal(plug.connects, 1);
	assert_int_equal(line->connects, 1);
	assert_int_equal(heard.drops, 0);
}

static void exchange_follows_a_plug_that_closes_after_each_answer(void **state)
{
	(void)state;
	plug.on_request = answer_and_close;
	for (size_t i = 1; i <= 5; i++) {
		assert_int_equal(i % 2 ? exchange() : exchange_once(), PLUG_OK);
		WAIT_FOR(heard.drops == i);
		assert_int_equal(heard.drop, PLUG_OK);
	}
	assert_int_equal(plug.connects, 5);
	assert_int_equal(plug.requests, 5);
}

/* ---- answers in pieces ---- */

/* A step of an answer: the frame of ANSWER, so many bytes of it, so many at a time. */
static struct {
	size_t size, step;
	bool ends, resets;
} piece;

static void answer_in_pieces(struct fake_connection *connection, const char *text)
{
	size_t size = 0;
	uint8_t *frame = fake_frame(ANSWER, &size);

	(void)text;
	size = piece.size < size ? piece.size : size;
	connection->ends = piece.ends;
	if (piece.resets) {
		fake_send(connection, frame, size);
		fake_reset(connection);
	} else {
		fake_drip(connection, frame, size, piece.step, 1);
	}
	free(frame);
}

enum { FRAME_BYTES = PLUG_FRAME_HEADER_BYTES + sizeof ANSWER - 1 };

static void exchange_takes_the_answer_in_any_segments(void **state)
{
	(void)state;
	plug.on_request = answer_in_pieces;
	piece.size = SIZE_MAX;
	piece.ends = false;
	piece.resets = false;
	/* Byte by byte, the header alone, and every way to cut it in two. */
	for (piece.step = 1; piece.step <= FRAME_BYTES; piece.step++) {
		assert_int_equal(exchange(), PLUG_OK);
		assert_string_equal(heard.text, ANSWER);
	}
	assert_int_equal(plug.connects, 1);
}

static void answer_cut_anywhere_is_no_answer(void **state)
{
	(void)state;
	plug.on_request = answer_in_pieces;
	piece.step = SIZE_MAX;
	piece.ends = true;
	piece.resets = false;
	for (piece.size = 0; piece.size < FRAME_BYTES; piece.size++) {
		assert_int_equal(exchange_once(), PLUG_ERESET);
	}
	/* Nothing of a cut answer is left for the next. */
	assert_int_equal(plug.requests, FRAME_BYTES);
	plug.on_request = answer;
	assert_int_equal(exchange(), PLUG_OK);
}

static void answer_cut_by_a_reset_is_no_answer(void **state)
{
	(void)state;
	plug.on_request = answer_in_pieces;
	piece.ends = false;
	piece.resets = true;
	for (piece.size = 0; piece.size < FRAME_BYTES; piece.size += 7) {
		assert_int_equal(exchange_once(), PLUG_ERESET);
	}
}

static const struct {
	const char *name;
	uint8_t bytes[8];
	size_t size;
} wrong[] = {
	{ "length 0", { 0, 0, 0, 0 }, 4 },
	{ "length 0 and more", { 0, 0, 0, 0, 1, 2 }, 6 },
	{ "longest length", { 0xff, 0xff, 0xff, 0xff }, 4 },
	{ "longest length and more", { 0xff, 0xff, 0xff, 0xff, 1, 2 }, 6 },
	{ "2 GiB", { 0x80, 0, 0, 0 }, 4 },
	{ "one byte beyond the cap", { 0, 1, 0, 1 }, 4 },
};
static size_t wrong_index;

static void answer_wrongly(struct fake_connection *connection, const char *text)
{
	(void)text;
	fake_send(connection, wrong[wrong_index].bytes, wrong[wrong_index].size);
}

static void answer_of_an_impossible_length_is_refused_at_once(void **state)
{
	(void)state;
	plug.on_request = answer_wrongly;
	for (wrong_index = 0; wrong_index < sizeof wrong / sizeof wrong[0]; wrong_index++) {
		if (exchange() != PLUG_EPROTO) {
			fail_msg("%s", wrong[wrong_index].name);
		}
		WAIT_FOR(plug.open == 0);
	}
	assert_true(spy.largest_bytes < 16384);
	plug.on_request = answer;
	assert_int_equal(exchange(), PLUG_OK);
}

static void answer_longest(struct fake_connection *connection, const char *text)
{
	char *longest = mem_array(PLUG_FRAME_REPLY_MAX_BYTES + 1, 1);

	(void)text;
	memset(longest, 'x', PLUG_FRAME_REPLY_MAX_BYTES);
	fake_answer(connection, longest);
	free(longest);
}

static void answer_as_long_as_the_cap_is_taken(void **state)
{
	(void)state;
	plug.on_request = answer_longest;
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(heard.size, PLUG_FRAME_REPLY_MAX_BYTES);
}

/* ---- bytes that nobody asked for ---- */

static void answer_and_more(struct fake_connection *connection, const char *text)
{
	size_t size = 0;
	uint8_t *frame = fake_frame(ANSWER, &size);

	(void)text;
	frame = mem_resize(frame, size + 1, 1);
	frame[size] = 0;
	fake_send(connection, frame, size + 1);
	free(frame);
}

static void connection_with_bytes_behind_the_answer_is_not_used_again(void **state)
{
	(void)state;
	plug.on_request = answer_and_more;
	for (size_t i = 1; i <= 3; i++) {
		assert_int_equal(exchange(), PLUG_OK);
		assert_string_equal(heard.text, ANSWER);
		assert_int_equal(plug.connects, i);
	}
}

static void connection_with_bytes_that_nobody_asked_for_is_dropped(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	fake_answer(plug.connections, "{\"late\":1}");
	WAIT_FOR(heard.drops == 1);
	assert_int_equal(heard.drop, PLUG_ERESET);
	WAIT_FOR(plug.open == 0);
	assert_int_equal(exchange(), PLUG_OK);
	assert_string_equal(heard.text, ANSWER);
}

/* They are in the socket already, but the loop has not turned since: the next request must not take
 * them for its answer. */
static void bytes_not_read_yet_are_no_answer_to_the_next_request(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	fake_answer(plug.connections, "{\"late\":1}");
	assert_int_equal(exchange(), PLUG_OK);
	assert_string_equal(heard.text, ANSWER);
	fake_answer(plug.connections, "{\"late\":2}");
	assert_int_equal(exchange_once(), PLUG_ERESET);
	assert_false(plug_line_was_sent(line));
}

/* ---- connections that end ---- */

static void idle_connection_that_ends_is_told(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	fake_close(plug.connections);
	WAIT_FOR(heard.drops == 1);
	assert_int_equal(heard.drop, PLUG_OK);
	assert_int_equal(exchange(), PLUG_OK);
	fake_reset(plug.connections);
	WAIT_FOR(heard.drops == 2);
	assert_int_equal(heard.drop, PLUG_ERESET);
	assert_int_equal(exchange_once(), PLUG_OK);
	assert_int_equal(plug.connects, 3);
}

static fake_request_cb *first_request; /* what happens to the first of two; the next is answered */

static void first_differs(struct fake_connection *connection, const char *text)
{
	plug.on_request = answer;
	first_request(connection, text);
}

static void kept_connection_that_is_dead_is_opened_again(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(exchange(), PLUG_OK);
		plug.on_request = first_differs;
		first_request = i == 0 ? close_unanswered : reset_unanswered;
		assert_int_equal(exchange(), PLUG_OK);
		assert_string_equal(heard.text, ANSWER);
	}
	assert_int_equal(plug.requests, 6);
	assert_int_equal(plug.connects, 3);
	assert_int_equal(heard.drops, 0);
}

static void request_that_must_not_be_repeated_is_sent_once(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	plug.on_request = first_differs;
	first_request = close_unanswered;
	assert_int_equal(exchange_once(), PLUG_ERESET);
	assert_true(plug_line_was_sent(line));
	assert_int_equal(plug.requests, 2);
	assert_int_equal(plug.connects, 1);
}

static void request_is_repeated_once_only(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	plug.on_request = close_unanswered;
	assert_int_equal(exchange(), PLUG_ERESET);
	assert_int_equal(plug.requests, 3);
	assert_int_equal(plug.connects, 2);
	/* On a new connection it is not the connection's fault. */
	assert_int_equal(exchange(), PLUG_ERESET);
	assert_int_equal(plug.requests, 4);
}

static void request_is_not_repeated_once_an_answer_began(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	plug.on_request = answer_in_pieces;
	piece.size = 1;
	piece.step = 1;
	piece.ends = true;
	piece.resets = false;
	assert_int_equal(exchange(), PLUG_ERESET);
	assert_int_equal(plug.requests, 2);
}

/* The end is in the socket already, but the loop has not turned since. */
static void request_is_not_thrown_at_a_connection_known_to_be_closed(void **state)
{
	(void)state;
	for (size_t i = 1; i <= 3; i++) {
		assert_int_equal(exchange(), PLUG_OK);
		fake_close(plug.connections);
		assert_int_equal(exchange_once(), PLUG_OK);
		assert_int_equal(plug.requests, 2 * i);
	}
}

static void connection_reset_unnoticed_costs_what_may_be_repeated_nothing(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	fake_reset(plug.connections);
	assert_int_equal(exchange(), PLUG_OK);
	fake_reset(plug.connections);
	assert_int_equal(exchange_once(), PLUG_ERESET);
	assert_false(plug_line_was_sent(line));
	assert_int_equal(plug.requests, 2);
	assert_int_equal(exchange_once(), PLUG_OK);
}

static void plug_that_is_off_refuses(void **state)
{
	(void)state;
	fake_plug_power(&plug, false);
	assert_int_equal(exchange(), PLUG_EREFUSED);
	assert_false(plug_line_was_sent(line));
	assert_int_equal(exchange_once(), PLUG_EREFUSED);
	assert_false(plug_line_was_sent(line));
	fake_plug_power(&plug, true);
	assert_int_equal(exchange(), PLUG_OK);
}

/* ---- requests ---- */

static size_t long_size;

static void expect_long(struct fake_connection *connection, const char *text)
{
	assert_int_equal(strlen(text), long_size);
	assert_int_equal(strspn(text, "x"), long_size);
	fake_answer(connection, ANSWER);
}

static void request_that_does_not_fit_at_once_arrives_whole(void **state)
{
	static const size_t write_max[] = { 1, 3, 4, 5, 1000, 0 };
	char *text = mem_array(PLUG_FRAME_REPLY_MAX_BYTES + 1, 1);

	(void)state;
	plug.on_request = expect_long;
	long_size = PLUG_FRAME_REPLY_MAX_BYTES;
	memset(text, 'x', long_size);
	for (size_t i = 0; i < sizeof write_max / sizeof write_max[0]; i++) {
		spy.write_max = write_max[i];
		ask(text, PATIENCE_MS, true);
		assert_int_equal(wait_answer(), PLUG_OK);
		assert_true(plug_line_was_sent(line));
	}
	free(text);
}

static void request_of_a_wrong_size_is_not_begun(void **state)
{
	char *text = mem_array(PLUG_FRAME_REPLY_MAX_BYTES + 1, 1);
	struct plug_ask what = { text, 0, PATIENCE_MS, true };

	(void)state;
	assert_int_equal(plug_line_ask(line, &what, on_answer), PLUG_EINVAL);
	what.size = PLUG_FRAME_REPLY_MAX_BYTES + 1;
	assert_int_equal(plug_line_ask(line, &what, on_answer), PLUG_ETOOBIG);
	assert_true(plug_line_is_idle(line));
	free(text);
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(heard.answers, 1);
}

/* ---- time ---- */

static void plug_that_hangs_is_given_up(void **state)
{
	const uint64_t start_ms = now_ms();

	(void)state;
	plug.on_request = NULL;
	ask(SYSINFO, SHORT_MS, true);
	assert_int_equal(wait_answer(), PLUG_ETIMEOUT);
	assert_true(now_ms() - start_ms >= SHORT_MS - 10);
	assert_true(plug_line_was_sent(line));
	WAIT_FOR(plug.open == 0);
	plug.on_request = answer;
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(plug.connects, 2);
}

static void deadline_ends_with_its_exchange(void **state)
{
	const uint64_t start_ms = now_ms();

	(void)state;
	ask(SYSINFO, SHORT_MS, true);
	assert_int_equal(wait_answer(), PLUG_OK);
	WAIT_FOR(now_ms() - start_ms > (uint64_t)2 * SHORT_MS);
	assert_int_equal(heard.answers, 1);
	assert_int_equal(exchange(), PLUG_OK);
	assert_int_equal(plug.connects, 1);
}

static void drip(struct fake_connection *connection, const char *text)
{
	size_t size = 0;
	uint8_t *frame = fake_frame(ANSWER, &size);

	(void)text;
	fake_drip(connection, frame, size, 1, SHORT_MS / 2);
	free(frame);
}

/* Its answer would take FRAME_BYTES times half the deadline. */
static void plug_that_drips_does_not_stretch_the_deadline(void **state)
{
	(void)state;
	plug.on_request = drip;
	ask(SYSINFO, SHORT_MS, true);
	assert_int_equal(wait_answer(), PLUG_ETIMEOUT);
	assert_int_equal(plug.requests, 1);
}

static void hang_later(struct fake_connection *connection, const char *text)
{
	(void)text;
	plug.on_request = NULL;
	fake_close(connection);
}

static void connection_opened_again_has_the_same_deadline(void **state)
{
	(void)state;
	assert_int_equal(exchange(), PLUG_OK);
	plug.on_request = hang_later;
	ask(SYSINFO, SHORT_MS, true);
	assert_int_equal(wait_answer(), PLUG_ETIMEOUT);
	assert_int_equal(plug.requests, 3);
}

/* Fills the queue of a socket that accepts nobody: whoever comes next gets no answer at all. */
static uint16_t open_black_hole(int sockets[static 8])
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof address;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 8; i++) {
		sockets[i] = socket(AF_INET, SOCK_STREAM | (i > 0 ? SOCK_NONBLOCK : 0), 0);
		assert_true(sockets[i] >= 0);
	}
	assert_int_equal(bind(sockets[0], (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(sockets[0], 0), 0);
	assert_int_equal(getsockname(sockets[0], (struct sockaddr *)&address, &size), 0);
	for (int i = 1; i < 8; i++) {
		(void)connect(sockets[i], (struct sockaddr *)&address, size);
	}
	return ntohs(address.sin_port);
}

static void deadline_covers_the_connect(void **state)
{
	int sockets[8];

	(void)state;
	open_line("127.0.0.1", open_black_hole(sockets));
	ask(SYSINFO, SHORT_MS, true);
	assert_int_equal(wait_answer(), PLUG_ETIMEOUT);
	assert_false(plug_line_was_sent(line));
	assert_int_equal(line->connects, 0);
	for (int i = 0; i < 8; i++) {
		close(sockets[i]);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, exchange_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(exchange_brings_the_answer),
		TEST(exchange_sends_the_request_as_one_segment),
		TEST(exchange_keeps_the_connection),
		TEST(exchange_follows_a_plug_that_closes_after_each_answer),
		TEST(exchange_takes_the_answer_in_any_segments),
		TEST(answer_cut_anywhere_is_no_answer),
		TEST(answer_cut_by_a_reset_is_no_answer),
		TEST(answer_of_an_impossible_length_is_refused_at_once),
		TEST(answer_as_long_as_the_cap_is_taken),
		TEST(connection_with_bytes_behind_the_answer_is_not_used_again),
		TEST(connection_with_bytes_that_nobody_asked_for_is_dropped),
		TEST(bytes_not_read_yet_are_no_answer_to_the_next_request),
		TEST(idle_connection_that_ends_is_told),
		TEST(kept_connection_that_is_dead_is_opened_again),
		TEST(request_that_must_not_be_repeated_is_sent_once),
		TEST(request_is_repeated_once_only),
		TEST(request_is_not_repeated_once_an_answer_began),
		TEST(request_is_not_thrown_at_a_connection_known_to_be_closed),
		TEST(connection_reset_unnoticed_costs_what_may_be_repeated_nothing),
		TEST(plug_that_is_off_refuses),
		TEST(request_that_does_not_fit_at_once_arrives_whole),
		TEST(request_of_a_wrong_size_is_not_begun),
		TEST(plug_that_hangs_is_given_up),
		TEST(deadline_ends_with_its_exchange),
		TEST(plug_that_drips_does_not_stretch_the_deadline),
		TEST(connection_opened_again_has_the_same_deadline),
		TEST(deadline_covers_the_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
