/* json.h - JSON as it may come from a stranger.
 *
 * json-c parses; what it lets through even when strict is caught here, before it sees the text:
 * NaN and Infinity, single quotes, bytes that are not UTF-8, control characters in strings, escaped
 * NULs (it cuts keys there), a NUL and anything after it, numbers such as 007.5, 1. and -.5.
 * Numbers such as 1e999 (they become infinite) and integers beyond 64 bits (they become INT64_MAX)
 * are JSON and parse, but no reader below believes them. Source: json-c 0.16, each case in
 * tests/unit/json_test.c. */
#ifndef PLUG_PROTOCOL_JSON_H
#define PLUG_PROTOCOL_JSON_H

#include "protocol/error.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PLUG_JSON_DEPTH_MAX = 16,
	/* Objects and arrays in one text. json-c takes 790 bytes for "{}", so that 64 KiB of them
	 * would be 16 MiB; the fullest answer in the recordings has 16. */
	PLUG_JSON_CONTAINERS_MAX = 1024,
};

enum plug_json_keys {
	PLUG_JSON_LAST_KEY_WINS, /* as devices do */
	PLUG_JSON_DISTINCT_KEYS, /* a doubled key is an error: for what people write */
};

/* Parses size bytes (no NUL needed) as one JSON value nested at most PLUG_JSON_DEPTH_MAX deep and
 * sets *root (caller: json_object_put), NULL on failure and for the value null.
 * Returns PLUG_OK, PLUG_EPROTO or PLUG_ENOMEM. Recursion and memory are bounded before json-c
 * sees the text. */
enum plug_error plug_json_parse(
	const char *text, size_t size, enum plug_json_keys keys, struct json_object **root);

/* Each looks up a member of object (which may be NULL or of any type) and converts it.
 * True and *value set when it is there with a usable type and range, else false and *value zero.
 * Numbers may be written as integer or float (1.0 is an integer, 1.5 is not); flags as 0, 1, true
 * or false. Strings are borrowed until the object is put. Integers that saturated and doubles that
 * are not finite are refused. */
bool plug_json_object(struct json_object *object, const char *key, struct json_object **value);
bool plug_json_array(struct json_object *object, const char *key, struct json_object **value);
bool plug_json_string(struct json_object *object, const char *key, const char **value);
bool plug_json_int(
	struct json_object *object, const char *key, int64_t min, int64_t max, int64_t *value);
bool plug_json_double(struct json_object *object, const char *key, double *value);
bool plug_json_flag(struct json_object *object, const char *key, bool *value);

#endif
