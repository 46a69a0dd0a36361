#include "bridge/mqtt/command.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "protocol/json.h"

static const struct {
	const char *word;
	enum order_kind kind;
} words[] = {
	{ "ON", ORDER_ON },
	{ "OFF", ORDER_OFF },
	{ "TOGGLE", ORDER_TOGGLE },
	{ "1", ORDER_ON },
	{ "0", ORDER_OFF },
	{ "true", ORDER_ON },
	{ "false", ORDER_OFF },
};

static bool __attribute__((format(printf, 2, 3)))
fail(struct command *command, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(command->error, sizeof command->error, format, arguments);
	va_end(arguments);
	return false;
}

static bool find_word(struct command *command, const char *word)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcasecmp(words[i].word, word) == 0) {
			command->kind = words[i].kind;
			return true;
		}
	}
	return fail(command, "expected ON, OFF or TOGGLE, with nothing around it");
}

/* A string of 1 to max bytes without control characters. */
static bool take_text(struct command *command, struct json_object *value, const char *key,
	char *text, size_t max_bytes)
{
	const int size = json_object_get_string_len(value);
	const char *from = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string) || size < 1) {
		return fail(command, "\"%s\" must be a text that is not empty", key);
	}
	if ((size_t)size > max_bytes) {
		return fail(command, "\"%s\" is longer than %zu bytes", key, max_bytes);
	}
	for (int i = 0; i < size; i++) {
		if ((unsigned char)from[i] < ' ' || from[i] == 0x7f) {
			return fail(command, "\"%s\" has a control character", key);
		}
	}
	memcpy(text, from, (size_t)size + 1);
	return true;
}

static bool take_state(struct command *command, struct json_object *value)
{
	if (json_object_is_type(value, json_type_boolean)) {
		command->kind = json_object_get_boolean(value) ? ORDER_ON : ORDER_OFF;
		return true;
	}
	if (json_object_is_type(value, json_type_int) &&
		(json_object_get_int64(value) == 0 || json_object_get_int64(value) == 1)) {
		command->kind = json_object_get_int64(value) == 1 ? ORDER_ON : ORDER_OFF;
		return true;
	}
	if (!json_object_is_type(value, json_type_string) ||
		!find_word(command, json_object_get_string(value))) {
		return fail(command, "\"state\" must be \"ON\", \"OFF\" or \"TOGGLE\"");
	}
	return true;
}

static bool take_id(struct command *command, struct json_object *value)
{
	return take_text(command, value, "id", command->id, ORDER_ID_MAX_BYTES);
}

static bool take_brightness(struct command *command, struct json_object *value)
{
	const int64_t percent = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int) || percent < 1 ||
		percent > COMMAND_BRIGHTNESS_MAX) {
		return fail(command, "\"brightness\" must be a whole number from 1 to %d",
			COMMAND_BRIGHTNESS_MAX);
	}
	command->kind = ORDER_ON;
	command->brightness = (uint8_t)percent;
	return true;
}

static bool take_source(struct command *command, struct json_object *value)
{
	return take_text(command, value, "source", command->source, ORDER_SOURCE_MAX_BYTES);
}

static bool take_ttl(struct command *command, struct json_object *value)
{
	const int64_t ttl_s = json_object_get_int64(value);

	if (!json_object_is_type(value, json_type_int) || ttl_s < COMMAND_TTL_MIN_S ||
		ttl_s > COMMAND_TTL_MAX_S) {
		return fail(command, "\"ttl_s\" must be a whole number from %d to %d",
			COMMAND_TTL_MIN_S, COMMAND_TTL_MAX_S);
	}
	command->has_ttl = true;
	command->ttl_s = (int)ttl_s;
	return true;
}

static bool take_time(struct command *command, struct json_object *value)
{
	command->has_time =
		json_object_is_type(value, json_type_string) &&
		command_time_parse(json_object_get_string(value), &command->time_wall_ms);
	return command->has_time || fail(command, "\"time\" must be like \"2026-11-21T09:30:00Z\"");
}

/* The id first: an invalid command is answered with it. */
static const struct {
	const char *key;
	bool (*take)(struct command *command, struct json_object *value);
	bool is_required; /* unless there is a brightness */
} members[] = {
	{ "id", take_id, false },
	{ "brightness", take_brightness, false },
	{ "state", take_state, true },
	{ "source", take_source, false },
	{ "ttl_s", take_ttl, false },
	{ "time", take_time, false },
};

enum { MEMBER_COUNT = sizeof members / sizeof members[0] };

static bool is_known(const char *key)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		if (strcmp(members[i].key, key) == 0) {
			return true;
		}
	}
	return false;
}

static bool has_known_members(struct command *command, struct json_object *root)
{
	json_object_object_foreach(root, key, value)
	{
		(void)value;
		if (!is_known(key)) {
			return fail(command, "unknown key \"%.32s\"", key);
		}
	}
	return true;
}

static bool take_members(struct command *command, struct json_object *root)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		struct json_object *value = NULL;
		const bool is_there = json_object_object_get_ex(root, members[i].key, &value);

		if (is_there && !members[i].take(command, value)) {
			return false;
		}
		/* Behind the id, which the answer carries: state, which a wrong key may stand for.
		 */
		if (i == 0 && !has_known_members(command, root)) {
			return false;
		}
		if (!is_there && members[i].is_required && command->brightness == 0) {
			return fail(command, "\"%s\" is missing", members[i].key);
		}
	}
	if (command->brightness > 0 && command->kind != ORDER_ON) {
		return fail(command, "\"brightness\" goes with \"ON\", or without a \"state\"");
	}
	return true;
}

static bool parse_object(struct command *command, const char *payload, size_t size)
{
	struct json_object *root = NULL;
	bool is_valid = false;

	if (plug_json_parse(payload, size, PLUG_JSON_DISTINCT_KEYS, &root) != PLUG_OK) {
		return fail(command, "not valid JSON, or a key stands twice");
	}
	is_valid = json_object_is_type(root, json_type_object)
			   ? take_members(command, root)
			   : fail(command, "expected ON, OFF, TOGGLE or a JSON object");
	json_object_put(root);
	return is_valid;
}

void command_parse(struct command *command, const char *payload, size_t size)
{
	*command = (struct command) { .kind = ORDER_OFF };
	if (memchr(payload, '\0', size)) {
		command->is_valid = fail(command, "the payload has a NUL byte");
	} else if (payload[strspn(payload, " \t\r\n")] == '{') {
		command->is_valid = parse_object(command, payload, size);
	} else {
		command->is_valid = find_word(command, payload);
	}
}

void command_parse_id(struct command *command, const char *payload, size_t size)
{
	struct json_object *root = NULL;
	struct json_object *id = NULL;

	*command = (struct command) { .is_valid = true, .kind = ORDER_READ };
	if (plug_json_parse(payload, size, PLUG_JSON_LAST_KEY_WINS, &root) == PLUG_OK &&
		json_object_object_get_ex(root, "id", &id)) {
		(void)take_id(command, id);
	}
	json_object_put(root);
}

uint64_t command_time_left_ms(const struct command *command, int64_t now_wall_ms, int default_ttl_s,
	bool has_expiry, uint32_t expiry_s)
{
	const int64_t ttl_ms = (int64_t)(command->has_ttl ? command->ttl_s : default_ttl_s) * 1000;
	const int64_t age_ms = command->has_time && command->time_wall_ms < now_wall_ms
				       ? now_wall_ms - command->time_wall_ms
				       : 0;
	int64_t left_ms = ttl_ms - age_ms;

	if (has_expiry && (int64_t)expiry_s * 1000 < left_ms) {
		left_ms = (int64_t)expiry_s * 1000;
	}
	return left_ms > 0 ? (uint64_t)left_ms : 0;
}

/* Days from 1970-01-01 in the Gregorian calendar, by counting the leap days of whole years from
 * March on. */
static int64_t days_from_1970(int year, int month, int day)
{
	const int64_t shifted = month <= 2 ? year - 1 : year;
	const int64_t from_march = (month + 9) % 12;

	return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 +
	       (from_march * 306 + 5) / 10 + day - 1 - 719468;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && is_leap ? 29 : days[month - 1];
}

/* Exactly count digits at *at, which moves behind them. */
static bool take_digits(const char **at, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9') {
			return false;
		}
		*value = *value * 10 + (**at - '0');
	}
	return true;
}

static bool take_letter(const char **at, const char *letters)
{
	if (**at == '\0' || !strchr(letters, **at)) {
		return false;
	}
	(*at)++;
	return true;
}

/* ".123456" as 123 ms; digits behind the third are read and dropped. */
static bool take_fraction(const char **at, int *ms)
{
	int digits = 0;

	*ms = 0;
	if (!take_letter(at, ".,")) {
		return true;
	}
	for (; **at >= '0' && **at <= '9'; (*at)++, digits++) {
		if (digits < 3) {
			*ms = *ms * 10 + (**at - '0');
		}
	}
	for (int i = digits; i < 3; i++) {
		*ms *= 10;
	}
	return digits > 0;
}

static bool take_zone(const char **at, int *minutes)
{
	const char sign = **at;
	int hours = 0;

	*minutes = 0;
	if (take_letter(at, "Zz")) {
		return true;
	}
	if (!take_letter(at, "+-") || !take_digits(at, 2, &hours) || !take_letter(at, ":") ||
		!take_digits(at, 2, minutes) || hours > 14 || *minutes > 59) {
		return false;
	}
	*minutes = (hours * 60 + *minutes) * (sign == '-' ? -1 : 1);
	return true;
}

bool command_time_parse(const char *text, int64_t *wall_ms)
{
	int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0, zone = 0;
	const char *at = text;

	*wall_ms = 0;
	if (!take_digits(&at, 4, &year) || !take_letter(&at, "-") || !take_digits(&at, 2, &month) ||
		!take_letter(&at, "-") || !take_digits(&at, 2, &day) || !take_letter(&at, "Tt ") ||
		!take_digits(&at, 2, &hour) || !take_letter(&at, ":") ||
		!take_digits(&at, 2, &minute) || !take_letter(&at, ":") ||
		!take_digits(&at, 2, &second) || !take_fraction(&at, &ms) ||
		!take_zone(&at, &zone) || *at != '\0') {
		return false;
	}
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
		hour > 23 || minute > 59 || second > 60) {
		return false;
	}
	*wall_ms = ((days_from_1970(year, month, day) * 24 + hour) * 60 + minute - zone) * 60000 +
		   (int64_t)second * 1000 + ms;
	return true;
}
