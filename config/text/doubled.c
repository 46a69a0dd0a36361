#include "config/text/doubled.h"

#include <stdlib.h>
#include <string.h>

#include "config/text/memory.h"

struct entry {
	const char *text;
	const struct config_name *name;
};

static int compare(const void *a, const void *b)
{
	const struct entry *left = a;
	const struct entry *right = b;
	const struct config_name *x = left->name;
	const struct config_name *y = right->name;

	if (x->bracket != y->bracket) {
		return x->bracket < y->bracket ? -1 : 1;
	}
	if (x->length != y->length) {
		return x->length < y->length ? -1 : 1;
	}
	int order = memcmp(left->text, right->text, x->length);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static bool is_same_setting(const struct entry *a, const struct entry *b)
{
	return a->name->bracket == b->name->bracket && a->name->length == b->name->length &&
	       memcmp(a->text, b->text, a->name->length) == 0;
}

/* Gives the key path of a bracket: "devices[2]", "" for the whole file. */
static char *path_of(const struct config_text *text, size_t index)
{
	const struct config_bracket *bracket = &text->outline.brackets[index];

	if (index == 0) {
		return config_copy("");
	}
	char *above = path_of(text, bracket->up);
	char *path = NULL;
	if (bracket->has_name) {
		const struct config_name *name = &text->outline.names[bracket->name];
		path = config_format("%s%s%.*s", above, above[0] ? "." : "", (int)name->length,
			text->text + name->at);
	} else {
		path = config_format("%s[%zu]", above, bracket->index);
	}
	free(above);
	return path;
}

static void report_one(const struct config_text *text, const struct entry *entry,
	const struct config_name *first, struct config_report *report)
{
	char *group = path_of(text, entry->name->bracket);
	char *key = config_format(
		"%s%s%.*s", group, group[0] ? "." : "", (int)entry->name->length, entry->text);
	char *where = config_report_where(report, first->line, entry->name->line);
	struct config_place place = { .name = key, .line = entry->name->line };

	config_report_error(report, &place, "is given twice, first in %s: keep one", where);
	free(where);
	free(key);
	free(group);
}

void config_doubled_report(const struct config_text *text, struct config_report *report)
{
	size_t count = text->outline.name_count;
	struct entry *entries = config_alloc(count, sizeof(*entries));
	size_t first = 0;

	for (size_t i = 0; i < count; i++) {
		const struct config_name *name = &text->outline.names[i];
		entries[i] = (struct entry) { .text = text->text + name->at, .name = name };
	}
	qsort(entries, count, sizeof(*entries), compare);
	for (size_t i = 1; i < count; i++) {
		if (!is_same_setting(&entries[first], &entries[i])) {
			first = i;
		} else {
			report_one(text, &entries[i], entries[first].name, report);
		}
	}
	free(entries);
}
