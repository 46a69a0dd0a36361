#include "bridge/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Priorities as syslog(3) numbers them. */
enum { PRIORITY_CRITICAL = 2, PRIORITY_WARNING = 4, PRIORITY_INFO = 6, PRIORITY_DEBUG = 7 };

static struct {
	enum log_level level;
	bool is_journal;
} log_state = { .level = LOG_LEVEL_INFO };

void log_open(enum log_level level)
{
	log_state.level = level;
	log_state.is_journal = getenv("JOURNAL_STREAM") != NULL;
}

void log_set_level(enum log_level level)
{
	log_state.level = level;
}

enum log_level log_level(void)
{
	return log_state.level;
}

static void put_start(FILE *line, int priority)
{
	const time_t now = time(NULL);
	struct tm local;
	char text[32] = "";

	if (log_state.is_journal) {
		fprintf(line, "<%d>", priority);
	} else if (localtime_r(&now, &local) &&
		   strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S ", &local) > 0) {
		fputs(text, line);
	}
}

/* Devices and brokers name themselves as they like: a line stays one line, and no terminal takes
 * orders from it. */
static void make_plain(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f) {
			*text = '?';
		}
	}
}

/* In one write: stderr is not buffered, and takes one for each character otherwise. */
static void __attribute__((format(printf, 2, 0)))
put_line(int priority, const char *format, va_list arguments)
{
	char *text = NULL;
	size_t size = 0;
	FILE *line = open_memstream(&text, &size);

	if (line) {
		put_start(line, priority);
		vfprintf(line, format, arguments);
		fclose(line);
	}
	if (text) {
		make_plain(text);
	}
	fprintf(stderr, "%s\n", text ? text : "out of memory");
	free(text);
}

void log_warn(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put_line(PRIORITY_WARNING, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (log_state.level >= LOG_LEVEL_INFO) {
		put_line(PRIORITY_INFO, format, arguments);
	}
	va_end(arguments);
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (log_state.level >= LOG_LEVEL_DEBUG) {
		put_line(PRIORITY_DEBUG, format, arguments);
	}
	va_end(arguments);
}

noreturn void log_fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	put_line(PRIORITY_CRITICAL, format, arguments);
	va_end(arguments);
	exit(EXIT_FAILURE);
}
