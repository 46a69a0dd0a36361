/* A file that was cut or changed anywhere is loaded or refused, and never harms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config_files.h"

enum { TEXT_MAX_BYTES = 32768, FLIPS = 4000 };

struct bytes {
	char text[TEXT_MAX_BYTES];
	size_t size;
};

static void read_example(struct bytes *out)
{
	FILE *file = fopen(CONFIG_EXAMPLE, "r");

	assert_non_null(file);
	out->size = fread(out->text, 1, sizeof(out->text), file);
	assert_true(out->size > 1000 && out->size < sizeof(out->text));
	assert_int_equal(fclose(file), 0);
}

static int count_lines(const struct bytes *bytes, size_t size)
{
	int lines = 1;

	for (size_t i = 0; i < size; i++) {
		lines += bytes->text[i] == '\n';
	}
	return lines;
}

/* Loads the first size bytes; returns whether they were taken. */
static bool load(struct config_files *files, const struct bytes *bytes, size_t size)
{
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	const char *path = config_files_write_bytes(files, "main.cfg", bytes->text, size);
	int lines = count_lines(bytes, size);

	bool is_loaded = config_load(path, &config, &problems);
	assert_int_equal(is_loaded, problems.error_count == 0);
	assert_int_equal(is_loaded, config != NULL);
	for (size_t i = 0; i < problems.count; i++) {
		assert_in_range(problems.items[i].line, 1, lines);
		assert_true(problems.items[i].text[0] != '\0');
	}
	config_problems_clear(&problems);
	config_free(config);
	return is_loaded;
}

static void a_file_cut_at_any_byte_is_loaded_or_refused(void **state)
{
	static struct bytes example;
	size_t taken = 0;

	read_example(&example);
	for (size_t size = 0; size <= example.size; size++) {
		taken += load(*state, &example, size);
	}
	/* Whole between groups and in comments, broken inside of groups. */
	assert_in_range(taken, 100, example.size / 2);
}

static void a_file_with_a_changed_byte_is_loaded_or_refused(void **state)
{
	static struct bytes example;
	uint32_t random = 12345;
	size_t taken = 0;

	read_example(&example);
	for (int i = 0; i < FLIPS; i++) {
		random = random * 1664525 + 1013904223;
		size_t at = (random >> 8) % example.size;
		char kept = example.text[at];
		example.text[at] = (char)(kept ^ (1 << (random >> 5 & 7)));
		taken += load(*state, &example, example.size);
		example.text[at] = kept;
	}
	/* More than half of the example is comment. */
	assert_in_range(taken, FLIPS / 10, FLIPS * 9 / 10);
	assert_true(load(*state, &example, example.size));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_cut_at_any_byte_is_loaded_or_refused),
		cmocka_unit_test(a_file_with_a_changed_byte_is_loaded_or_refused),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
