/* What a fault can be told: one table to read it, check it and show it. */
#include "tests/sim/faults/rows.h"

#include "protocol/json.h"
#include "tests/sim/device/memory.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum {
	TIMES_MAX = 1000000000,
	PERCENT_MAX = 100,
	MS_MAX = 3600000,
	ERR_CODE_MAX = 100000,
	NAME_MAX_BYTES = 64,
};

enum type { TYPE_INT, TYPE_FLAG, TYPE_CHOICE, TYPE_NAME };

static const char *const levels[] = { "method", "module", "top", NULL };
static const char *const lies[] = { "negative", "huge", "nan", "infinite", "text", NULL };
/* The bits of enum sim_transport. */
static const char *const transports[] = { "none", "tcp", "udp", "both", NULL };

static const struct row {
	const char *name;
	unsigned parameter; /* for the kinds that have this bit */
	enum type type;
	size_t offset; /* in struct sim_fault_settings */
	int32_t min, max;
	const char *const *choices;
} rows[] = {
#define AT(member) offsetof(struct sim_fault_settings, member)
	{ "times", SIM_PARAMETER_TIMES, TYPE_INT, AT(times), 1, TIMES_MAX, NULL },
	{ "percent", SIM_PARAMETER_CHANCE, TYPE_INT, AT(percent), 1, PERCENT_MAX, NULL },
	{ "transport", SIM_PARAMETER_CHANCE, TYPE_CHOICE, AT(transports), 1, 3, transports },
	{ "ms", SIM_PARAMETER_MS, TYPE_INT, AT(ms), 0, MS_MAX, NULL },
	{ "bytes", SIM_PARAMETER_BYTES, TYPE_INT, AT(bytes), -SIM_FAULT_BYTES_MAX,
		SIM_FAULT_BYTES_MAX, NULL },
	{ "err_code", SIM_PARAMETER_ERR_CODE, TYPE_INT, AT(err_code), -ERR_CODE_MAX, ERR_CODE_MAX,
		NULL },
	{ "level", SIM_PARAMETER_LEVEL, TYPE_CHOICE, AT(level), 0, 2, levels },
	{ "value", SIM_PARAMETER_LIE, TYPE_CHOICE, AT(lie), 0, 4, lies },
	{ "carried_out", SIM_PARAMETER_CARRIED_OUT, TYPE_FLAG, AT(is_carried_out), 0, 1, NULL },
	{ "module", SIM_PARAMETER_CALL, TYPE_NAME, AT(module), 0, 0, NULL },
	{ "method", SIM_PARAMETER_CALL, TYPE_NAME, AT(method), 0, 0, NULL },
#undef AT
};

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

static const struct row *find(unsigned parameters, const char *name)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if ((parameters & rows[i].parameter) && strcmp(rows[i].name, name) == 0) {
			return &rows[i];
		}
	}
	return NULL;
}

static int32_t *number(struct sim_fault_settings *settings, const struct row *row)
{
	return (int32_t *)(void *)((char *)settings + row->offset);
}

static char **name(struct sim_fault_settings *settings, const struct row *row)
{
	return (char **)(void *)((char *)settings + row->offset);
}

static bool read_choice(struct json_object *object, const struct row *row, int32_t *value)
{
	const char *text = NULL;

	plug_json_string(object, row->name, &text);
	for (*value = row->min; text && *value <= row->max; (*value)++) {
		if (strcmp(row->choices[*value], text) == 0) {
			return true;
		}
	}
	return false;
}

static bool read_name(struct json_object *object, const struct row *row, char **value)
{
	const char *text = NULL;

	if (!plug_json_string(object, row->name, &text) || strlen(text) > NAME_MAX_BYTES) {
		return false;
	}
	sim_replace(value, text);
	return true;
}

static bool read_int(struct json_object *object, const struct row *row, int32_t *value)
{
	int64_t wide = 0;
	const bool is_there = plug_json_int(object, row->name, row->min, row->max, &wide);

	*value = (int32_t)wide;
	return is_there;
}

static bool read_flag(struct json_object *object, const struct row *row, int32_t *value)
{
	bool is_set = false;
	const bool is_there = plug_json_flag(object, row->name, &is_set);

	*value = is_set;
	return is_there;
}

static bool read_row(
	struct json_object *object, const struct row *row, struct sim_fault_settings *settings)
{
	switch (row->type) {
	case TYPE_INT:
		return read_int(object, row, number(settings, row));
	case TYPE_FLAG:
		return read_flag(object, row, number(settings, row));
	case TYPE_CHOICE:
		return read_choice(object, row, number(settings, row));
	case TYPE_NAME:
		return read_name(object, row, name(settings, row));
	}
	return false;
}

static bool is_among(const char *const *names, const char *text)
{
	for (; *names; names++) {
		if (strcmp(*names, text) == 0) {
			return true;
		}
	}
	return false;
}

void sim_fault_settings_clear(struct sim_fault_settings *settings)
{
	free(settings->module);
	free(settings->method);
	*settings = (struct sim_fault_settings) { 0 };
}

/* Reads every member that is ours; the name of the first bad one, or NULL. */
static const char *read_members(const struct sim_fault_row *kind, struct json_object *object,
	const char *const *ignored, struct sim_fault_settings *settings)
{
	json_object_object_foreach(object, key, value)
	{
		const struct row *row = find(kind->parameters, key);

		(void)value;
		if (!is_among(ignored, key) && (!row || !read_row(object, row, settings))) {
			return key;
		}
	}
	return NULL;
}

const char *sim_fault_settings_read(enum sim_fault_kind kind, struct json_object *object,
	const char *const *ignored, struct sim_fault_settings *settings)
{
	const struct sim_fault_row *row = &sim_fault_rows[kind];
	const char *bad = NULL;

	*settings = (struct sim_fault_settings) {
		.percent = PERCENT_MAX,
		.transports = row->transports,
		.ms = row->ms,
		.bytes = row->bytes,
		.err_code = row->err_code,
	};
	bad = read_members(row, object, ignored, settings);
	if (!bad && settings->bytes < row->bytes_min) {
		bad = "bytes";
	}
	if (!bad && (settings->transports & row->transports) == 0) {
		bad = "transport";
	}
	if (bad) {
		sim_fault_settings_clear(settings);
	}
	return bad;
}

static void list_row(
	struct sim_fault_settings *settings, const struct row *row, struct sim_text *out)
{
	switch (row->type) {
	case TYPE_INT:
		sim_text_int(out, row->name, *number(settings, row));
		break;
	case TYPE_FLAG:
		sim_text_bool(out, row->name, *number(settings, row) != 0);
		break;
	case TYPE_CHOICE:
		sim_text_string(out, row->name, row->choices[*number(settings, row)]);
		break;
	case TYPE_NAME:
		if (*name(settings, row)) {
			sim_text_string(out, row->name, *name(settings, row));
		}
		break;
	}
}

void sim_fault_list(struct sim_fault *faults, struct sim_text *out)
{
	sim_text_open(out, '[');
	for (struct sim_fault *fault = faults; fault; fault = fault->next) {
		sim_text_next(out);
		sim_text_open(out, '{');
		sim_text_string(out, "fault", sim_fault_rows[fault->kind].name);
		for (size_t i = 0; i < ROW_COUNT; i++) {
			if (sim_fault_rows[fault->kind].parameters & rows[i].parameter) {
				list_row(&fault->settings, &rows[i], out);
			}
		}
		sim_text_int(out, "strikes", fault->strikes);
		sim_text_close(out, '}');
	}
	sim_text_close(out, ']');
}

static void list_parameters(unsigned parameters, struct sim_text *out)
{
	sim_text_key(out, "parameters");
	sim_text_open(out, '[');
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (parameters & rows[i].parameter) {
			sim_text_next(out);
			sim_text_add_quoted(out, rows[i].name);
		}
	}
	sim_text_close(out, ']');
}

void sim_fault_list_kinds(struct sim_text *out)
{
	sim_text_open(out, '[');
	for (size_t kind = 0; kind < SIM_FAULT_COUNT; kind++) {
		sim_text_next(out);
		sim_text_open(out, '{');
		sim_text_string(out, "fault", sim_fault_rows[kind].name);
		sim_text_string(out, "help", sim_fault_rows[kind].help);
		list_parameters(sim_fault_rows[kind].parameters, out);
		sim_text_close(out, '}');
	}
	sim_text_close(out, ']');
}
