#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/json.h"
#include "protocol/sysinfo.h"
#include "tests/unit/sysinfo_samples.h"

#define SIXTEEN "0123456789abcdef"
#define SIXTY_FOUR SIXTEEN SIXTEEN SIXTEEN SIXTEEN

static void sysinfo_needs_children_with_ids_and_states(void **state)
{
	static const char *const children[] = { "[]", "[{}]", "[null]", "[5]", "[[]]",
		"[{\"id\":\"x00\"}]", "[{\"state\":1}]", "[{\"id\":\"\",\"state\":1}]",
		"[{\"id\":5,\"state\":1}]", "[{\"id\":null,\"state\":1}]",
		"[{\"id\":\"x00\",\"state\":2}]", "[{\"id\":\"x00\",\"state\":\"1\"}]",
		"[{\"id\":\"x00\",\"state\":1},{\"id\":\"x01\"}]",
		/* 64 characters leave no room for the NUL */
		"[{\"state\":1,\"id\":\"" SIXTY_FOUR "\"}]" };
	struct plug_sysinfo info;

	(void)state;
	for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
		if (read_once(with(strip_text, "children", children[i]), &info) != PLUG_EPROTO) {
			fail_msg("%s", children[i]);
		}
	}
	/* Without children it would have to be a plug, and then have a relay. */
	assert_int_equal(read_once(with(strip_text, "children", NULL), &info), PLUG_EPROTO);
	assert_int_equal(read_once(with(strip_text, "children", "\"6\""), &info), PLUG_EPROTO);
	/* A Dimmer is one whatever else it has. */
	assert_int_equal(read_once(with(strip_text, "dev_name", "\"Dimmer\""), &info), PLUG_EPROTO);
}

static void sysinfo_needs_the_state_of_a_light(void **state)
{
	static const char *const values[] = { NULL, "null", "1", "[]", "{}", "{\"on_off\":null}",
		"{\"on_off\":\"1\"}", "{\"on_off\":2}", "{\"brightness\":5}" };

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(
			read_once(with(bulb_text, "light_state", values[i]), &info), PLUG_EPROTO);
		assert_int_equal(read_once(with(light_strip_text, "light_state", values[i]), &info),
			PLUG_EPROTO);
	}
}

static void sysinfo_reports_the_refusal_of_a_device(void **state)
{
	static const struct row {
		const char *text;
		enum plug_error error;
	} rows[] = {
		{ "{}", PLUG_EPROTO },
		/* KP303 fw 1.0.6, asked with null */
		{ "{\"system\":{}}", PLUG_EPROTO },
		{ "{\"system\":{\"get_sysinfo\":null}}", PLUG_EPROTO },
		{ "{\"system\":{\"get_sysinfo\":[]}}", PLUG_EPROTO },
		{ "{\"system\":{\"get_sysinfo\":{\"err_code\":-32}}}", PLUG_EDEVICE },
		{ "{\"system\":{\"err_code\":-1}}", PLUG_EUNSUPPORTED },
		{ "{\"err_code\":-10008,\"err_msg\":\"Unsupported API call.\"}",
			PLUG_EUNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(read_once(parse(rows[i].text), &info), rows[i].error);
	}
}

static void expect_any_value_survived(const char *text, const char *key)
{
	static const char *const values[] = { NULL, "null", "true", "\"\"", "\"x\"", "\"\\ud800\"",
		"[]", "[[[]]]", "[{\"id\":[],\"state\":{}}]", "{}",
		"{\"on_off\":[],\"dft_on_state\":[]}", "-1", "1.5", "1e999", "-1e999",
		"99999999999999999999", "-99999999999999999999" };

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct plug_reply reply = with(text, key, values[i]);
		struct plug_sysinfo info;
		enum plug_error error;

		memset(&info, 0x5a, sizeof info);
		error = plug_reply_sysinfo(&reply, &info);
		if (error == PLUG_OK) {
			assert_true(
				info.family == PLUG_FAMILY_UNSUPPORTED || info.outlet_count > 0);
			assert_non_null(info.model);
			assert_non_null(info.hardware);
			assert_non_null(info.firmware);
			assert_non_null(info.alias);
		} else {
			expect_zeroed(&info);
		}
		plug_reply_clear(&reply);
	}
}

static void sysinfo_survives_wrong_types_in_every_field(void **state)
{
	static const char *const texts[] = { plug_text, strip_text, dimmer_text, bulb_text,
		light_strip_text };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct plug_reply reply = parse(texts[i]);
		struct json_object *system;
		struct json_object *sysinfo;

		assert_true(plug_json_object(reply.root, "system", &system));
		assert_true(plug_json_object(system, "get_sysinfo", &sysinfo));
		json_object_object_foreach(sysinfo, key, value)
		{
			(void)value;
			expect_any_value_survived(texts[i], key);
		}
		plug_reply_clear(&reply);
	}
}

static void sysinfo_cut_anywhere_is_no_reply(void **state)
{
	static const char *const texts[] = { plug_text, strip_text, dimmer_text, bulb_text,
		light_strip_text };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		for (size_t size = 0; size < strlen(texts[i]); size++) {
			char *cut = malloc(size > 0 ? size : 1);
			struct plug_reply reply;

			assert_non_null(cut);
			memcpy(cut, texts[i], size);
			assert_int_equal(plug_reply_parse(&reply, cut, size), PLUG_EPROTO);
			assert_null(reply.root);
			free(cut);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sysinfo_needs_children_with_ids_and_states),
		cmocka_unit_test(sysinfo_needs_the_state_of_a_light),
		cmocka_unit_test(sysinfo_reports_the_refusal_of_a_device),
		cmocka_unit_test(sysinfo_survives_wrong_types_in_every_field),
		cmocka_unit_test(sysinfo_cut_anywhere_is_no_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
