#include "config/text/scan.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/text/file.h"
#include "config/text/memory.h"

/* One file on its way through the scan. */
struct input {
	const char *file;
	size_t file_index;
	const char *at, *end, *line_start; /* the bytes are NUL-terminated */
	int line;
	int depth; /* 1 for the main file */
};

struct scanner {
	struct config_text *out;
	struct input *in;
	int flat_line;
	int held_lines; /* line ends not written yet; flat_line counts them */
	bool wants_space;
	size_t include_count, total_bytes;
};

static void put(struct config_text *out, char c)
{
	out->text = config_grow(out->text, out->size, &out->capacity, 1);
	out->text[out->size++] = c;
}

static void put_all(struct config_text *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		put(out, text[i]);
	}
}

static void release_lines(struct scanner *scanner)
{
	for (; scanner->held_lines > 0; scanner->held_lines--) {
		put(scanner->out, '\n');
	}
}

/* libconfig gives a string in a list the line of the token after it, for it must see that no
 * other string follows. So a line end after such a string waits until that token is written. */
static void end_line(struct scanner *scanner)
{
	const struct config_outline *outline = &scanner->out->outline;

	scanner->held_lines++;
	scanner->flat_line++;
	if (outline->last != CONFIG_TOKEN_STRING || !config_outline_is_in_vector(outline)) {
		release_lines(scanner);
	}
}

static bool overtakes_lines(const struct scanner *scanner, enum config_token token, char first)
{
	return token == CONFIG_TOKEN_STRING || token == CONFIG_TOKEN_COMMA ||
	       (token == CONFIG_TOKEN_CLOSE &&
		       config_outline_is_closed_by(&scanner->out->outline, first));
}

/* Writes a token of the flat text. */
static void emit(struct scanner *scanner, enum config_token token, const char *text, size_t length)
{
	struct config_text *out = scanner->out;

	if (!overtakes_lines(scanner, token, text[0])) {
		release_lines(scanner);
	}
	if (scanner->wants_space) {
		put(out, ' ');
	}
	scanner->wants_space = false;
	struct config_name place = {
		.at = out->size, .length = length, .line = scanner->flat_line
	};
	put_all(out, text, length);
	out->last_line = scanner->flat_line;
	config_outline_add(&out->outline, token, out->text, &place);
	if (token != CONFIG_TOKEN_STRING) {
		release_lines(scanner);
	}
}

/* Ends the scan at the current line; takes reason. The first reason stays. */
static void stop(struct scanner *scanner, char *reason)
{
	if (scanner->out->stop) {
		free(reason);
		return;
	}
	release_lines(scanner);
	put_all(scanner->out, " ?", 2);
	scanner->out->stop = reason;
	scanner->out->stop_line = scanner->flat_line;
}

static void skip_to(struct scanner *scanner, const char *end)
{
	struct input *in = scanner->in;

	for (; in->at < end; in->at++) {
		if (*in->at == '\n') {
			in->line++;
			in->line_start = in->at + 1;
			end_line(scanner);
		}
	}
	scanner->wants_space = true;
}

static void scan_line_comment(struct scanner *scanner)
{
	const struct input *in = scanner->in;
	const char *end = memchr(in->at, '\n', (size_t)(in->end - in->at));

	skip_to(scanner, end ? end : in->end);
}

static void scan_block_comment(struct scanner *scanner)
{
	const char *end = strstr(scanner->in->at + 2, "*/");

	if (!end) {
		stop(scanner, config_copy("this comment is never closed: \"*/\" is missing"));
		return;
	}
	skip_to(scanner, end + 2);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_name(char c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '*';
}

static void scan_name(struct scanner *scanner)
{
	struct input *in = scanner->in;
	const char *start = in->at;

	while (is_name(*in->at)) {
		in->at++;
	}
	emit(scanner, CONFIG_TOKEN_NAME, start, (size_t)(in->at - start));
}

/* How many bytes at the backslash belong to one escape; 1 for a backslash that stands for itself.
 */
static size_t escape_length(const char *at)
{
	if (at[1] != '\0' && strchr("\\\"nrtf", at[1])) {
		return 2;
	}
	return (at[1] == 'x' || at[1] == 'X') && is_hex(at[2]) && is_hex(at[3]) ? 4 : 1;
}

/* Returns the closing quote, or NULL after a stop. */
static const char *end_of_string(struct scanner *scanner, const char *at)
{
	while (at < scanner->in->end && *at != '"' && *at != '\n') {
		size_t length = *at == '\\' ? escape_length(at) : 1;
		if (length == 4 && at[2] == '0' && at[3] == '0') {
			stop(scanner, config_copy("a text cannot hold a NUL (\\x00)"));
			return NULL;
		}
		at += length;
	}
	if (*at != '"') {
		stop(scanner,
			config_copy("this text is not closed in its line: a quote is missing"));
		return NULL;
	}
	return at;
}

static void scan_string(struct scanner *scanner)
{
	struct input *in = scanner->in;
	const char *end = end_of_string(scanner, in->at + 1);

	if (!end) {
		return;
	}
	if (!config_outline_takes_string(&scanner->out->outline)) {
		stop(scanner, config_copy("a text in quotes cannot stand here: is a \"=\", a comma "
					  "or a quote missing before it?"));
		return;
	}
	emit(scanner, CONFIG_TOKEN_STRING, in->at, (size_t)(end + 1 - in->at));
	in->at = end + 1;
}

/* Writes an integer with the suffix that keeps libconfig from cutting it to 32 bits. */
static void emit_integer(struct scanner *scanner, long long value, bool is_long)
{
	char *text = config_format(
		is_long || value > INT32_MAX || value < INT32_MIN ? "%lldL" : "%lld", value);

	emit(scanner, CONFIG_TOKEN_OTHER, text, strlen(text));
	free(text);
	scanner->wants_space = true; /* "5LLL" and "0x1.5" must not become other numbers */
}

/* Skips the suffix L or LL. */
static bool skip_long(struct input *in)
{
	bool is_long = *in->at == 'L';

	in->at += is_long ? 1 + (in->at[1] == 'L') : 0;
	return is_long;
}

static void scan_hex(struct scanner *scanner)
{
	struct input *in = scanner->in;
	char *end;
	unsigned long long value = strtoull(in->at, &end, 16);

	in->at = end;
	emit_integer(scanner, value > INT64_MAX ? INT64_MAX : (long long)value, skip_long(in));
}

static const char *skip_digits(const char *at)
{
	while (is_digit(*at)) {
		at++;
	}
	return at;
}

/* Returns the end of an exponent at at, or at when there is none. */
static const char *skip_exponent(const char *at)
{
	const char *digits = at + 1;

	if (*at != 'e' && *at != 'E') {
		return at;
	}
	digits += *digits == '+' || *digits == '-';
	return is_digit(*digits) ? skip_digits(digits) : at;
}

/* Returns the end of the floating-point number at start, or NULL when it is none. */
static const char *end_of_float(const char *start)
{
	const char *digits = start + (*start == '+' || *start == '-');
	const char *end = skip_digits(digits);

	if (*end == '.') {
		return skip_exponent(skip_digits(end + 1));
	}
	const char *after = skip_exponent(end);
	return end > digits && after > end ? after : NULL;
}

static void scan_number(struct scanner *scanner)
{
	struct input *in = scanner->in;
	const char *start = in->at;
	const char *end = end_of_float(start);

	if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X') && is_hex(start[2])) {
		scan_hex(scanner);
	} else if (end) {
		in->at = end;
		emit(scanner, CONFIG_TOKEN_OTHER, start, (size_t)(end - start));
	} else if (is_digit(start[*start == '+' || *start == '-'])) {
		char *after;
		long long value = strtoll(start, &after, 10); /* saturates, and is out of range */
		in->at = after;
		emit_integer(scanner, value, skip_long(in));
	} else {
		in->at++;
		emit(scanner, CONFIG_TOKEN_OTHER, start, 1);
	}
}

static enum config_token token_of(char c)
{
	static const struct {
		const char *characters;
		enum config_token token;
	} kinds[] = {
		{ "=:", CONFIG_TOKEN_EQUALS },
		{ ",", CONFIG_TOKEN_COMMA },
		{ "{([", CONFIG_TOKEN_OPEN },
		{ "})]", CONFIG_TOKEN_CLOSE },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strchr(kinds[i].characters, c)) {
			return kinds[i].token;
		}
	}
	return CONFIG_TOKEN_OTHER;
}

static void scan_mark(struct scanner *scanner)
{
	struct input *in = scanner->in;
	enum config_token token = token_of(*in->at);

	if (token == CONFIG_TOKEN_OPEN && config_outline_is_full(&scanner->out->outline)) {
		stop(scanner,
			config_format("brackets are nested deeper than %d", CONFIG_DEPTH_MAX - 1));
		return;
	}
	emit(scanner, token, in->at, 1);
	in->at++;
	if (config_outline_is_crowded(&scanner->out->outline)) {
		stop(scanner,
			config_format("more than %d settings in one group", CONFIG_SETTINGS_MAX));
	}
}

static void add_segment(struct scanner *scanner)
{
	struct config_text *out = scanner->out;

	out->segments = config_grow(
		out->segments, out->segment_count, &out->segment_capacity, sizeof(*out->segments));
	out->segments[out->segment_count++] = (struct config_segment) {
		.flat_line = scanner->flat_line,
		.file = scanner->in->file_index,
		.line = scanner->in->line,
	};
}

static size_t add_file(struct config_text *out, const char *file)
{
	out->files =
		config_grow(out->files, out->file_count, &out->file_capacity, sizeof(*out->files));
	out->files[out->file_count] = config_copy(file);
	return out->file_count++;
}

static void scan_file(struct scanner *scanner, const char *path, int depth);

/* Scans path in the place of the directive. Both start a line of the flat text of their own. */
static void include(struct scanner *scanner, const char *path)
{
	struct input *in = scanner->in;

	if (in->depth > CONFIG_INCLUDE_DEPTH_MAX) {
		stop(scanner,
			config_format("files are included deeper than %d: does one include itself?",
				CONFIG_INCLUDE_DEPTH_MAX));
		return;
	}
	if (++scanner->include_count > CONFIG_INCLUDES_MAX) {
		stop(scanner,
			config_format("more than %d files are included", CONFIG_INCLUDES_MAX));
		return;
	}
	release_lines(scanner);
	char *file = config_file_beside(in->file, path);
	scan_file(scanner, file, in->depth + 1);
	free(file);
	if (!scanner->out->stop) {
		end_line(scanner);
		release_lines(scanner);
		add_segment(scanner);
	}
}

static bool is_first_in_line(const struct input *in)
{
	const char *at = in->line_start;

	while (*at == ' ' || *at == '\t') {
		at++;
	}
	return at == in->at;
}

static void scan_include(struct scanner *scanner)
{
	static const char word[] = "@include";
	struct input *in = scanner->in;
	const char *quote = in->at + sizeof(word) - 1;

	if (strncmp(in->at, word, sizeof(word) - 1) != 0) {
		scan_mark(scanner);
		return;
	}
	quote += strspn(quote, " \t");
	size_t length = *quote == '"' ? strcspn(quote + 1, "\"\\\n") : 0;
	if (!is_first_in_line(in) || length == 0 || quote[1 + length] != '"') {
		stop(scanner, config_copy("expected @include \"FILE\" first in its line, and no "
					  "backslash in it"));
		return;
	}
	char *path = config_format("%.*s", (int)length, quote + 1);
	in->at = quote + 1 + length + 1;
	include(scanner, path);
	free(path);
}

static void scan_token(struct scanner *scanner)
{
	struct input *in = scanner->in;
	char c = *in->at;

	if (c == '\n' || c == ' ' || c == '\t' || c == '\r' || c == '\f') {
		skip_to(scanner, in->at + 1);
	} else if (c == '#' || (c == '/' && in->at[1] == '/')) {
		scan_line_comment(scanner);
	} else if (c == '/' && in->at[1] == '*') {
		scan_block_comment(scanner);
	} else if (c == '"') {
		scan_string(scanner);
	} else if (c == '@') {
		scan_include(scanner);
	} else if (is_letter(c) || c == '*') {
		scan_name(scanner);
	} else if (is_digit(c) || c == '+' || c == '-' || c == '.') {
		scan_number(scanner);
	} else {
		scan_mark(scanner);
	}
}

/* Editors on Windows start a text with this mark; libconfig would call it a syntax error. */
static const char *skip_byte_order_mark(const char *bytes)
{
	static const char mark[] = "\xEF\xBB\xBF";

	return strncmp(bytes, mark, sizeof(mark) - 1) == 0 ? bytes + sizeof(mark) - 1 : bytes;
}

static void scan_bytes(struct scanner *scanner, struct input *in, const struct config_file *file)
{
	const char *nul = memchr(file->bytes, '\0', file->size);
	struct input *includer = scanner->in;

	in->at = skip_byte_order_mark(file->bytes);
	in->line_start = in->at;
	in->end = file->bytes + file->size;
	in->line = 1;
	in->file_index = add_file(scanner->out, in->file);
	scanner->in = in;
	add_segment(scanner);
	if (nul) {
		skip_to(scanner, nul);
		stop(scanner, config_copy("there is a NUL byte: this is not a text"));
	}
	while (in->at < in->end && !scanner->out->stop) {
		scan_token(scanner);
	}
	scanner->in = includer;
}

/* A file that cannot be read stops the scan in the line that includes it; the main file has no
 * such line. */
static void refuse_file(struct scanner *scanner, const char *path, const char *reason)
{
	struct config_text *out = scanner->out;

	if (scanner->in) {
		stop(scanner, config_format("\"%s\" cannot be included: it %s", path, reason));
		return;
	}
	add_file(out, path);
	out->stop = config_format("the file %s", reason);
}

static void scan_file(struct scanner *scanner, const char *path, int depth)
{
	struct config_file file;
	struct input in = { .file = path, .depth = depth };

	if (!config_file_read(path, CONFIG_FILE_MAX_BYTES - scanner->total_bytes, &file)) {
		refuse_file(scanner, path, file.error);
	} else {
		scanner->total_bytes += file.size;
		scan_bytes(scanner, &in, &file);
	}
	config_file_clear(&file);
}

void config_text_scan(const char *file, struct config_text *text)
{
	struct scanner scanner = { .out = text, .flat_line = 1 };

	*text = (struct config_text) { 0 };
	config_outline_init(&text->outline);
	scan_file(&scanner, file, 1);
	release_lines(&scanner);
	put(text, '\n');
	put(text, '\0');
}
