#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/log.h"

enum { WRITTEN_MAX_BYTES = 4096 };

/* Runs write in a child whose standard error is kept, and returns its exit status. */
static int run(void (*write)(void), const char *journal, char written[static WRITTEN_MAX_BYTES])
{
	int ends[2];
	int status = 0;
	size_t size = 0;
	ssize_t count = 1;
	pid_t child = 0;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		if (journal) {
			setenv("JOURNAL_STREAM", journal, 1);
		} else {
			unsetenv("JOURNAL_STREAM");
		}
		write();
		_exit(0);
	}
	close(ends[1]);
	while (count > 0) {
		count = read(ends[0], written + size, WRITTEN_MAX_BYTES - 1 - size);
		size += count > 0 ? (size_t)count : 0;
	}
	written[size] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void write_every_level(enum log_level level)
{
	log_open(level);
	log_warn("kettle: %s", "warn");
	log_info("kettle: info");
	log_debug("kettle: debug");
}

static void at_info(void)
{
	write_every_level(LOG_LEVEL_INFO);
}

static void at_debug(void)
{
	write_every_level(LOG_LEVEL_DEBUG);
}

static void log_writes_priorities_for_the_journal(void **state)
{
	char written[WRITTEN_MAX_BYTES];

	(void)state;
	assert_int_equal(run(at_info, "9:1", written), 0);
	assert_string_equal(written, "<4>kettle: warn\n<6>kettle: info\n");
	assert_int_equal(run(at_debug, "9:1", written), 0);
	assert_string_equal(written, "<4>kettle: warn\n<6>kettle: info\n<7>kettle: debug\n");
}

static void log_writes_the_time_elsewhere(void **state)
{
	char written[WRITTEN_MAX_BYTES];

	(void)state;
	assert_int_equal(run(at_info, NULL, written), 0);
	assert_int_equal(strspn(written, "0123456789-: "), strlen("2026-11-21 09:30:00 "));
	assert_non_null(strstr(written, " kettle: warn\n"));
}

static void with_control_characters(void)
{
	log_open(LOG_LEVEL_INFO);
	log_warn("kettle: online: %s", "HS110\n<2>forged\x1b[2J\x7f caf\xc3\xa9");
}

static void log_line_stays_one_line(void **state)
{
	char written[WRITTEN_MAX_BYTES];

	(void)state;
	assert_int_equal(run(with_control_characters, "9:1", written), 0);
	assert_string_equal(written, "<4>kettle: online: HS110?<2>forged?[2J? caf\xc3\xa9\n");
}

static void with_a_fatal_problem(void)
{
	log_open(LOG_LEVEL_WARN);
	log_fatal("out of %s", "memory");
}

static void log_fatal_says_why_and_ends_the_program(void **state)
{
	char written[WRITTEN_MAX_BYTES];

	(void)state;
	assert_int_equal(run(with_a_fatal_problem, "9:1", written), EXIT_FAILURE);
	assert_string_equal(written, "<2>out of memory\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_writes_priorities_for_the_journal),
		cmocka_unit_test(log_writes_the_time_elsewhere),
		cmocka_unit_test(log_line_stays_one_line),
		cmocka_unit_test(log_fatal_says_why_and_ends_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
