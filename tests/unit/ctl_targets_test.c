#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_files.h"
#include "protocol/plugctl/find/targets.h"

static const char text[] =
	"devices = ("
	"{ name = \"engine\"; host = \"192.0.2.1\"; mac = \"02:02:03:04:05:06\"; },"
	"{ name = \"cases\"; host = \"192.0.2.2\"; port = 40001;"
	"  outlets = ( \"case-1\", \"gold-watch\" ); },"
	"{ name = \"lost\"; mac = \"02:02:03:04:05:07\"; },"
	"{ name = \"lost-too\"; mac = \"02:02:03:04:05:08\"; } );";

static struct config *config;
static struct targets_from from_config = { .port = 9999 };
static const struct targets_from from_nothing = { .port = 9999 };

static int load(void **state)
{
	if (config_files_setup(state) != 0) {
		return -1;
	}
	config = config_files_load(*state, text);
	from_config.config = config;
	return 0;
}

static int unload(void **state)
{
	config_free(config);
	return config_files_teardown(state);
}

static void words_become_addresses_and_names(void **state)
{
	static const struct row {
		const char *word, *host, *outlet, *device;
		uint16_t port;
		enum target_kind kind;
	} rows[] = {
		{ "192.168.1.7", "192.168.1.7", NULL, "192.168.1.7", 9999, TARGET_AT_HOST },
		{ "plug.lan:4000", "plug.lan", NULL, "plug.lan:4000", 4000, TARGET_AT_HOST },
		{ "plug.lan:65535/2", "plug.lan", "2", "plug.lan:65535", 65535, TARGET_AT_HOST },
		{ "plug/Gold watch/left", "plug", "Gold watch/left", "plug", 9999, TARGET_WORD },
		{ "engine", "192.0.2.1", NULL, "engine", 9999, TARGET_AT_HOST },
		{ "cases", "192.0.2.2", NULL, "cases", 40001, TARGET_AT_HOST },
		{ "cases/4", "192.0.2.2", "4", "cases", 40001, TARGET_AT_HOST },
		{ "cases/gold-watch", "192.0.2.2", "2", "cases", 40001, TARGET_AT_HOST },
		{ "case-1", "192.0.2.2", "1", "cases", 40001, TARGET_AT_HOST },
		{ "lost", "", NULL, "lost", 9999, TARGET_BY_MAC },
		{ "Fountain", "Fountain", NULL, "Fountain", 9999, TARGET_WORD },
		{ "x:4000", "x", NULL, "x:4000", 4000, TARGET_AT_HOST },
		{ "Steam engine/2", "", "2", "Steam engine", 9999, TARGET_BY_ALIAS },
		{ "pl\xc3\xbcg", "", NULL, "pl\xc3\xbcg", 9999, TARGET_BY_ALIAS },
		{ "hall: left", "", NULL, "hall: left", 9999, TARGET_BY_ALIAS },
		{ "-x", "", NULL, "-x", 9999, TARGET_BY_ALIAS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct targets targets = { 0 };

		assert_null(targets_add(&targets, &from_config, rows[i].word));
		assert_int_equal(targets.count, 1);
		assert_string_equal(targets.items[0].name, rows[i].word);
		assert_string_equal(targets.items[0].host, rows[i].host);
		assert_string_equal(targets.items[0].device, rows[i].device);
		assert_int_equal(targets.items[0].port, rows[i].port);
		assert_int_equal(targets.items[0].kind, rows[i].kind);
		if (rows[i].outlet) {
			assert_string_equal(targets.items[0].outlet, rows[i].outlet);
		} else {
			assert_null(targets.items[0].outlet);
		}
		targets_clear(&targets);
	}
}

static void a_pinned_mac_goes_along(void **state)
{
	struct targets targets = { 0 };

	(void)state;
	assert_null(targets_add(&targets, &from_config, "engine"));
	assert_true(targets.items[0].has_mac);
	assert_memory_equal(targets.items[0].mac, config->devices[0].mac, CONFIG_MAC_BYTES);
	targets_clear(&targets);
}

static void a_mac_is_known_in_any_usual_form(void **state)
{
	static const char *const words[] = { "50:C7:BF:00:0a:01", "50-c7-bf-00-0A-01",
		"50C7BF000A01", "50c7.bf00.0a01/3", "50:c7:bf:00:0a:01/3" };
	static const uint8_t mac[] = { 0x50, 0xc7, 0xbf, 0, 0x0a, 1 };
	struct targets targets = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_null(targets_add(&targets, &from_config, words[i]));
		assert_int_equal(targets.items[i].kind, TARGET_BY_MAC);
		assert_true(targets.items[i].has_mac);
		assert_memory_equal(targets.items[i].mac, mac, sizeof mac);
		assert_string_equal(targets.items[i].host, "");
	}
	assert_string_equal(targets.items[3].outlet, "3");
	targets_clear(&targets);
}

static void what_was_found_is_added_once(void **state)
{
	static const uint8_t mac[] = { 0x50, 0xc7, 0xbf, 0, 0, 1 };
	struct targets targets = { 0 };
	struct target *target;

	(void)state;
	target = targets_add_found(&targets, &from_nothing, "192.0.2.9", mac);
	assert_string_equal(target->host, "192.0.2.9");
	assert_memory_equal(target->mac, mac, sizeof mac);
	assert_null(targets_add_found(&targets, &from_nothing, "192.0.2.9", mac));
	target = targets_add_found(&targets, &from_nothing, "192.0.2.8", NULL);
	assert_false(target->has_mac);
	assert_int_equal(targets.count, 2);
	targets_clear(&targets);
}

static void wrong_words_are_refused_in_words(void **state)
{
	static const char *const wrong[] = { "", "x:", "x:0", "x:65536", "x:99999999999", "x/",
		"/1", "case-1/2", "a:1:2", "a b:1", "::1" };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct targets targets = { 0 };
		char *problem = targets_add(&targets, &from_config, wrong[i]);

		assert_non_null(problem);
		assert_non_null(strchr(problem, '\''));
		assert_int_equal(targets.count, 0);
		free(problem);
	}
}

static void each_word_is_a_target_also_when_two_mean_the_same(void **state)
{
	static const char *const words[] = { "cases/1", "case-1", "cases/1", "engine" };
	struct targets targets = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		assert_null(targets_add(&targets, &from_config, words[i]));
		assert_int_equal(targets.count, i + 1);
		assert_string_equal(targets.items[i].name, words[i]);
	}
	targets_clear(&targets);
	assert_int_equal(targets.count, 0);
}

/* They must never reach a stranger's device that has them for an alias. */
static void a_configured_name_in_other_letters_is_that_name(void **state)
{
	static const struct row {
		const char *word, *host, *outlet;
	} rows[] = {
		{ "ENGINE", "192.0.2.1", NULL },
		{ "Cases/Gold-Watch", "192.0.2.2", "2" },
		{ "CASE-1", "192.0.2.2", "1" },
	};
	struct targets targets = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_null(targets_add(&targets, &from_config, rows[i].word));
		assert_string_equal(targets.items[i].host, rows[i].host);
		assert_string_equal(targets.items[i].name, rows[i].word);
		if (rows[i].outlet) {
			assert_string_equal(targets.items[i].outlet, rows[i].outlet);
		}
	}
	assert_null(targets_add(&targets, &from_config, "ENGIN"));
	assert_string_equal(targets.items[3].hint, "engine");
	targets_clear(&targets);
}

/* The resolver would take all of these for addresses, of other devices. */
static void what_is_nearly_an_address_is_none(void **state)
{
	static const char *const refused[] = { "127.77.0.010", "127.77.4", "127.77.0.256",
		"0x7f.0.0.1", "127.0x4d0001", "1:9999", "127.77.4:9999", "0x7f4d0001:1",
		"1.2.3.4.5", "127.77.0.1." };
	static const char *const aliases[] = { "1", "2135752705", "0x7f4d0001", "010" };

	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct targets targets = { 0 };
		char *problem = targets_add(&targets, &from_config, refused[i]);

		assert_non_null(problem);
		assert_non_null(strstr(problem, "is no address"));
		free(problem);
		targets_clear(&targets);
	}
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++) {
		struct targets targets = { 0 };

		assert_null(targets_add(&targets, &from_config, aliases[i]));
		assert_int_equal(targets.items[0].kind, TARGET_BY_ALIAS);
		assert_string_equal(targets.items[0].host, "");
		targets_clear(&targets);
	}
}

static void all_means_every_device_with_the_outlet_asked_for(void **state)
{
	const struct targets_from with_outlet = { config, "gold-watch", 9999 };
	struct targets targets = { 0 };

	(void)state;
	targets_add_all(&targets, &from_config);
	assert_int_equal(targets.count, 4);
	assert_string_equal(targets.items[1].name, "cases");
	targets_clear(&targets);
	targets_add_all(&targets, &with_outlet);
	assert_string_equal(targets.items[1].outlet, "2");
	assert_string_equal(targets.items[1].name, "cases/gold-watch");
	targets_clear(&targets);
}

static void a_nearly_right_name_gets_a_hint(void **state)
{
	struct targets targets = { 0 };

	(void)state;
	assert_null(targets_add(&targets, &from_config, "engin"));
	assert_string_equal(targets.items[0].hint, "engine");
	assert_null(targets_add(&targets, &from_nothing, "engyne"));
	assert_null(targets.items[1].hint);
	targets_clear(&targets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_addresses_and_names),
		cmocka_unit_test(a_pinned_mac_goes_along),
		cmocka_unit_test(a_mac_is_known_in_any_usual_form),
		cmocka_unit_test(what_was_found_is_added_once),
		cmocka_unit_test(wrong_words_are_refused_in_words),
		cmocka_unit_test(each_word_is_a_target_also_when_two_mean_the_same),
		cmocka_unit_test(a_configured_name_in_other_letters_is_that_name),
		cmocka_unit_test(what_is_nearly_an_address_is_none),
		cmocka_unit_test(all_means_every_device_with_the_outlet_asked_for),
		cmocka_unit_test(a_nearly_right_name_gets_a_hint),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
