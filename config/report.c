#include "config/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/text/memory.h"

struct config_report_entry {
	int line;	 /* of the flat text: its order is the order of the files */
	size_t sequence; /* keeps the order of what one line holds */
	struct config_problem problem;
};

char *config_place_path(const struct config_place *place)
{
	if (!place || (!place->up && !place->name)) {
		return config_copy("");
	}
	char *above = config_place_path(place->up);
	char *path = place->name ? config_format("%s%s%s", above, above[0] ? "." : "", place->name)
				 : config_format("%s[%zu]", above, place->index);
	free(above);
	return path;
}

static void add(
	struct config_report *report, const struct config_place *place, bool is_error, char *text)
{
	int line = place ? place->line : 0;
	struct config_line where = config_text_locate(report->text, line);

	report->entries = config_grow(
		report->entries, report->count, &report->capacity, sizeof(*report->entries));
	report->entries[report->count] = (struct config_report_entry) {
		.line = line,
		.sequence = report->count,
		.problem = { .is_error = is_error,
			.file = config_copy(where.file),
			.line = where.line,
			.key = config_place_path(place),
			.text = text },
	};
	report->count++;
	report->error_count += is_error;
}

void config_report_error(
	struct config_report *report, const struct config_place *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = config_format_list(format, arguments);
	va_end(arguments);
	add(report, place, true, text);
}

void config_report_advice(
	struct config_report *report, const struct config_place *place, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *text = config_format_list(format, arguments);
	va_end(arguments);
	add(report, place, false, text);
}

char *config_report_where(const struct config_report *report, int line, int here)
{
	struct config_line there = config_text_locate(report->text, line);

	if (strcmp(there.file, config_text_locate(report->text, here).file) == 0) {
		return config_format("line %d", there.line);
	}
	return config_format("%s:%d", there.file, there.line);
}

static int compare_entries(const void *a, const void *b)
{
	const struct config_report_entry *left = a;
	const struct config_report_entry *right = b;

	if (left->line != right->line) {
		return left->line < right->line ? -1 : 1;
	}
	return left->sequence < right->sequence ? -1 : left->sequence > right->sequence;
}

void config_report_finish(struct config_report *report, struct config_problems *problems)
{
	if (report->count > 0) {
		qsort(report->entries, report->count, sizeof(*report->entries), compare_entries);
	}
	*problems = (struct config_problems) {
		.items = config_alloc(report->count, sizeof(*problems->items)),
		.count = report->count,
		.error_count = report->error_count,
	};
	for (size_t i = 0; i < report->count; i++) {
		problems->items[i] = report->entries[i].problem;
	}
	free(report->entries);
	*report = (struct config_report) { .text = report->text };
}

void config_problems_clear(struct config_problems *problems)
{
	for (size_t i = 0; i < problems->count; i++) {
		free(problems->items[i].file);
		free(problems->items[i].key);
		free(problems->items[i].text);
	}
	free(problems->items);
	*problems = (struct config_problems) { 0 };
}

void config_problems_print(const struct config_problems *problems, FILE *out)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->items[i];

		fprintf(out, "%s:", problem->file);
		if (problem->line > 0) {
			fprintf(out, "%d:", problem->line);
		}
		fprintf(out, " %s%s%s%s\n", problem->key, problem->key[0] ? ": " : "",
			problem->is_error ? "" : "advice: ", problem->text);
	}
}
