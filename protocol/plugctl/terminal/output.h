/* output.h - results as aligned text or as one JSON object for each target.
 *
 * A verb fills a JSON object with typed members, units in their names ("power_w"); columns say how
 * the text shows them. Whether it becomes text or JSON is decided once, by the form behind struct
 * output. Characters that could steer a terminal are shown as "?" in text: aliases are a
 * stranger's words. */
#ifndef PLUG_PLUGCTL_OUTPUT_H
#define PLUG_PLUGCTL_OUTPUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTPUT_COLUMNS_MAX = 20 };

struct output_column {
	const char *key;
	const char *unit;  /* put behind the value, or NULL */
	const char *words; /* "yes/no": what true and false are called; NULL: as JSON has them */
	const char *label; /* in front of the value, or NULL where it explains itself */
	const char *below; /* the unit of a number below 0, shown without its sign; NULL: unit */
	size_t width;	   /* at least, where lines come before the widest is known */
};

/* What one target came to. */
struct output_result {
	const char *name;	  /* as the user wrote it */
	struct json_object *data; /* NULL when it failed */
	const char *error;	  /* in words when it failed */
	int err_code;		  /* what the device called it, or 0 */
};

struct output {
	const struct output_form *form;
	const struct output_column *columns; /* ends with a NULL key */
	const char *rows_key; /* the member that is an array of rows, NULL when data is the row */
	bool is_block;	      /* text: a line for each member instead of a line for all */
	size_t name_width;
	size_t widths[OUTPUT_COLUMNS_MAX];
};

/* columns and rows_key are borrowed for as long as output is used. */
void output_init(struct output *output, bool is_json, const struct output_column *columns,
	const char *rows_key);

/* Looks how wide the columns must be; all results that are aligned with each other go through here
 * before the first is printed. */
void output_measure(struct output *output, const struct output_result *result);

/* Results to standard output; in text form failures go to standard error. */
void output_print(struct output *output, const struct output_result *result);

/* Members for data. Numbers in thousandths are written with three decimals. */
void output_text(struct json_object *data, const char *key, const char *text);
void output_int(struct json_object *data, const char *key, int64_t number);
void output_flag(struct json_object *data, const char *key, bool flag);
void output_milli(struct json_object *data, const char *key, int64_t thousandths);
void output_null(struct json_object *data, const char *key);

/* text without what could steer a terminal (caller frees). */
char *output_harmless(const char *text);

#endif
