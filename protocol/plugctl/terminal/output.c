#include "protocol/plugctl/terminal/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/streams.h"
#include "protocol/plugctl/terminal/memory.h"

/* One line, as short as it gets. */
enum { PLAIN = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE };

struct output_form {
	void (*measure)(struct output *output, const struct output_result *result);
	void (*print)(struct output *output, const struct output_result *result);
};

void output_text(struct json_object *data, const char *key, const char *text)
{
	json_object_object_add(data, key, memory_json(json_object_new_string(text)));
}

void output_int(struct json_object *data, const char *key, int64_t number)
{
	json_object_object_add(data, key, memory_json(json_object_new_int64(number)));
}

void output_flag(struct json_object *data, const char *key, bool flag)
{
	json_object_object_add(data, key, memory_json(json_object_new_boolean(flag)));
}

void output_milli(struct json_object *data, const char *key, int64_t thousandths)
{
	const uint64_t size = thousandths < 0 ? 0 - (uint64_t)thousandths : (uint64_t)thousandths;
	char *digits = memory_format(
		"%s%" PRIu64 ".%03" PRIu64, thousandths < 0 ? "-" : "", size / 1000, size % 1000);

	json_object_object_add(data, key,
		memory_json(json_object_new_double_s((double)thousandths / 1000, digits)));
	free(digits);
}

void output_null(struct json_object *data, const char *key)
{
	json_object_object_add(data, key, NULL);
}

/* How many bytes the character at text has when it could steer a terminal or hide what is there:
 * control characters, U+200B and marks of direction, lines and formats behind it; 0 for others.
 * The joiners U+200C and U+200D are part of scripts and of emoji. */
static size_t steering_size(const char *text)
{
	static const struct span {
		const char *first, *end; /* UTF-8; end is not part of it */
	} spans[] = {
		{ "\x01", "\x20" },
		{ "\x7f", "\x80" },
		{ "\xc2\x80", "\xc2\xa0" },
		{ "\xe2\x80\x8b", "\xe2\x80\x8c" },
		{ "\xe2\x80\x8e", "\xe2\x80\x90" },
		{ "\xe2\x80\xa8", "\xe2\x80\xaf" },
		{ "\xe2\x81\xa0", "\xe2\x81\xb0" },
		{ "\xef\xbb\xbf", "\xef\xbc\x80" },
	};

	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		const size_t size = strlen(spans[i].first);

		if (strncmp(text, spans[i].first, size) >= 0 &&
			strncmp(text, spans[i].end, size) < 0) {
			return size;
		}
	}
	return 0;
}

char *output_harmless(const char *text)
{
	char *copy = memory_copy(text);
	char *out = copy;

	while (*text != '\0') {
		const size_t size = steering_size(text);

		*out++ = (char)(size > 0 ? '?' : *text);
		text += size > 0 ? size : 1;
	}
	*out = '\0';
	return copy;
}

/* Characters, not bytes: aliases are UTF-8. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++) {
		width += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return width;
}

static char *word_for(const char *words, bool flag)
{
	const char *slash = strchr(words, '/');

	return flag ? memory_format("%.*s", (int)(slash - words), words) : memory_copy(slash + 1);
}

/* "on off on" (caller frees). */
static char *list_text(struct json_object *list)
{
	char *text = memory_copy("");

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		char *more = memory_format("%s%s%s", text, i > 0 ? " " : "",
			json_object_get_string(json_object_array_get_idx(list, i)));

		free(text);
		text = more;
	}
	return text;
}

/* A value that is neither null nor has words (caller frees). */
static char *plain_text(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_string:
		return output_harmless(json_object_get_string(value));
	case json_type_array:
		return list_text(value);
	default:
		return output_harmless(json_object_to_json_string_ext(value, PLAIN));
	}
}

static char *value_text(struct json_object *value, const struct output_column *column)
{
	const char *unit = column->unit;
	const char *shown;
	char *harmless;
	char *text;

	if (!value) {
		return memory_copy("-");
	}
	if (column->words && json_object_is_type(value, json_type_boolean)) {
		return word_for(column->words, json_object_get_boolean(value));
	}
	harmless = plain_text(value);
	shown = harmless[0] == '\0' ? "-" : harmless;
	if (column->below && harmless[0] == '-') {
		unit = column->below;
		shown = harmless + 1;
	}
	text = memory_format("%s%s%s%s%s", column->label ? column->label : "",
		column->label ? " " : "", shown, unit ? " " : "", unit ? unit : "");
	free(harmless);
	return text;
}

static bool is_number(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) ||
	       json_object_is_type(value, json_type_double);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static const char *row_name(const struct output_result *result, struct json_object *row)
{
	struct json_object *name;

	return json_object_object_get_ex(row, "name", &name) ? json_object_get_string(name)
							     : result->name;
}

static void measure_row(
	struct output *output, const struct output_result *result, struct json_object *row)
{
	output->name_width = larger(output->name_width, width_of(row_name(result, row)));
	for (size_t i = 0; output->columns[i].key; i++) {
		struct json_object *value;
		char *text;

		if (json_object_object_get_ex(row, output->columns[i].key, &value)) {
			text = value_text(value, &output->columns[i]);
			output->widths[i] = larger(output->widths[i], width_of(text));
			free(text);
		}
	}
}

static void print_padding(size_t count)
{
	printf("%*s", (int)count, "");
}

static void print_row(
	struct output *output, const struct output_result *result, struct json_object *row)
{
	char *name = output_harmless(row_name(result, row));
	size_t owed = output->name_width - width_of(name);

	fputs(name, stdout);
	free(name);
	for (size_t i = 0; output->columns[i].key; i++) {
		struct json_object *value = NULL;
		size_t padding;
		char *text;

		if (output->widths[i] == 0) {
			continue;
		}
		(void)json_object_object_get_ex(row, output->columns[i].key, &value);
		text = value_text(value, &output->columns[i]);
		padding = output->widths[i] - width_of(text);
		/* Numbers stand to the right; nothing is put behind the last column. */
		print_padding(owed + 2 + (is_number(value) ? padding : 0));
		owed = is_number(value) ? 0 : padding;
		fputs(text, stdout);
		free(text);
	}
	puts("");
}

/* The key without the unit, which stands behind the value: "rssi" of rssi_dbm. */
static size_t heading_size(const struct output_column *column)
{
	const char *end = column->unit ? strrchr(column->key, '_') : NULL;

	return end ? (size_t)(end - column->key) : strlen(column->key);
}

static void print_block(
	struct output *output, const struct output_result *result, struct json_object *row)
{
	size_t width = 0;

	for (size_t i = 0; output->columns[i].key; i++) {
		width = larger(width, heading_size(&output->columns[i]));
	}
	puts(row_name(result, row));
	for (size_t i = 0; output->columns[i].key; i++) {
		struct output_column column = output->columns[i];
		struct json_object *value;
		char *text;

		if (!json_object_object_get_ex(row, column.key, &value)) {
			continue;
		}
		column.label = NULL;
		column.words = "yes/no";
		text = value_text(value, &column);
		printf("  %.*s", (int)heading_size(&column), column.key);
		print_padding(width - heading_size(&column) + 2);
		puts(text);
		free(text);
	}
}

typedef void row_fn(
	struct output *output, const struct output_result *result, struct json_object *row);

static void each_row(struct output *output, const struct output_result *result, row_fn *handle)
{
	struct json_object *rows = NULL;

	if (!output->rows_key ||
		!json_object_object_get_ex(result->data, output->rows_key, &rows)) {
		handle(output, result, result->data);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		handle(output, result, json_object_array_get_idx(rows, i));
	}
	if (json_object_array_length(rows) == 0) {
		printf("%s  none\n", result->name);
	}
}

static void measure_text(struct output *output, const struct output_result *result)
{
	struct json_object *rows = NULL;

	if (!result->data ||
		(output->rows_key &&
			json_object_object_get_ex(result->data, output->rows_key, &rows) &&
			json_object_array_length(rows) == 0)) {
		return;
	}
	each_row(output, result, measure_row);
}

static void print_text(struct output *output, const struct output_result *result)
{
	char *error;

	if (result->data) {
		each_row(output, result, output->is_block ? print_block : print_row);
		(void)streams_flush();
		return;
	}
	error = output_harmless(result->error);
	(void)streams_flush();
	fprintf(stderr, "plugctl: %s: %s\n", result->name, error);
	free(error);
}

static void measure_json(struct output *output, const struct output_result *result)
{
	(void)output;
	(void)result;
}

static void print_json(struct output *output, const struct output_result *result)
{
	struct json_object *line = memory_json(json_object_new_object());

	(void)output;
	output_text(line, "target", result->name);
	output_flag(line, "ok", result->data);
	if (result->data) {
		json_object_object_foreach(result->data, key, member)
		{
			json_object_object_add(line, key, json_object_get(member));
		}
	} else {
		output_text(line, "error", result->error);
		if (result->err_code != 0) {
			output_int(line, "err_code", result->err_code);
		}
	}
	puts(json_object_to_json_string_ext(line, PLAIN));
	(void)streams_flush();
	json_object_put(line);
}

void output_init(struct output *output, bool is_json, const struct output_column *columns,
	const char *rows_key)
{
	static const struct output_form text = { measure_text, print_text };
	static const struct output_form json = { measure_json, print_json };

	*output = (struct output) {
		.form = is_json ? &json : &text, .columns = columns, .rows_key = rows_key
	};
	for (size_t i = 0; columns[i].key; i++) {
		output->widths[i] = columns[i].width;
	}
}

void output_measure(struct output *output, const struct output_result *result)
{
	output->form->measure(output, result);
}

void output_print(struct output *output, const struct output_result *result)
{
	output->form->print(output, result);
}
