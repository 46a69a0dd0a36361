#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/edit.h"
#include "config/text/file.h"
#include "tests/unit/config_files.h"

static const struct config_change host = { "host", "10.0.0.9", true };
static const struct config_change port = { "port", "1234", false };
static const struct config_change mac = { "mac", "50:C7:BF:00:00:09", true };
static const struct config_change ha_id = { "ha_id", "50:C7:BF:00:00:01", true };

enum { CHANGES_MAX = 4 };

/* The device is "a". */
static const struct layout {
	const char *name;
	const struct config_change *changes[CHANGES_MAX];
	const char *before, *after; /* after NULL: refused */
} layouts[] = {
	{ "one line", { &host, &mac, &ha_id },
		"devices = ( { name = \"a\"; host = \"h\"; label = \"A\"; } );\n",
		"devices = ( { name = \"a\"; host = \"10.0.0.9\"; mac = \"50:C7:BF:00:00:09\"; "
		"ha_id = \"50:C7:BF:00:00:01\"; label = \"A\"; } );\n" },
	{ "two blanks between", { &mac },
		"devices = (\n  { name = \"a\";  host = \"h\";  label = \"A\"; } );\n",
		"devices = (\n  { name = \"a\";  host = \"h\";  mac = \"50:C7:BF:00:00:09\";  "
		"label = \"A\"; } );\n" },
	{ "a line for each", { &host, &mac, &ha_id },
		"devices = (\n\t{\n\t\tname = \"a\";\n\t\thost = \"h\"; # by the door\n"
		"\t\tlabel = \"A\";\n\t}\n);\n",
		"devices = (\n\t{\n\t\tname = \"a\";\n\t\thost = \"10.0.0.9\"; # by the door\n"
		"\t\tmac = \"50:C7:BF:00:00:09\";\n\t\tha_id = \"50:C7:BF:00:00:01\";\n"
		"\t\tlabel = \"A\";\n\t}\n);\n" },
	{ "line ends of Windows", { &mac },
		"devices = (\r\n  {\r\n    name = \"a\";\r\n    host = \"h\";\r\n  }\r\n);\r\n",
		"devices = (\r\n  {\r\n    name = \"a\";\r\n    host = \"h\";\r\n"
		"    mac = \"50:C7:BF:00:00:09\";\r\n  }\r\n);\r\n" },
	{ "no line end at the end", { &host }, "devices = ({name=\"a\";host=\"h\"})",
		"devices = ({name=\"a\";host=\"10.0.0.9\"})" },
	{ "no blank anywhere", { &mac }, "devices=({name=\"a\";host=\"h\"})",
		"devices=({name=\"a\";host=\"h\"; mac = \"50:C7:BF:00:00:09\";})" },
	{ "no semicolon before a line end", { &mac },
		"devices = ( {\n  name = \"a\"\n  host = \"h\" // end\n} );\n",
		"devices = ( {\n  name = \"a\"\n  host = \"h\"; // end\n"
		"  mac = \"50:C7:BF:00:00:09\";\n} );\n" },
	{ "commas between settings", { &mac },
		"devices = ( { name = \"a\", host = \"h\", label = \"A\" } );\n",
		"devices = ( { name = \"a\", host = \"h\", mac = \"50:C7:BF:00:00:09\"; "
		"label = \"A\" } );\n" },
	{ "colons for equals", { &mac }, "devices: ( { name: \"a\"; host: \"h\"; } );\n",
		"devices: ( { name: \"a\"; host: \"h\"; mac = \"50:C7:BF:00:00:09\"; } );\n" },
	{ "a host of its own without a MAC", { &host, &port, &mac },
		"devices = ( { name = \"a\"; mac = \"50:C7:BF:00:00:01\"; poll_s = 2.5; } );",
		"devices = ( { name = \"a\"; host = \"10.0.0.9\"; port = 1234; "
		"mac = \"50:C7:BF:00:00:09\"; poll_s = 2.5; } );" },
	{ "the name last", { &mac }, "devices = ( { host = \"h\"; name = \"a\"; } );\n",
		"devices = ( { host = \"h\"; mac = \"50:C7:BF:00:00:09\"; name = \"a\"; } );\n" },
	{ "brackets in comments and texts", { &host },
		"# devices = ( { name = \"a\"; host = \"no\"; } )\n"
		"/* ( { [ */ broker = { username = \"}){\\\"(\"; }; // {\n"
		"devices = ( /* { name = \"a\"; } */ { label = \"} )\"; name = \"a\"; # }\n"
		" host = \"h\"; } );\n",
		"# devices = ( { name = \"a\"; host = \"no\"; } )\n"
		"/* ( { [ */ broker = { username = \"}){\\\"(\"; }; // {\n"
		"devices = ( /* { name = \"a\"; } */ { label = \"} )\"; name = \"a\"; # }\n"
		" host = \"10.0.0.9\"; } );\n" },
	{ "a name in escapes and pieces", { &host },
		"devices = ( { name = \"\\x61\" /* and */ \"\"; host = \"h\" \"i\"; } );\n",
		"devices = ( { name = \"\\x61\" /* and */ \"\"; host = \"10.0.0.9\"; } );\n" },
	{ "another device before and behind", { &host },
		"devices = ( { name = \"aa\"; host = \"h1\"; }, { name = \"a\"; host = \"h\"; },\n"
		"{ name = \"b\"; host = \"h2\"; } );\n",
		"devices = ( { name = \"aa\"; host = \"h1\"; }, { name = \"a\"; host = "
		"\"10.0.0.9\"; "
		"},\n{ name = \"b\"; host = \"h2\"; } );\n" },
	{ "an outlet of the same key", { &host, &mac },
		"devices = ( { outlets = ( \"x\", { name = \"y\"; label = \"a\"; } ); name = "
		"\"a\"; "
		"host = \"h\"; } );\n",
		"devices = ( { outlets = ( \"x\", { name = \"y\"; label = \"a\"; } ); name = "
		"\"a\"; "
		"host = \"10.0.0.9\"; mac = \"50:C7:BF:00:00:09\"; } );\n" },
	{ "a list of groups of another name", { &host },
		"bridge = { devices = ( { name = \"a\"; } ); };\n"
		"devices = ( { name = \"a\"; host = \"h\"; } );\n",
		"bridge = { devices = ( { name = \"a\"; } ); };\n"
		"devices = ( { name = \"a\"; host = \"10.0.0.9\"; } );\n" },
	{ "numbers of all kinds", { &port },
		"devices = ( { poll_s = 1.5e+1; name = \"a\"; port = 0x270F; host = \"h\"; } );\n",
		"devices = ( { poll_s = 1.5e+1; name = \"a\"; port = 1234; host = \"h\"; } );\n" },
	{ "a comment over two lines", { &mac },
		"devices = ( {\n  name = \"a\";\n  host = \"h\"; /* it\n is */\n} );\n",
		"devices = ( {\n  name = \"a\";\n  host = \"h\"; mac = \"50:C7:BF:00:00:09\"; /* "
		"it\n"
		" is */\n} );\n" },
	{ "a byte order mark", { &host },
		"\xEF\xBB\xBF"
		"devices = ( { name = \"a\"; host = \"h\"; } );\n",
		"\xEF\xBB\xBF"
		"devices = ( { name = \"a\"; host = \"10.0.0.9\"; } );\n" },
	{ "not there", { &host }, "devices = ( { name = \"b\"; host = \"h\"; } );\n", NULL },
	{ "no list", { &host }, "broker = { };\n", NULL },
	{ "there twice", { &host }, "devices = ( { name = \"a\"; }, { name = \"a\"; } );\n", NULL },
	{ "included", { &host }, "devices = (\n@include \"a.cfg\"\n);\n", NULL },
};

static char *patch(const struct layout *layout, char **problem)
{
	struct config_change changes[CHANGES_MAX];
	size_t count = 0;

	while (count < CHANGES_MAX && layout->changes[count]) {
		changes[count] = *layout->changes[count];
		count++;
	}
	return config_patch_device(layout->before, "a", changes, count, problem);
}

static void a_device_is_changed_in_every_layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		char *problem = NULL;
		char *after = patch(&layouts[i], &problem);

		if (!after != !layouts[i].after ||
			(after && strcmp(after, layouts[i].after) != 0)) {
			fail_msg("%s:\n%s\nbut it should be\n%s", layouts[i].name,
				after ? after : problem, layouts[i].after);
		}
		assert_int_equal(after == NULL, problem != NULL);
		free(after);
		free(problem);
	}
}

static const struct config_device *find_a(const struct config *config)
{
	size_t i = 0;

	while (i < config->device_count && strcmp(config->devices[i].name, "a") != 0) {
		i++;
	}
	assert_true(i < config->device_count);
	return &config->devices[i];
}

static bool has_change(const struct layout *layout, const struct config_change *change)
{
	bool has_it = false;

	for (size_t i = 0; i < CHANGES_MAX; i++) {
		has_it = has_it || layout->changes[i] == change;
	}
	return has_it;
}

/* Each layout is one that the loader takes; so is what becomes of it. */
static void a_changed_text_still_loads(void **state)
{
	struct config_files *files = *state;

	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		const struct layout *layout = &layouts[i];
		const struct config_device *device = NULL;
		struct config *config = NULL;
		char *problem = NULL;
		char *after = patch(layout, &problem);

		free(problem);
		if (after && !strstr(after, "bridge = { devices")) {
			config = config_files_load(files, after);
			device = find_a(config);
			assert_true(!has_change(layout, &host) ||
				    strcmp(device->host, host.value) == 0);
			assert_true(!has_change(layout, &ha_id) ||
				    strcmp(device->ha_id, ha_id.value) == 0);
			assert_true(!has_change(layout, &mac) || device->mac[5] == 9);
			assert_true(!has_change(layout, &port) || device->port == 1234);
			config_free(config);
		}
		free(after);
	}
}

/* Cut at any byte, the text is no configuration; nothing is read beyond its end. */
static void a_cut_text_does_no_harm(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
		for (size_t size = 0; size < strlen(layouts[i].before); size++) {
			char *text = strndup(layouts[i].before, size);
			char *problem = NULL;
			char *after = config_patch_device(text, "a", &mac, 1, &problem);

			free(after);
			free(problem);
			free(text);
		}
	}
}

static void the_line_to_change_is_what_would_be_written(void **state)
{
	const struct config_change changes[] = { host, port, { "label", "a \"b\" \\", true } };
	char *line = config_patch_line(changes, 3);

	(void)state;
	assert_string_equal(
		line, "host = \"10.0.0.9\"; port = 1234; label = \"a \\\"b\\\" \\\\\";");
	free(line);
}

/* The file. */

static const char good[] =
	"devices = ( { name = \"a\"; host = \"h\"; }, { name = \"b\"; host = \"10.0.0.2\"; } );\n";

static void assert_holds(const char *path, const char *text)
{
	struct config_file file;

	assert_true(config_file_read(path, 1 << 20, &file));
	assert_string_equal(file.bytes, text);
	config_file_clear(&file);
}

static size_t count_files(const struct config_files *files)
{
	DIR *folder = opendir(files->folder);
	size_t count = 0;

	if (!folder) {
		fail_msg("%s cannot be read", files->folder);
		return 0;
	}
	for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
		count += entry->d_name[0] != '.';
	}
	closedir(folder);
	return count;
}

static void the_file_is_replaced_and_kept_beside(void **state)
{
	struct config_files *files = *state;
	const char *path = config_files_write(files, "edit.cfg", good);
	char *backup = NULL;
	char *problem = NULL;
	struct stat status;

	assert_int_equal(chmod(path, 0640), 0);
	assert_true(config_edit_device(path, "a", &host, 1, &backup, &problem));
	assert_null(problem);
	assert_holds(path,
		"devices = ( { name = \"a\"; host = \"10.0.0.9\"; }, { name = \"b\"; host "
		"= \"10.0.0.2\"; } );\n");
	assert_holds(backup, good);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(stat(backup, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(count_files(files), 2);
	unlink(backup);
	free(backup);
}

static void a_link_stays_a_link(void **state)
{
	struct config_files *files = *state;
	const char *path = config_files_write(files, "real.cfg", good);
	char link_path[160];
	char *backup = NULL;
	char *problem = NULL;
	struct stat status;

	(void)snprintf(link_path, sizeof link_path, "%s/link.cfg", files->folder);
	assert_int_equal(symlink("real.cfg", link_path), 0);
	assert_true(config_edit_device(link_path, "a", &host, 1, &backup, &problem));
	assert_int_equal(lstat(link_path, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_int_equal(lstat(path, &status), 0);
	assert_true(S_ISREG(status.st_mode));
	assert_non_null(strstr(backup, "real.cfg.bak"));
	unlink(backup);
	free(backup);
	unlink(link_path);
}

static void a_change_that_would_be_wrong_is_not_made(void **state)
{
	static const struct config_change taken = { "host", "10.0.0.2", true };
	static const struct config_change odd = { "mac", "no MAC", true };
	const struct config_change *const changes[] = { &taken, &odd };
	static const char *const words[] = { "is already the address", "must be a device's MAC" };
	struct config_files *files = *state;
	const char *path = config_files_write(files, "edit.cfg", good);

	for (size_t i = 0; i < 2; i++) {
		char *backup = NULL;
		char *problem = NULL;

		assert_false(config_edit_device(path, "a", changes[i], 1, &backup, &problem));
		assert_null(backup);
		if (!strstr(problem, words[i])) {
			fail_msg("'%s' is not in '%s'", words[i], problem);
		}
		assert_holds(path, good);
		assert_int_equal(count_files(files), 1);
		free(problem);
	}
}

static void a_broken_file_is_left_alone(void **state)
{
	static const char broken[] = "devices = ( { name = \"a\"; host = \"h\"; } );\nbroker = {";
	struct config_files *files = *state;
	const char *path = config_files_write(files, "edit.cfg", broken);
	char *backup = NULL;
	char *problem = NULL;

	assert_false(config_edit_device(path, "a", &host, 1, &backup, &problem));
	assert_non_null(strstr(problem, "has errors"));
	assert_holds(path, broken);
	assert_int_equal(count_files(files), 1);
	free(problem);
}

static void a_missing_file_is_told(void **state)
{
	struct config_files *files = *state;
	char path[160];
	char *problem = NULL;

	(void)snprintf(path, sizeof path, "%s/none.cfg", files->folder);
	assert_false(config_edit_try(path, "a", &host, 1, &problem));
	assert_non_null(strstr(problem, "No such file"));
	free(problem);
}

static void trying_writes_nothing(void **state)
{
	struct config_files *files = *state;
	const char *path = config_files_write(files, "edit.cfg", good);
	char *problem = NULL;

	assert_true(config_edit_try(path, "a", &host, 1, &problem));
	assert_null(problem);
	assert_holds(path, good);
	assert_int_equal(count_files(files), 1);
}

/* In a process of its own, as somebody who may only read; root may always write. */
static int edit_as_nobody(const char *path, const char *word)
{
	enum { NOBODY = 65534 };
	char *backup = NULL;
	char *problem = NULL;

	if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) {
		return 2;
	}
	if (config_edit_device(path, "a", &host, 1, &backup, &problem)) {
		return 3;
	}
	return strstr(problem, word) ? 0 : 4;
}

static void a_folder_that_may_not_be_written_is_told(void **state)
{
	struct config_files *files = *state;
	const char *path = config_files_write(files, "edit.cfg", good);
	int status = 0;
	pid_t child = 0;

	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(files->folder, 0555), 0);
	child = fork();
	if (child == 0) {
		_exit(edit_as_nobody(
			path, "a new file beside it cannot be made: Permission denied"));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(files->folder, 0700), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_holds(path, good);
}

/* Who may write the folder but is not the owner must not make the file his own. */
static void a_file_of_another_owner_is_left_to_him(void **state)
{
	struct config_files *files = *state;
	const char *path = config_files_write(files, "edit.cfg", good);
	int status = 0;
	pid_t child = 0;

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(files->folder, 0777), 0);
	child = fork();
	if (child == 0) {
		_exit(edit_as_nobody(path, "cannot be given to the owner of the file"));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(files->folder, 0700), 0);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_holds(path, good);
	assert_int_equal(count_files(files), 1);
}

/* ha_id: one thing in Home Assistant is one device. */
static void two_devices_cannot_be_one_in_home_assistant(void **state)
{
	static const struct config_case cases[] = {
		{ "the same id twice",
			"devices = ( { name = \"a\"; host = \"h1\"; ha_id = \"50:C7:BF:00:00:01\"; "
			"},\n"
			"{ name = \"b\"; host = \"h2\"; ha_id = \"kasa_50c7bf000001\"; } );\n",
			{ "advice 1: devices[0]: pin", "advice 2: devices[1]: pin",
				"2: devices[1].ha_id: \"50c7bf000001\" is already the Home "
				"Assistant id of devices[0] in line 1" } },
		{ "the replaced device in another place",
			"devices = ( { name = \"a\"; host = \"h1\"; mac = \"50:C7:BF:00:00:02\";\n"
			"ha_id = \"50:C7:BF:00:00:01\"; },\n"
			"{ name = \"b\"; host = \"h2\"; mac = \"50:C7:BF:00:00:01\"; } );\n",
			{ "3: devices[1]: \"50c7bf000001\" is already the Home Assistant id" } },
		{ "which has got an id of its own",
			"devices = ( { name = \"a\"; host = \"h1\"; mac = \"50:C7:BF:00:00:02\";\n"
			"ha_id = \"50:C7:BF:00:00:01\"; },\n"
			"{ name = \"b\"; host = \"h2\"; mac = \"50:C7:BF:00:00:01\"; ha_id = "
			"\"b\"; "
			"} "
			");\n",
			{ NULL } },
		{ "no id at all",
			"devices = ( { name = \"a\"; host = \"h1\"; mac = \"50:C7:BF:00:00:02\";\n"
			"ha_id = \"a b\"; } );\n",
			{ "2: devices[0].ha_id: must be a MAC or another id" } },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		config_files_check(*state, &cases[i]);
	}
}

#define FILE_TEST(test)                                                                            \
	cmocka_unit_test_setup_teardown(test, config_files_setup, config_files_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_changed_in_every_layout),
		FILE_TEST(a_changed_text_still_loads),
		cmocka_unit_test(a_cut_text_does_no_harm),
		cmocka_unit_test(the_line_to_change_is_what_would_be_written),
		FILE_TEST(the_file_is_replaced_and_kept_beside),
		FILE_TEST(a_link_stays_a_link),
		FILE_TEST(a_change_that_would_be_wrong_is_not_made),
		FILE_TEST(a_broken_file_is_left_alone),
		FILE_TEST(a_missing_file_is_told),
		FILE_TEST(trying_writes_nothing),
		FILE_TEST(a_folder_that_may_not_be_written_is_told),
		FILE_TEST(a_file_of_another_owner_is_left_to_him),
		FILE_TEST(two_devices_cannot_be_one_in_home_assistant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
