/* config_files.h - configuration files in a folder of their own, and what is expected of them. */
#ifndef PLUG_TESTS_CONFIG_FILES_H
#define PLUG_TESTS_CONFIG_FILES_H

#include <stddef.h>

#include "config/config.h"

enum { CONFIG_FILES_MAX = 32, CONFIG_EXPECTED_MAX = 16 };

struct config_files {
	char folder[64];
	char paths[CONFIG_FILES_MAX][128];
	size_t count;
};

/* cmocka's setup and teardown: *state is a struct config_files whose folder is there until the
 * teardown. */
int config_files_setup(void **state);
int config_files_teardown(void **state);

/* Writes a file and returns its path, borrowed from files. */
const char *config_files_write(struct config_files *files, const char *name, const char *text);
const char *config_files_write_bytes(
	struct config_files *files, const char *name, const void *bytes, size_t size);

/* One file and the problems it must have, in their order, as "LINE: KEY: FRAGMENT" or
 * "FILE:LINE: KEY: FRAGMENT" for an included file; "advice LINE: ..." is not an error. FRAGMENT
 * must occur in the text of the problem. */
struct config_case {
	const char *name;
	const char *text;
	const char *expected[CONFIG_EXPECTED_MAX];
};

/* Fails the test, printing what there is, unless the case holds. */
void config_files_check(struct config_files *files, const struct config_case *wanted);
void config_files_check_problems(const struct config_problems *problems, const char *main_file,
	const struct config_case *wanted);

/* Loads a text that has no errors (free with config_free). */
struct config *config_files_load(struct config_files *files, const char *text);

#endif
