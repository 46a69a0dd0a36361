/* Why a relay moved, told from two reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bridge/moves/cause.h"

enum { READ_MS = 1000000, POLL_MS = 5000, NOON_S = 12 * 3600 };

static struct cause_view view(bool is_on, uint32_t on_time_s)
{
	return (struct cause_view) {
		.read_ms = READ_MS,
		.is_on = is_on,
		.has_on_time = true,
		.on_time_s = on_time_s,
	};
}

/* One poll later. */
static struct cause_view next_view(bool is_on, uint32_t on_time_s)
{
	struct cause_view next = view(is_on, on_time_s);

	next.read_ms += POLL_MS;
	return next;
}

static struct cause_view announcing(
	struct cause_view from, enum plug_next_kind kind, bool is_on, int32_t at_s)
{
	from.next_kind = (uint8_t)kind;
	from.next_is_on = is_on;
	from.next_at_s = at_s;
	return from;
}

static void expect(const struct cause_view *before, const struct cause_view *now,
	const struct cause_clues *clues, enum cause wanted)
{
	assert_string_equal(cause_name(cause_of(before, now, clues)), cause_name(wanted));
}

static void first_read_and_unchanged_relay_tell_nothing(void **state)
{
	const struct cause_view never = { 0 };
	const struct cause_view on = next_view(true, 100);
	const struct cause_view before = view(true, 95);
	const struct cause_clues clues = { .second_of_day = NOON_S };

	(void)state;
	expect(&never, &on, &clues, CAUSE_NONE);
	expect(&before, &on, &clues, CAUSE_NONE);
}

static void change_with_an_order_is_ours_and_without_is_somebodys(void **state)
{
	const struct cause_view before = view(false, 0);
	const struct cause_view now = next_view(true, 2);

	(void)state;
	expect(&before, &now, &(struct cause_clues) { .is_ours = true }, CAUSE_COMMAND);
	expect(&before, &now, &(struct cause_clues) { 0 }, CAUSE_HAND);
	expect(&now, &(struct cause_view) { .read_ms = now.read_ms + POLL_MS },
		&(struct cause_clues) { 0 }, CAUSE_HAND);
}

static void change_while_unreachable_is_unknown(void **state)
{
	const struct cause_view before = view(false, 0);
	const struct cause_view now = next_view(true, 2);

	(void)state;
	expect(&before, &now, &(struct cause_clues) { .was_unreachable = true }, CAUSE_UNKNOWN);
}

static void count_that_began_anew_is_a_restart_when_unreachable_else_a_hand(void **state)
{
	const struct cause_view before = view(true, 3600);
	const struct cause_view now = next_view(true, 3);

	(void)state;
	expect(&before, &now, &(struct cause_clues) { .was_unreachable = true }, CAUSE_RESTART);
	expect(&before, &now, &(struct cause_clues) { 0 }, CAUSE_HAND);
}

static void count_that_fell_because_the_clock_was_set_is_no_move(void **state)
{
	const struct cause_view before = view(true, 36000);
	const struct cause_view fell = next_view(true, 1800);
	struct cause_view negative = next_view(true, 0);

	(void)state;
	negative.has_on_time = false;
	expect(&before, &fell, &(struct cause_clues) { 0 }, CAUSE_NONE);
	expect(&before, &negative, &(struct cause_clues) { 0 }, CAUSE_NONE);
}

static void announced_action_that_is_gone_was_done(void **state)
{
	const struct cause_view before =
		announcing(view(false, 0), PLUG_NEXT_SCHEDULE, true, NOON_S);
	const struct cause_view countdown =
		announcing(view(true, 60), PLUG_NEXT_COUNTDOWN, false, NOON_S);
	const struct cause_clues clues = { .second_of_day = 3600 };
	struct cause_view now = next_view(true, 1);

	(void)state;
	expect(&before, &now, &clues, CAUSE_SCHEDULE);
	now = next_view(false, 0);
	expect(&countdown, &now, &clues, CAUSE_COUNTDOWN);
}

static void countdown_without_a_time_was_done_when_it_is_over(void **state)
{
	const struct cause_view before = announcing(view(false, 0), PLUG_NEXT_COUNTDOWN, true, -1);
	const struct cause_view running =
		announcing(next_view(true, 1), PLUG_NEXT_COUNTDOWN, false, -1);
	const struct cause_view over = next_view(true, 1);

	(void)state;
	expect(&before, &over, &(struct cause_clues) { 0 }, CAUSE_COUNTDOWN);
	expect(&before, &running, &(struct cause_clues) { 0 }, CAUSE_HAND);
}

static void announced_action_of_every_day_is_known_by_its_time(void **state)
{
	const struct cause_view before =
		announcing(view(false, 0), PLUG_NEXT_SCHEDULE, true, NOON_S);
	const struct cause_view now =
		announcing(next_view(true, 1), PLUG_NEXT_SCHEDULE, true, NOON_S);
	const struct {
		int32_t second_of_day;
		enum cause wanted;
	} rows[] = {
		{ NOON_S, CAUSE_SCHEDULE },
		{ NOON_S + 5, CAUSE_SCHEDULE },
		{ NOON_S - 80, CAUSE_SCHEDULE }, /* our clock is behind the device's */
		{ NOON_S + 600, CAUSE_HAND },
		{ NOON_S - 600, CAUSE_HAND },
		{ 0, CAUSE_HAND },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		expect(&before, &now,
			&(struct cause_clues) { .second_of_day = rows[i].second_of_day },
			rows[i].wanted);
	}
}

static void time_of_an_action_is_compared_across_midnight(void **state)
{
	const struct cause_view before =
		announcing(view(true, 9), PLUG_NEXT_SCHEDULE, false, 86400 - 2);
	const struct cause_view now =
		announcing(next_view(false, 0), PLUG_NEXT_SCHEDULE, false, 86400 - 2);

	(void)state;
	expect(&before, &now, &(struct cause_clues) { .second_of_day = 3 }, CAUSE_SCHEDULE);
}

static void announced_action_of_the_other_kind_is_not_the_cause(void **state)
{
	const struct cause_view before =
		announcing(view(false, 0), PLUG_NEXT_SCHEDULE, false, NOON_S);
	const struct cause_view now = next_view(true, 1);

	(void)state;
	expect(&before, &now, &(struct cause_clues) { .second_of_day = NOON_S }, CAUSE_HAND);
}

static void schedule_that_acted_while_unreachable_is_still_told(void **state)
{
	const struct cause_view before =
		announcing(view(false, 0), PLUG_NEXT_SCHEDULE, true, NOON_S);
	const struct cause_view now = next_view(true, 1);

	(void)state;
	expect(&before, &now, &(struct cause_clues) { .was_unreachable = true }, CAUSE_SCHEDULE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_read_and_unchanged_relay_tell_nothing),
		cmocka_unit_test(change_with_an_order_is_ours_and_without_is_somebodys),
		cmocka_unit_test(change_while_unreachable_is_unknown),
		cmocka_unit_test(count_that_began_anew_is_a_restart_when_unreachable_else_a_hand),
		cmocka_unit_test(count_that_fell_because_the_clock_was_set_is_no_move),
		cmocka_unit_test(announced_action_that_is_gone_was_done),
		cmocka_unit_test(countdown_without_a_time_was_done_when_it_is_over),
		cmocka_unit_test(announced_action_of_every_day_is_known_by_its_time),
		cmocka_unit_test(time_of_an_action_is_compared_across_midnight),
		cmocka_unit_test(announced_action_of_the_other_kind_is_not_the_cause),
		cmocka_unit_test(schedule_that_acted_while_unreachable_is_still_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
