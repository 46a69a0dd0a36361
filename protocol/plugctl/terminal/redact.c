#include "protocol/plugctl/terminal/redact.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/json.h"
#include "protocol/plugctl/terminal/memory.h"
#include "protocol/plugctl/terminal/output.h"

static const char hidden[] = "...";

static const char *const secret_keys[] = { "latitude", "longitude", "latitude_i", "longitude_i",
	"deviceId", "hwId", "oemId", "fwId", "ssid", "bssid", "username", "password", "setup_code",
	"setup_payload" };

/* Ids of rules have 32 characters and tell nothing; ids of outlets have 42, and begin with the
 * device's own. */
static const char *const outlet_keys[] = { "id", "child_id", "child_ids" };
enum { RULE_ID_BYTES = 32 };

static bool is_one_of(const char *key, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(key, keys[i]) == 0) {
			return true;
		}
	}
	return false;
}

static struct json_object *hide_outlet(struct json_object *value)
{
	const char *const id = json_object_get_string(value);
	const size_t size = strlen(id);
	struct json_object *shown;
	char *text;

	if (size <= RULE_ID_BYTES) {
		return json_object_get(value);
	}
	text = memory_format("%s%s", hidden, id + size - 2);
	shown = memory_json(json_object_new_string(text));
	free(text);
	return shown;
}

/* A copy of value, with what must not be shown replaced. Depth is bounded by the parser. */
static struct json_object *hide(const char *key, struct json_object *value)
{
	struct json_object *shown;

	if (is_one_of(key, secret_keys, sizeof secret_keys / sizeof secret_keys[0])) {
		return memory_json(json_object_new_string(hidden));
	}
	if (json_object_is_type(value, json_type_array)) {
		shown = memory_json(json_object_new_array());
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			json_object_array_add(
				shown, hide(key, json_object_array_get_idx(value, i)));
		}
		return shown;
	}
	if (json_object_is_type(value, json_type_object)) {
		shown = memory_json(json_object_new_object());
		json_object_object_foreach(value, name, member)
		{
			json_object_object_add(shown, name, hide(name, member));
		}
		return shown;
	}
	if (json_object_is_type(value, json_type_string) &&
		is_one_of(key, outlet_keys, sizeof outlet_keys / sizeof outlet_keys[0])) {
		return hide_outlet(value);
	}
	return json_object_get(value);
}

/* A string of JSON text, and the value behind it when it is a key. */
struct string {
	const char *begin, *end; /* without the quotes */
	const char *value;	 /* NULL when it is no key */
};

static const char *skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) {
		at++;
	}
	return at;
}

/* Finds the next string from at on; false when there is none. */
static bool next_string(const char *at, const char *end, struct string *string)
{
	const char *quote = memchr(at, '"', (size_t)(end - at));
	const char *colon;

	if (!quote) {
		return false;
	}
	string->begin = quote + 1;
	string->end = string->begin;
	while (string->end < end && *string->end != '"') {
		string->end += *string->end == '\\' && string->end + 1 < end ? 2 : 1;
	}
	colon = string->end < end ? skip_space(string->end + 1, end) : end;
	string->value = colon < end && *colon == ':' ? skip_space(colon + 1, end) : NULL;
	return true;
}

static bool is_key(const struct string *string, const char *const *keys, size_t count)
{
	const size_t size = (size_t)(string->end - string->begin);

	for (size_t i = 0; i < count; i++) {
		if (strlen(keys[i]) == size && strncasecmp(string->begin, keys[i], size) == 0) {
			return true;
		}
	}
	/* A key written with escapes may be any. */
	return memchr(string->begin, '\\', size);
}

static bool is_hidden_key(const struct string *string, enum redact_level level)
{
	static const char *const passwords[] = { "password" };

	if (level == REDACT_PASSWORDS) {
		return is_key(string, passwords, 1);
	}
	return is_key(string, secret_keys, sizeof secret_keys / sizeof secret_keys[0]) ||
	       is_key(string, outlet_keys, sizeof outlet_keys / sizeof outlet_keys[0]);
}

/* Where the first value begins that is to be hidden, or NULL. */
static const char *first_hidden(const char *at, const char *end, enum redact_level level)
{
	struct string string;

	while (at < end && next_string(at, end, &string)) {
		if (string.value && is_hidden_key(&string, level)) {
			return string.value;
		}
		at = string.end < end ? string.end + 1 : end;
	}
	return NULL;
}

size_t redact_open_size(const char *text, size_t size, enum redact_level level)
{
	const char *hidden_value =
		level == REDACT_NOTHING ? NULL : first_hidden(text, text + size, level);

	return hidden_value ? (size_t)(hidden_value - text) : size;
}

/* text with "..." for every password: no copy of one must lie about in what json-c has freed. */
static char *cut_passwords(const char *text, size_t size)
{
	/* No value grows by more than the key in front of it is long. */
	char *copy = memory_new(2 * size + 1, 1);
	const char *const end = text + size;
	const char *at = text;
	char *out = copy;
	const char *value;

	while ((value = first_hidden(at, end, REDACT_PASSWORDS))) {
		struct string string;

		memcpy(out, at, (size_t)(value - at));
		out += value - at;
		at = value;
		if (value == end || *value != '"') {
			continue;
		}
		out += sprintf(out, "\"%s\"", hidden);
		at = next_string(value, end, &string) && string.end < end ? string.end + 1 : end;
	}
	memcpy(out, at, (size_t)(end - at));
	return copy;
}

static char *hide_all(const char *text, size_t size)
{
	struct json_object *value;
	struct json_object *shown;
	char *copy;

	if (plug_json_parse(text, size, PLUG_JSON_LAST_KEY_WINS, &value) != PLUG_OK) {
		return memory_format("(%zu bytes that are no JSON)", size);
	}
	shown = hide("", value);
	copy = memory_copy(json_object_to_json_string_ext(
		shown, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(shown);
	json_object_put(value);
	return copy;
}

char *redact_text(const char *text, size_t size, enum redact_level level)
{
	char *cut = level == REDACT_NOTHING ? NULL : cut_passwords(text, size);
	char *shown = level == REDACT_ALL ? hide_all(cut, strlen(cut))
					  : output_harmless(cut ? cut : text);

	free(cut);
	return shown;
}
