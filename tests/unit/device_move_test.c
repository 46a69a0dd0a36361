/* A relay that moved, as the device tells it from its reads and orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/device_rig.h"

static size_t all_moves(void)
{
	size_t count = 0;

	for (int i = 0; i < CAUSE_COUNT; i++) {
		count += book.moves[i];
	}
	return count;
}

static void first_read_is_no_move(void **state)
{
	(void)state;
	model.is_on[0] = true;
	start_known(0);
	wait_reads(3);
	assert_int_equal(all_moves(), 0);
}

static void hand_is_told_within_a_poll(void **state)
{
	(void)state;
	start_known(0);
	model.is_on[0] = true;
	wait_reads(2);
	assert_int_equal(book.moves[CAUSE_HAND], 1);
	assert_int_equal(all_moves(), 1);
}

static void order_is_one_move_of_ours(void **state)
{
	(void)state;
	start_known(0);
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	wait_reads(2);
	assert_int_equal(book.moves[CAUSE_COMMAND], 1);
	assert_int_equal(all_moves(), 1);
}

static void order_for_the_state_it_has_is_no_move(void **state)
{
	(void)state;
	start_known(0);
	order(0, ORDER_OFF, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	wait_reads(2);
	assert_int_equal(all_moves(), 0);
}

static void order_that_moved_it_without_an_answer_is_still_ours(void **state)
{
	(void)state;
	start_known(0);
	model.switches_hung = 1;
	model.moves_hung = true;
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_OK, NULL);
	assert_int_equal(book.moves[CAUSE_COMMAND], 1);
	assert_int_equal(all_moves(), 1);
}

static void order_that_expired_unanswered_and_moved_it_is_still_ours(void **state)
{
	(void)state;
	start_known(0);
	model.switches_hung = 1;
	model.moves_hung = true;
	model.hangs_after_switch = true;
	order(0, ORDER_ON, NULL, 2 * TIMEOUT_MS);
	(void)expect_result(ORDER_STATUS_EXPIRED, "may have moved");
	model.hangs_after_switch = false;
	model.hangs = false;
	wait_reads(1);
	assert_int_equal(book.moves[CAUSE_COMMAND], 1);
	assert_int_equal(all_moves(), 1);
}

static void acknowledged_order_that_moved_nothing_is_no_move(void **state)
{
	(void)state;
	start_known(0);
	model.switches_stuck = 100;
	order(0, ORDER_ON, NULL, TTL_MS);
	(void)expect_result(ORDER_STATUS_FAILED, "did not move");
	assert_int_equal(all_moves(), 0);
}

static void change_while_unreachable_is_unknown(void **state)
{
	(void)state;
	start_known(0);
	model.hangs = true;
	WAIT_FOR(device->misses > 0);
	model.is_on[0] = true;
	model.hangs = false;
	wait_reads(1);
	assert_int_equal(book.moves[CAUSE_UNKNOWN], 1);
}

#define MOVE_TEST(name) cmocka_unit_test_setup_teardown(name, device_rig_setup, device_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MOVE_TEST(first_read_is_no_move),
		MOVE_TEST(hand_is_told_within_a_poll),
		MOVE_TEST(order_is_one_move_of_ours),
		MOVE_TEST(order_for_the_state_it_has_is_no_move),
		MOVE_TEST(order_that_moved_it_without_an_answer_is_still_ours),
		MOVE_TEST(order_that_expired_unanswered_and_moved_it_is_still_ours),
		MOVE_TEST(acknowledged_order_that_moved_nothing_is_no_move),
		MOVE_TEST(change_while_unreachable_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
