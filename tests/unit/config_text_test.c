/* The flat text made of a file and its includes: the same to libconfig, mended where libconfig
 * would change or lose something, and with every line still known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/text/scan.h"
#include "config_files.h"

#define CHECK_ALL(state, cases)                                                                    \
	do {                                                                                       \
		for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++) {                  \
			config_files_check(*(state), &(cases)[i]);                                 \
		}                                                                                  \
	} while (0)

/* Leaves one space where there are several, and none at either end of a line. */
static void squeeze(char *text)
{
	char *out = text;

	for (const char *at = text; *at != '\0'; at++) {
		bool is_edge = out == text || out[-1] == '\n' || out[-1] == ' ';
		if (*at == '\n' && out > text && out[-1] == ' ') {
			out--;
		}
		if (*at != ' ' || !is_edge) {
			*out++ = *at;
		}
	}
	while (out > text && (out[-1] == '\n' || out[-1] == ' ')) {
		out--;
	}
	*out = '\0';
}

static void flat_text_drops_comments_and_keeps_lines_and_values(void **state)
{
	static const struct {
		const char *raw, *flat;
	} rows[] = {
		{ "", "" },
		{ "# only a comment", "" },
		{ "a = 1; // no line end behind", "a = 1 ;" },
		{ "a /* x\ny */ = 1\n", "a\n= 1" },
		{ "a\r\n\f= 1\r\n", "a\n= 1" },
		{ "a/**/=/* ** / */1", "a = 1" },
		{ "a = \"# // /* no comment */\"\n", "a = \"# // /* no comment */\"" },
		{ "a = \"\\\" # \\\\\"# comment\n", "a = \"\\\" # \\\\\"" },
		{ "a = \"\\x41\\q\\x4\"", "a = \"\\x41\\q\\x4\"" },
		{ "a = 1 /*/ open */", "a = 1" },
		{ "a = 99999999999999;", "a = 99999999999999L ;" },
		{ "a = 2147483647; b = -2147483648;", "a = 2147483647 ; b = -2147483648 ;" },
		{ "a = 2147483648; b = -2147483649;", "a = 2147483648L ; b = -2147483649L ;" },
		{ "a = 0x7fffffff; b = 0x80000000", "a = 2147483647 ; b = 2147483648L" },
		{ "a = 1L; b = 1LL; c = 0x1L", "a = 1L ; b = 1L ; c = 1L" },
		{ "a = 5LLL", "a = 5L L" },
		{ "a = 0x1.5", "a = 1 .5" },
		{ "a99999999999999 = 1.5e99999999999999", "a99999999999999 = 1.5e99999999999999" },
		{ "a = 99999999999999.5", "a = 99999999999999.5" },
		{ "a = 99999999999999e1", "a = 99999999999999e1" },
		{ "\xEF\xBB\xBF"
		  "a = 1",
			"a = 1" },
		{ "a = ( \"x\"\n\n, \"y\"\n)\nb = 1", "a = ( \"x\" ,\n\n\"y\" )\n\nb = 1" },
		{ "a = ( \"x\"\n\"y\"\n)", "a = ( \"x\" \"y\" )" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_text text;
		config_text_scan(config_files_write(*state, "main.cfg", rows[i].raw), &text);
		assert_null(text.stop);
		squeeze(text.text);
		assert_string_equal(text.text, rows[i].flat);
		config_text_clear(&text);
	}
}

static void what_libconfig_would_pass_over_or_leak_is_refused(void **state)
{
	static const struct config_case cases[] = {
		{ "open comment", "poll = { };\n/* broker = {\n host = 5; };\n",
			{ "2: : this comment is never closed" } },
		{ "open string", "poll = { };\nbridge = { id = \"main; };\n",
			{ "2: : not closed in its line: a quote is missing" } },
		{ "string over two lines", "bridge = { id = \"ma\nin\"; };\n",
			{ "1: : not closed in its line" } },
		{ "NUL in a string", "bridge = {\n id = \"ma\\x00in\"; };\n",
			{ "2: : cannot hold a NUL" } },
		{ "NUL in another case", "bridge = { id = \"\\X00\"; };\n",
			{ "1: : cannot hold a NUL" } },
		{ "string without sign", "bridge = { id \"main\"; };\n",
			{ "1: : cannot stand here" } },
		{ "string for name", "\n\"bridge\" = { };\n", { "2: : cannot stand here" } },
		{ "string after number", "broker = { port = 1883 \"x\"; };\n",
			{ "1: : cannot stand here" } },
		{ "string after word", "bridge = { clear_retained_set = true \"x\"; };\n",
			{ "1: : cannot stand here" } },
		{ "string after group", "devices = ( { name = \"a\"; }\n \"b\" );\n",
			{ "2: : cannot stand here" } },
		{ "string in a group", "bridge = { \"main\" };\n", { "1: : cannot stand here" } },
		{ "string after a group's comma", "bridge = { id = \"a\", \"b\" };\n",
			{ "1: : cannot stand here" } },
		{ "brackets too deep", "a = ((((((((((((((((((((((((((((((((((((((((\n",
			{ "1: : nested deeper than 31" } },
	};

	CHECK_ALL(state, cases);
}

static void adjacent_strings_are_one(void **state)
{
	struct config *config = config_files_load(
		*state, "bridge = { id = \"ma\" # first\n\t\"in\" \"\"\n\"2\"; };");

	assert_string_equal(config->bridge.id, "main2");
	config_free(config);
}

static void more_settings_in_a_group_than_can_be_meant_are_refused(void **state)
{
	enum { SETTINGS = 100000, BYTES = 12 };
	char *text = calloc(SETTINGS, BYTES);
	char *at = text;

	assert_non_null(text);
	for (int i = 0; i < SETTINGS; i++) {
		at += sprintf(at, "a%d=1\n", i);
	}
	struct config_case wanted = { "crowd", text,
		{ "1001: : more than 1000 settings in one group" } };
	config_files_check(*state, &wanted);
	free(text);
}

static void included_problems_carry_their_files_name(void **state)
{
	struct config_files *files = *state;
	static const struct config_case wanted = { "includes",
		"poll = {\n"
		"\t@include \"poll.inc\" heartbeat_s = 0;\n"
		"};\n"
		"@include\t\"devices.inc\"\n"
		"bridge = { id = \"X\"; };\n",
		{ "poll.inc:2: poll.interval_s: not 0.1", "2: poll.heartbeat_s: not 0",
			"devices.inc:2: devices[0].name: \"Engine\"",
			"more.inc:1: devices[1].mac: a device's MAC",
			"advice devices.inc:4: devices[2]: pin the MAC",
			"devices.inc:4: devices[2].host: /more.inc:1",
			"5: bridge.id: not \"X\"" } };

	config_files_write(files, "poll.inc", "# no line end behind\ninterval_s = 0.1;");
	config_files_write(files, "devices.inc",
		"devices = (\n { name = \"Engine\"; host = \"h\"; mac = \"50:C7:BF:00:00:01\"; }\n"
		"@include \"more.inc\"\n, { name = \"b\"; host = \"i\"; } );\n");
	config_files_write(
		files, "more.inc", ", { name = \"a\"; host = \"i\"; mac = \"x\"; } # one more\n");
	config_files_check(files, &wanted);
}

static void an_absolute_include_is_taken_as_it_is(void **state)
{
	struct config_files *files = *state;
	const char *path = config_files_write(files, "whole.inc", "bridge = { id = \"b\"; };\n");
	char text[256];

	snprintf(text, sizeof(text), "@include \"%s\"\n", path);
	struct config *config = config_files_load(files, text);
	assert_string_equal(config->bridge.id, "b");
	config_free(config);
}

static void an_include_that_cannot_be_read_is_told_in_its_line(void **state)
{
	struct config_files *files = *state;
	static const struct config_case cases[] = {
		{ "missing", "poll = { };\n@include \"nowhere.inc\"\n",
			{ "2: : nowhere.inc\" cannot be included: it cannot be opened: No such "
			  "file" } },
		{ "a directory", "@include \"/tmp\"\n",
			{ "1: : \"/tmp\" cannot be included: it is a directory" } },
		{ "itself", "\n@include \"main.cfg\"\n",
			{ "2: : deeper than 10: does one include itself?" } },
		{ "no name", "@include \"\"\n", { "1: : expected @include \"FILE\"" } },
		{ "open name", "@include \"a\nb\"\n", { "1: : expected @include \"FILE\"" } },
		{ "no quotes", "@include a.inc\n", { "1: : expected @include \"FILE\"" } },
		{ "not first in its line", "poll = { }; @include \"a.inc\"\n",
			{ "1: : first in its line" } },
		{ "another word", "\n@exclude a\n", { "2: : syntax error" } },
		{ "in the first lines of files", "@include \"first.inc\"\n",
			{ "third.inc:1: xpoll: unknown key", "third.inc:3: y: unknown key",
				"second.inc:2: z: unknown key" } },
		{ "bad syntax inside", "@include \"bad.inc\"\n", { "bad.inc:3: : syntax error" } },
		{ "in a comment", "# x\n/*\n@include \"nowhere.inc\"\n*/\n", { NULL } },
	};

	config_files_write(files, "first.inc", "@include \"second.inc\"\n");
	config_files_write(files, "second.inc", "@include \"third.inc\"\nz = 1;\n");
	config_files_write(files, "third.inc", "xpoll = 1;\n\ny = 2;\n");
	config_files_write(files, "bad.inc", "\n\n= 5\n");
	CHECK_ALL(state, cases);
}

static void many_small_files_may_be_included_but_not_without_end(void **state)
{
	struct config_files *files = *state;
	/* Ten levels of two includes each would be 2046 files. */
	static const char *const names[] = { "l0.inc", "l1.inc", "l2.inc", "l3.inc", "l4.inc",
		"l5.inc", "l6.inc", "l7.inc", "l8.inc" };
	enum { LEVELS = sizeof(names) / sizeof(names[0]) };
	char text[64];
	struct config_problems problems = { 0 };
	struct config *config = NULL;

	config_files_write(files, names[0], "# the innermost\n");
	for (size_t i = 1; i < LEVELS; i++) {
		snprintf(text, sizeof(text), "@include \"%s\"\n@include \"%s\"\n", names[i - 1],
			names[i - 1]);
		config_files_write(files, names[i], text);
	}
	assert_true(config_load(config_files_write(files, "main.cfg", "@include \"l8.inc\"\n"),
		&config, &problems));
	config_problems_clear(&problems);
	config_free(config);
	assert_false(config_load(
		config_files_write(files, "main.cfg", "@include \"l8.inc\"\n@include \"l8.inc\"\n"),
		&config, &problems));
	assert_non_null(strstr(problems.items[0].text, "more than 1000 files are included"));
	config_problems_clear(&problems);
}

static void a_file_that_cannot_be_read_is_told_without_a_line(void **state)
{
	struct config_files *files = *state;
	char pipe_path[128];
	char huge_path[128];
	snprintf(pipe_path, sizeof(pipe_path), "%s/pipe", files->folder);
	assert_int_equal(mkfifo(pipe_path, 0600), 0);
	snprintf(huge_path, sizeof(huge_path), "%s",
		config_files_write(files, "huge.cfg", "poll = { };\n"));
	assert_int_equal(truncate(huge_path, CONFIG_FILE_MAX_BYTES + 1), 0);
	const struct {
		const char *path, *words;
	} rows[] = {
		{ "/nowhere/plugbridge.cfg",
			"the file cannot be opened: No such file or directory" },
		{ files->folder, "the file is a directory" },
		{ pipe_path, "the file is not a regular file" },
		{ huge_path, "the file is larger than 16777216 bytes" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config_problems problems = { 0 };
		struct config *config = NULL;
		assert_false(config_load(rows[i].path, &config, &problems));
		assert_null(config);
		assert_int_equal(problems.count, 1);
		assert_int_equal(problems.error_count, 1);
		assert_string_equal(problems.items[0].file, rows[i].path);
		assert_int_equal(problems.items[0].line, 0);
		assert_string_equal(problems.items[0].key, "");
		assert_non_null(strstr(problems.items[0].text, rows[i].words));
		config_problems_clear(&problems);
	}
	unlink(pipe_path);
}

static void a_file_that_may_not_be_read_is_told(void **state)
{
	struct config_files *files = *state;
	const char *path = config_files_write(files, "secret.cfg", "poll = { };\n");
	struct config_problems problems = { 0 };
	struct config *config = NULL;

	if (geteuid() == 0) {
		skip(); /* nothing is closed to root */
	}
	assert_int_equal(chmod(path, 0), 0);
	assert_false(config_load(path, &config, &problems));
	assert_non_null(strstr(problems.items[0].text, "Permission denied"));
	config_problems_clear(&problems);
}

static void a_nul_byte_is_told_in_its_line(void **state)
{
	static const char bytes[] = "poll = { };\n# comment\0\nbroker = { };\n";
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	const char *path = config_files_write_bytes(*state, "main.cfg", bytes, sizeof(bytes) - 1);
	static const struct config_case wanted = { "NUL", "", { "2: : there is a NUL byte" } };

	assert_false(config_load(path, &config, &problems));
	config_files_check_problems(&problems, path, &wanted);
	config_problems_clear(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flat_text_drops_comments_and_keeps_lines_and_values),
		cmocka_unit_test(what_libconfig_would_pass_over_or_leak_is_refused),
		cmocka_unit_test(adjacent_strings_are_one),
		cmocka_unit_test(more_settings_in_a_group_than_can_be_meant_are_refused),
		cmocka_unit_test(included_problems_carry_their_files_name),
		cmocka_unit_test(an_absolute_include_is_taken_as_it_is),
		cmocka_unit_test(an_include_that_cannot_be_read_is_told_in_its_line),
		cmocka_unit_test(many_small_files_may_be_included_but_not_without_end),
		cmocka_unit_test(a_file_that_cannot_be_read_is_told_without_a_line),
		cmocka_unit_test(a_file_that_may_not_be_read_is_told),
		cmocka_unit_test(a_nul_byte_is_told_in_its_line),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
