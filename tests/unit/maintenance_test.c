#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/calibration.h"
#include "protocol/due.h"
#include "protocol/firmware.h"
#include "protocol/identity.h"
#include "protocol/json.h"
#include "protocol/rules.h"
#include "tests/unit/reply_text.h"

static void firmware_requests_have_their_texts(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_download(&request, "http://10.0.0.1/fw.bin"), PLUG_OK);
	assert_string_equal(request.text,
		"{\"system\":{\"download_firmware\":{\"url\":\"http://10.0.0.1/fw.bin\"}}}");
	assert_int_equal(plug_request_download(&request, "https://10.0.0.1/fw.bin"), PLUG_EINVAL);
	assert_int_equal(plug_request_download(&request, "http://"), PLUG_EINVAL);
	assert_int_equal(plug_request_download_state(&request), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"get_download_state\":{}}}");
	assert_int_equal(plug_request_flash(&request), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"flash_firmware\":{}}}");
	assert_int_equal(plug_request_check_config(&request), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"check_new_config\":{}}}");
	assert_int_equal(plug_request_check_uboot(&request), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"test_check_uboot\":{}}}");
	assert_int_equal(plug_request_set_test_mode(&request, true), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"set_test_mode\":{\"enable\":1}}}");
}

static void download_state_is_read(void **state)
{
	struct plug_device_error device_error;
	struct plug_download download;
	struct plug_reply reply =
		reply_of("{\"system\":{\"get_download_state\":{\"status\":1,\"ratio\":45,"
			 "\"reboot_time\":5,\"flash_time\":101,\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_download(&reply, &download, &device_error), PLUG_OK);
	assert_int_equal(download.status, PLUG_DOWNLOAD_RUNNING);
	assert_int_equal(download.progress_percent.value, 45);
	assert_int_equal(download.reboot_s.value, 5);
	assert_int_equal(download.flash_s.value, 101);
	plug_reply_clear(&reply);
	reply = reply_of("{\"system\":{\"get_download_state\":{\"status\":9,\"ratio\":101}}}");
	assert_int_equal(plug_reply_download(&reply, &download, &device_error), PLUG_OK);
	assert_int_equal(download.status, 9);
	assert_false(download.progress_percent.is_known);
	assert_null(plug_download_status_name(download.status));
	plug_reply_clear(&reply);
}

/* Firmware that answers -7 while nothing is downloaded is idle, any other error is one. */
static void download_state_of_old_firmware_is_idle(void **state)
{
	static const struct row {
		const char *text;
		enum plug_error error;
		int err_code;
	} rows[] = {
		{ "{\"system\":{\"get_download_state\":{\"err_code\":-7}}}", PLUG_OK, -7 },
		{ "{\"system\":{\"get_download_state\":{\"err_code\":-3}}}", PLUG_EDEVICE, -3 },
		{ "{\"system\":{\"get_download_state\":{\"err_code\":-2}}}", PLUG_EUNSUPPORTED,
			-2 },
		{ "{\"system\":{\"get_download_state\":{\"err_code\":0}}}", PLUG_EPROTO, 0 },
		{ "{\"system\":{}}", PLUG_EPROTO, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_device_error device_error;
		struct plug_download download;
		struct plug_reply reply = reply_of(rows[i].text);

		assert_int_equal(
			plug_reply_download(&reply, &download, &device_error), rows[i].error);
		assert_int_equal(device_error.err_code, rows[i].err_code);
		assert_int_equal(download.status, PLUG_DOWNLOAD_IDLE);
		plug_reply_clear(&reply);
	}
}

static void uboot_is_read(void **state)
{
	const char *uboot;
	struct plug_reply reply =
		reply_of("{\"system\":{\"test_check_uboot\":{\"uboot\":\"ABCD\",\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_uboot(&reply, &uboot), PLUG_OK);
	assert_string_equal(uboot, "ABCD");
	plug_reply_clear(&reply);
	reply = reply_of("{\"system\":{\"test_check_uboot\":{\"uboot\":1}}}");
	assert_int_equal(plug_reply_uboot(&reply, &uboot), PLUG_EPROTO);
	assert_null(uboot);
	plug_reply_clear(&reply);
}

static void calibration_requests_name_gains_or_targets(void **state)
{
	const struct plug_calibration values = { 13462, 16835 };
	static const struct plug_calibration wrong[] = { { 0, 1 }, { 1, 0 }, { -1, 1 },
		{ PLUG_CALIBRATION_MAX + 1, 1 }, { 1, INT64_MAX } };
	const struct plug_calibration_ask get = { PLUG_CALIBRATION_GET, PLUG_FAMILY_STRIP, "00" };
	const struct plug_calibration_ask set = { PLUG_CALIBRATION_SET, PLUG_FAMILY_PLUG, NULL };
	const struct plug_calibration_ask start = { PLUG_CALIBRATION_START, PLUG_FAMILY_BULB,
		NULL };
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_calibration(&request, &get, NULL), PLUG_OK);
	assert_string_equal(request.text, "{\"context\":{\"child_ids\":[\"00\"]},"
					  "\"emeter\":{\"get_vgain_igain\":{}}}");
	assert_int_equal(plug_request_calibration(&request, &set, &values), PLUG_OK);
	assert_string_equal(request.text,
		"{\"emeter\":{\"set_vgain_igain\":{\"vgain\":13462,\"igain\":16835}}}");
	assert_int_equal(plug_request_calibration(&request, &start, &values), PLUG_OK);
	assert_string_equal(request.text, "{\"smartlife.iot.common.emeter\":{\"start_calibration\":"
					  "{\"vtarget\":13462,\"itarget\":16835}}}");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(plug_request_calibration(&request, &set, &wrong[i]), PLUG_EINVAL);
	}
}

static void gains_are_read(void **state)
{
	struct plug_calibration gains;
	struct plug_reply reply = reply_of("{\"emeter\":{\"get_vgain_igain\":{\"vgain\":13462,"
					   "\"igain\":16835,\"err_code\":0}}}");

	(void)state;
	assert_int_equal(plug_reply_calibration(&reply, PLUG_FAMILY_PLUG, &gains), PLUG_OK);
	assert_int_equal(gains.voltage, 13462);
	assert_int_equal(gains.current, 16835);
	plug_reply_clear(&reply);
	reply = reply_of("{\"emeter\":{\"get_vgain_igain\":{\"vgain\":13462}}}");
	assert_int_equal(plug_reply_calibration(&reply, PLUG_FAMILY_PLUG, &gains), PLUG_EPROTO);
	assert_int_equal(gains.voltage, 0);
	plug_reply_clear(&reply);
}

static void identity_is_set_in_its_forms(void **state)
{
	static const uint8_t mac[] = { 0x50, 0xc7, 0xbf, 1, 2, 3 };
	static const uint8_t group[] = { 1, 0, 0x5e, 0, 0, 1 };
	static const uint8_t nobody[PLUG_MAC_BYTES] = { 0 };
	static const char id[] = "0123456789ABCDEFabcdef0123456789012345AB";
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_set_mac(&request, mac), PLUG_OK);
	assert_string_equal(
		request.text, "{\"system\":{\"set_mac_addr\":{\"mac\":\"50-C7-BF-01-02-03\"}}}");
	assert_int_equal(plug_request_set_mac(&request, group), PLUG_EINVAL);
	assert_int_equal(plug_request_set_mac(&request, nobody), PLUG_EINVAL);
	assert_int_equal(plug_request_set_device_id(&request, id), PLUG_OK);
	assert_string_equal(request.text, "{\"system\":{\"set_device_id\":{\"deviceId\":"
					  "\"0123456789ABCDEFabcdef0123456789012345AB\"}}}");
	assert_int_equal(plug_request_set_device_id(&request, id + 1), PLUG_EINVAL);
	assert_int_equal(plug_request_set_hardware_id(&request, id + 8), PLUG_OK);
	assert_string_equal(request.text,
		"{\"system\":{\"set_hw_id\":{\"hwId\":\"89ABCDEFabcdef0123456789012345AB\"}}}");
	assert_int_equal(plug_request_set_hardware_id(&request, "x9ABCDEFabcdef0123456789012345AB"),
		PLUG_EINVAL);
}

static void identity_is_read_with_what_is_there(void **state)
{
	struct plug_identity identity;
	struct plug_reply reply = reply_of("{\"deviceId\":\"d\",\"hwId\":\"h\",\"oemId\":1}");

	(void)state;
	plug_sysinfo_identity(reply.root, &identity);
	assert_string_equal(identity.device_id, "d");
	assert_string_equal(identity.hardware_id, "h");
	assert_null(identity.vendor_id);
	plug_reply_clear(&reply);
	plug_sysinfo_identity(NULL, &identity);
	assert_null(identity.device_id);
}

static void next_action_is_read(void **state)
{
	static const struct row {
		const char *text;
		enum plug_error error;
		bool is_due, has_moment;
		int64_t at_s;
		int action;
	} rows[] = {
		{ "{\"type\":-1}", PLUG_OK, false, false, 0, 0 },
		{ "{\"type\":1,\"id\":\"A\",\"schd_time\":30240,\"action\":1}", PLUG_OK, true, true,
			30240, PLUG_ACTION_ON },
		{ "{\"type\":2,\"action\":0}", PLUG_OK, true, false, 0, PLUG_ACTION_OFF },
		{ "{\"type\":1,\"schd_time\":86400,\"action\":0}", PLUG_OK, true, false, 0,
			PLUG_ACTION_OFF },
		{ "{\"type\":1,\"schd_time\":1}", PLUG_EPROTO, false, false, 0, 0 },
		{ "{}", PLUG_EPROTO, false, false, 0, 0 },
		{ "{\"err_code\":-11}", PLUG_EDEVICE, false, false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char text[160];
		struct plug_reply reply;
		struct plug_due due;

		(void)snprintf(
			text, sizeof text, "{\"schedule\":{\"get_next_action\":%s}}", rows[i].text);
		reply = reply_of(text);
		assert_int_equal(plug_reply_due(&reply, PLUG_FAMILY_PLUG, &due), rows[i].error);
		assert_int_equal(due.is_due, rows[i].is_due);
		assert_int_equal(due.has_moment, rows[i].has_moment);
		assert_int_equal(due.at_s, rows[i].at_s);
		assert_int_equal(due.action, rows[i].action);
		plug_reply_clear(&reply);
	}
}

static void next_action_is_asked_of_an_outlet(void **state)
{
	struct plug_request request;

	(void)state;
	assert_int_equal(plug_request_due(&request, PLUG_FAMILY_STRIP, "01"), PLUG_OK);
	assert_string_equal(request.text, "{\"context\":{\"child_ids\":[\"01\"]},"
					  "\"schedule\":{\"get_next_action\":{}}}");
	assert_int_equal(plug_request_due(&request, PLUG_FAMILY_BULB, NULL), PLUG_OK);
	assert_string_equal(
		request.text, "{\"smartlife.iot.common.schedule\":{\"get_next_action\":{}}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(firmware_requests_have_their_texts),
		cmocka_unit_test(download_state_is_read),
		cmocka_unit_test(download_state_of_old_firmware_is_idle),
		cmocka_unit_test(uboot_is_read),
		cmocka_unit_test(calibration_requests_name_gains_or_targets),
		cmocka_unit_test(gains_are_read),
		cmocka_unit_test(identity_is_set_in_its_forms),
		cmocka_unit_test(identity_is_read_with_what_is_there),
		cmocka_unit_test(next_action_is_read),
		cmocka_unit_test(next_action_is_asked_of_an_outlet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
