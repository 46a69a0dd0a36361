#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/network.h"
#include "tests/unit/reply_text.h"

static void questions_have_both_modules(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_wifi_info(&request, PLUG_WIFI_NETIF), PLUG_OK);
	assert_string_equal(request.text, "{\"netif\":{\"get_stainfo\":{}}}");
	assert_int_equal(plug_request_wifi_scan(&request, PLUG_WIFI_NETIF, false), PLUG_OK);
	assert_string_equal(request.text, "{\"netif\":{\"get_scaninfo\":{\"refresh\":0}}}");
	assert_int_equal(plug_request_wifi_scan(&request, PLUG_WIFI_ONBOARDING, true), PLUG_OK);
	assert_string_equal(request.text, "{\"smartlife.iot.common.softaponboarding\":"
					  "{\"get_scaninfo\":{\"refresh\":1,\"timeout\":10}}}");
}

static void join_sends_numbers_and_quotes_texts(void **state)
{
	const struct plug_wifi_join join = { "Engine \"hall\"", "pass\\word1", PLUG_KEY_WPA2 };
	const struct plug_wifi_join open = { "Visitors", "", PLUG_KEY_OPEN };
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_wifi_join(&request, PLUG_WIFI_NETIF, &join), PLUG_OK);
	assert_string_equal(request.text,
		"{\"netif\":{\"set_stainfo\":{\"ssid\":\"Engine \\u0022hall\\u0022\","
		"\"password\":\"pass\\u005cword1\",\"key_type\":3}}}");
	assert_int_equal(plug_request_wifi_join(&request, PLUG_WIFI_ONBOARDING, &open), PLUG_OK);
	assert_string_equal(request.text,
		"{\"smartlife.iot.common.softaponboarding\":{\"set_stainfo\":"
		"{\"ssid\":\"Visitors\",\"password\":\"\",\"key_type\":0}}}");
}

static void join_refuses_what_no_network_has(void **state)
{
	static const char long_text[] =
		"0123456789012345678901234567890123456789012345678901234567890123";
	static const struct plug_wifi_join rows[] = {
		{ "", "password", PLUG_KEY_WPA2 },
		{ "012345678901234567890123456789012", "password", PLUG_KEY_WPA2 },
		{ "x", "1234567", PLUG_KEY_WPA2 },
		{ "x", "", PLUG_KEY_WPA3 },
		{ "x", "password", PLUG_KEY_OPEN },
		{ "x", "123456", PLUG_KEY_WEP },
		{ "x", "password", (enum plug_key_type)5 },
		{ "\xff", "password", PLUG_KEY_WPA2 },
	};
	const struct plug_wifi_join longest = { "01234567890123456789012345678901", long_text,
		PLUG_KEY_WPA };
	char too_long[sizeof long_text + 1];
	struct plug_request request;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			plug_request_wifi_join(&request, PLUG_WIFI_NETIF, &rows[i]), PLUG_EINVAL);
	}
	assert_int_equal(plug_request_wifi_join(&request, PLUG_WIFI_NETIF, &longest), PLUG_OK);
	(void)snprintf(too_long, sizeof too_long, "%sx", long_text);
	assert_int_equal(plug_request_wifi_join(&request, PLUG_WIFI_NETIF,
				 &(struct plug_wifi_join) { "x", too_long, PLUG_KEY_WPA }),
		PLUG_EINVAL);
}

static void info_is_read(void **state)
{
	struct plug_network network;
	struct plug_reply reply = reply_of("{\"netif\":{\"get_stainfo\":{\"ssid\":\"Museum\","
					   "\"key_type\":3,\"rssi\":-50,\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_wifi_info(&reply, PLUG_WIFI_NETIF, &network), PLUG_OK);
	assert_string_equal(network.ssid, "Museum");
	assert_int_equal(network.key_type.value, PLUG_KEY_WPA2);
	assert_true(network.rssi_dbm.is_known);
	assert_int_equal(network.rssi_dbm.value, -50);
	assert_int_equal(plug_reply_wifi_info(&reply, PLUG_WIFI_ONBOARDING, &network), PLUG_EPROTO);
	assert_null(network.ssid);
	plug_reply_clear(&reply);
}

static void scan_is_read_with_what_is_there(void **state)
{
	struct plug_networks networks;
	struct plug_reply reply =
		reply_of("{\"netif\":{\"get_scaninfo\":{\"ap_list\":[{\"ssid\":\"A\",\"key_type\":"
			 "0},{\"key_type\":\"x\",\"rssi\":-300},7],\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_wifi_scan(&reply, PLUG_WIFI_NETIF, &networks), PLUG_OK);
	assert_int_equal(networks.count, 3);
	assert_string_equal(networks.networks[0].ssid, "A");
	assert_true(networks.networks[0].key_type.is_known);
	assert_false(networks.networks[0].rssi_dbm.is_known);
	assert_null(networks.networks[1].ssid);
	assert_false(networks.networks[1].key_type.is_known);
	assert_false(networks.networks[1].rssi_dbm.is_known);
	assert_null(networks.networks[2].ssid);
	plug_reply_clear(&reply);
}

static void scan_ends_at_its_limit_and_needs_a_list(void **state)
{
	struct json_object *list = json_object_new_array();
	struct json_object *method = json_object_new_object();
	struct json_object *module = json_object_new_object();
	struct plug_reply reply = { json_object_new_object() };
	struct plug_networks networks;

	(void)state;
	for (size_t i = 0; i < PLUG_NETWORKS_MAX + 3; i++) {
		json_object_array_add(list, json_object_new_object());
	}
	json_object_object_add(method, "ap_list", list);
	json_object_object_add(module, "get_scaninfo", method);
	json_object_object_add(reply.root, "netif", module);
	assert_int_equal(plug_reply_wifi_scan(&reply, PLUG_WIFI_NETIF, &networks), PLUG_OK);
	assert_int_equal(networks.count, PLUG_NETWORKS_MAX);
	json_object_object_del(method, "ap_list");
	assert_int_equal(plug_reply_wifi_scan(&reply, PLUG_WIFI_NETIF, &networks), PLUG_EPROTO);
	assert_int_equal(networks.count, 0);
	plug_reply_clear(&reply);
}

static void key_types_have_names(void **state)
{
	(void)state;
	assert_string_equal(plug_key_type_name(0), "open");
	assert_string_equal(plug_key_type_name(3), "WPA2");
	assert_null(plug_key_type_name(-1));
	assert_null(plug_key_type_name(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(questions_have_both_modules),
		cmocka_unit_test(join_sends_numbers_and_quotes_texts),
		cmocka_unit_test(join_refuses_what_no_network_has),
		cmocka_unit_test(info_is_read),
		cmocka_unit_test(scan_is_read_with_what_is_there),
		cmocka_unit_test(scan_ends_at_its_limit_and_needs_a_list),
		cmocka_unit_test(key_types_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
