#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/network.h"

static void network_requests_have_their_modules(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_wifi_info(&request), PLUG_OK);
	assert_string_equal(request.text, "{\"netif\":{\"get_stainfo\":{}}}");
	assert_int_equal(plug_request_wifi_scan(&request, false), PLUG_OK);
	assert_string_equal(request.text, "{\"netif\":{\"get_scaninfo\":{\"refresh\":0}}}");
	assert_int_equal(plug_request_wifi_scan(&request, true), PLUG_OK);
	assert_string_equal(
		request.text, "{\"netif\":{\"get_scaninfo\":{\"refresh\":1,\"timeout\":10}}}");
	assert_int_equal(plug_request_cloud_info(&request, PLUG_FAMILY_PLUG), PLUG_OK);
	assert_string_equal(request.text, "{\"cnCloud\":{\"get_info\":{}}}");
	assert_int_equal(plug_request_cloud_info(&request, PLUG_FAMILY_BULB), PLUG_OK);
	assert_string_equal(request.text, "{\"smartlife.iot.common.cloud\":{\"get_info\":{}}}");
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
		cmocka_unit_test(network_requests_have_their_modules),
		cmocka_unit_test(key_types_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
