/* When a search ends, and who may end it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/crc32.h"
#include "tests/unit/discover_rig.h"

static struct sockaddr_in searcher;
static size_t appeared;

static void remember_searcher(struct ear *ear, const struct sockaddr_in *from)
{
	(void)ear;
	searcher = *from;
}

static void without_tdp(void)
{
	settings.tdp_ports[0] = settings.tdp_ports[1] = 0;
}

static void silence_ends_a_search_early(void **state)
{
	(void)state;
	without_tdp();
	settings.window_ms = PATIENCE_MS;
	settings.quiet_ms = 300;
	assert_int_equal(run_search(), PLUG_OK);
	assert_in_range(told.end_ms, 290, PATIENCE_MS / 2);
}

static void plug_appears(uv_timer_t *timer)
{
	char address[INET_ADDRSTRLEN];

	(void)timer;
	appeared++;
	snprintf(address, sizeof address, "127.7.1.%zu", appeared);
	if (searcher.sin_port != 0 && appeared < 250) {
		answer_sysinfo(address, &searcher, (unsigned)appeared);
	}
}

static void new_plug_prolongs_a_search(void **state)
{
	static uv_timer_t later;

	(void)state;
	without_tdp();
	settings.window_ms = PATIENCE_MS;
	settings.quiet_ms = 1500;
	appeared = 0;
	ears[0].on_probe = remember_searcher;
	uv_timer_init(&loop, &later);
	uv_timer_start(&later, plug_appears, 300, 0);
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, 1);
	assert_in_range(told.end_ms, 1700, PATIENCE_MS / 2);
	uv_close((uv_handle_t *)&later, NULL);
}

static void window_ends_a_search_in_which_plugs_never_cease(void **state)
{
	static uv_timer_t often;

	(void)state;
	without_tdp();
	settings.window_ms = 2000;
	settings.quiet_ms = 1500;
	appeared = 0;
	ears[0].on_probe = remember_searcher;
	uv_timer_init(&loop, &often);
	uv_timer_start(&often, plug_appears, 50, 50);
	assert_int_equal(run_search(), PLUG_OK);
	assert_in_range(told.end_ms, 1990, PATIENCE_MS / 2);
	assert_int_equal(ears[0].count, PLUG_SEARCH_ROUNDS);
	assert_in_range(told.found_count, 2, 250);
	uv_close((uv_handle_t *)&often, NULL);
}

static void plug_answers(struct ear *ear, const struct sockaddr_in *from)
{
	(void)ear;
	answer_sysinfo("127.7.0.1", from, 1);
	answer_sysinfo("127.7.0.2", from, 2);
}

static void cancel_it(void)
{
	const size_t ends = told.ends;

	plug_search_cancel(search);
	assert_int_equal(told.ends, ends + 1);
	assert_int_equal(told.end, PLUG_ECANCELED);
	plug_search_cancel(search);
	assert_int_equal(told.ends, ends + 1);
}

static void search_is_cancelled_before_it_began(void **state)
{
	(void)state;
	assert_int_equal(start(), PLUG_OK);
	cancel_it();
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(ears[0].count, PLUG_SEARCH_ROUNDS);
}

static void search_is_cancelled_when_something_is_found(void **state)
{
	(void)state;
	ears[0].on_probe = plug_answers;
	told.then_found = cancel_it;
	assert_int_equal(run_search(), PLUG_ECANCELED);
	assert_int_equal(told.found_count, 1);
	told.then_found = NULL;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, 3);
}

static void cancel_and_start(void)
{
	told.then_found = NULL;
	cancel_it();
	assert_int_equal(start(), PLUG_OK);
}

static void search_is_started_again_when_something_is_found(void **state)
{
	(void)state;
	ears[0].on_probe = plug_answers;
	told.then_found = cancel_and_start;
	assert_int_equal(start(), PLUG_OK);
	assert_int_equal(start(), PLUG_EINVAL);
	WAIT_FOR(told.ends == 2);
	assert_int_equal(told.end, PLUG_OK);
	assert_int_equal(told.found_count, 3);
}

static void start_once_more(void)
{
	told.then_end = NULL;
	assert_int_equal(start(), PLUG_OK);
}

static void search_is_started_again_when_it_ends(void **state)
{
	(void)state;
	without_tdp();
	told.then_end = start_once_more;
	assert_int_equal(start(), PLUG_OK);
	WAIT_FOR(told.ends == 2);
	assert_int_equal(ears[0].count, 2 * PLUG_SEARCH_ROUNDS);
}

static void search_is_cancelled_and_closed_about_a_problem(void **state)
{
	(void)state;
	settings.interface = "nosuchinterf0";
	told.then_problem = cancel_it;
	assert_int_equal(run_search(), PLUG_ECANCELED);
	told.then_problem = close_search;
	assert_int_equal(run_search(), PLUG_ECANCELED);
	WAIT_FOR(told.closed == 1);
	assert_int_equal(told.problems, 2);
}

static void search_is_closed_when_something_is_found(void **state)
{
	(void)state;
	ears[0].on_probe = plug_answers;
	told.then_found = close_search;
	assert_int_equal(start(), PLUG_OK);
	WAIT_FOR(told.closed == 1);
	assert_int_equal(told.ends, 1);
	assert_int_equal(told.end, PLUG_ECANCELED);
	assert_int_equal(told.found_count, 1);
}

static void search_is_closed_when_it_ends(void **state)
{
	(void)state;
	told.then_end = close_search;
	assert_int_equal(start(), PLUG_OK);
	WAIT_FOR(told.closed == 1);
	assert_int_equal(told.ends, 1);
	assert_int_equal(told.end, PLUG_OK);
}

/* The thread that makes the key ends later than the search's memory. */
static void search_is_closed_while_the_key_is_made(void **state)
{
	(void)state;
	assert_int_equal(start(), PLUG_OK);
	WAIT_FOR(search->key);
	close_search();
	assert_int_equal(told.end, PLUG_ECANCELED);
	assert_int_equal(told.closed, 0);
	WAIT_FOR(told.closed == 1);
}

static void idle_search_is_closed(void **state)
{
	(void)state;
	close_search();
	assert_int_equal(start(), PLUG_EINVAL);
	WAIT_FOR(told.closed == 1);
	assert_int_equal(told.ends, 0);
}

enum { PLUGS = 200 };

/* A tenth of what is sent is lost each way, always the same tenth. */
static bool is_lost(size_t round, unsigned plug, uint8_t direction)
{
	const uint8_t what[] = { (uint8_t)round, (uint8_t)plug, direction };

	return plug_crc32(what, sizeof what) % 1000 < 100;
}

static size_t lost;

static void many_answer_through_bad_air(struct ear *ear, const struct sockaddr_in *from)
{
	for (unsigned i = 0; i < PLUGS; i++) {
		char address[INET_ADDRSTRLEN];

		if (is_lost(ear->count, i, 0) || is_lost(ear->count, i, 1)) {
			lost++;
			continue;
		}
		snprintf(address, sizeof address, "127.7.2.%u", i + 1);
		answer_sysinfo(address, from, i);
	}
}

static void search_finds_200_plugs_through_bad_air(void **state)
{
	(void)state;
	without_tdp();
	lost = 0;
	settings.window_ms = PLUG_SEARCH_WINDOW_MS;
	settings.quiet_ms = PLUG_SEARCH_QUIET_MS;
	ears[0].on_probe = many_answer_through_bad_air;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, PLUGS);
	/* 19 in 100 */
	assert_in_range(lost, ears[0].count * PLUGS * 15 / 100, ears[0].count * PLUGS * 23 / 100);
	print_message("%zu of %d plugs in %zu rounds and %u ms, %zu of %zu answers lost\n",
		told.found_count, PLUGS, ears[0].count, (unsigned)told.end_ms, lost,
		ears[0].count * PLUGS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, discover_rig_setup, discover_rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(silence_ends_a_search_early),
		TEST(new_plug_prolongs_a_search),
		TEST(window_ends_a_search_in_which_plugs_never_cease),
		TEST(search_is_cancelled_before_it_began),
		TEST(search_is_cancelled_when_something_is_found),
		TEST(search_is_started_again_when_something_is_found),
		TEST(search_is_started_again_when_it_ends),
		TEST(search_is_cancelled_and_closed_about_a_problem),
		TEST(search_is_closed_when_something_is_found),
		TEST(search_is_closed_when_it_ends),
		TEST(search_is_closed_while_the_key_is_made),
		TEST(idle_search_is_closed),
		TEST(search_finds_200_plugs_through_bad_air),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
