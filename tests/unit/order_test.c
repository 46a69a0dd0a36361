#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/mem.h"
#include "bridge/order.h"

enum { NOW_MS = 1000000, TTL_MS = 30000 };

static const struct order_view seen_off = { .now_ms = NOW_MS, .is_known = true };
static const struct order_view seen_on = { .now_ms = NOW_MS, .is_known = true, .is_on = true };
static const struct order_view unseen = { .now_ms = NOW_MS, .is_on = true };

static int setup(void **state)
{
	static struct order_book book;

	book = (struct order_book) { 0 };
	*state = &book;
	return 0;
}

/* What a test leaves in the book is the book's; what it was given back it has freed itself. */
static int teardown(void **state)
{
	struct order_book *book = *state;

	for (struct order *order = order_take_any(book); order; order = order_take_any(book)) {
		order_free(order);
	}
	order_book_clear(book);
	return 0;
}

static struct order *make(enum order_kind kind, const char *id)
{
	struct order *order = order_new(kind, NOW_MS, NOW_MS + TTL_MS);

	order->id = mem_copy(id);
	return order;
}

/* Admits what must be admitted without superseding anything. */
static struct order *let_in(struct order_book *book, struct order *order)
{
	const struct order_verdict verdict = order_admit(book, order, &seen_off);

	assert_int_equal(verdict.admission, ORDER_ADMITTED);
	assert_null(verdict.order);
	assert_null(verdict.superseded);
	return order;
}

static struct order *run(struct order_book *book, struct order *order)
{
	let_in(book, order);
	assert_ptr_equal(order_next(book), order);
	return order;
}

/* Admits what must be sent away at the door. */
static void turn_away(struct order_book *book, struct order *order, const struct order_view *view,
	enum order_status status)
{
	const struct order_verdict verdict = order_admit(book, order, view);

	assert_int_equal(verdict.admission, ORDER_DECIDED);
	assert_int_equal(verdict.status, status);
	assert_non_null(verdict.error);
	assert_ptr_equal(verdict.order, order);
	assert_null(verdict.superseded);
	order_free(order);
}

static void expect_next(struct order *order, const struct order *expected)
{
	assert_ptr_equal(order, expected);
	order_free(order);
}

static void order_book_runs_one_and_lets_one_wait(void **state)
{
	struct order_book *book = *state;
	struct order *first = let_in(book, make(ORDER_ON, NULL));
	struct order *second = NULL;

	assert_null(book->running);
	assert_ptr_equal(order_next(book), first);
	assert_null(book->pending);
	second = let_in(book, make(ORDER_OFF, NULL));
	assert_ptr_equal(order_next(book), first);
	expect_next(order_end(book), first);
	assert_ptr_equal(order_next(book), second);
	expect_next(order_end(book), second);
	assert_null(order_next(book));
	assert_null(order_end(book));
}

static void order_supersedes_the_pending_one_only(void **state)
{
	struct order_book *book = *state;
	struct order *running = run(book, make(ORDER_ON, "1"));
	struct order *pending = let_in(book, make(ORDER_OFF, "2"));
	struct order *newer = make(ORDER_ON, "3");
	const struct order_verdict verdict = order_admit(book, newer, &seen_off);

	assert_int_equal(verdict.admission, ORDER_ADMITTED);
	assert_ptr_equal(verdict.superseded, pending);
	assert_ptr_equal(book->running, running);
	assert_ptr_equal(book->pending, newer);
	order_free(pending);
}

static void order_retry_waits_again_with_its_old_deadline(void **state)
{
	struct order_book *book = *state;
	struct order *order = run(book, make(ORDER_ON, NULL));

	order->was_sent = true;
	order->was_acknowledged = true;
	order->disagreements = 2;
	assert_null(order_retry(book));
	assert_null(book->running);
	assert_ptr_equal(book->pending, order);
	assert_int_equal(order->deadline_ms, NOW_MS + TTL_MS);
	assert_true(order->was_sent);
	assert_false(order->was_acknowledged);
	assert_int_equal(order->disagreements, 2);
	assert_ptr_equal(order_next(book), order);
}

static void order_retry_makes_room_for_a_newer_one(void **state)
{
	struct order_book *book = *state;
	struct order *order = run(book, make(ORDER_ON, NULL));
	struct order *newer = let_in(book, make(ORDER_OFF, NULL));

	expect_next(order_retry(book), order);
	assert_null(book->running);
	assert_ptr_equal(order_next(book), newer);
}

static void order_retry_without_a_running_one_does_nothing(void **state)
{
	struct order_book *book = *state;
	struct order *pending = let_in(book, make(ORDER_ON, NULL));

	assert_null(order_retry(book));
	assert_ptr_equal(book->pending, pending);
}

static void order_knows_what_is_wanted_of_the_relay(void **state)
{
	struct order_book *book = *state;

	assert_true(run(book, make(ORDER_ON, NULL))->is_on);
	assert_false(let_in(book, make(ORDER_OFF, NULL))->is_on);
}

static void toggle_turns_round_what_the_orders_under_way_will_lead_to(void **state)
{
	enum { NONE = -1 };
	static const struct {
		const char *name;
		const struct order_view *view;
		int running, pending;
		int expected; /* NONE: refused */
	} rows[] = {
		{ "answered off", &seen_off, NONE, NONE, 1 },
		{ "answered on", &seen_on, NONE, NONE, 0 },
		{ "not answered", &unseen, NONE, NONE, NONE },
		{ "running on, answered off", &seen_off, ORDER_ON, NONE, 0 },
		{ "running off, answered on", &seen_on, ORDER_OFF, NONE, 1 },
		{ "running on, not answered", &unseen, ORDER_ON, NONE, 0 },
		{ "running off, not answered", &unseen, ORDER_OFF, NONE, 1 },
		{ "pending on, answered on", &seen_on, NONE, ORDER_ON, 0 },
		{ "pending off, not answered", &unseen, NONE, ORDER_OFF, 1 },
		{ "pending after running", &seen_off, ORDER_ON, ORDER_OFF, 1 },
		{ "pending as running", &seen_on, ORDER_OFF, ORDER_OFF, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct order_book book = { 0 };
		void *each = &book;
		struct order *toggle = make(ORDER_TOGGLE, NULL);
		struct order_verdict verdict;

		if (rows[i].running != NONE) {
			run(&book, make((enum order_kind)rows[i].running, NULL));
		}
		if (rows[i].pending != NONE) {
			let_in(&book, make((enum order_kind)rows[i].pending, NULL));
		}
		verdict = order_admit(&book, toggle, rows[i].view);
		order_free(verdict.superseded);
		if (rows[i].expected == NONE) {
			if (verdict.admission != ORDER_DECIDED ||
				verdict.status != ORDER_STATUS_REFUSED) {
				fail_msg("%s: let in", rows[i].name);
			}
			order_free(verdict.order);
		} else if (verdict.admission != ORDER_ADMITTED ||
			   toggle->is_on != (rows[i].expected == 1)) {
			fail_msg("%s: wrong", rows[i].name);
		}
		teardown(&each);
	}
}

/* The second counts on the first, although the first never reached the device. */
static void toggle_twice_at_once_leads_back(void **state)
{
	struct order_book *book = *state;
	struct order *first = let_in(book, make(ORDER_TOGGLE, NULL));
	struct order *second = make(ORDER_TOGGLE, NULL);
	const struct order_verdict verdict = order_admit(book, second, &seen_off);

	assert_true(first->is_on);
	assert_ptr_equal(verdict.superseded, first);
	assert_false(second->is_on);
	order_free(first);
}

static void toggle_delivered_again_needs_an_id(void **state)
{
	static const struct {
		const char *id;
		enum order_kind kind;
		enum order_admission expected;
	} rows[] = {
		{ NULL, ORDER_TOGGLE, ORDER_DECIDED },
		{ "7", ORDER_TOGGLE, ORDER_ADMITTED },
		{ NULL, ORDER_ON, ORDER_ADMITTED },
		{ NULL, ORDER_OFF, ORDER_ADMITTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct order_book book = { 0 };
		void *each = &book;
		struct order *order = make(rows[i].kind, rows[i].id);
		struct order_verdict verdict;

		order->is_redelivered = true;
		verdict = order_admit(&book, order, &seen_on);
		assert_int_equal(verdict.admission, rows[i].expected);
		if (verdict.admission == ORDER_DECIDED) {
			assert_int_equal(verdict.status, ORDER_STATUS_REFUSED);
			assert_non_null(verdict.error);
			order_free(verdict.order);
		}
		teardown(&each);
	}
}

static void order_turned_away_leaves_the_pending_one_alone(void **state)
{
	struct order_book *book = *state;
	struct order *pending = let_in(book, make(ORDER_ON, NULL));
	struct order *toggle = make(ORDER_TOGGLE, NULL);

	toggle->is_redelivered = true;
	turn_away(book, toggle, &seen_on, ORDER_STATUS_REFUSED);
	turn_away(book, order_new(ORDER_OFF, NOW_MS, NOW_MS), &seen_on, ORDER_STATUS_EXPIRED);
	assert_ptr_equal(book->pending, pending);
}

static void order_whose_time_is_over_on_arrival_has_expired(void **state)
{
	turn_away(*state, order_new(ORDER_ON, NOW_MS - 10, NOW_MS - 1), &seen_off,
		ORDER_STATUS_EXPIRED);
	turn_away(*state, order_new(ORDER_ON, NOW_MS, NOW_MS), &seen_off, ORDER_STATUS_EXPIRED);
	let_in(*state, order_new(ORDER_ON, NOW_MS, NOW_MS + 1));
}

/* Asks with an id; *stored is what the book remembers of it. */
static enum order_admission ask_id(
	struct order_book *book, const char *id, uint64_t now_ms, const char **stored)
{
	const struct order_view view = { .now_ms = now_ms, .is_known = true };
	struct order *order = make(ORDER_TOGGLE, id);
	struct order_verdict verdict;

	order->deadline_ms = now_ms + TTL_MS;
	verdict = order_admit(book, order, &view);
	*stored = verdict.stored;
	if (verdict.admission == ORDER_REPEATED) {
		assert_ptr_equal(verdict.order, order);
		order_free(order);
	} else {
		assert_int_equal(verdict.admission, ORDER_ADMITTED);
		order_free(order_take_any(book));
	}
	return verdict.admission;
}

static void order_id_is_remembered_for_five_minutes(void **state)
{
	struct order_book *book = *state;
	const uint64_t memory_ms = (uint64_t)5 * 60 * 1000;
	const char *stored = NULL;

	assert_int_equal(ORDER_ID_MEMORY_MS, memory_ms);
	order_remember(book, "7", "{\"status\":\"ok\"}", NOW_MS);
	assert_int_equal(ask_id(book, "7", NOW_MS, &stored), ORDER_REPEATED);
	assert_string_equal(stored, "{\"status\":\"ok\"}");
	assert_int_equal(ask_id(book, "7", NOW_MS + memory_ms - 1, &stored), ORDER_REPEATED);
	assert_int_equal(ask_id(book, "7", NOW_MS + memory_ms, &stored), ORDER_ADMITTED);
	assert_int_equal(ask_id(book, "8", NOW_MS, &stored), ORDER_ADMITTED);
	assert_int_equal(ask_id(book, "", NOW_MS, &stored), ORDER_ADMITTED);
	assert_int_equal(ask_id(book, NULL, NOW_MS, &stored), ORDER_ADMITTED);
}

static void order_id_used_again_after_its_time_is_remembered_anew(void **state)
{
	struct order_book *book = *state;
	const char *stored = NULL;

	order_remember(book, "7", "old", NOW_MS);
	order_remember(book, "7", "new", NOW_MS + ORDER_ID_MEMORY_MS);
	assert_int_equal(ask_id(book, "7", NOW_MS + ORDER_ID_MEMORY_MS, &stored), ORDER_REPEATED);
	assert_string_equal(stored, "new");
}

static void order_book_remembers_the_last_sixteen_ids(void **state)
{
	struct order_book *book = *state;
	const char *stored = NULL;
	char id[16];

	for (int i = 0; i < 17; i++) {
		(void)snprintf(id, sizeof id, "id-%d", i);
		order_remember(book, id, id, NOW_MS);
	}
	assert_int_equal(ask_id(book, "id-0", NOW_MS, &stored), ORDER_ADMITTED);
	for (int i = 1; i < 17; i++) {
		(void)snprintf(id, sizeof id, "id-%d", i);
		assert_int_equal(ask_id(book, id, NOW_MS, &stored), ORDER_REPEATED);
		assert_string_equal(stored, id);
	}
}

/* An id that was decided is not sent again, even when its own time would be over. */
static void order_with_a_known_id_gets_the_stored_result_first(void **state)
{
	struct order_book *book = *state;
	struct order *late = make(ORDER_ON, "7");
	struct order_verdict verdict;

	order_remember(book, "7", "stored", NOW_MS - 1);
	late->deadline_ms = NOW_MS;
	verdict = order_admit(book, late, &seen_off);
	assert_int_equal(verdict.admission, ORDER_REPEATED);
	assert_string_equal(verdict.stored, "stored");
	assert_ptr_equal(verdict.order, late);
	order_free(late);
}

static struct order *make_routed(const char *id, const char *topic)
{
	struct order *order = make(ORDER_TOGGLE, id);
	char correlation[] = "c\0r";

	assert_true(
		order_add_route(order, topic, (const uint8_t *)correlation, sizeof correlation));
	/* The book keeps copies. */
	memset(correlation, 'x', sizeof correlation);
	return order;
}

static void order_with_an_id_under_way_joins_it(void **state)
{
	struct order_book *book = *state;
	struct order *running = run(book, make_routed("1", "reply/a"));
	struct order *pending = let_in(book, make_routed("2", "reply/b"));
	struct order_verdict verdict = order_admit(book, make_routed("1", "reply/c"), &seen_off);

	assert_int_equal(verdict.admission, ORDER_JOINED);
	assert_null(verdict.order);
	assert_null(verdict.superseded);
	verdict = order_admit(book, make_routed("2", "reply/d"), &unseen);
	assert_int_equal(verdict.admission, ORDER_JOINED);
	assert_ptr_equal(book->running, running);
	assert_ptr_equal(book->pending, pending);
	assert_int_equal(running->route_count, 2);
	assert_string_equal(running->routes[0].topic, "reply/a");
	assert_string_equal(running->routes[1].topic, "reply/c");
	assert_int_equal(running->routes[1].correlation_size, 4);
	assert_memory_equal(running->routes[1].correlation, "c\0r", 4);
	assert_int_equal(pending->route_count, 2);
	assert_string_equal(pending->routes[1].topic, "reply/d");
}

static void order_keeps_four_routes(void **state)
{
	struct order_book *book = *state;
	struct order *order = let_in(book, make_routed("1", "reply/0"));

	for (int i = 1; i < 7; i++) {
		char topic[32];

		(void)snprintf(topic, sizeof topic, "reply/%d", i);
		assert_int_equal(order_admit(book, make_routed("1", topic), &seen_off).admission,
			ORDER_JOINED);
	}
	assert_int_equal(order->route_count, 4);
	assert_string_equal(order->routes[3].topic, "reply/3");
	assert_false(order_add_route(order, "reply/x", NULL, 0));
	assert_int_equal(order->route_count, 4);
}

static void order_route_may_have_no_correlation(void **state)
{
	struct order *order = let_in(*state, make(ORDER_ON, NULL));

	assert_true(order_add_route(order, "reply", NULL, 5));
	assert_null(order->routes[0].correlation);
	assert_int_equal(order->routes[0].correlation_size, 0);
	assert_true(order_add_route(order, "reply", (const uint8_t *)"", 0));
	assert_non_null(order->routes[1].correlation);
	assert_int_equal(order->routes[1].correlation_size, 0);
}

static void order_expires_at_its_deadline_and_not_before(void **state)
{
	struct order_book *book = *state;
	struct order *order = let_in(book, make(ORDER_ON, NULL));

	assert_null(order_expire(book, NOW_MS + TTL_MS - 1, true));
	expect_next(order_expire(book, NOW_MS + TTL_MS, true), order);
	assert_null(order_expire(book, UINT64_MAX, true));
}

static void order_under_way_expires_only_when_it_may_be_stopped(void **state)
{
	struct order_book *book = *state;
	struct order *running = run(book, make(ORDER_ON, NULL));
	struct order *pending = let_in(book, make(ORDER_OFF, NULL));

	expect_next(order_expire(book, NOW_MS + TTL_MS, false), pending);
	assert_null(order_expire(book, NOW_MS + TTL_MS, false));
	expect_next(order_expire(book, NOW_MS + TTL_MS, true), running);
	assert_null(order_next(book));
}

static void order_book_deadline_is_the_earliest(void **state)
{
	struct order_book *book = *state;

	assert_true(order_book_deadline_ms(book) == UINT64_MAX);
	let_in(book, order_new(ORDER_READ, NOW_MS, NOW_MS + 500));
	assert_int_equal(order_book_deadline_ms(book), NOW_MS + 500);
	let_in(book, order_new(ORDER_READ, NOW_MS, NOW_MS + 300));
	assert_int_equal(order_book_deadline_ms(book), NOW_MS + 300);
	run(book, order_new(ORDER_ON, NOW_MS, NOW_MS + 200));
	assert_int_equal(order_book_deadline_ms(book), NOW_MS + 200);
	let_in(book, order_new(ORDER_ON, NOW_MS, NOW_MS + 100));
	assert_int_equal(order_book_deadline_ms(book), NOW_MS + 100);
}

static void order_book_has_work_while_something_is_to_be_sent(void **state)
{
	struct order_book *book = *state;

	assert_false(order_book_has_work(book));
	let_in(book, make(ORDER_READ, NULL));
	assert_false(order_book_has_work(book));
	let_in(book, make(ORDER_ON, NULL));
	assert_true(order_book_has_work(book));
	assert_true(order_next(book) && order_book_has_work(book));
	book->running->was_acknowledged = true;
	assert_false(order_book_has_work(book));
	/* The next one waits until this one is confirmed. */
	let_in(book, make(ORDER_OFF, NULL));
	assert_false(order_book_has_work(book));
	order_free(order_end(book));
	assert_true(order_book_has_work(book));
}

static void reads_are_bounded(void **state)
{
	struct order_book *book = *state;

	for (int i = 0; i < ORDER_READS_MAX; i++) {
		let_in(book, make(ORDER_READ, NULL));
	}
	turn_away(book, make(ORDER_READ, NULL), &seen_off, ORDER_STATUS_REFUSED);
	order_mark_reads_asked(book);
	order_free(order_take_read(book));
	let_in(book, make(ORDER_READ, NULL));
}

static void reads_are_answered_oldest_first_once_they_were_asked(void **state)
{
	struct order_book *book = *state;
	struct order *first = let_in(book, make(ORDER_READ, "1"));
	struct order *second = let_in(book, make(ORDER_READ, "2"));
	struct order *late = NULL;

	assert_null(order_take_read(book));
	order_mark_reads_asked(book);
	late = let_in(book, make(ORDER_READ, "3"));
	expect_next(order_take_read(book), first);
	expect_next(order_take_read(book), second);
	assert_null(order_take_read(book));
	order_mark_reads_asked(book);
	expect_next(order_take_read(book), late);
}

static void reads_expire_each_at_its_own_time(void **state)
{
	struct order_book *book = *state;
	struct order *late = let_in(book, order_new(ORDER_READ, NOW_MS, NOW_MS + 300));
	struct order *middle = let_in(book, order_new(ORDER_READ, NOW_MS, NOW_MS + 200));
	struct order *early = let_in(book, order_new(ORDER_READ, NOW_MS, NOW_MS + 100));

	assert_null(order_expire(book, NOW_MS + 99, true));
	expect_next(order_expire(book, NOW_MS + 100, true), early);
	assert_null(order_expire(book, NOW_MS + 199, true));
	expect_next(order_expire(book, NOW_MS + 200, true), middle);
	expect_next(order_expire(book, NOW_MS + 300, true), late);
}

static void read_does_not_touch_the_orders_for_the_relay(void **state)
{
	struct order_book *book = *state;
	struct order *running = run(book, make(ORDER_ON, "1"));
	struct order *pending = let_in(book, make(ORDER_OFF, "2"));

	let_in(book, make(ORDER_READ, "1"));
	order_remember(book, "3", "stored", NOW_MS);
	let_in(book, make(ORDER_READ, "3"));
	assert_ptr_equal(book->running, running);
	assert_ptr_equal(book->pending, pending);
}

static void order_take_any_empties_the_book(void **state)
{
	struct order_book *book = *state;
	struct order *running = run(book, make(ORDER_ON, NULL));
	struct order *pending = let_in(book, make(ORDER_OFF, NULL));
	struct order *first = let_in(book, make(ORDER_READ, NULL));
	struct order *second = let_in(book, make(ORDER_READ, NULL));

	expect_next(order_take_any(book), running);
	expect_next(order_take_any(book), pending);
	expect_next(order_take_any(book), first);
	expect_next(order_take_any(book), second);
	assert_null(order_take_any(book));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(order_book_runs_one_and_lets_one_wait),
		TEST(order_supersedes_the_pending_one_only),
		TEST(order_retry_waits_again_with_its_old_deadline),
		TEST(order_retry_makes_room_for_a_newer_one),
		TEST(order_retry_without_a_running_one_does_nothing),
		TEST(order_knows_what_is_wanted_of_the_relay),
		TEST(toggle_turns_round_what_the_orders_under_way_will_lead_to),
		TEST(toggle_twice_at_once_leads_back),
		TEST(toggle_delivered_again_needs_an_id),
		TEST(order_turned_away_leaves_the_pending_one_alone),
		TEST(order_whose_time_is_over_on_arrival_has_expired),
		TEST(order_id_is_remembered_for_five_minutes),
		TEST(order_id_used_again_after_its_time_is_remembered_anew),
		TEST(order_book_remembers_the_last_sixteen_ids),
		TEST(order_with_a_known_id_gets_the_stored_result_first),
		TEST(order_with_an_id_under_way_joins_it),
		TEST(order_keeps_four_routes),
		TEST(order_route_may_have_no_correlation),
		TEST(order_expires_at_its_deadline_and_not_before),
		TEST(order_under_way_expires_only_when_it_may_be_stopped),
		TEST(order_book_deadline_is_the_earliest),
		TEST(order_book_has_work_while_something_is_to_be_sent),
		TEST(reads_are_bounded),
		TEST(reads_are_answered_oldest_first_once_they_were_asked),
		TEST(reads_expire_each_at_its_own_time),
		TEST(read_does_not_touch_the_orders_for_the_relay),
		TEST(order_take_any_empties_the_book),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
