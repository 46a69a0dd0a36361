/* Ten thousand devices load at once, and doubles among them are found in one pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "config_files.h"

enum { DEVICES = 10000, LINE_BYTES = 160 };

/* What a release build needs is 0.05 s and 0.13 s; the sanitizers slow it down about tenfold. */
static const double limit_s = 5.0;

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Writes a file of DEVICES devices, the way format takes the number of a device. */
static const char *write_devices(
	struct config_files *files, const char *format(int index, char *out))
{
	char *text = calloc(DEVICES + 2, LINE_BYTES);
	char *at = text;

	assert_non_null(text);
	at += sprintf(at, "devices = (\n");
	for (int i = 0; i < DEVICES; i++) {
		char device[LINE_BYTES];
		at += sprintf(at, "%s%s\n", i ? "," : "", format(i, device));
	}
	at += sprintf(at, ");\n");
	const char *path = config_files_write_bytes(files, "main.cfg", text, (size_t)(at - text));
	free(text);
	return path;
}

static const char *different(int index, char *out)
{
	snprintf(out, LINE_BYTES,
		"{ name = \"plug-%d\"; host = \"10.%d.%d.%d\"; mac = \"50C7BF%06X\"; label = "
		"\"Plug %d\"; }",
		index, index >> 16, index >> 8 & 255, index & 255, (unsigned int)index, index);
	return out;
}

static const char *all_alike(int index, char *out)
{
	(void)index;
	snprintf(out, LINE_BYTES, "{ name = \"plug\"; host = \"h\"; mac = \"50C7BF000001\"; }");
	return out;
}

static void ten_thousand_devices_load_at_once(void **state)
{
	const char *path = write_devices(*state, different);
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	double start_s = now_s();

	assert_true(config_load(path, &config, &problems));
	assert_true(now_s() - start_s < limit_s);
	assert_int_equal(problems.count, 0);
	assert_int_equal(config->device_count, DEVICES);
	assert_string_equal(config->devices[DEVICES - 1].name, "plug-9999");
	assert_string_equal(config->devices[DEVICES - 1].host, "10.0.39.15");
	assert_int_equal(config->devices[DEVICES - 1].line, DEVICES + 1);
	config_problems_clear(&problems);
	config_free(config);
}

static void ten_thousand_doubles_are_each_reported_once(void **state)
{
	const char *path = write_devices(*state, all_alike);
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	double start_s = now_s();

	assert_false(config_load(path, &config, &problems));
	assert_true(now_s() - start_s < limit_s);
	assert_int_equal(problems.count, 3 * (DEVICES - 1));
	for (size_t i = 0; i < problems.count; i++) {
		assert_int_equal(problems.items[i].line, 3 + i / 3);
		assert_non_null(strstr(problems.items[i].text, "of devices[0] in line 2"));
	}
	config_problems_clear(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_thousand_devices_load_at_once),
		cmocka_unit_test(ten_thousand_doubles_are_each_reported_once),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
