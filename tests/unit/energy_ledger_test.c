#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/energy/ledger.h"
#include "bridge/mem.h"

enum { NOW_S = 1795253400, YEAR_S = 366 * 24 * 3600, TEXT_BYTES = 4096 };

static const uint8_t engine_mac[] = { 0x50, 0xC7, 0xBF, 0, 0, 1 };
static const uint8_t spare_mac[] = { 0x50, 0xC7, 0xBF, 0, 0, 2 };

static const struct energy_meter full = {
	.energy_wh = 9007199254740992,
	.total_wh = 4294967295,
	.seen_s = NOW_S,
	.today_wh = 420,
	.anchor_day_wh = 400,
	.since_anchor_wh = -20,
	.gap_s = 7200,
	.gap_total_wh = 16000,
	.day = 20778,
	.anchor_day = 20777,
	.lag_wh = 7,
	.flags = ENERGY_HAS_BASE | ENERGY_HAS_TOTAL | ENERGY_HAS_DAY | ENERGY_HAS_ANCHOR |
		 ENERGY_HAS_GAP | ENERGY_GAP_HAS_FALL | ENERGY_HAS_LAG,
};

static struct energy_ledger ledger;

static int setup(void **state)
{
	(void)state;
	ledger = (struct energy_ledger) { 0 };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	energy_ledger_clear(&ledger);
	return 0;
}

static struct energy_entry *claim(const uint8_t *mac, size_t outlet, const char *topic)
{
	return energy_ledger_claim(&ledger, mac, outlet, topic);
}

/* Takes all lines of text; returns how many were damaged. */
static size_t read_text(const char *text, int64_t now_s)
{
	char *copy = mem_copy(text);
	size_t damaged = 0;
	size_t number = 0;
	char *rest = NULL;

	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const enum energy_line result =
			energy_ledger_take_line(&ledger, line, number++, now_s);

		assert_int_not_equal(result, ENERGY_LINE_NEWER);
		damaged += result == ENERGY_LINE_DAMAGED;
	}
	free(copy);
	return damaged;
}

/* All lines, with times moved by set_by_s; the caller frees. */
static char *format_set(int64_t set_by_s)
{
	struct energy_copy *copy = energy_ledger_copy(&ledger, set_by_s);
	char *text = mem_array(TEXT_BYTES, 1);
	FILE *out = fmemopen(text, TEXT_BYTES, "w");

	assert_non_null(out);
	energy_ledger_write(copy, out);
	assert_int_equal(fclose(out), 0);
	free(copy);
	return text;
}

static char *format(void)
{
	return format_set(0);
}

/* Two outlets with something to remember and one without; the caller frees. */
static char *sample(void)
{
	claim(engine_mac, 1, "museum/plug/case-2")->meter = full;
	claim(engine_mac, 0, "museum/plug/case-1")->meter = full;
	(void)claim(spare_mac, 0, "museum/plug/spare");
	return format();
}

static void ledger_is_the_same_after_it_was_written_and_read(void **state)
{
	char *text = sample();
	char *again = NULL;

	(void)state;
	assert_int_equal(strncmp(text, "plugbridge energy 1\n50:C7:BF:00:00:01/0 ", 40), 0);
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, NOW_S), 0);
	assert_int_equal(ledger.count, 2);
	assert_memory_equal(&claim(engine_mac, 1, "museum/plug/case-2")->meter, &full, sizeof full);
	again = format();
	assert_string_equal(again, text);
	free(again);
	free(text);
}

static void flags_of_one_run_are_not_kept(void **state)
{
	struct energy_entry *entry = claim(engine_mac, 0, "a");
	char *text = NULL;

	(void)state;
	entry->meter.flags = ENERGY_HAS_BASE | ENERGY_IS_LIVE | ENERGY_GAVE_UP;
	text = format();
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, 0), 0);
	assert_int_equal(claim(engine_mac, 0, "a")->meter.flags, ENERGY_HAS_BASE);
	free(text);
}

/* So that the next run can tell how long ago the last reading was. */
static void times_are_kept_by_the_clock_as_it_is_set_at_last(void **state)
{
	struct energy_entry *entry = claim(engine_mac, 0, "a");
	char *text = NULL;

	(void)state;
	entry->meter = full;
	entry->meter.seen_s = 1000;
	entry->meter.flags |= ENERGY_IS_LIVE;
	text = format_set(NOW_S - 1000);
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, NOW_S), 0);
	assert_int_equal(claim(engine_mac, 0, "a")->meter.seen_s, NOW_S);
	free(text);
}

/* Whatever single byte of a line changes, the line is not believed, and the other one is. */
static void line_with_one_wrong_byte_is_damaged(void **state)
{
	char *text = sample();
	const size_t first = strlen("plugbridge energy 1\n");
	const size_t size = (size_t)(strchr(text + first, '\n') - text);

	(void)state;
	for (size_t at = first; at < size; at++) {
		const char old = text[at];

		for (int bit = 0; bit < 8; bit++) {
			text[at] = (char)(old ^ 1 << bit);
			if (text[at] != '\n' && text[at] != '\0') {
				energy_ledger_clear(&ledger);
				assert_int_equal(read_text(text, NOW_S), 1);
				assert_int_equal(ledger.count, 1);
			}
		}
		text[at] = old;
	}
	free(text);
}

static void line_cut_anywhere_is_damaged(void **state)
{
	char *text = sample();

	(void)state;
	for (size_t size = strlen(text) - 2; text[size] != '\n'; size--) {
		text[size] = '\0';
		energy_ledger_clear(&ledger);
		assert_int_equal(read_text(text, NOW_S), text[size - 1] == '\n' ? 0 : 1);
		assert_int_equal(ledger.count, 1);
	}
	free(text);
}

static void first_line_tells_the_version(void **state)
{
	static const struct {
		const char *line;
		enum energy_line result;
	} lines[] = {
		{ "plugbridge energy 1", ENERGY_LINE_TAKEN },
		{ "plugbridge energy 2", ENERGY_LINE_NEWER },
		{ "plugbridge energy 10", ENERGY_LINE_NEWER },
		{ "plugbridge energy 0", ENERGY_LINE_DAMAGED },
		{ "plugbridge energy", ENERGY_LINE_DAMAGED },
		{ "plugbridge energy x", ENERGY_LINE_DAMAGED },
		{ "plugbridge energy 1x", ENERGY_LINE_DAMAGED },
		{ "plugbridge state 2", ENERGY_LINE_DAMAGED },
		{ "", ENERGY_LINE_DAMAGED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		assert_int_equal(
			energy_ledger_take_line(&ledger, lines[i].line, 0, NOW_S), lines[i].result);
	}
	assert_int_equal(energy_ledger_take_line(&ledger, "plugbridge energy 2", 1, NOW_S),
		ENERGY_LINE_DAMAGED);
}

static void outlet_that_nobody_used_for_a_year_is_forgotten(void **state)
{
	char *text = sample();

	(void)state;
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, NOW_S + YEAR_S), 0);
	assert_int_equal(ledger.count, 2);
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, NOW_S + 2 * (int64_t)YEAR_S), 0);
	assert_int_equal(ledger.count, 0);
	free(text);
}

static void renamed_outlet_keeps_its_counter_and_is_marked(void **state)
{
	char *text = sample();
	struct energy_entry *entry = NULL;

	(void)state;
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, NOW_S), 0);
	assert_false(claim(engine_mac, 0, "museum/plug/case-1")->is_renamed);
	entry = claim(engine_mac, 1, "museum/plug/gold-watch");
	assert_true(entry->is_renamed);
	assert_int_equal(entry->meter.energy_wh, full.energy_wh);
	free(text);
}

static void new_device_under_an_old_name_goes_on_with_its_counter(void **state)
{
	char *text = sample();
	struct energy_entry *entry = NULL;

	(void)state;
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, NOW_S), 0);
	entry = claim(spare_mac, 0, "museum/plug/case-1");
	assert_int_equal(entry->meter.energy_wh, full.energy_wh);
	assert_int_equal(entry->meter.flags, ENERGY_HAS_BASE | ENERGY_COUNTS_ON);
	/* The old one is another outlet now, wherever it comes up again. */
	assert_true(claim(engine_mac, 0, "museum/plug/case-1")->is_renamed);
	free(text);
}

static void two_outlets_that_swap_names_keep_their_own_counters(void **state)
{
	char *text = NULL;

	(void)state;
	claim(engine_mac, 0, "a")->meter = full;
	claim(spare_mac, 0, "b")->meter = full;
	ledger.entries[1]->meter.energy_wh = 7;
	text = format();
	energy_ledger_clear(&ledger);
	assert_int_equal(read_text(text, NOW_S), 0);
	assert_int_equal(claim(engine_mac, 0, "b")->meter.energy_wh, full.energy_wh);
	assert_int_equal(claim(spare_mac, 0, "a")->meter.energy_wh, 7);
	free(text);
}

static void ledger_keeps_thousands_in_order(void **state)
{
	enum { COUNT = 3000 };

	(void)state;
	for (int i = COUNT; i-- > 0;) {
		const uint8_t mac[] = { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i };
		char topic[16];

		(void)snprintf(topic, sizeof topic, "%d", i);
		claim(mac, 0, topic)->meter.energy_wh = i;
	}
	assert_int_equal(ledger.count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(ledger.entries[i]->meter.energy_wh, i);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ledger_is_the_same_after_it_was_written_and_read),
		TEST(flags_of_one_run_are_not_kept),
		TEST(times_are_kept_by_the_clock_as_it_is_set_at_last),
		TEST(line_with_one_wrong_byte_is_damaged),
		TEST(line_cut_anywhere_is_damaged),
		TEST(first_line_tells_the_version),
		TEST(outlet_that_nobody_used_for_a_year_is_forgotten),
		TEST(renamed_outlet_keeps_its_counter_and_is_marked),
		TEST(new_device_under_an_old_name_goes_on_with_its_counter),
		TEST(two_outlets_that_swap_names_keep_their_own_counters),
		TEST(ledger_keeps_thousands_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
