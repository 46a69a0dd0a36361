/* Password and certificate files: what is taken, what is refused, and that nothing is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/password.h"
#include "config_files.h"

enum { TEXT_BYTES = 512 };

struct password_row {
	const char *name;
	const char *bytes;
	size_t size;
	mode_t mode;
	const char *password; /* NULL when refused */
	const char *reason;   /* in the problem's text */
};

static const char *write_password(struct config_files *files, const struct password_row *row)
{
	const char *path = config_files_write_bytes(files, "password", row->bytes, row->size);

	assert_int_equal(chmod(path, row->mode), 0);
	return path;
}

static void check_password(struct config_files *files, const struct password_row *row)
{
	const char *secret = write_password(files, row);
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "broker = {\n password_file = \"%s\"; };\n", secret);
	bool is_loaded =
		config_load(config_files_write(files, "main.cfg", text), &config, &problems);
	if (row->password) {
		assert_true(is_loaded);
		assert_int_equal(problems.count, 0);
		assert_string_equal(config->broker.password, row->password);
	} else {
		assert_false(is_loaded);
		assert_int_equal(problems.count, 1);
		assert_int_equal(problems.items[0].line, 2);
		assert_string_equal(problems.items[0].key, "broker.password_file");
		assert_non_null(strstr(problems.items[0].text, row->reason));
		assert_null(strstr(problems.items[0].text, "hunter2"));
	}
	config_problems_clear(&problems);
	config_free(config);
}

static void a_password_is_read_unless_others_may_read_it(void **state)
{
	static char long_bytes[CONFIG_PASSWORD_MAX_BYTES + 1];
	static char full[CONFIG_PASSWORD_MAX_BYTES + 1];
	memset(long_bytes, 'x', sizeof(long_bytes));
	memset(full, 'x', CONFIG_PASSWORD_MAX_BYTES);
	const struct password_row rows[] = {
		{ "plain", "hunter2", 7, 0600, "hunter2", NULL },
		{ "line end", "hunter2\n", 8, 0400, "hunter2", NULL },
		{ "Windows line end", "hunter2\r\n", 9, 0600, "hunter2", NULL },
		{ "one line end only", "hunter2\n\n", 9, 0600, "hunter2\n", NULL },
		{ "carriage return alone", "hunter2\r", 8, 0600, "hunter2\r", NULL },
		{ "spaces", " hunter 2 ", 10, 0600, " hunter 2 ", NULL },
		{ "group may read", "hunter2", 7, 0640, "hunter2", NULL },
		{ "group may write", "hunter2", 7, 0660, "hunter2", NULL },
		{ "full", full, CONFIG_PASSWORD_MAX_BYTES, 0600, full, NULL },
		{ "others may read", "hunter2", 7, 0644, NULL, "by everybody" },
		{ "others may write", "hunter2", 7, 0602, NULL, "by everybody" },
		{ "empty", "", 0, 0600, NULL, "is empty" },
		{ "only a line end", "\n", 1, 0600, NULL, "is empty" },
		{ "only a Windows line end", "\r\n", 2, 0600, NULL, "is empty" },
		{ "NUL", "hunter2\0x", 9, 0600, NULL, "holds a NUL" },
		{ "long", long_bytes, sizeof(long_bytes), 0600, NULL, "larger than 1024 bytes" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("password: %s\n", rows[i].name);
		check_password(*state, &rows[i]);
	}
}

static void a_password_file_that_is_no_file_is_refused_without_being_named(void **state)
{
	struct config_files *files = *state;
	static const struct config_case cases[] = {
		{ "missing", "broker = { password_file = \"/hunter2\"; };",
			{ "1: broker.password_file: cannot be opened: No such file" } },
		{ "a directory", "broker = { password_file = \"/tmp\"; };",
			{ "1: broker.password_file: is a directory" } },
		{ "a device", "broker = { password_file = \"/dev/null\"; };",
			{ "1: broker.password_file: is not a regular file" } },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config_files_check(files, &cases[i]);
	}
	/* A password written where its file belongs must not end up in the log. */
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	assert_false(config_load(
		config_files_write(files, "main.cfg", cases[0].text), &config, &problems));
	assert_null(strstr(problems.items[0].text, "hunter2"));
	config_problems_clear(&problems);
}

/* Loads a broker group that names a good password file, and compares its problems. */
static void check_broker(
	struct config_files *files, const char *settings, const struct config_case *wanted)
{
	static const struct password_row row = { "good", "hunter2\n", 8, 0600, "hunter2", NULL };
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	char text[TEXT_BYTES];

	snprintf(text, sizeof(text), "broker = {\n password_file = \"%s\";\n%s };\n",
		write_password(files, &row), settings);
	const char *path = config_files_write(files, "main.cfg", text);
	config_load(path, &config, &problems);
	config_files_check_problems(&problems, path, wanted);
	config_problems_clear(&problems);
	config_free(config);
}

static void an_unencrypted_password_is_advised_against_but_on_this_machine(void **state)
{
	static const struct {
		const char *settings;
		struct config_case wanted;
	} rows[] = {
		{ "host = \"192.168.1.2\";", { "in the open", "",
						     { "advice 2: broker.password_file: crosses "
						       "the network unencrypted" } } },
		{ "host = \"192.168.1.2\"; tls = { };", { "with TLS", "", { NULL } } },
		{ "host = \"localhost\";", { "localhost", "", { NULL } } },
		{ "host = \"127.0.0.2\";", { "loopback", "", { NULL } } },
		{ "protocol = 4;", { "3.1.1 without a user", "",
					   { "2: broker.password_file: set broker.username" } } },
		{ "protocol = 4; username = \"u\";", { "3.1.1 with a user", "", { NULL } } },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check_broker(*state, rows[i].settings, &rows[i].wanted);
	}
}

static void certificate_files_must_be_there_and_come_in_pairs(void **state)
{
	struct config_files *files = *state;
	static const struct config_case missing = { "missing",
		"broker = { tls = {\n ca_file = \"/nowhere/ca.crt\";\n cert_file = \"/tmp\";\n"
		" key_file = \"/nowhere/k\"; }; };\n",
		{ "2: broker.tls.ca_file: \"/nowhere/ca.crt\" cannot be opened: No such file",
			"3: broker.tls.cert_file: \"/tmp\" is a directory",
			"4: broker.tls.key_file: \"/nowhere/k\" cannot be opened" } };
	static const struct config_case no_key = { "no key", "",
		{ "2: broker.tls.key_file: is missing: cert_file is set" } };
	static const struct config_case no_cert = { "no certificate", "",
		{ "3: broker.tls.cert_file: is missing: key_file is set" } };
	const char *file = config_files_write(files, "x.pem", "not looked into\n");
	char text[TEXT_BYTES];
	struct config_case alone;

	config_files_check(files, &missing);
	alone = no_key;
	snprintf(text, sizeof(text), "broker = {\n tls = { cert_file = \"%s\"; }; };\n", file);
	alone.text = text;
	config_files_check(files, &alone);
	alone = no_cert;
	snprintf(text, sizeof(text),
		"broker = { tls = {\n key_file = \"%s\";\n cert_file = \"\"; }; };\n", file);
	alone.text = text;
	config_files_check(files, &alone);
	snprintf(text, sizeof(text),
		"broker = { tls = { ca_file = \"%s\"; key_file = \"%s\"; cert_file = \"%s\"; }; "
		"};\n",
		file, file, file);
	struct config *config = config_files_load(files, text);
	assert_string_equal(config->broker.tls.key_file, file);
	config_free(config);
}

/* The files are not even looked for; what else is wrong is still told. */
static void without_secrets_no_file_is_touched(void **state)
{
	struct config_files *files = *state;
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	static const char good[] =
		"broker = { username = \"x\"; password_file = \"/no/password\";"
		" tls = { ca_file = \"/no/ca\"; cert_file = \"/no/cert\"; }; };\n"
		"devices = ( { name = \"mine\"; host = \"192.0.2.1\"; } );\n";
	static const char bad[] = "broker = { password_file = \"/no/password\"; };\n"
				  "devices = ( { name = \"mine\"; } );\n";

	assert_true(config_load_without_secrets(
		config_files_write(files, "main.cfg", good), &config, &problems));
	assert_int_equal(problems.error_count, 0);
	assert_null(config->broker.password);
	assert_string_equal(config->devices[0].name, "mine");
	config_free(config);
	config_problems_clear(&problems);
	assert_false(config_load_without_secrets(
		config_files_write(files, "main.cfg", bad), &config, &problems));
	assert_null(config);
	assert_int_equal(problems.count, 1);
	assert_string_equal(problems.items[0].key, "devices[0]");
	config_problems_clear(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_secrets_no_file_is_touched),
		cmocka_unit_test(a_password_is_read_unless_others_may_read_it),
		cmocka_unit_test(a_password_file_that_is_no_file_is_refused_without_being_named),
		cmocka_unit_test(an_unencrypted_password_is_advised_against_but_on_this_machine),
		cmocka_unit_test(certificate_files_must_be_there_and_come_in_pairs),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
