#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/text/memory.h"

static char *expected_number(const struct config_key *key)
{
	const char *kind = key->type == CONFIG_KEY_INT ? "a whole number" : "a number";

	return config_format("%s from %.10g to %.10g", kind, key->min, key->max);
}

static char *expected_text(const struct config_key *key)
{
	if (key->form != &config_form_any) {
		return config_copy(key->form->expected);
	}
	return config_format(
		"a text of %s%.10g bytes", key->min > 0 ? "1 to " : "at most ", key->max);
}

/* Gives "\"off\", \"device\" or \"components\"". */
static char *expected_choice(const struct config_key *key)
{
	char *text = config_copy("");

	for (size_t i = 0; key->choices[i]; i++) {
		const char *between = i == 0 ? "" : key->choices[i + 1] ? ", " : " or ";
		char *longer = config_format("%s%s\"%s\"", text, between, key->choices[i]);
		free(text);
		text = longer;
	}
	return text;
}

static char *expected_list(const struct config_key *key)
{
	if (key->type == CONFIG_KEY_TEXTS) {
		return config_format("a list ( \"...\" ) of at most %.10g, each %s", key->max,
			key->form->expected);
	}
	if (key->max > 0) {
		return config_format("a list ( ... ) of %.10g to %.10g %ss or groups", key->min,
			key->max, key->shorthand);
	}
	return config_copy("a list of groups ( { ... }, { ... } )");
}

char *config_key_expected(const struct config_key *key)
{
	switch (key->type) {
	case CONFIG_KEY_INT:
	case CONFIG_KEY_NUMBER:
		return expected_number(key);
	case CONFIG_KEY_BOOL:
		return config_copy("true or false");
	case CONFIG_KEY_CHOICE:
		return expected_choice(key);
	case CONFIG_KEY_GROUP:
		return config_copy("a group { ... }");
	case CONFIG_KEY_TEXTS:
	case CONFIG_KEY_GROUPS:
		return expected_list(key);
	default:
		return expected_text(key);
	}
}

char *config_keys_list(const struct config_keys *keys)
{
	char *text = config_copy("");

	for (size_t i = 0; i < keys->count; i++) {
		char *longer = config_format("%s%s%s", text, i ? ", " : "", keys->items[i].name);
		free(text);
		text = longer;
	}
	return text;
}

/* Gives the default as the reference shows it. */
static char *default_of(const struct config_key *key)
{
	const char *note = key->initial_note ? key->initial_note : "";

	if (key->is_required) {
		return config_copy("must be given");
	}
	if (!key->initial || (key->initial[0] == '\0' && note[0] != '\0')) {
		return config_copy(note);
	}
	const char *joint = note[0] ? "; " : "";
	switch (key->type) {
	case CONFIG_KEY_TEXTS:
		return config_format("`( \"%s\" )`%s%s", key->initial, joint, note);
	case CONFIG_KEY_TEXT:
	case CONFIG_KEY_CHOICE:
		return config_format("`\"%s\"`%s%s", key->initial, joint, note);
	default:
		return config_format("`%s`%s%s", key->initial, joint, note);
	}
}

static void print_keys(FILE *out, const struct config_keys *keys, const char *prefix)
{
	for (size_t i = 0; i < keys->count; i++) {
		const struct config_key *key = &keys->items[i];
		char *expected = config_key_expected(key);
		char *initial = default_of(key);

		fprintf(out, "| `%s%s` | %s | %s | %s |\n", prefix, key->name, expected, initial,
			key->help);
		free(expected);
		free(initial);
		if (key->members) {
			char *inner = config_format("%s%s%s.", prefix, key->name,
				key->type == CONFIG_KEY_GROUPS ? "[]" : "");
			print_keys(out, key->members, inner);
			free(inner);
		}
	}
}

void config_print_reference(FILE *out)
{
	fputs("| key | value | default | meaning |\n|---|---|---|---|\n", out);
	print_keys(out, &config_root_keys, "");
}
