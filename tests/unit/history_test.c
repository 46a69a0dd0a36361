/* The last hundred things that happened to an outlet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/moves/history.h"

static void nothing_happened_yet(void **state)
{
	(void)state;
	assert_int_equal(history_count(NULL), 0);
	assert_null(history_last_move(NULL));
	history_free(NULL);
}

static void keeps_the_last_hundred_in_order(void **state)
{
	struct history *history = NULL;

	(void)state;
	for (int64_t i = 1; i <= 3 * HISTORY_MAX + 7; i++) {
		history_add(&history,
			&(struct history_entry) { .wall_ms = i, .words = (char *)"panel" });
		assert_int_equal(history_count(history), i < HISTORY_MAX ? i : HISTORY_MAX);
		assert_int_equal(history_at(history, history_count(history) - 1)->wall_ms, i);
	}
	for (size_t i = 0; i < HISTORY_MAX; i++) {
		assert_int_equal(history_at(history, i)->wall_ms, 2 * HISTORY_MAX + 8 + (int64_t)i);
		assert_string_equal(history_at(history, i)->words, "panel");
	}
	history_free(history);
}

static void words_are_a_copy(void **state)
{
	struct history *history = NULL;
	char source[] = "app";

	(void)state;
	history_add(&history, &(struct history_entry) { .words = source });
	source[0] = 'X';
	assert_string_equal(history_at(history, 0)->words, "app");
	history_free(history);
}

static void last_move_is_found_behind_other_things(void **state)
{
	struct history *history = NULL;

	(void)state;
	history_add(&history, &(struct history_entry) { .wall_ms = 1, .is_on = false });
	history_add(&history, &(struct history_entry) { .wall_ms = 2, .is_on = true });
	history_add(&history, &(struct history_entry) { .wall_ms = 3, .kind = HISTORY_OFFLINE });
	assert_int_equal(history_last_move(history)->wall_ms, 2);
	assert_true(history_last_move(history)->is_on);
	history_free(history);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happened_yet),
		cmocka_unit_test(keeps_the_last_hundred_in_order),
		cmocka_unit_test(words_are_a_copy),
		cmocka_unit_test(last_move_is_found_behind_other_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
