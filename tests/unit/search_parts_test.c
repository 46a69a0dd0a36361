/* The pure parts of the search for devices: when, who is known, who has answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "bridge/search/plan.h"
#include "bridge/search/roster.h"
#include "bridge/search/sightings.h"
#include "bridge/search/told.h"

static void nobody_missing_plans_nothing(void **state)
{
	struct search_plan plan = { 0 };

	(void)state;
	assert_false(plan.has_next);
	search_plan_started(&plan, 1000);
	search_plan_ended(&plan, 3000, false);
	assert_false(plan.has_next);
}

static void the_first_loss_is_searched_for_at_once(void **state)
{
	struct search_plan plan = { 0 };

	(void)state;
	search_plan_lost(&plan, 1000);
	assert_true(plan.has_next);
	assert_int_equal(plan.next_ms, 1000);
}

static void searches_for_who_stays_away_become_rare(void **state)
{
	static const uint64_t gaps_ms[] = { 5000, 10000, 20000, 40000, 60000, 60000 };
	struct search_plan plan = { 0 };
	uint64_t now_ms = 1000;

	(void)state;
	search_plan_lost(&plan, now_ms);
	for (size_t i = 0; i < sizeof gaps_ms / sizeof gaps_ms[0]; i++) {
		search_plan_started(&plan, now_ms);
		assert_false(plan.has_next);
		assert_int_equal(search_plan_is_rare(&plan), i >= 4);
		now_ms += 2000;
		search_plan_ended(&plan, now_ms, true);
		assert_int_equal(plan.next_ms, now_ms + gaps_ms[i]);
		now_ms = plan.next_ms;
	}
}

static void a_new_loss_waits_for_no_back_off(void **state)
{
	struct search_plan plan = { 0 };

	(void)state;
	search_plan_lost(&plan, 0);
	for (int i = 0; i < 6; i++) {
		search_plan_started(&plan, plan.next_ms);
		search_plan_ended(&plan, plan.started_ms + 2000, true);
	}
	const uint64_t long_after_ms = plan.started_ms + 20000;
	search_plan_lost(&plan, long_after_ms);
	assert_false(search_plan_is_rare(&plan));
	assert_int_equal(plan.next_ms, long_after_ms);
	search_plan_started(&plan, long_after_ms);
	/* Just after a search began, the next one waits its turn, and no longer. */
	search_plan_lost(&plan, long_after_ms + 100);
	assert_int_equal(plan.next_ms, long_after_ms + SEARCH_GAP_MS);
	search_plan_ended(&plan, long_after_ms + 2000, true);
	assert_int_equal(plan.next_ms, long_after_ms + SEARCH_GAP_MS);
}

static void who_is_back_needs_no_search(void **state)
{
	struct search_plan plan = { 0 };

	(void)state;
	search_plan_lost(&plan, 1000);
	search_plan_clear(&plan);
	assert_false(plan.has_next);
}

static struct device make(uint8_t last, const char *address, char *alias)
{
	struct device device = { .address = address, .alias = alias };

	device.has_mac = last > 0;
	device.mac[5] = last;
	return device;
}

static void the_roster_finds_by_mac_and_the_others_by_address_or_alias(void **state)
{
	static char alias[] = "Fountain";
	struct device devices[] = { make(9, "10.0.0.9", NULL), make(0, "10.0.0.1", NULL),
		make(2, "10.0.0.2", alias), make(0, "", alias), make(5, "", NULL) };
	struct device *list[] = { &devices[0], &devices[1], &devices[2], &devices[3], &devices[4] };
	struct roster roster = { 0 };
	uint8_t mac[PLUG_MAC_BYTES] = { 0 };

	(void)state;
	assert_null(roster_find_mac(&roster, mac));
	roster_fill(&roster, list, 5);
	for (uint8_t last = 0; last < 12; last++) {
		mac[5] = last;
		const struct device *found = roster_find_mac(&roster, mac);
		if (last == 9 || last == 2 || last == 5) {
			assert_non_null(found);
			assert_int_equal(found->mac[5], last);
		} else {
			assert_null(found);
		}
	}
	assert_ptr_equal(roster_find_address(&roster, "10.0.0.1"), &devices[1]);
	assert_null(roster_find_address(&roster, "10.0.0.9"));
	assert_ptr_equal(roster_find_alias(&roster, "Fountain"), &devices[3]);
	assert_null(roster_find_alias(&roster, "fountain"));
	/* It has learned its MAC since. */
	devices[3].has_mac = true;
	devices[3].mac[5] = 7;
	mac[5] = 7;
	assert_ptr_equal(roster_find_mac(&roster, mac), &devices[3]);
	assert_null(roster_find_alias(&roster, "Fountain"));
	roster_fill(&roster, list, 0);
	assert_null(roster_find_mac(&roster, mac));
	roster_clear(&roster);
}

static void what_was_told_is_remembered_up_to_a_bound(void **state)
{
	struct told told = { 0 };
	uint8_t mac[PLUG_MAC_BYTES] = { 0 };

	(void)state;
	assert_false(told_has(&told, mac));
	for (unsigned i = 0; i < TOLD_MAX + 2; i++) {
		mac[4] = (uint8_t)(i >> 8);
		mac[5] = (uint8_t)i;
		assert_false(told_has(&told, mac));
		told_add(&told, mac);
		assert_true(told_has(&told, mac));
	}
	assert_int_equal(told.count, TOLD_MAX);
	/* The two oldest made room. */
	mac[4] = 0;
	for (uint8_t i = 0; i < 4; i++) {
		mac[5] = i;
		assert_int_equal(told_has(&told, mac), i >= 2);
	}
	told_clear(&told);
}

static struct plug_found found_of(struct plug_discovery *what, uint8_t last, const char *address)
{
	struct plug_found found = { .what = what };

	*what = (struct plug_discovery) {
		.dialect = PLUG_DIALECT_KLAP, .has_mac = true, .model = "HS100(UK)"
	};
	what->mac[5] = last;
	assert_int_equal(inet_pton(AF_INET, address, &found.address), 1);
	return found;
}

static void who_answers_both_ways_is_not_silent(void **state)
{
	struct sightings sightings = { 0 };
	struct plug_discovery what;
	struct plug_found found = found_of(&what, 1, "10.0.0.1");

	(void)state;
	sightings_add_silent(&sightings, &found);
	sightings_add_silent(&sightings, &found);
	assert_int_equal(sightings.silent_count, 1);
	assert_string_equal(sightings.silent[0].model, "HS100(UK)");
	sightings_add(&sightings, what.mac, found.address);
	assert_int_equal(sightings.silent_count, 0);
	sightings_add_silent(&sightings, &found);
	assert_int_equal(sightings.silent_count, 0);
	assert_int_equal(
		sightings_find(&sightings, what.mac)->address.s_addr, found.address.s_addr);
	what.mac[5] = 2;
	assert_null(sightings_find(&sightings, what.mac));
	sightings_clear(&sightings);
}

static void the_silent_are_bounded_and_their_words_cut(void **state)
{
	struct sightings sightings = { 0 };
	struct plug_discovery what;
	struct plug_found found = found_of(&what, 0, "10.0.0.1");

	(void)state;
	what.model = "a model whose name is longer than any that was ever made";
	for (unsigned i = 0; i < SILENT_MAX + 10; i++) {
		what.mac[4] = (uint8_t)(i >> 8);
		what.mac[5] = (uint8_t)i;
		sightings_add_silent(&sightings, &found);
	}
	assert_int_equal(sightings.silent_count, SILENT_MAX);
	assert_int_equal(strlen(sightings.silent[0].model), SILENT_MODEL_BYTES - 1);
	sightings_clear(&sightings);
}

static void an_alias_that_two_have_decides_nothing(void **state)
{
	struct sightings sightings = { 0 };
	struct device devices[2] = { make(0, "", NULL), make(0, "", NULL) };
	uint8_t mac[PLUG_MAC_BYTES] = { 0, 0, 0, 0, 0, 1 };
	struct in_addr address = { .s_addr = htonl(0x0A000001) };

	(void)state;
	sightings_add_namesake(&sightings, &devices[0], mac, address);
	sightings_add_namesake(&sightings, &devices[0], mac, address);
	sightings_add_namesake(&sightings, &devices[1], mac, address);
	assert_int_equal(sightings.namesake_count, 2);
	assert_false(sightings.namesakes[0].is_ambiguous);
	mac[5] = 2;
	sightings_add_namesake(&sightings, &devices[0], mac, address);
	assert_true(sightings.namesakes[0].is_ambiguous);
	assert_int_equal(sightings.namesakes[0].mac[5], 1);
	sightings_forget(&sightings, &devices[0]);
	sightings_forget(&sightings, &devices[0]);
	assert_int_equal(sightings.namesake_count, 1);
	assert_ptr_equal(sightings.namesakes[0].device, &devices[1]);
	sightings_clear(&sightings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_missing_plans_nothing),
		cmocka_unit_test(the_first_loss_is_searched_for_at_once),
		cmocka_unit_test(searches_for_who_stays_away_become_rare),
		cmocka_unit_test(a_new_loss_waits_for_no_back_off),
		cmocka_unit_test(who_is_back_needs_no_search),
		cmocka_unit_test(the_roster_finds_by_mac_and_the_others_by_address_or_alias),
		cmocka_unit_test(what_was_told_is_remembered_up_to_a_bound),
		cmocka_unit_test(who_answers_both_ways_is_not_silent),
		cmocka_unit_test(the_silent_are_bounded_and_their_words_cut),
		cmocka_unit_test(an_alias_that_two_have_decides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
