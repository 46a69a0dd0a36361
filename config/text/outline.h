/* outline.h - which brackets are open and which settings stand in them, while the text is scanned.
 *
 * Knows just enough of libconfig's grammar for two things libconfig 1.5 does badly: it leaks a
 * string that stands where none may, and it names neither the setting that is given twice nor its
 * first place. Behind a syntax error the outline is worth nothing; libconfig stops there. */
#ifndef PLUG_CONFIG_TEXT_OUTLINE_H
#define PLUG_CONFIG_TEXT_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

enum {
	CONFIG_DEPTH_MAX = 32,
	CONFIG_SETTINGS_MAX = 1000, /* in one group: libconfig's time goes with their square */
};

enum config_token {
	CONFIG_TOKEN_OTHER, /* numbers, separators, what libconfig will refuse */
	CONFIG_TOKEN_NAME,
	CONFIG_TOKEN_STRING,
	CONFIG_TOKEN_EQUALS,
	CONFIG_TOKEN_COMMA,
	CONFIG_TOKEN_OPEN,
	CONFIG_TOKEN_CLOSE,
};

/* One group, list or array; the first is the whole file. */
struct config_bracket {
	char kind;	 /* '{', '(' or '[' */
	size_t up;	 /* the bracket it stands in */
	bool has_name;	 /* it is the value of a setting, else an element of a list */
	size_t name;	 /* which of names */
	size_t index;	 /* which element */
	size_t elements; /* commas seen inside so far */
	size_t settings; /* seen inside so far */
	int line;
};

/* One setting. */
struct config_name {
	size_t bracket;
	size_t at, length; /* in the flat text */
	int line;
};

struct config_outline {
	struct config_bracket *brackets;
	size_t bracket_count, bracket_capacity;
	struct config_name *names;
	size_t name_count, name_capacity;
	size_t open[CONFIG_DEPTH_MAX];
	size_t depth; /* of open; the whole file is 1 */
	enum config_token last;
	struct config_name candidate; /* a name that may turn out to be a setting */
};

void config_outline_init(struct config_outline *outline);
void config_outline_clear(struct config_outline *outline);

/* Takes note of a token: length bytes at text + at, in the given line. */
void config_outline_add(struct config_outline *outline, enum config_token token, const char *text,
	const struct config_name *token_place);

/* May a string stand here, after what was added last? */
bool config_outline_takes_string(const struct config_outline *outline);

/* Does the scan stand in a list or an array? */
bool config_outline_is_in_vector(const struct config_outline *outline);

/* Does the innermost group hold more settings than may be? */
bool config_outline_is_crowded(const struct config_outline *outline);

/* Is there room for one more open bracket? */
bool config_outline_is_full(const struct config_outline *outline);

/* Returns the line of the innermost open bracket, 0 when none is open. */
int config_outline_open_line(const struct config_outline *outline);

/* Does closing, one of ")]}", close the innermost bracket? */
bool config_outline_is_closed_by(const struct config_outline *outline, char closing);

#endif
