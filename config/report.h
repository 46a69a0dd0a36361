/* report.h - collects every problem of one run, with the place it belongs to.
 *
 * A place is a chain on the caller's stack, from a setting up to the top of the file; the key path
 * ("devices[2].host") is written only when there is something to report. */
#ifndef PLUG_CONFIG_REPORT_H
#define PLUG_CONFIG_REPORT_H

#include <stddef.h>

#include "config/config.h"
#include "config/text/scan.h"

struct config_place {
	const struct config_place *up; /* NULL at the top */
	const char *name;	       /* of a member; NULL for an element of a list */
	size_t index;		       /* of an element */
	int line;		       /* of the flat text; 0 for the whole file */
};

struct config_report {
	const struct config_text *text; /* borrowed; turns lines of the flat text into file:line */
	struct config_report_entry *entries;
	size_t count, capacity, error_count;
};

/* Gives the key path of a place, "" for the top of the file (free with free). */
char *config_place_path(const struct config_place *place);

/* Files one problem at place; place NULL is the whole file. */
void config_report_error(struct config_report *report, const struct config_place *place,
	const char *format, ...) __attribute__((format(printf, 3, 4)));
void config_report_advice(struct config_report *report, const struct config_place *place,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Gives "line 12", or "devices.cfg:12" when that line stands in another file than here does
 * (free with free). Both are lines of the flat text. */
char *config_report_where(const struct config_report *report, int line, int here);

/* Gives the entries to problems, in file order, and empties the report. */
void config_report_finish(struct config_report *report, struct config_problems *problems);

#endif
