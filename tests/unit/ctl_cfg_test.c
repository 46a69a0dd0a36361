/* Names made from aliases, and the configuration that discover prints: it must load as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_files.h"
#include "ctl_found.h"
#include "protocol/plugctl/find/cfg_name.h"
#include "protocol/plugctl/find/cfg_text.h"

static struct found found;

static void aliases_become_names(void **state)
{
	static const struct row {
		const char *alias, *name;
	} rows[] = {
		{ "Steam engine", "steam-engine" },
		{ "TP-LINK_Smart Plug_0A1B", "tp-link_smart-plug_0a1b" },
		{ "Gr\xc3\xb6\xc3\x9f"
		  "e \xc3\x84rmel",
			"groesse-aermel" },
		{ "Caf\xc3\xa9 Fran\xc3\xa7ois", "cafe-francois" },
		{ "Cafe\xcc\x81", "cafe" },
		{ "\xc5\x81\xc3\xb3"
		  "d\xc5\xba",
			"lodz" },
		{ "Don't", "dont" },
		{ "\xd0\x9c\xd0\xb5\xd0\xbb\xd1\x8c\xd0\xbd\xd0\xb8\xd1\x86\xd0\xb0", "melnitsa" },
		{ "\xce\xa6\xcf\x8e\xcf\x82", "fos" },
		{ "5 m\xc2\xb2", "5-m2" },
		{ "  --a  b--  ", "a-b" },
		{ "a\nb\"c\\d*/e", "a-b-c-d-e" },
		{ "", "fallback" },
		{ "!!", "fallback-2" },
		{ "\xe5\x96\xb7\xe6\xb3\x89", "fallback-3" },
		{ "\xff\xfe", "fallback-4" },
		{ "\xe5\x96", "fallback-5" },
		{ "STEAM ENGINE", "steam-engine-2" },
		{ "12345678901234567890123456789012", "12345678901234567890123456789012" },
		{ "123456789012345678901234567890123", "123456789012345678901234567890-2" },
		{ "1234567890123456789012345678901 x", "1234567890123456789012345678901" },
	};
	struct cfg_names names = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *name = cfg_name_new(&names, rows[i].alias, "fallback");

		assert_string_equal(name, rows[i].name);
		assert_true(config_name_is_valid(name));
	}
	cfg_names_clear(&names);
}

/* What the configuration says that is made of everything found. */
static struct config *load(void **state, char *const *broadcast, size_t count)
{
	char *text = cfg_text(&found.list, broadcast, count);
	struct config *config = config_files_load(*state, text);

	free(text);
	return config;
}

static void plugs_are_pinned_and_strips_have_their_outlets(void **state)
{
	static const char *const outlets[] = { "Crown", "Plug 2", "Steam engine", NULL };
	const struct config_device *strip;
	struct config *config;

	found_begin(&found);
	found_plug(&found, "Steam engine")->port = 40001;
	found_strip(&found, "Cases", outlets);
	found_plug(&found, "")->verdict = SEARCH_SILENT;
	config = load(state, NULL, 0);
	assert_int_equal(config->device_count, 3);
	assert_string_equal(config->devices[0].name, "steam-engine");
	assert_string_equal(config->devices[0].label, "Steam engine");
	assert_string_equal(config->devices[0].host, "192.0.2.1");
	assert_int_equal(config->devices[0].port, 40001);
	assert_true(config->devices[0].has_mac);
	assert_memory_equal(config->devices[0].mac, found.devices[0].mac, CONFIG_MAC_BYTES);
	assert_string_equal(config->devices[2].name, "hs110-000003");
	strip = &config->devices[1];
	assert_true(strip->has_outlets);
	assert_int_equal(strip->outlet_count, 3);
	assert_string_equal(strip->outlets[0].name, "crown");
	assert_string_equal(strip->outlets[1].name, "cases-2");
	assert_string_equal(strip->outlets[1].label, "cases-2");
	assert_string_equal(strip->outlets[2].name, "steam-engine-2");
	assert_string_equal(strip->outlets[2].label, "Steam engine");
	assert_string_equal(config->discovery.broadcast[0], "255.255.255.255");
	config_free(config);
}

static void no_alias_breaks_out_of_its_text(void **state)
{
	static const struct row {
		const char *alias, *label;
	} rows[] = {
		{ "\"; }; x", "\"; }; x" },
		{ "back\\", "back\\" },
		{ "*/ # // \n@include \"/etc/passwd\"", "*/ # // ?@include \"/etc/passwd\"" },
		{ "\x1b[31m\x7f\xc2\x9b", "?[31m???" },
		{ "\xff\xc3_", "??_" },
		{ "\xf0\x9f\x94\x8c", "\xf0\x9f\x94\x8c" },
		{ "\xed\xa0\x80", "???" },
	};
	struct config *config;

	found_begin(&found);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		found_plug(&found, rows[i].alias);
	}
	config = load(state, NULL, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_string_equal(config->devices[i].label, rows[i].label);
	}
	config_free(config);
}

static void a_long_alias_ends_between_two_characters(void **state)
{
	char alias[302];
	struct config *config;

	for (size_t i = 0; i < sizeof alias - 1; i += 3) {
		memcpy(alias + i, "\xe5\x96\xb7", i + 3 < sizeof alias ? 3 : 1);
	}
	alias[sizeof alias - 2] = '\0';
	found_begin(&found);
	found_plug(&found, alias);
	config = load(state, NULL, 0);
	assert_int_equal(strlen(config->devices[0].label), 126);
	config_free(config);
}

static void what_cannot_be_used_is_a_comment(void **state)
{
	char model[] = "HS\n100 */ \"";
	char *text;
	struct config *config;

	found_begin(&found);
	found_foreign(&found, PLUG_DIALECT_KLAP)->model = model;
	found_foreign(&found, PLUG_DIALECT_SMART);
	found_plug(&found, "false")->verdict = SEARCH_FALSE;
	found_plug(&found, "camera")->info.family = PLUG_FAMILY_UNSUPPORTED;
	found_plug(&found, "good");
	text = cfg_text(&found.list, NULL, 0);
	assert_non_null(strstr(text, "192.0.2.1  50:C7:BF:00:00:01  HS?100 */ \""));
	assert_non_null(strstr(text, "Third-Party Compatibility"));
	assert_non_null(strstr(text, "another MAC"));
	config = config_files_load(*state, text);
	free(text);
	assert_int_equal(config->device_count, 1);
	assert_string_equal(config->devices[0].name, "good");
	config_free(config);
}

/* Two with one MAC would not load. */
static void of_one_mac_the_confirmed_device_is_taken(void **state)
{
	struct config *config;

	found_begin(&found);
	found_plug(&found, "stale")->verdict = SEARCH_SILENT;
	found_plug(&found, "true");
	found_plug(&found, "copy");
	memcpy(found.devices[0].mac, found.devices[1].mac, sizeof found.devices[0].mac);
	memcpy(found.devices[2].mac, found.devices[1].mac, sizeof found.devices[0].mac);
	config = load(state, NULL, 0);
	assert_int_equal(config->device_count, 1);
	assert_string_equal(config->devices[0].name, "true");
	config_free(config);
}

static void nothing_found_loads_too_and_keeps_where_to_search(void **state)
{
	char first[] = "127.255.255.255";
	char second[] = "192.0.2.255";
	char *const broadcast[] = { first, second };
	struct config *config;

	found_begin(&found);
	config = load(state, broadcast, 2);
	assert_int_equal(config->device_count, 0);
	assert_int_equal(config->discovery.broadcast_count, 2);
	assert_string_equal(config->discovery.broadcast[1], second);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aliases_become_names),
		cmocka_unit_test(plugs_are_pinned_and_strips_have_their_outlets),
		cmocka_unit_test(no_alias_breaks_out_of_its_text),
		cmocka_unit_test(a_long_alias_ends_between_two_characters),
		cmocka_unit_test(what_cannot_be_used_is_a_comment),
		cmocka_unit_test(of_one_mac_the_confirmed_device_is_taken),
		cmocka_unit_test(nothing_found_loads_too_and_keeps_where_to_search),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
