/* keys.h - the table of keys: what may stand in plugbridge.cfg, and into which field it is read.
 *
 * The table drives the reader, the messages and the printed reference; the annotated example is
 * held to it by a test. A key is added here, in config.h and in the example, nowhere else. */
#ifndef PLUG_CONFIG_KEYS_H
#define PLUG_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config/forms.h"

enum config_key_type {
	CONFIG_KEY_INT,	   /* a whole number */
	CONFIG_KEY_NUMBER, /* with or without a fraction */
	CONFIG_KEY_BOOL,
	CONFIG_KEY_TEXT,   /* char * */
	CONFIG_KEY_CHOICE, /* one of a few words; an enum whose values count from 0 */
	CONFIG_KEY_MAC,	   /* of a struct config_device */
	CONFIG_KEY_TEXTS,  /* a list of texts: char ** and a count */
	CONFIG_KEY_GROUP,  /* a struct */
	CONFIG_KEY_GROUPS, /* a list of groups: a struct * and a count */
	CONFIG_KEY_TYPES,
};

/* The C type of a number's field. */
enum config_store { CONFIG_STORE_INT, CONFIG_STORE_U16, CONFIG_STORE_I64, CONFIG_STORE_U64 };

struct config_keys {
	const struct config_key *items;
	size_t count;
};

struct config_key {
	const char *name;
	enum config_key_type type;
	enum config_store store; /* of a number */
	size_t offset;		 /* of the field in the struct of its group */
	size_t count_offset;	 /* of the count, for lists */
	size_t item_bytes;	 /* of an element, for lists of groups */

	double min,
		max;  /* of a number; bytes of a text; elements of a list, max 0 for any number */
	double scale; /* the field holds the number times this */

	const struct config_form *form;	   /* of texts */
	const char *const *choices;	   /* ends with NULL */
	const struct config_keys *members; /* of groups */
	const char *shorthand;		   /* "x" may stand for { shorthand = "x" } */

	const char *initial;	  /* the default as written in the file, a text without its quotes;
				   * NULL when there is none or it depends on others */
	const char *initial_note; /* what it depends on */
	const char *help;
	bool is_required;
};

extern const struct config_keys config_root_keys;

/* Returns the key of that name, or NULL. */
const struct config_key *config_key_find(const struct config_keys *keys, const char *name);

/* Returns the key that name was probably meant to be, or NULL. */
const struct config_key *config_key_suggest(const struct config_keys *keys, const char *name);

/* Gives what a value of the key must be: "a whole number from 1 to 65535" (free with free). */
char *config_key_expected(const struct config_key *key);

/* Gives the names of the keys, with commas between (free with free). */
char *config_keys_list(const struct config_keys *keys);

/* Prints every key with its form, default and meaning as a Markdown table. */
void config_print_reference(FILE *out);

#endif
