#include "config_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

int config_files_setup(void **state)
{
	struct config_files *files = calloc(1, sizeof(*files));

	if (!files) {
		return -1;
	}
	snprintf(files->folder, sizeof(files->folder), "/tmp/plugbridge-config-XXXXXX");
	*state = files;
	return mkdtemp(files->folder) ? 0 : -1;
}

int config_files_teardown(void **state)
{
	struct config_files *files = *state;

	for (size_t i = 0; i < files->count; i++) {
		unlink(files->paths[i]);
	}
	int result = rmdir(files->folder);
	free(files);
	return result;
}

const char *config_files_write_bytes(
	struct config_files *files, const char *name, const void *bytes, size_t size)
{
	char path[sizeof(files->paths[0])];
	size_t index = 0;
	int length = snprintf(path, sizeof(path), "%s/%s", files->folder, name);

	assert_true(length > 0 && (size_t)length < sizeof(path));
	while (index < files->count && strcmp(files->paths[index], path) != 0) {
		index++;
	}
	if (index == files->count) {
		assert_true(files->count < CONFIG_FILES_MAX);
		memcpy(files->paths[files->count++], path, sizeof(path));
	}
	unlink(path); /* an earlier test may have closed it to writers */
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	return files->paths[index];
}

const char *config_files_write(struct config_files *files, const char *name, const char *text)
{
	return config_files_write_bytes(files, name, text, strlen(text));
}

/* Writes how the problem begins in the form of an expectation: "advice 3: devices[0]: ". */
static void describe(
	const struct config_problem *problem, const char *main_file, char *out, size_t size)
{
	const char *slash = strrchr(problem->file, '/');
	const char *base = slash ? slash + 1 : problem->file;
	bool is_main = strcmp(problem->file, main_file) == 0;

	int length = snprintf(out, size, "%s%s%s%d: %s: ", problem->is_error ? "" : "advice ",
		is_main ? "" : base, is_main ? "" : ":", problem->line, problem->key);
	assert_true(length > 0 && (size_t)length < size);
}

static bool meets(const struct config_problem *problem, const char *main_file, const char *expected)
{
	char head[256];

	describe(problem, main_file, head, sizeof(head));
	return strncmp(expected, head, strlen(head)) == 0 &&
	       strstr(problem->text, expected + strlen(head)) != NULL;
}

static void print_all(const struct config_problems *problems, const char *main_file)
{
	char head[256];

	for (size_t i = 0; i < problems->count; i++) {
		describe(&problems->items[i], main_file, head, sizeof(head));
		print_error("  found: %s%s\n", head, problems->items[i].text);
	}
}

void config_files_check_problems(const struct config_problems *problems, const char *main_file,
	const struct config_case *wanted)
{
	size_t count = 0;
	size_t met = 0;

	for (; count < CONFIG_EXPECTED_MAX && wanted->expected[count]; count++) {
		met += count < problems->count &&
		       meets(&problems->items[count], main_file, wanted->expected[count]);
	}
	if (met != count || count != problems->count) {
		print_all(problems, main_file);
		fail_msg("%s: %zu of %zu expected problems met, %zu found", wanted->name, met,
			count, problems->count);
	}
}

void config_files_check(struct config_files *files, const struct config_case *wanted)
{
	const char *path = config_files_write(files, "main.cfg", wanted->text);
	struct config_problems problems = { 0 };
	struct config *config = NULL;

	bool is_loaded = config_load(path, &config, &problems);
	config_files_check_problems(&problems, path, wanted);
	assert_int_equal(is_loaded, problems.error_count == 0);
	assert_int_equal(is_loaded, config != NULL);
	config_problems_clear(&problems);
	config_free(config);
}

struct config *config_files_load(struct config_files *files, const char *text)
{
	const char *path = config_files_write(files, "main.cfg", text);
	struct config_problems problems = { 0 };
	struct config *config = NULL;

	if (!config_load(path, &config, &problems)) {
		print_all(&problems, path);
		fail_msg("the file has errors");
	}
	config_problems_clear(&problems);
	return config;
}
