/* The annotated example holds every key of the table and no other, shows the defaults as they
 * are, and loads as it stands. A line that starts with "#" and anything but a space is a setting
 * switched off; it counts as part of the example. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libconfig.h>

#include "config/keys.h"
#include "config_files.h"

enum { KEYS_MAX = 128 };

struct seen {
	const struct config_key *keys[KEYS_MAX];
	size_t count;
};

/* Gives the text of the example with what is switched off switched on (free with free). */
static char *read_example(void)
{
	enum { EXAMPLE_MAX_BYTES = 65536 };
	char *text = calloc(1, EXAMPLE_MAX_BYTES);
	char line[512];
	char *at = text;
	FILE *file = fopen(CONFIG_EXAMPLE, "r");

	assert_non_null(text);
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *first = line + strspn(line, " \t");
		if (first[0] == '#' && !strchr(" \n#", first[1])) {
			first[0] = ' ';
		}
		assert_true((size_t)(at - text) + sizeof(line) < EXAMPLE_MAX_BYTES);
		at += sprintf(at, "%s", line);
	}
	assert_int_equal(fclose(file), 0);
	return text;
}

static bool is_seen(const struct seen *seen, const struct config_key *key)
{
	for (size_t i = 0; i < seen->count; i++) {
		if (seen->keys[i] == key) {
			return true;
		}
	}
	return false;
}

static void walk_elements(
	const config_setting_t *list, const struct config_keys *keys, struct seen *seen);

/* Notes the key of every member; a member without a key fails the test. */
static void walk(const config_setting_t *group, const struct config_keys *keys, struct seen *seen)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *member = config_setting_get_elem(group, (unsigned int)i);
		const struct config_key *key = config_key_find(keys, config_setting_name(member));
		if (!key) {
			fail_msg("the example has \"%s\", the table has not",
				config_setting_name(member));
			return;
		}
		assert_true(seen->count < KEYS_MAX);
		seen->keys[seen->count++] = key;
		if (key->type == CONFIG_KEY_GROUP) {
			walk(member, key->members, seen);
		} else if (key->type == CONFIG_KEY_GROUPS) {
			walk_elements(member, key->members, seen);
		}
	}
}

static void walk_elements(
	const config_setting_t *list, const struct config_keys *keys, struct seen *seen)
{
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *element = config_setting_get_elem(list, (unsigned int)i);
		if (config_setting_is_group(element)) {
			walk(element, keys, seen);
		}
	}
}

static size_t count_missing(const struct config_keys *keys, const struct seen *seen)
{
	size_t missing = 0;

	for (size_t i = 0; i < keys->count; i++) {
		const struct config_key *key = &keys->items[i];
		if (!is_seen(seen, key)) {
			print_error("the table has \"%s\", the example has not\n", key->name);
			missing++;
		}
		missing += key->members ? count_missing(key->members, seen) : 0;
	}
	return missing;
}

static void the_example_has_the_keys_of_the_table_and_no_others(void **state)
{
	char *text = read_example();
	struct seen seen = { .count = 0 };
	config_t tree;

	(void)state;
	config_init(&tree);
	assert_int_equal(config_read_string(&tree, text), CONFIG_TRUE);
	walk(config_root_setting(&tree), &config_root_keys, &seen);
	assert_int_equal(count_missing(&config_root_keys, &seen), 0);
	config_destroy(&tree);
	free(text);
}

static double number_of(const config_setting_t *setting)
{
	return config_setting_type(setting) == CONFIG_TYPE_FLOAT
		       ? config_setting_get_float(setting)
		       : (double)config_setting_get_int64(setting);
}

/* Is the value the default of its key? */
static bool is_default(const config_setting_t *setting, const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_KEY_INT:
	case CONFIG_KEY_NUMBER:
		return config_setting_is_number(setting) &&
		       number_of(setting) == strtod(key->initial, NULL);
	case CONFIG_KEY_BOOL:
		return config_setting_get_bool(setting) == (strcmp(key->initial, "true") == 0);
	case CONFIG_KEY_TEXTS:
		return config_setting_length(setting) == 1 &&
		       strcmp(config_setting_get_string_elem(setting, 0), key->initial) == 0;
	default:
		return strcmp(config_setting_get_string(setting), key->initial) == 0;
	}
}

static size_t check_defaults(const config_setting_t *group, const struct config_keys *keys)
{
	size_t checked = 0;

	for (size_t i = 0; i < keys->count; i++) {
		const struct config_key *key = &keys->items[i];
		const config_setting_t *setting = config_setting_get_member(group, key->name);
		assert_non_null(setting);
		if (key->type == CONFIG_KEY_GROUP) {
			checked += check_defaults(setting, key->members);
		} else if (key->initial) {
			checked++;
			if (!is_default(setting, key)) {
				fail_msg("\"%s\" is not the default \"%s\"", key->name,
					key->initial);
			}
		}
	}
	return checked;
}

static void the_example_shows_the_defaults(void **state)
{
	char *text = read_example();
	config_t tree;

	(void)state;
	config_init(&tree);
	assert_int_equal(config_read_string(&tree, text), CONFIG_TRUE);
	assert_true(check_defaults(config_root_setting(&tree), &config_root_keys) >= 25);
	config_destroy(&tree);
	free(text);
}

static void the_example_loads_as_it_stands(void **state)
{
	struct config_problems problems = { 0 };
	struct config *config = NULL;

	(void)state;
	assert_true(config_load(CONFIG_EXAMPLE, &config, &problems));
	assert_int_equal(problems.count, 0);
	assert_false(config->broker.tls.is_used);
	assert_int_equal(config->device_count, 3);
	assert_string_equal(config->devices[2].outlets[1].label, "Gold watch");
	config_problems_clear(&problems);
	config_free(config);
}

static void the_example_loads_with_everything_switched_on(void **state)
{
	char *text = read_example();
	struct config *config = config_files_load(*state, text);

	assert_true(config->broker.tls.is_used);
	config_free(config);
	free(text);
}

/* What the example shows of a default that depends on other keys is that default. */
static void an_empty_file_is_as_the_example_but_for_its_devices(void **state)
{
	struct config_problems problems = { 0 };
	struct config *example = NULL;
	struct config *empty = config_files_load(*state, "");

	assert_true(config_load(CONFIG_EXAMPLE, &example, &problems));
	assert_string_equal(example->broker.client_id, empty->broker.client_id);
	assert_int_equal(example->broker.port, empty->broker.port);
	assert_memory_equal(&example->poll, &empty->poll, sizeof(empty->poll));
	config_problems_clear(&problems);
	config_free(example);
	config_free(empty);
}

static size_t count_keys(const struct config_keys *keys)
{
	size_t count = keys->count;

	for (size_t i = 0; i < keys->count; i++) {
		count += keys->items[i].members ? count_keys(keys->items[i].members) : 0;
	}
	return count;
}

static void the_reference_has_a_row_for_every_key(void **state)
{
	static const char *const rows[] = {
		"| `broker.port` | a whole number from 1 to 65535 | `1883`; 8883 with tls | ",
		"| `broker.tls.ca_file` | a text of at most 1024 bytes | `\"\"` | ",
		"| `bridge.clear_retained_set` | true or false | `true` | ",
		"| `homeassistant.discovery` | \"off\", \"device\" or \"components\" | "
		"`\"device\"` | ",
		"| `devices[].name` | 1 to 32 of the characters a-z, 0-9, \"_\" and \"-\" | must "
		"be given | ",
		"| `devices[].outlets[].room` | a text of at most 128 bytes | the device's room | ",
	};
	char *text = NULL;
	size_t size = 0;
	size_t lines = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	config_print_reference(out);
	assert_int_equal(fclose(out), 0);
	for (const char *at = text; (at = strchr(at, '\n')); at++) {
		lines++;
	}
	assert_int_equal(lines, 2 + count_keys(&config_root_keys));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_non_null(strstr(text, rows[i]));
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_has_the_keys_of_the_table_and_no_others),
		cmocka_unit_test(the_example_shows_the_defaults),
		cmocka_unit_test(the_example_loads_as_it_stands),
		cmocka_unit_test(the_example_loads_with_everything_switched_on),
		cmocka_unit_test(an_empty_file_is_as_the_example_but_for_its_devices),
		cmocka_unit_test(the_reference_has_a_row_for_every_key),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
