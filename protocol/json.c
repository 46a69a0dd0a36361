#include "protocol/json.h"

#include <limits.h>
#include <math.h>

#include "protocol/json_scan.h"

/* Members of all objects in the tree: fewer than in the text when a key is doubled. */
static size_t count_members(struct json_object *value)
{
	size_t count = 0;

	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			count += count_members(json_object_array_get_idx(value, i));
		}
	} else if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member)
		{
			(void)key;
			count += 1 + count_members(member);
		}
	}
	return count;
}

/* json-c 0.16 does not say when it ran out of memory: it stops early and calls that a success. */
static enum plug_error tokenize(const char *text, size_t size, struct json_object **root)
{
	/* One level for scalars and one that json-c keeps for itself. */
	struct json_tokener *tokener = json_tokener_new_ex(PLUG_JSON_DEPTH_MAX + 2);
	enum plug_error error = PLUG_EPROTO;
	struct json_object *value;

	if (!tokener) {
		return PLUG_ENOMEM;
	}
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	value = json_tokener_parse_ex(tokener, text, (int)size);
	if (json_tokener_get_error(tokener) == json_tokener_continue) {
		/* A number or word ends only where something else begins. */
		value = json_tokener_parse_ex(tokener, "", 1);
		size = 0;
	}
	if (json_tokener_get_error(tokener) == json_tokener_success) {
		error = json_tokener_get_parse_end(tokener) == size ? PLUG_OK : PLUG_ENOMEM;
	}
	if (error != PLUG_OK) {
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tokener);
	*root = value;
	return error;
}

enum plug_error plug_json_parse(
	const char *text, size_t size, enum plug_json_keys keys, struct json_object **root)
{
	size_t member_count;
	enum plug_error error;

	*root = NULL;
	if (size > INT_MAX || !plug_json_scan(text, size, &member_count)) {
		return PLUG_EPROTO;
	}
	error = tokenize(text, size, root);
	if (keys == PLUG_JSON_DISTINCT_KEYS && *root && count_members(*root) != member_count) {
		json_object_put(*root);
		*root = NULL;
		error = PLUG_EPROTO;
	}
	return error;
}

static bool member_of_type(struct json_object *object, const char *key, enum json_type type,
	struct json_object **value)
{
	if (json_object_object_get_ex(object, key, value) && json_object_is_type(*value, type)) {
		return true;
	}
	*value = NULL;
	return false;
}

bool plug_json_object(struct json_object *object, const char *key, struct json_object **value)
{
	return member_of_type(object, key, json_type_object, value);
}

bool plug_json_array(struct json_object *object, const char *key, struct json_object **value)
{
	return member_of_type(object, key, json_type_array, value);
}

bool plug_json_string(struct json_object *object, const char *key, const char **value)
{
	struct json_object *member;

	*value = member_of_type(object, key, json_type_string, &member)
			 ? json_object_get_string(member)
			 : NULL;
	return *value;
}

/* json-c turns what is beyond 64 bits into the nearest border, so the borders themselves are not
 * believed either. */
static bool read_integer(struct json_object *value, int64_t *integer)
{
	*integer = json_object_get_int64(value);
	return *integer != INT64_MAX && *integer != INT64_MIN;
}

/* 1.0 is an integer, 1.5 is not. */
static bool read_whole_double(double number, int64_t *integer)
{
	static const double two_to_63 = 9223372036854775808.0;

	if (!(number > -two_to_63 && number < two_to_63)) {
		return false;
	}
	*integer = (int64_t)number;
	return (double)*integer == number;
}

static bool read_int(struct json_object *value, int64_t *integer)
{
	switch (json_object_get_type(value)) {
	case json_type_int:
		return read_integer(value, integer);
	case json_type_double:
		return read_whole_double(json_object_get_double(value), integer);
	default:
		return false;
	}
}

bool plug_json_int(
	struct json_object *object, const char *key, int64_t min, int64_t max, int64_t *value)
{
	struct json_object *member;
	int64_t integer;

	*value = 0;
	if (!json_object_object_get_ex(object, key, &member) || !read_int(member, &integer) ||
		integer < min || integer > max) {
		return false;
	}
	*value = integer;
	return true;
}

static bool read_double(struct json_object *value, double *number)
{
	int64_t integer;

	if (json_object_is_type(value, json_type_double)) {
		*number = json_object_get_double(value);
		return isfinite(*number);
	}
	if (json_object_is_type(value, json_type_int) && read_integer(value, &integer)) {
		*number = (double)integer;
		return true;
	}
	return false;
}

bool plug_json_double(struct json_object *object, const char *key, double *value)
{
	struct json_object *member;
	double number;

	*value = 0;
	if (!json_object_object_get_ex(object, key, &member) || !read_double(member, &number)) {
		return false;
	}
	*value = number;
	return true;
}

bool plug_json_flag(struct json_object *object, const char *key, bool *value)
{
	struct json_object *member;
	int64_t number;

	*value = false;
	if (!json_object_object_get_ex(object, key, &member)) {
		return false;
	}
	if (json_object_is_type(member, json_type_boolean)) {
		*value = json_object_get_boolean(member);
		return true;
	}
	if (!read_int(member, &number) || number < 0 || number > 1) {
		return false;
	}
	*value = number == 1;
	return true;
}
