#include "config/text/outline.h"

#include <stdlib.h>

#include "config/text/memory.h"

static struct config_bracket *top(const struct config_outline *outline)
{
	return &outline->brackets[outline->open[outline->depth - 1]];
}

static void push(struct config_outline *outline, const struct config_bracket *bracket)
{
	outline->brackets = config_grow(outline->brackets, outline->bracket_count,
		&outline->bracket_capacity, sizeof(*outline->brackets));
	outline->brackets[outline->bracket_count] = *bracket;
	outline->open[outline->depth++] = outline->bracket_count++;
}

void config_outline_init(struct config_outline *outline)
{
	*outline = (struct config_outline) { .last = CONFIG_TOKEN_OTHER };
	push(outline, &(struct config_bracket) { .kind = '{' });
}

void config_outline_clear(struct config_outline *outline)
{
	free(outline->brackets);
	free(outline->names);
	*outline = (struct config_outline) { 0 };
}

bool config_outline_is_in_vector(const struct config_outline *outline)
{
	return top(outline)->kind != '{';
}

bool config_outline_is_crowded(const struct config_outline *outline)
{
	return top(outline)->settings > CONFIG_SETTINGS_MAX;
}

bool config_outline_is_full(const struct config_outline *outline)
{
	return outline->depth == CONFIG_DEPTH_MAX;
}

int config_outline_open_line(const struct config_outline *outline)
{
	return top(outline)->line;
}

bool config_outline_is_closed_by(const struct config_outline *outline, char closing)
{
	switch (top(outline)->kind) {
	case '{':
		return closing == '}' && outline->depth > 1;
	case '(':
		return closing == ')';
	default:
		return closing == ']';
	}
}

bool config_outline_takes_string(const struct config_outline *outline)
{
	switch (outline->last) {
	case CONFIG_TOKEN_EQUALS:
	case CONFIG_TOKEN_STRING:
		return true;
	case CONFIG_TOKEN_OPEN:
	case CONFIG_TOKEN_COMMA:
		return config_outline_is_in_vector(outline);
	default:
		return false;
	}
}

static void add_setting(struct config_outline *outline)
{
	if (outline->last != CONFIG_TOKEN_NAME || config_outline_is_in_vector(outline)) {
		return;
	}
	outline->names = config_grow(outline->names, outline->name_count, &outline->name_capacity,
		sizeof(*outline->names));
	outline->names[outline->name_count++] = outline->candidate;
	top(outline)->settings++;
}

static void add_open(struct config_outline *outline, char kind, int line)
{
	bool has_name = outline->last == CONFIG_TOKEN_EQUALS && outline->name_count > 0;

	if (config_outline_is_full(outline)) {
		return;
	}
	push(outline, &(struct config_bracket) {
			      .kind = kind,
			      .up = outline->open[outline->depth - 1],
			      .has_name = has_name,
			      .name = has_name ? outline->name_count - 1 : 0,
			      .index = top(outline)->elements,
			      .line = line,
		      });
}

void config_outline_add(struct config_outline *outline, enum config_token token, const char *text,
	const struct config_name *token_place)
{
	switch (token) {
	case CONFIG_TOKEN_NAME:
		outline->candidate = *token_place;
		outline->candidate.bracket = outline->open[outline->depth - 1];
		break;
	case CONFIG_TOKEN_EQUALS:
		add_setting(outline);
		break;
	case CONFIG_TOKEN_COMMA:
		top(outline)->elements++;
		break;
	case CONFIG_TOKEN_OPEN:
		add_open(outline, text[token_place->at], token_place->line);
		break;
	case CONFIG_TOKEN_CLOSE:
		outline->depth -= config_outline_is_closed_by(outline, text[token_place->at]);
		break;
	default:
		break;
	}
	outline->last = token;
}
