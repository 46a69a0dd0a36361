/* What the broker keeps for Home Assistant, as the state file tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/homeassistant/record.h"
#include "bridge/mem.h"

static uv_loop_t loop;
static struct store *store;
static char folder[] = "/tmp/record_test.XXXXXX";

static int set_up(void **state)
{
	char *problem = NULL;

	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/record_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(uv_loop_init(&loop), 0);
	store = store_open(&loop, folder, &problem);
	assert_non_null(store);
	return 0;
}

static int tear_down(void **state)
{
	char *file = mem_printf("%s/plugbridge.state", folder);

	(void)state;
	store_close(store);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
	(void)remove(file);
	assert_int_equal(remove(folder), 0);
	free(file);
	return 0;
}

static void set(const char *id, enum record_form form, uint32_t components, const char *prefix)
{
	struct record record = { .form = form, .components = components, .prefix = prefix };

	(void)snprintf(record.id, sizeof record.id, "%s", id);
	record_set(store, &record);
}

static size_t count_records(void)
{
	size_t count = 0;

	(void)store_entries(store, &count);
	return count;
}

static void record_is_found_by_id_form_and_prefix(void **state)
{
	(void)state;
	set("kasa_1", RECORD_DEVICE, 0x181, "homeassistant");
	set("kasa_1", RECORD_COMPONENTS, 0x1, "homeassistant");
	set("kasa_1_1", RECORD_DEVICE, 0x7d, "homeassistant");
	set("kasa_1", RECORD_DEVICE, 0x2, "ha of mine");
	assert_int_equal(record_find(store, "kasa_1", RECORD_DEVICE, "homeassistant"), 0x181);
	assert_int_equal(record_find(store, "kasa_1", RECORD_COMPONENTS, "homeassistant"), 0x1);
	assert_int_equal(record_find(store, "kasa_1_1", RECORD_DEVICE, "homeassistant"), 0x7d);
	assert_int_equal(record_find(store, "kasa_1", RECORD_DEVICE, "ha of mine"), 0x2);
	assert_int_equal(record_find(store, "kasa_1_1", RECORD_COMPONENTS, "homeassistant"), 0);
	assert_int_equal(record_find(store, "kasa_", RECORD_DEVICE, "homeassistant"), 0);
	assert_int_equal(record_find(store, "kasa_1", RECORD_DEVICE, "home"), 0);
}

static void record_replaces_the_one_before(void **state)
{
	(void)state;
	set("kasa_1", RECORD_DEVICE, 0x181, "homeassistant");
	set("kasa_1", RECORD_DEVICE, 0x183, "homeassistant");
	set("kasa_1", RECORD_DEVICE, 0x183, "homeassistant");
	assert_int_equal(record_find(store, "kasa_1", RECORD_DEVICE, "homeassistant"), 0x183);
	assert_int_equal(count_records(), 1);
	set("kasa_1", RECORD_DEVICE, 0, "homeassistant");
	assert_int_equal(count_records(), 0);
	set("kasa_1", RECORD_DEVICE, 0, "homeassistant");
	assert_int_equal(count_records(), 0);
}

static void record_that_nobody_claims_is_forgotten(void **state)
{
	(void)state;
	set("kasa_1", RECORD_DEVICE, 0x1, "homeassistant");
	set("kasa_1", RECORD_COMPONENTS, 0x1, "homeassistant");
	set("kasa_1", RECORD_DEVICE, 0x1, "other");
	set("kasa_2", RECORD_DEVICE, 0x1, "homeassistant");
	store_unclaim_kind(store, STORE_DISCOVERY);
	record_claim(store, "kasa_1", "homeassistant");
	store_forget_others(store);
	assert_int_equal(count_records(), 2);
	assert_int_equal(record_find(store, "kasa_1", RECORD_DEVICE, "homeassistant"), 0x1);
	assert_int_equal(record_find(store, "kasa_1", RECORD_COMPONENTS, "homeassistant"), 0x1);
}

static void record_that_makes_no_sense_is_none(void **state)
{
	static const char *const lines[] = {
		"", " ", "kasa_1", "kasa_1 ", "kasa_1 device", "kasa_1 device ", "kasa_1 device 1",
		"kasa_1 device 1 ", "kasa_1 device 0 ha", "kasa_1 device x ha",
		"kasa_1 device 1x ha", "kasa_1 devices 1 ha", "kasa_1 other 1 ha", " device 1 ha",
		"kasa_1 device 80000000 ha",
		"kasa_1234567890123456789012345678901234567890123456789012345678901234 device 1 ha"
	};
	struct record record;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (record_parse(lines[i], &record)) {
			fail_msg("\"%s\"", lines[i]);
		}
	}
	assert_true(record_parse("kasa_1 components 1fd a b/c", &record));
	assert_string_equal(record.id, "kasa_1");
	assert_int_equal(record.form, RECORD_COMPONENTS);
	assert_int_equal(record.components, 0x1fd);
	assert_string_equal(record.prefix, "a b/c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			record_is_found_by_id_form_and_prefix, set_up, tear_down),
		cmocka_unit_test_setup_teardown(record_replaces_the_one_before, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			record_that_nobody_claims_is_forgotten, set_up, tear_down),
		cmocka_unit_test(record_that_makes_no_sense_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
