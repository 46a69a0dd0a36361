#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "bridge/result.h"
#include "protocol/json.h"

static void result_says_what_there_is(void **state)
{
	static const struct {
		struct result result;
		const char *expected;
	} rows[] = {
		{ { .status = ORDER_STATUS_OK,
			  .command = "ON",
			  .has_state = true,
			  .is_on = true,
			  .took_ms = 41,
			  .id = "7" },
			"{\"status\":\"ok\",\"command\":\"ON\",\"state\":\"ON\",\"ms\":41,\"id\":"
			"\"7\"}" },
		{ { .status = ORDER_STATUS_OK,
			  .command = "ON",
			  .has_state = true,
			  .is_on = true,
			  .brightness = 40 },
			"{\"status\":\"ok\",\"command\":\"ON\",\"state\":\"ON\","
			"\"brightness\":40,\"ms\":0}" },
		{ { .status = ORDER_STATUS_EXPIRED,
			  .command = "TOGGLE",
			  .has_state = true,
			  .source = "panel",
			  .error = "no answer in time" },
			"{\"status\":\"expired\",\"command\":\"TOGGLE\",\"state\":\"OFF\",\"ms\":0,"
			"\"source\":\"panel\",\"error\":\"no answer in time\"}" },
		{ { .status = ORDER_STATUS_INVALID, .is_on = true, .error = "not valid \"JSON\"" },
			"{\"status\":\"invalid\",\"command\":null,\"state\":null,\"ms\":0,"
			"\"error\":\"not valid \\\"JSON\\\"\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[RESULT_MAX_BYTES];

		assert_int_equal(result_format(&rows[i].result, text), strlen(rows[i].expected));
		assert_string_equal(text, rows[i].expected);
	}
}

/* Each byte of an id and a source may need six, and those of an error as well. */
static void result_fits_with_the_longest_of_everything(void **state)
{
	char id[ORDER_ID_MAX_BYTES + 1] = "";
	char source[ORDER_SOURCE_MAX_BYTES + 1] = "";
	char error[161] = "";
	const struct result result = { .status = ORDER_STATUS_SUPERSEDED,
		.command = "TOGGLE",
		.has_state = true,
		.took_ms = UINT64_MAX / 2,
		.id = id,
		.source = source,
		.error = error };
	char text[RESULT_MAX_BYTES];
	struct json_object *root = NULL;
	const char *read = NULL;
	size_t size = 0;

	(void)state;
	memset(id, 1, sizeof id - 1);
	memset(source, 2, sizeof source - 1);
	memset(error, 0xff, sizeof error - 1);
	size = result_format(&result, text);
	assert_int_equal(plug_json_parse(text, size, PLUG_JSON_DISTINCT_KEYS, &root), PLUG_OK);
	assert_true(plug_json_string(root, "id", &read));
	assert_string_equal(read, id);
	assert_true(plug_json_string(root, "source", &read));
	assert_string_equal(read, source);
	assert_true(plug_json_string(root, "error", &read));
	json_object_put(root);
}

static void order_words_are_those_of_the_contract(void **state)
{
	(void)state;
	assert_string_equal(order_status_text(ORDER_STATUS_OK), "ok");
	assert_string_equal(order_status_text(ORDER_STATUS_SUPERSEDED), "superseded");
	assert_string_equal(order_status_text(ORDER_STATUS_EXPIRED), "expired");
	assert_string_equal(order_status_text(ORDER_STATUS_REFUSED), "refused");
	assert_string_equal(order_status_text(ORDER_STATUS_INVALID), "invalid");
	assert_string_equal(order_status_text(ORDER_STATUS_FAILED), "failed");
	assert_string_equal(order_kind_text(ORDER_ON), "ON");
	assert_string_equal(order_kind_text(ORDER_OFF), "OFF");
	assert_string_equal(order_kind_text(ORDER_TOGGLE), "TOGGLE");
	assert_string_equal(order_kind_text(ORDER_READ), "GET");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_words_are_those_of_the_contract),
		cmocka_unit_test(result_says_what_there_is),
		cmocka_unit_test(result_fits_with_the_longest_of_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
