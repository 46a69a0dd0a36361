#include "config/text/patch.h"

#include <stdlib.h>
#include <string.h>

#include "config/text/memory.h"

enum {
	DEVICE_SETTINGS_MAX = 64,
	NAME_BYTES = 64,
};

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_EQUALS,
	TOKEN_STOP,
	TOKEN_OPEN,
	TOKEN_CLOSE
};

struct token {
	enum token_kind kind;
	size_t at, end;
};

struct setting {
	struct token name;
	size_t before; /* the end of the token before it */
	size_t value, value_end;
	size_t end; /* behind its ";" or ",", if any */
};

struct device {
	struct setting settings[DEVICE_SETTINGS_MAX];
	size_t count;
};

/* The keys that belong together, in the order they are written in. */
static const char *const order[] = { "name", "host", "port", "mac", "ha_id" };
enum { ORDER_COUNT = sizeof(order) / sizeof(order[0]) };

static size_t skip_blanks(const char *text, size_t at)
{
	return at + strspn(text + at, " \t\r\n\f");
}

/* Returns the end of the comment at at, or at when there is none. */
static size_t skip_comment(const char *text, size_t at)
{
	if (text[at] == '#' || strncmp(text + at, "//", 2) == 0) {
		return at + strcspn(text + at, "\n");
	}
	if (strncmp(text + at, "/*", 2) == 0) {
		const char *end = strstr(text + at + 2, "*/");
		return end ? (size_t)(end + 2 - text) : at + strlen(text + at);
	}
	return at;
}

static size_t skip_between(const char *text, size_t at)
{
	for (;;) {
		size_t next = skip_comment(text, skip_blanks(text, at));
		if (next == at) {
			return at;
		}
		at = next;
	}
}

static size_t skip_string(const char *text, size_t at)
{
	at++;
	while (text[at] != '\0' && text[at] != '"') {
		at += text[at] == '\\' && text[at + 1] != '\0' ? 2 : 1;
	}
	return text[at] == '"' ? at + 1 : at;
}

/* Names, numbers, true, false, @include. */
static size_t skip_word(const char *text, size_t at)
{
	size_t end = at;

	do {
		end += 1 + strcspn(text + end + 1, " \t\r\n\f\"#/=:,;{}()[]");
	} while (text[end] == '/' && text[end + 1] != '/' && text[end + 1] != '*');
	return end;
}

static struct token next_token(const char *text, size_t at)
{
	static const struct {
		const char *characters;
		enum token_kind kind;
	} marks[] = {
		{ "=:", TOKEN_EQUALS },
		{ ",;", TOKEN_STOP },
		{ "{([", TOKEN_OPEN },
		{ "})]", TOKEN_CLOSE },
	};

	at = skip_between(text, at);
	if (text[at] == '\0') {
		return (struct token) { TOKEN_END, at, at };
	}
	if (text[at] == '"') {
		return (struct token) { TOKEN_STRING, at, skip_string(text, at) };
	}
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strchr(marks[i].characters, text[at])) {
			return (struct token) { marks[i].kind, at, at + 1 };
		}
	}
	return (struct token) { TOKEN_WORD, at, skip_word(text, at) };
}

static bool is_word(const char *text, const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && token->end - token->at == strlen(word) &&
	       strncmp(text + token->at, word, token->end - token->at) == 0;
}

/* Returns the end of the value that begins with first: strings that follow each other are one, and
 * a bracket ends where it closes. */
static size_t end_of_value(const char *text, struct token first)
{
	size_t depth = first.kind == TOKEN_OPEN;
	struct token token = first;

	if (first.kind == TOKEN_STRING) {
		struct token next = next_token(text, first.end);
		while (next.kind == TOKEN_STRING) {
			token = next;
			next = next_token(text, next.end);
		}
	}
	while (depth > 0 && token.kind != TOKEN_END) {
		token = next_token(text, token.end);
		depth += token.kind == TOKEN_OPEN;
		depth -= token.kind == TOKEN_CLOSE;
	}
	return token.end;
}

/* Reads the settings of the group that opens at at. False when it is not made of settings, or of
 * too many. */
static bool read_device(const char *text, size_t at, struct device *device)
{
	size_t before = at + 1;
	struct token token = next_token(text, before);

	device->count = 0;
	while (token.kind == TOKEN_WORD && device->count < DEVICE_SETTINGS_MAX) {
		struct setting *setting = &device->settings[device->count++];
		struct token equals = next_token(text, token.end);
		struct token value = next_token(text, equals.end);

		*setting = (struct setting) { .name = token, .before = before, .value = value.at };
		if (equals.kind != TOKEN_EQUALS) {
			return false;
		}
		setting->value_end = end_of_value(text, value);
		setting->end = setting->value_end;
		token = next_token(text, setting->end);
		if (token.kind == TOKEN_STOP) {
			setting->end = token.end;
			token = next_token(text, token.end);
		}
		before = setting->end;
	}
	return token.kind == TOKEN_CLOSE;
}

static const struct setting *find(const char *text, const struct device *device, const char *key)
{
	for (size_t i = 0; i < device->count; i++) {
		if (is_word(text, &device->settings[i].name, key)) {
			return &device->settings[i];
		}
	}
	return NULL;
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *digit = c != '\0' ? strchr(digits, c) : NULL;

	if (!digit) {
		return -1;
	}
	return (int)(digit - digits) - (digit - digits > 15 ? 6 : 0);
}

/* Decodes one character of a string at at; returns how many bytes it was written with. */
static size_t decode(const char *at, char *c)
{
	*c = *at;
	if (*at != '\\') {
		return 1;
	}
	*c = at[1];
	if (at[1] != 'x' && at[1] != 'X') {
		return 2;
	}
	*c = (char)(hex_value(at[2]) * 16 + hex_value(at[3]));
	return hex_value(at[2]) >= 0 && hex_value(at[3]) >= 0 ? 4 : 2;
}

/* True when the value, which may be several strings one after the other, says name. */
static bool says(const char *text, const struct setting *setting, const char *name)
{
	char said[NAME_BYTES] = "";
	size_t size = 0;
	struct token token = next_token(text, setting->value);

	while (token.kind == TOKEN_STRING && token.at < setting->value_end) {
		size_t at = token.at + 1;
		while (at + 1 < token.end && size < sizeof(said) - 1) {
			at += decode(text + at, &said[size++]);
		}
		token = next_token(text, token.end);
	}
	said[size] = '\0';
	return strcmp(said, name) == 0;
}

/* Returns where the list of devices opens, or the end of the text. */
static size_t find_list(const char *text)
{
	static const char mark[] = "\xEF\xBB\xBF"; /* of editors on Windows */
	struct token token =
		next_token(text, strncmp(text, mark, sizeof(mark) - 1) == 0 ? sizeof(mark) - 1 : 0);
	size_t depth = 0;

	while (token.kind != TOKEN_END) {
		if (depth == 0 && is_word(text, &token, "devices")) {
			struct token equals = next_token(text, token.end);
			struct token open = next_token(text, equals.end);
			return open.kind == TOKEN_OPEN ? open.at : strlen(text);
		}
		depth += token.kind == TOKEN_OPEN;
		depth -= token.kind == TOKEN_CLOSE && depth > 0;
		token = next_token(text, token.end);
	}
	return token.at;
}

/* Finds the device in the list; false with *problem set. */
static bool find_device(const char *text, const char *name, struct device *device, char **problem)
{
	size_t list = find_list(text);
	struct token token = next_token(text, list + (text[list] != '\0'));
	struct device other;
	size_t found = 0;

	while (token.kind != TOKEN_END && token.kind != TOKEN_CLOSE) {
		size_t end = token.end;
		if (token.kind == TOKEN_OPEN) {
			end = end_of_value(text, token);
			const bool is_read = read_device(text, token.at, &other);
			const struct setting *key = is_read ? find(text, &other, "name") : NULL;
			if (key && says(text, key, name)) {
				*device = other;
				found++;
			}
		}
		token = next_token(text, end);
	}
	if (found != 1) {
		*problem =
			config_copy(found == 0 ? "the device does not stand in this file itself"
					       : "the device stands in this file more than once");
	}
	return found == 1;
}

/* Gives the value as it is written. */
static char *literal(const struct config_change *change)
{
	size_t size = strlen(change->value);
	char *text = config_alloc(2 * size + 3, 1);
	char *out = text;

	if (!change->is_text) {
		memcpy(text, change->value, size);
		return text;
	}
	*out++ = '"';
	for (const char *at = change->value; *at != '\0'; at++) {
		if (*at == '"' || *at == '\\') {
			*out++ = '\\';
		}
		*out++ = *at;
	}
	*out = '"';
	return text;
}

/* Gives text with the bytes from at to end replaced. */
static char *splice(const char *text, size_t at, size_t end, const char *piece)
{
	return config_format("%.*s%s%s", (int)at, text, piece, text + end);
}

/* The setting that a new key is written behind: the last that is there of those before it in the
 * order. Every device has a name. */
static const struct setting *anchor_of(
	const char *text, const struct device *device, const char *key)
{
	const struct setting *anchor = NULL;

	for (size_t i = 0; i < ORDER_COUNT && strcmp(order[i], key) != 0; i++) {
		const struct setting *setting = find(text, device, order[i]);
		if (setting) {
			anchor = setting;
		}
	}
	return anchor;
}

static size_t line_start(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n') {
		at--;
	}
	return at;
}

/* Returns where the line of a setting ends when it has the line for itself, comments aside; 0 when
 * it shares it. */
static size_t end_of_own_line(const char *text, const struct setting *setting)
{
	size_t start = line_start(text, setting->name.at);
	size_t at = setting->end;

	if (start + strspn(text + start, " \t") != setting->name.at) {
		return 0;
	}
	for (;;) {
		at += strspn(text + at, " \t\r\f");
		size_t next = skip_comment(text, at);
		if (next == at) {
			return text[at] == '\n' ? at : 0;
		}
		if (memchr(text + at, '\n', next - at)) {
			return 0;
		}
		at = next;
	}
}

/* Gives text with a new key on a line of its own behind the anchor's, indented like it. */
static char *insert_line(
	const char *text, const struct setting *anchor, size_t line_end, const char *written)
{
	size_t start = line_start(text, anchor->name.at);
	const char *stop = anchor->end == anchor->value_end ? ";" : "";
	const char *line = line_end > 0 && text[line_end - 1] == '\r' ? "\r\n" : "\n";
	char *piece = config_format("%s%.*s%.*s%s%s", stop, (int)(line_end + 1 - anchor->end),
		text + anchor->end, (int)(anchor->name.at - start), text + start, written, line);
	char *result = splice(text, anchor->end, line_end + 1, piece);

	free(piece);
	return result;
}

/* Gives text with a new key behind the anchor in the same line, as far from it as that is from what
 * is before it. */
static char *insert_inline(const char *text, const struct setting *anchor, const char *written)
{
	size_t blanks = anchor->name.at - anchor->before;
	bool is_blank = blanks > 0 && strspn(text + anchor->before, " \t") >= blanks;
	const char *stop = anchor->end == anchor->value_end ? ";" : "";
	char *piece = config_format("%s%.*s%s", stop, is_blank ? (int)blanks : 1,
		is_blank ? text + anchor->before : " ", written);
	char *result = splice(text, anchor->end, anchor->end, piece);

	free(piece);
	return result;
}

static char *insert(
	const char *text, const struct device *device, const char *key, const char *value)
{
	const struct setting *anchor = anchor_of(text, device, key);
	size_t line_end = anchor ? end_of_own_line(text, anchor) : 0;
	char *written = config_format("%s = %s;", key, value);
	char *result = NULL;

	if (anchor) {
		result = line_end > 0 ? insert_line(text, anchor, line_end, written)
				      : insert_inline(text, anchor, written);
	}
	free(written);
	return result;
}

static char *patch(
	const char *text, const char *name, const struct config_change *change, char **problem)
{
	struct device device;

	if (!find_device(text, name, &device, problem)) {
		return NULL;
	}
	const struct setting *setting = find(text, &device, change->key);
	char *value = literal(change);
	char *result = setting ? splice(text, setting->value, setting->value_end, value)
			       : insert(text, &device, change->key, value);
	free(value);
	if (!result) {
		*problem = config_format("there is no place for %s", change->key);
	}
	return result;
}

char *config_patch_device(const char *text, const char *device, const struct config_change *changes,
	size_t count, char **problem)
{
	char *result = config_copy(text);

	*problem = NULL;
	for (size_t i = 0; i < count && result; i++) {
		char *next = patch(result, device, &changes[i], problem);
		free(result);
		result = next;
	}
	return result;
}

char *config_patch_line(const struct config_change *changes, size_t count)
{
	char *line = config_copy("");

	for (size_t i = 0; i < count; i++) {
		char *value = literal(&changes[i]);
		char *longer = config_format(
			"%s%s%s = %s;", line, i > 0 ? " " : "", changes[i].key, value);
		free(value);
		free(line);
		line = longer;
	}
	return line;
}
