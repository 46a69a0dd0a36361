/* sysinfo_samples.h - answers to get_sysinfo that the tests of sysinfo.c change and cut. */
#ifndef PLUG_TESTS_SYSINFO_SAMPLES_H
#define PLUG_TESTS_SYSINFO_SAMPLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/json.h"
#include "protocol/sysinfo.h"

#define DEVICE_ID "8006A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2"

/* One answer of each shape, made up after the field tables of the protocol notes. */
static const char plug_text[] =
	"{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.2.6 Build 200727 Rel.121701\","
	"\"hw_ver\":\"1.0\",\"type\":\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS110(EU)\","
	"\"mac\":\"50:C7:BF:0A:F9:1E\",\"dev_name\":\"Wi-Fi Smart Plug With Energy Monitoring\","
	"\"alias\":\"Dampfmaschine \xc3\xbc"
	"ber \\\"A/B\\\" +#\",\"relay_state\":1,\"on_time\":3601,"
	"\"active_mode\":\"none\",\"feature\":\"TIM:ENE\",\"updating\":0,\"icon_hash\":\"\","
	"\"rssi\":-58,\"led_off\":0,\"longitude\":13.4,\"latitude\":52.5,"
	"\"deviceId\":\"" DEVICE_ID "\",\"err_code\":0}}}";

static const char strip_text[] =
	"{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.0.21 Build 210524 Rel.161309\","
	"\"hw_ver\":\"2.0\",\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS300(US)\","
	"\"mac\":\"98-da-c4-00-00-7b\",\"alias\":\"\",\"feature\":\"TIM:ENE\",\"updating\":0,"
	"\"rssi\":-44,\"deviceId\":\"" DEVICE_ID "\",\"child_num\":4,\"children\":["
	"{\"id\":\"" DEVICE_ID "00\",\"state\":1,\"alias\":\"case 1\",\"on_time\":-32407},"
	"{\"id\":\"01\",\"state\":0,\"alias\":\"case 2\",\"on_time\":45011},"
	"{\"id\":\"2\",\"state\":true,\"alias\":\"\",\"on_time\":7.9,\"next_action\":{\"type\":-1}}"
	","
	"{\"id\":\"SOME_OTHER_FORM\",\"state\":false}],\"err_code\":0}}}";

static const char dimmer_text[] =
	"{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.5.7\",\"hw_ver\":\"1.0\","
	"\"mic_type\":\"IOT.SMARTPLUGSWITCH\",\"model\":\"HS220(US)\","
	"\"mac\":\"50C7BF0AF91F\",\"dev_name\":\"Smart Wi-Fi Dimmer\",\"alias\":\"hall\","
	"\"relay_state\":0,\"brightness\":46,\"on_time\":12,\"feature\":\"TIM\",\"updating\":1,"
	"\"rssi\":-0}}}";

static const char bulb_text[] =
	"{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.8.11\",\"hw_ver\":\"1.0\","
	"\"mic_type\":\"IOT.SMARTBULB\",\"model\":\"KL110(US)\",\"mic_mac\":\"D84732010203\","
	"\"alias\":\"lamp\",\"rssi\":-51,\"light_state\":{\"on_off\":0,\"dft_on_state\":"
	"{\"mode\":\"normal\",\"hue\":0,\"saturation\":0,\"color_temp\":2700,"
	"\"brightness\":92}},\"err_code\":0}}}";

static const char light_strip_text[] =
	"{\"system\":{\"get_sysinfo\":{\"sw_ver\":\"1.0.10\",\"hw_ver\":\"1.0\",\"length\":16,"
	"\"mic_type\":\"IOT.SMARTBULB\",\"model\":\"KL430(US)\","
	"\"mic_mac\":\"CC:32:E5:01:02:03\",\"alias\":\"ribbon\",\"rssi\":-44,"
	"\"light_state\":{\"on_off\":1,\"brightness\":15},\"lighting_effect_state\":"
	"{\"enable\":1,\"name\":\"Flicker\",\"brightness\":77},\"err_code\":0}}}";

static inline struct plug_reply parse(const char *text)
{
	struct plug_reply reply;
	const enum plug_error error = plug_reply_parse(&reply, text, strlen(text));

	if (error != PLUG_OK) {
		fail_msg("%s: %s", text, plug_error_text(error));
	}
	return reply;
}

/* A reply whose sysinfo has one member replaced; a value of NULL takes the member away. */
static inline struct plug_reply with(const char *text, const char *key, const char *value)
{
	struct plug_reply reply = parse(text);
	struct json_object *system;
	struct json_object *sysinfo;
	struct json_object *member = NULL;

	assert_true(plug_json_object(reply.root, "system", &system));
	assert_true(plug_json_object(system, "get_sysinfo", &sysinfo));
	json_object_object_del(sysinfo, key);
	if (value) {
		assert_int_equal(
			plug_json_parse(value, strlen(value), PLUG_JSON_DISTINCT_KEYS, &member),
			PLUG_OK);
		assert_int_equal(json_object_object_add(sysinfo, key, member), 0);
	}
	return reply;
}

static inline void expect_zeroed(const struct plug_sysinfo *info)
{
	static const struct plug_sysinfo zero;

	assert_int_equal(info->outlet_count, zero.outlet_count);
	assert_int_equal(info->family, zero.family);
	assert_null(info->model);
	assert_null(info->alias);
	assert_false(info->has_mac);
	assert_false(info->has_rssi);
	for (size_t i = 0; i < PLUG_OUTLETS_MAX; i++) {
		assert_string_equal(info->outlets[i].child_id, "");
		assert_null(info->outlets[i].alias);
		assert_false(info->outlets[i].is_on);
	}
}

/* Reads and clears a reply; for results that borrow nothing. */
static inline enum plug_error read_once(struct plug_reply reply, struct plug_sysinfo *info)
{
	enum plug_error error;

	memset(info, 0x5a, sizeof *info);
	error = plug_reply_sysinfo(&reply, info);
	plug_reply_clear(&reply);
	if (error != PLUG_OK) {
		expect_zeroed(info);
	}
	return error;
}

#endif
