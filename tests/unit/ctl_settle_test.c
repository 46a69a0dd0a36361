/* Which of the devices that were found a word means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl_found.h"
#include "protocol/plugctl/find/settle.h"

static struct found found;
static struct targets targets;

static const char *const cases[] = { "Crown", "Gold watch", NULL };

static struct target *read_word(const char *word)
{
	static const struct targets_from from = { .port = 9999 };

	targets_clear(&targets);
	assert_null(targets_add(&targets, &from, word));
	return &targets.items[0];
}

/* The word after everything was found. */
static struct target *settle(const char *word)
{
	struct target *target = read_word(word);

	settle_target(target, &found.list);
	return target;
}

static void expect_host(const char *word, const char *host, const char *outlet)
{
	const struct target *target = settle(word);

	assert_null(target->problem);
	assert_string_equal(target->host, host);
	assert_true(target->has_mac);
	if (outlet) {
		assert_string_equal(target->outlet, outlet);
	} else {
		assert_null(target->outlet);
	}
}

static void expect_problem(const char *word, const char *part)
{
	const struct target *target = settle(word);

	assert_non_null(target->problem);
	if (!strstr(target->problem, part)) {
		fail_msg("'%s' is not in '%s'", part, target->problem);
	}
}

static int begin(void **state)
{
	(void)state;
	found_begin(&found);
	return 0;
}

static int end(void **state)
{
	(void)state;
	targets_clear(&targets);
	return 0;
}

static void an_alias_means_its_device_or_outlet(void **state)
{
	(void)state;
	found_plug(&found, "Steam engine");
	found_strip(&found, "Cases", cases);
	found_plug(&found, "Hall/left");
	expect_host("Steam engine", "192.0.2.1", NULL);
	expect_host("steam ENGINE", "192.0.2.1", NULL);
	expect_host("Cases/2", "192.0.2.2", "2");
	expect_host("Gold watch", "192.0.2.2", "2");
	expect_host("Hall/left", "192.0.2.3", NULL);
	expect_problem("Gold watch/1", "is an outlet itself");
}

static void the_exact_alias_goes_before_one_in_other_letters(void **state)
{
	(void)state;
	found_plug(&found, "lamp");
	found_plug(&found, "Lamp");
	expect_host("Lamp", "192.0.2.2", NULL);
	expect_problem("LAMP", "2 are called so");
}

static void an_alias_of_several_names_the_candidates(void **state)
{
	static const char *const outlets[] = { "Steam engine", NULL };

	(void)state;
	found_plug(&found, "Steam engine");
	found_strip(&found, "Cases", outlets);
	expect_problem("Steam engine",
		"2 are called so: 192.0.2.1 (50:C7:BF:00:00:01), 192.0.2.2/1 "
		"(50:C7:BF:00:00:02)");
}

static void an_unknown_alias_gets_the_nearest(void **state)
{
	(void)state;
	expect_problem("Steam engine", "(none answered: try plugctl discover)");
	found_plug(&found, "Steam engine");
	expect_problem("Steam engin", "did you mean 'Steam engine'?");
	expect_problem("Something else", "no device that answered the search has this alias");
}

static void a_mac_means_the_device_that_was_confirmed(void **state)
{
	(void)state;
	found_plug(&found, "liar")->verdict = SEARCH_FALSE;
	found_plug(&found, "true");
	memcpy(found.devices[0].mac, found.devices[1].mac, sizeof found.devices[0].mac);
	expect_host("50:c7:bf:00:00:02", "192.0.2.2", NULL);
	expect_problem("50:c7:bf:00:00:99", "no device with this MAC answered the search");
}

static void a_mac_of_two_devices_names_both(void **state)
{
	(void)state;
	found_plug(&found, "Engine");
	found_plug(&found, "Copy");
	memcpy(found.devices[1].mac, found.devices[0].mac, sizeof found.devices[0].mac);
	expect_problem("50:c7:bf:00:00:01",
		"2 have this MAC: 192.0.2.1 (50:C7:BF:00:00:01), 192.0.2.2 (50:C7:BF:00:00:01)");
	found.devices[1].verdict = SEARCH_SILENT;
	expect_host("50:c7:bf:00:00:01", "192.0.2.1", NULL);
}

/* Only these are asked over TCP at all. */
static void devices_are_meant_by_what_they_claim(void **state)
{
	static const struct row {
		const char *word;
		bool is_meant;
	} rows[] = {
		{ "50:c7:bf:00:00:01", true },
		{ "50:c7:bf:00:00:02", false },
		{ "cases", true },
		{ "gold WATCH", true },
		{ "Cases/2", true },
		{ "Hall/left", false },
		{ "case", false },
		{ "192.0.2.1", false },
	};
	const struct search_device *device = found_strip(&found, "Cases", cases);
	const struct search_device *other = found_plug(&found, "Hall/left");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			settle_is_meant(device, read_word(rows[i].word)), rows[i].is_meant);
	}
	assert_true(settle_is_meant(other, read_word("Hall/left")));
}

/* However many say over UDP that they are it. */
static void a_claim_alone_is_not_believed(void **state)
{
	(void)state;
	found_plug(&found, "silent")->verdict = SEARCH_SILENT;
	found.devices[0].error = PLUG_ETIMEOUT;
	found_plug(&found, "false")->verdict = SEARCH_FALSE;
	found_foreign(&found, PLUG_DIALECT_KLAP);
	expect_problem("50:c7:bf:00:00:01", "from 192.0.2.1, but not over TCP");
	expect_problem("silent", "from 192.0.2.1, but not over TCP");
	expect_problem("50:c7:bf:00:00:02", "the device there has another MAC");
	expect_problem("false", "no device that answered");
	expect_problem("50:c7:bf:00:00:03", "Third-Party Compatibility");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_alias_means_its_device_or_outlet, begin, end),
		cmocka_unit_test_setup_teardown(
			the_exact_alias_goes_before_one_in_other_letters, begin, end),
		cmocka_unit_test_setup_teardown(
			an_alias_of_several_names_the_candidates, begin, end),
		cmocka_unit_test_setup_teardown(an_unknown_alias_gets_the_nearest, begin, end),
		cmocka_unit_test_setup_teardown(
			a_mac_means_the_device_that_was_confirmed, begin, end),
		cmocka_unit_test_setup_teardown(a_mac_of_two_devices_names_both, begin, end),
		cmocka_unit_test_setup_teardown(devices_are_meant_by_what_they_claim, begin, end),
		cmocka_unit_test_setup_teardown(a_claim_alone_is_not_believed, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
