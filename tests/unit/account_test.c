#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/account.h"
#include "tests/unit/reply_text.h"

static void every_call_has_its_text(void **state)
{
	const struct plug_credentials credentials = { "me@example.com", "se\"cret" };
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_account(&request, PLUG_FAMILY_PLUG), PLUG_OK);
	assert_string_equal(request.text, "{\"cnCloud\":{\"get_info\":{}}}");
	assert_int_equal(plug_request_account(&request, PLUG_FAMILY_BULB), PLUG_OK);
	assert_string_equal(request.text, "{\"smartlife.iot.common.cloud\":{\"get_info\":{}}}");
	assert_int_equal(plug_request_bind(&request, PLUG_FAMILY_PLUG, &credentials), PLUG_OK);
	assert_string_equal(request.text, "{\"cnCloud\":{\"bind\":{\"username\":\"me@example.com\","
					  "\"password\":\"se\\u0022cret\"}}}");
	assert_int_equal(plug_request_unbind(&request, PLUG_FAMILY_PLUG), PLUG_OK);
	assert_string_equal(request.text, "{\"cnCloud\":{\"unbind\":{}}}");
	assert_int_equal(
		plug_request_set_server(&request, PLUG_FAMILY_PLUG, "devs.example.com"), PLUG_OK);
	assert_string_equal(request.text,
		"{\"cnCloud\":{\"set_server_url\":{\"server\":\"devs.example.com\"}}}");
	assert_int_equal(plug_request_firmware_list(&request, PLUG_FAMILY_PLUG), PLUG_OK);
	assert_string_equal(request.text, "{\"cnCloud\":{\"get_intl_fw_list\":{}}}");
}

static void empty_credentials_and_servers_are_refused(void **state)
{
	static const struct plug_credentials rows[] = { { "", "x" }, { "x", "" }, { "\xff", "x" } };
	static const char *const servers[] = { "", "two words", "a\nb" };
	struct plug_request request;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(
			plug_request_bind(&request, PLUG_FAMILY_PLUG, &rows[i]), PLUG_EINVAL);
	}
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
		assert_int_equal(plug_request_set_server(&request, PLUG_FAMILY_PLUG, servers[i]),
			PLUG_EINVAL);
	}
}

static void account_is_read_with_what_is_there(void **state)
{
	struct plug_account account;
	struct plug_reply reply =
		reply_of("{\"cnCloud\":{\"get_info\":{\"username\":\"u\",\"server\":"
			 "\"s\",\"binded\":1,\"cld_connection\":0,\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_account(&reply, PLUG_FAMILY_PLUG, &account), PLUG_OK);
	assert_true(account.has_bound && account.is_bound);
	assert_true(account.has_connected && !account.is_connected);
	assert_string_equal(account.server, "s");
	assert_string_equal(account.username, "u");
	assert_int_equal(plug_reply_account(&reply, PLUG_FAMILY_BULB, &account), PLUG_EPROTO);
	assert_false(account.has_bound);
	plug_reply_clear(&reply);
	reply = reply_of("{\"cnCloud\":{\"get_info\":{\"binded\":7,\"server\":1}}}");
	assert_int_equal(plug_reply_account(&reply, PLUG_FAMILY_PLUG, &account), PLUG_OK);
	assert_false(account.has_bound || account.has_connected);
	assert_null(account.server);
	plug_reply_clear(&reply);
}

static void firmware_list_is_read(void **state)
{
	struct plug_offers offers;
	struct plug_reply reply = reply_of(
		"{\"cnCloud\":{\"get_intl_fw_list\":{\"fw_list\":[{\"fwVer\":\"1.2.6\",\"fwUrl\":"
		"\"http://x/"
		"y.bin\",\"fwType\":2,\"fwTitle\":\"t\",\"fwReleaseDate\":\"2020-07-27\","
		"\"fwReleaseLog\":\"fixes\"},{}],\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_firmware_list(&reply, PLUG_FAMILY_PLUG, &offers), PLUG_OK);
	assert_int_equal(offers.count, 2);
	assert_string_equal(offers.offers[0].version, "1.2.6");
	assert_string_equal(offers.offers[0].url, "http://x/y.bin");
	assert_string_equal(offers.offers[0].title, "t");
	assert_string_equal(offers.offers[0].date, "2020-07-27");
	assert_string_equal(offers.offers[0].notes, "fixes");
	assert_int_equal(offers.offers[0].type.value, 2);
	assert_null(offers.offers[1].version);
	assert_false(offers.offers[1].type.is_known);
	plug_reply_clear(&reply);
	reply = reply_of("{\"cnCloud\":{\"get_intl_fw_list\":{\"err_code\":-7}}}");
	assert_int_equal(plug_reply_firmware_list(&reply, PLUG_FAMILY_PLUG, &offers), PLUG_EDEVICE);
	assert_int_equal(offers.count, 0);
	plug_reply_clear(&reply);
	reply = reply_of("{\"cnCloud\":{\"get_intl_fw_list\":{\"err_code\":0}}}");
	assert_int_equal(plug_reply_firmware_list(&reply, PLUG_FAMILY_PLUG, &offers), PLUG_EPROTO);
	plug_reply_clear(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_has_its_text),
		cmocka_unit_test(empty_credentials_and_servers_are_refused),
		cmocka_unit_test(account_is_read_with_what_is_there),
		cmocka_unit_test(firmware_list_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
