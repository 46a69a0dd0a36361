#include "protocol/plugctl/redact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "protocol/json.h"
#include "protocol/plugctl/memory.h"

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

char *redact_text(const char *text, size_t size)
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
