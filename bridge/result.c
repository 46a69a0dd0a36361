#include "bridge/result.h"

#include "bridge/text.h"

static const char *on_off(bool has_state, bool is_on)
{
	if (!has_state) {
		return NULL;
	}
	return is_on ? "ON" : "OFF";
}

static void put_optional(struct text *text, const char *key, const char *value)
{
	if (value) {
		text_member_string(text, key, value);
	}
}

/* An id and a source of 64 bytes each take at most 768 with every byte escaped; errors are our
 * own words and short. */
size_t result_format(const struct result *result, char text[static RESULT_MAX_BYTES])
{
	struct text json;

	text_init(&json, text, RESULT_MAX_BYTES);
	text_open(&json, NULL, '{');
	text_member_string(&json, "status", order_status_text(result->status));
	text_member_string(&json, "command", result->command);
	text_member_string(&json, "state", on_off(result->has_state, result->is_on));
	if (result->brightness > 0) {
		text_member_integer(&json, "brightness", result->brightness);
	}
	text_member_integer(&json, "ms", (int64_t)result->took_ms);
	put_optional(&json, "id", result->id);
	put_optional(&json, "source", result->source);
	put_optional(&json, "error", result->error);
	text_close(&json, '}');
	return json.size;
}
