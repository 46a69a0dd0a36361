#include "protocol/plugctl/terminal/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Control characters below space, DEL, and those between U+0080 and U+009F. */
char *output_harmless(const char *text)
{
	char *copy = memory_copy(text);
	char *out = copy;

	for (const char *at = text; *at != '\0'; at++) {
		const unsigned char byte = (unsigned char)*at;

		if (byte == 0xc2 && (unsigned char)at[1] >= 0x80 && (unsigned char)at[1] < 0xa0) {
			at++;
			*out++ = '?';
		} else {
			*out++ = (char)(byte < ' ' || byte == 0x7f ? '?' : *at);
		}
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

static char *value_text(struct json_object *value, const struct output_column *column)
{
	char *harmless;
	char *text;

	if (!value) {
		return memory_copy("-");
	}
	if (column->words && json_object_is_type(value, json_type_boolean)) {
		return word_for(column->words, json_object_get_boolean(value));
	}
	harmless = output_harmless(json_object_is_type(value, json_type_string)
					   ? json_object_get_string(value)
					   : json_object_to_json_string_ext(value, PLAIN));
	text = memory_format("%s%s%s%s%s", column->label ? column->label : "",
		column->label ? " " : "", column->label && harmless[0] == '\0' ? "-" : harmless,
		column->unit ? " " : "", column->unit ? column->unit : "");
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

static void print_block(
	struct output *output, const struct output_result *result, struct json_object *row)
{
	size_t width = 0;

	for (size_t i = 0; output->columns[i].key; i++) {
		width = larger(width, width_of(output->columns[i].key));
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
		text = value_text(value, &column);
		printf("  %s", column.key);
		print_padding(width - width_of(column.key) + 2);
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
		(void)fflush(stdout);
		return;
	}
	error = output_harmless(result->error);
	(void)fflush(stdout);
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
	(void)fflush(stdout);
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
}

void output_measure(struct output *output, const struct output_result *result)
{
	output->form->measure(output, result);
}

void output_print(struct output *output, const struct output_result *result)
{
	output->form->print(output, result);
}
