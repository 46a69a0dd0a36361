#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/json.h"

/* Bytes of a text without its NUL, which may hold NULs of its own. */
#define TEXT(text)                                                                                 \
	{                                                                                          \
		(text), sizeof(text) - 1                                                           \
	}

struct text {
	const char *bytes;
	size_t size;
};

/* Whether json-c was asked to parse at all. */
static struct {
	size_t calls;
	bool refuses;
} spy;

struct json_tokener *__real_json_tokener_new_ex(int depth);
struct json_tokener *__wrap_json_tokener_new_ex(int depth);

struct json_tokener *__wrap_json_tokener_new_ex(int depth)
{
	spy.calls++;
	return spy.refuses ? NULL : __real_json_tokener_new_ex(depth);
}

static int setup(void **state)
{
	(void)state;
	memset(&spy, 0, sizeof spy);
	return 0;
}

/* Parses from memory that ends where the text ends, so that a sanitizer sees a byte too many. */
static enum plug_error parse_exact(
	const char *bytes, size_t size, enum plug_json_keys keys, struct json_object **root)
{
	char *copy = malloc(size > 0 ? size : 1);
	enum plug_error error;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	error = plug_json_parse(copy, size, keys, root);
	free(copy);
	return error;
}

static void expect(const struct text *text, enum plug_json_keys keys, enum plug_error expected)
{
	struct json_object *root = (struct json_object *)&spy;
	const enum plug_error error = parse_exact(text->bytes, text->size, keys, &root);

	if (error != expected) {
		fail_msg("%.*s: %s", (int)text->size, text->bytes, plug_error_text(error));
	}
	if (error != PLUG_OK) {
		assert_null(root);
	}
	json_object_put(root);
}

static void json_accepts_what_is_json(void **state)
{
	static const struct text texts[] = { TEXT("{}"), TEXT("[]"), TEXT(" \t\r\n{ \"a\" : 1 }\n"),
		TEXT("null"), TEXT("true"), TEXT("false"), TEXT("0"), TEXT("-0"), TEXT("12.5e-3 "),
		TEXT("1E+05"), TEXT("\"\""), TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""),
		TEXT("\"NaN ' Infinity : { [ 007\""), TEXT("\"\\ud83d\\ude00\""), TEXT("\"a\x7f\""),
		TEXT("{\"\":0}"), TEXT("[1,[2,[3]],{\"a\":[]}]"),
		TEXT("[0,-1,10,0.0,-0.5,1e0,0e-0]"),
		/* A lone surrogate is JSON; json-c puts U+FFFD in its place. */
		TEXT("\"\\ud800\""), TEXT("[\"\\udc00\",\"\\ud800\\u0041\"]"),
		/* Beyond what numbers can hold, and still JSON: the readers refuse them. */
		TEXT("[1e999,-1e999,99999999999999999999999]"), TEXT("\"\\\\u0000\"") };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect(&texts[i], PLUG_JSON_LAST_KEY_WINS, PLUG_OK);
		expect(&texts[i], PLUG_JSON_DISTINCT_KEYS, PLUG_OK);
	}
}

static void json_refuses_what_is_not(void **state)
{
	static const struct text texts[] = { TEXT(""), TEXT(" "), TEXT("\n"), TEXT("nul"),
		TEXT("NULL"), TEXT("True"), TEXT("nullx"), TEXT("truefalse"), TEXT("[true false]"),
		/* words json-c takes for numbers */
		TEXT("NaN"), TEXT("[NaN]"), TEXT("{\"a\":NaN}"), TEXT("Infinity"),
		TEXT("-Infinity"), TEXT("{\"a\":-Infinity}"), TEXT("[nan]"), TEXT("[inf]"),
		TEXT("[infinity]"),
		/* numbers */
		TEXT("01"), TEXT("{\"a\":00}"), TEXT("{\"a\":-01}"), TEXT("[007.5]"), TEXT("[1.]"),
		TEXT("[1.e5]"), TEXT("[.5]"), TEXT("[-.5]"), TEXT("[+1]"), TEXT("[-]"),
		TEXT("[--1]"), TEXT("[1e]"), TEXT("[1e+]"), TEXT("[1e1.5]"), TEXT("[1.2.3]"),
		TEXT("[1-2]"), TEXT("[0x10]"), TEXT("[1 2]"), TEXT("-"), TEXT("1e"), TEXT("1."),
		/* quotes and keys */
		TEXT("{'a':1}"), TEXT("{\"a\":'x'}"), TEXT("['x']"), TEXT("'x'"), TEXT("{a:1}"),
		TEXT("{1:1}"), TEXT("{null:1}"),
		/* commas, colons, brackets */
		TEXT("[1,]"), TEXT("[,1]"), TEXT("[1,,2]"), TEXT("[,]"), TEXT("{\"a\":1,}"),
		TEXT("{,}"), TEXT("{\"a\":1,,\"b\":2}"), TEXT("{\"a\"}"), TEXT("{\"a\":}"),
		TEXT("{\"a\" 1}"), TEXT("{\"a\"::1}"), TEXT("[1:2]"), TEXT("[1}"),
		TEXT("{\"a\":1]"), TEXT("["), TEXT("]"), TEXT("{"), TEXT("}"), TEXT("[]]"),
		TEXT("][") };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect(&texts[i], PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	}
}

static void json_refuses_comments_and_trailing_text(void **state)
{
	static const struct text texts[] = { TEXT("/* x */{}"), TEXT("{}/* x */"), TEXT("{/**/}"),
		TEXT("// x\n{}"), TEXT("{}//"), TEXT("# x\n{}"), TEXT("{}x"), TEXT("{}{}"),
		TEXT("{},"), TEXT("{}]"), TEXT("{} 1"), TEXT("1 1"), TEXT("\"a\"\"b\""),
		TEXT("{}\v"), TEXT("{}\f"), TEXT("{\v}"), TEXT("\xef\xbb\xbf{}"),
		TEXT("\xc2\xa0{}") };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect(&texts[i], PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	}
}

static void json_refuses_nuls_wherever_they_hide(void **state)
{
	static const struct text texts[] = { TEXT("\0"), TEXT("{}\0"), TEXT("{}\0x"), TEXT("\0{}"),
		TEXT("{\"a\":1\0}"), TEXT("\"a\0b\""), TEXT("{\"a\0\":1}"), TEXT("1\0"),
		TEXT("\"\\u0000\""), TEXT("{\"state\\u0000x\":1}"), TEXT("[\"\\\\\\u0000\"]") };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect(&texts[i], PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	}
}

static void json_refuses_control_characters_in_strings(void **state)
{
	char text[] = "{\"a\":\"x?y\"}";
	char key[] = "{\"x?y\":1}";

	(void)state;
	for (int c = 0; c < ' '; c++) {
		*(strchr(text, 'x') + 1) = (char)c;
		*(strchr(key, 'x') + 1) = (char)c;
		expect(&(struct text) { text, sizeof text - 1 }, PLUG_JSON_LAST_KEY_WINS,
			PLUG_EPROTO);
		expect(&(struct text) { key, sizeof key - 1 }, PLUG_JSON_LAST_KEY_WINS,
			PLUG_EPROTO);
	}
}

static void json_refuses_bad_escapes(void **state)
{
	static const struct text texts[] = { TEXT("\"\\a\""), TEXT("\"\\x41\""), TEXT("\"\\'\""),
		TEXT("\"\\U0041\""), TEXT("\"\\u12\""), TEXT("\"\\u00g0\""), TEXT("\"\\u\""),
		TEXT("\"\\"), TEXT("\"\\\""), TEXT("\"\\u00"), TEXT("\"\\\n\"") };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect(&texts[i], PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	}
}

/* The sequences of RFC 3629 at their borders, in a value and in a key. */
static void expect_utf8(const char *sequence, enum plug_error expected)
{
	char text[64];
	int size = snprintf(text, sizeof text, "[\"%s\"]", sequence);

	assert_in_range(size, 1, sizeof text - 1);
	expect(&(struct text) { text, (size_t)size }, PLUG_JSON_LAST_KEY_WINS, expected);
	size = snprintf(text, sizeof text, "{\"a%sz\":0}", sequence);
	assert_in_range(size, 1, sizeof text - 1);
	expect(&(struct text) { text, (size_t)size }, PLUG_JSON_LAST_KEY_WINS, expected);
}

static void json_accepts_utf8_and_nothing_else(void **state)
{
	static const char *const good[] = { "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xec\xbf\xbf",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
		"\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf", "Caf\xc3\xa9", "\xf0\x9f\x94\x8c" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xc3x",
		"\xc3\xc3", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x82x", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf", "\xf0\x9f\x94", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80", "\xfe", "\xff", "Caf\xe9" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		expect_utf8(good[i], PLUG_OK);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		expect_utf8(bad[i], PLUG_EPROTO);
	}
}

static void json_refuses_a_text_cut_anywhere(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5e+3,true,null],\"b\\u00e9\":{\"c\":\"\xf0\x9f\x94"
				   "\x8c\\\"\"},\"d\":false}";

	(void)state;
	for (size_t size = 0; size < sizeof text - 1; size++) {
		expect(&(struct text) { text, size }, PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	}
	expect(&(struct text) { text, sizeof text - 1 }, PLUG_JSON_DISTINCT_KEYS, PLUG_OK);
}

static void json_doubled_keys_are_the_callers_choice(void **state)
{
	static const struct text doubled[] = { TEXT("{\"a\":1,\"a\":2}"),
		TEXT("{\"a\":1,\"\\u0061\":2}"), TEXT("[{\"x\":{\"a\":1,\"b\":0,\"a\":2}}]"),
		TEXT("{\"a\":{},\"a\":{}}"), TEXT("{\"\\ud800\":1,\"\\udc00\":2}") };
	static const struct text distinct[] = { TEXT("{\"a\":1,\"A\":2}"),
		TEXT("{\"a\":{\"a\":{\"a\":1}}}"), TEXT("[{\"a\":1},{\"a\":2}]"),
		TEXT("{\"a\":\"{\\\"a\\\":1,:\"}") };
	struct json_object *root;
	int64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof doubled / sizeof doubled[0]; i++) {
		expect(&doubled[i], PLUG_JSON_LAST_KEY_WINS, PLUG_OK);
		expect(&doubled[i], PLUG_JSON_DISTINCT_KEYS, PLUG_EPROTO);
	}
	for (size_t i = 0; i < sizeof distinct / sizeof distinct[0]; i++) {
		expect(&distinct[i], PLUG_JSON_DISTINCT_KEYS, PLUG_OK);
	}
	assert_int_equal(
		plug_json_parse(doubled[0].bytes, doubled[0].size, PLUG_JSON_LAST_KEY_WINS, &root),
		PLUG_OK);
	assert_true(plug_json_int(root, "a", 0, 9, &value));
	assert_int_equal(value, 2);
	json_object_put(root);
}

/* count opening brackets, then as many closing ones. */
static char *nest(size_t count, size_t *size)
{
	char *text = malloc(2 * count);

	assert_non_null(text);
	memset(text, '[', count);
	memset(text + count, ']', count);
	*size = 2 * count;
	return text;
}

static void json_bounds_the_depth(void **state)
{
	static const struct row {
		size_t depth;
		enum plug_error error;
	} rows[] = { { 1, PLUG_OK }, { PLUG_JSON_DEPTH_MAX, PLUG_OK },
		{ PLUG_JSON_DEPTH_MAX + 1, PLUG_EPROTO }, { 50000, PLUG_EPROTO } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t size;
		char *text = nest(rows[i].depth, &size);

		spy.calls = 0;
		expect(&(struct text) { text, size }, PLUG_JSON_LAST_KEY_WINS, rows[i].error);
		assert_int_equal(spy.calls, rows[i].error == PLUG_OK ? 1 : 0);
		free(text);
	}
}

static void json_reads_scalars_at_the_greatest_depth(void **state)
{
	static const struct text texts[] = { TEXT("[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]"),
		TEXT("[[[[[[[[[[[[[[[{\"a\":1.5}]]]]]]]]]]]]]]]"),
		TEXT("[[[[[[[[[[[[[[[[1,\"x\",null]]]]]]]]]]]]]]]]") };

	(void)state;
	expect(&texts[0], PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	expect(&texts[1], PLUG_JSON_LAST_KEY_WINS, PLUG_OK);
	expect(&texts[2], PLUG_JSON_LAST_KEY_WINS, PLUG_OK);
}

static void json_shows_a_bracket_bomb_to_nobody(void **state)
{
	enum { BOMB_BYTES = 100 * 1000 };
	char *bomb = malloc(BOMB_BYTES);

	(void)state;
	assert_non_null(bomb);
	memset(bomb, '[', BOMB_BYTES);
	expect(&(struct text) { bomb, BOMB_BYTES }, PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	memset(bomb, '{', BOMB_BYTES);
	expect(&(struct text) { bomb, BOMB_BYTES }, PLUG_JSON_DISTINCT_KEYS, PLUG_EPROTO);
	assert_int_equal(spy.calls, 0);
	free(bomb);
}

/* "[{},{},...]": the array and count - 1 objects. */
static char *wide(size_t count, size_t *size)
{
	char *text = malloc(3 * count);

	assert_non_null(text);
	for (size_t i = 0; i < 3 * count; i++) {
		text[i] = "{},"[i % 3];
	}
	memset(text, ' ', 3);
	text[0] = '[';
	text[3 * count - 1] = ']';
	*size = 3 * count;
	return text;
}

static void json_bounds_the_containers(void **state)
{
	size_t size;
	char *text = wide(PLUG_JSON_CONTAINERS_MAX, &size);

	(void)state;
	expect(&(struct text) { text, size }, PLUG_JSON_LAST_KEY_WINS, PLUG_OK);
	assert_int_equal(spy.calls, 1);
	free(text);
	text = wide(PLUG_JSON_CONTAINERS_MAX + 1, &size);
	expect(&(struct text) { text, size }, PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	assert_int_equal(spy.calls, 1);
	free(text);
}

static void json_refuses_without_asking_json_c(void **state)
{
	static const struct text texts[] = { TEXT(""), TEXT("{\"a\":NaN}"), TEXT("{'a':1}"),
		TEXT("{\"a\":007.5}"), TEXT("{}\0x"), TEXT("\"\xff\""), TEXT("\"a\nb\""),
		TEXT("{\"a\\u0000\":1}") };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		expect(&texts[i], PLUG_JSON_LAST_KEY_WINS, PLUG_EPROTO);
	}
	assert_int_equal(spy.calls, 0);
}

static void json_reports_that_memory_ran_out(void **state)
{
	(void)state;
	spy.refuses = true;
	expect(&(struct text)TEXT("{}"), PLUG_JSON_LAST_KEY_WINS, PLUG_ENOMEM);
}

static void json_null_is_a_value_and_no_object(void **state)
{
	struct json_object *root = (struct json_object *)&spy;

	(void)state;
	assert_int_equal(plug_json_parse("null", 4, PLUG_JSON_DISTINCT_KEYS, &root), PLUG_OK);
	assert_null(root);
}

/* One object with a member of every kind. */
static struct json_object *every_kind(void)
{
	static const char text[] =
		"{\"object\":{},\"array\":[],\"string\":\"x\",\"empty\":\"\",\"null\":null,"
		"\"true\":true,\"false\":false,\"zero\":0,\"one\":1,\"two\":2,\"minus\":-1,"
		"\"whole\":3.0,\"half\":1.5,\"minus zero\":-0.0,\"one as float\":1.0,"
		"\"max\":9223372036854775806,\"min\":-9223372036854775807,"
		"\"border\":9223372036854775807,\"low border\":-9223372036854775808,"
		"\"beyond\":9223372036854775808,\"far beyond\":99999999999999999999,"
		"\"far below\":-99999999999999999999,\"large\":1e18,\"larger\":1e19,"
		"\"infinite\":1e999,\"minus infinite\":-1e999,\"tiny\":1e-999,\"digits\":\"12\"}";
	struct json_object *root;

	assert_int_equal(
		plug_json_parse(text, sizeof text - 1, PLUG_JSON_DISTINCT_KEYS, &root), PLUG_OK);
	return root;
}

static void json_int_reads_whole_numbers_in_range(void **state)
{
	static const struct row {
		const char *key;
		bool is_there;
		int64_t value;
	} rows[] = { { "zero", true, 0 }, { "one", true, 1 }, { "minus", true, -1 },
		{ "whole", true, 3 }, { "one as float", true, 1 }, { "minus zero", true, 0 },
		{ "tiny", true, 0 }, { "max", true, INT64_MAX - 1 }, { "min", true, -INT64_MAX },
		{ "large", true, 1000000000000000000 }, { "half", false, 0 },
		{ "border", false, 0 }, { "low border", false, 0 }, { "beyond", false, 0 },
		{ "far beyond", false, 0 }, { "far below", false, 0 }, { "larger", false, 0 },
		{ "infinite", false, 0 }, { "minus infinite", false, 0 }, { "true", false, 0 },
		{ "null", false, 0 }, { "digits", false, 0 }, { "string", false, 0 },
		{ "array", false, 0 }, { "object", false, 0 }, { "nowhere", false, 0 } };
	struct json_object *root = every_kind();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int64_t value = 77;
		const bool is_there =
			plug_json_int(root, rows[i].key, INT64_MIN, INT64_MAX, &value);

		if (is_there != rows[i].is_there || value != rows[i].value) {
			fail_msg("%s: %d, %lld", rows[i].key, is_there, (long long)value);
		}
	}
	json_object_put(root);
}

static void json_int_refuses_what_is_out_of_range(void **state)
{
	struct json_object *root = every_kind();
	int64_t value = 77;

	(void)state;
	assert_true(plug_json_int(root, "two", 2, 2, &value));
	assert_int_equal(value, 2);
	assert_false(plug_json_int(root, "two", 3, 9, &value));
	assert_int_equal(value, 0);
	assert_false(plug_json_int(root, "two", -9, 1, &value));
	assert_false(plug_json_int(root, "whole", 4, 9, &value));
	assert_false(plug_json_int(root, "minus", 0, 9, &value));
	json_object_put(root);
}

static void json_double_reads_finite_numbers(void **state)
{
	static const struct row {
		const char *key;
		bool is_there;
		double value;
	} rows[] = { { "half", true, 1.5 }, { "one", true, 1 }, { "minus", true, -1 },
		{ "tiny", true, 0 }, { "larger", true, 1e19 }, { "infinite", false, 0 },
		{ "minus infinite", false, 0 }, { "far beyond", false, 0 }, { "border", false, 0 },
		{ "true", false, 0 }, { "digits", false, 0 }, { "null", false, 0 },
		{ "array", false, 0 }, { "nowhere", false, 0 } };
	struct json_object *root = every_kind();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		double value = 77;
		const bool is_there = plug_json_double(root, rows[i].key, &value);

		if (is_there != rows[i].is_there || value != rows[i].value) {
			fail_msg("%s: %d, %g", rows[i].key, is_there, value);
		}
	}
	json_object_put(root);
}

static void json_flag_reads_truths_and_bits(void **state)
{
	static const struct row {
		const char *key;
		bool is_there, value;
	} rows[] = { { "true", true, true }, { "false", true, false }, { "one", true, true },
		{ "zero", true, false }, { "one as float", true, true },
		{ "minus zero", true, false }, { "two", false, false }, { "minus", false, false },
		{ "half", false, false }, { "beyond", false, false }, { "infinite", false, false },
		{ "string", false, false }, { "null", false, false }, { "array", false, false },
		{ "object", false, false }, { "nowhere", false, false } };
	struct json_object *root = every_kind();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		bool value = true;
		const bool is_there = plug_json_flag(root, rows[i].key, &value);

		if (is_there != rows[i].is_there || value != rows[i].value) {
			fail_msg("%s: %d, %d", rows[i].key, is_there, value);
		}
	}
	json_object_put(root);
}

static void json_strings_arrays_and_objects_are_told_apart(void **state)
{
	static const char *const keys[] = { "object", "array", "string", "empty", "null", "true",
		"zero", "half", "nowhere" };
	struct json_object *root = every_kind();

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		const bool is_string =
			strcmp(keys[i], "string") == 0 || strcmp(keys[i], "empty") == 0;
		struct json_object *object = root;
		struct json_object *array = root;
		const char *string = "?";

		assert_int_equal(plug_json_string(root, keys[i], &string), is_string);
		assert_int_equal(string != NULL, is_string);
		assert_int_equal(
			plug_json_object(root, keys[i], &object), strcmp(keys[i], "object") == 0);
		assert_int_equal(object != NULL, strcmp(keys[i], "object") == 0);
		assert_int_equal(
			plug_json_array(root, keys[i], &array), strcmp(keys[i], "array") == 0);
		assert_int_equal(array != NULL, strcmp(keys[i], "array") == 0);
	}
	json_object_put(root);
}

/* Nothing, an array and a string have no members. */
static void expect_no_members(struct json_object *value)
{
	struct json_object *found = (struct json_object *)&spy;
	const char *string = "?";
	int64_t integer = 77;
	double number = 77;
	bool flag = true;

	assert_false(plug_json_object(value, "a", &found));
	assert_null(found);
	found = (struct json_object *)&spy;
	assert_false(plug_json_array(value, "a", &found));
	assert_null(found);
	assert_false(plug_json_string(value, "a", &string));
	assert_null(string);
	assert_false(plug_json_int(value, "a", 0, 100, &integer));
	assert_int_equal(integer, 0);
	assert_false(plug_json_double(value, "a", &number));
	assert_true(number == 0);
	assert_false(plug_json_flag(value, "a", &flag));
	assert_false(flag);
}

static void json_readers_take_anything_for_an_object(void **state)
{
	static const struct text texts[] = { TEXT("[1,{\"a\":1}]"), TEXT("\"a\""), TEXT("1"),
		TEXT("1.5"), TEXT("true"), TEXT("null") };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct json_object *root;

		assert_int_equal(plug_json_parse(texts[i].bytes, texts[i].size,
					 PLUG_JSON_DISTINCT_KEYS, &root),
			PLUG_OK);
		expect_no_members(root);
		json_object_put(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_accepts_what_is_json),
		cmocka_unit_test(json_refuses_what_is_not),
		cmocka_unit_test(json_refuses_comments_and_trailing_text),
		cmocka_unit_test(json_refuses_nuls_wherever_they_hide),
		cmocka_unit_test(json_refuses_control_characters_in_strings),
		cmocka_unit_test(json_refuses_bad_escapes),
		cmocka_unit_test(json_accepts_utf8_and_nothing_else),
		cmocka_unit_test(json_refuses_a_text_cut_anywhere),
		cmocka_unit_test(json_doubled_keys_are_the_callers_choice),
		cmocka_unit_test_setup(json_bounds_the_depth, setup),
		cmocka_unit_test(json_reads_scalars_at_the_greatest_depth),
		cmocka_unit_test_setup(json_shows_a_bracket_bomb_to_nobody, setup),
		cmocka_unit_test_setup(json_bounds_the_containers, setup),
		cmocka_unit_test_setup(json_refuses_without_asking_json_c, setup),
		cmocka_unit_test_setup_teardown(json_reports_that_memory_ran_out, setup, setup),
		cmocka_unit_test(json_null_is_a_value_and_no_object),
		cmocka_unit_test(json_int_reads_whole_numbers_in_range),
		cmocka_unit_test(json_int_refuses_what_is_out_of_range),
		cmocka_unit_test(json_double_reads_finite_numbers),
		cmocka_unit_test(json_flag_reads_truths_and_bits),
		cmocka_unit_test(json_strings_arrays_and_objects_are_told_apart),
		cmocka_unit_test(json_readers_take_anything_for_an_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
