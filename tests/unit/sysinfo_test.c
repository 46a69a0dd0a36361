#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/sysinfo.h"
#include "tests/unit/sysinfo_samples.h"

static void sysinfo_reads_a_plug(void **state)
{
	static const uint8_t mac[] = { 0x50, 0xc7, 0xbf, 0x0a, 0xf9, 0x1e };
	struct plug_reply reply = parse(plug_text);
	struct plug_sysinfo info;

	(void)state;
	assert_int_equal(plug_reply_sysinfo(&reply, &info), PLUG_OK);
	assert_int_equal(info.family, PLUG_FAMILY_PLUG);
	assert_true(info.has_mac);
	assert_memory_equal(info.mac, mac, sizeof mac);
	assert_string_equal(info.model, "HS110(EU)");
	assert_string_equal(info.hardware, "1.0");
	assert_string_equal(info.firmware, "1.2.6 Build 200727 Rel.121701");
	assert_string_equal(info.alias, "Dampfmaschine \xc3\xbc"
					"ber \"A/B\" +#");
	assert_true(info.has_energy);
	assert_true(info.has_rssi);
	assert_int_equal(info.rssi_dbm, -58);
	assert_false(info.is_updating);
	assert_false(info.has_brightness);
	assert_int_equal(info.outlet_count, 1);
	assert_string_equal(info.outlets[0].child_id, "");
	assert_string_equal(info.outlets[0].alias, info.alias);
	assert_true(info.outlets[0].is_on);
	assert_int_equal(info.outlets[0].on_time_s, 3601);
	plug_reply_clear(&reply);
}

static void sysinfo_reads_a_strip(void **state)
{
	static const struct outlet {
		const char *child_id, *alias;
		bool is_on;
		int64_t on_time_s;
	} outlets[] = {
		/* HS300 fw 1.0.10 counts from below zero, KP303 fw 1.0.3 counts while off */
		{ DEVICE_ID "00", "case 1", true, 0 },
		{ DEVICE_ID "01", "case 2", false, 0 },
		{ DEVICE_ID "02", "", true, 7 },
		{ "SOME_OTHER_FORM", "", false, 0 },
	};
	struct plug_reply reply = parse(strip_text);
	struct plug_sysinfo info;

	(void)state;
	assert_int_equal(plug_reply_sysinfo(&reply, &info), PLUG_OK);
	assert_int_equal(info.family, PLUG_FAMILY_STRIP);
	assert_int_equal(info.mac[5], 0x7b);
	assert_string_equal(info.alias, "");
	assert_true(info.has_energy);
	assert_int_equal(info.outlet_count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(info.outlets[i].child_id, outlets[i].child_id);
		assert_string_equal(info.outlets[i].alias, outlets[i].alias);
		assert_int_equal(info.outlets[i].is_on, outlets[i].is_on);
		assert_int_equal(info.outlets[i].on_time_s, outlets[i].on_time_s);
	}
	plug_reply_clear(&reply);
}

static void sysinfo_reads_a_dimmer(void **state)
{
	struct plug_sysinfo info;

	(void)state;
	assert_int_equal(read_once(parse(dimmer_text), &info), PLUG_OK);
	assert_int_equal(info.family, PLUG_FAMILY_DIMMER);
	assert_true(info.has_mac);
	assert_int_equal(info.mac[5], 0x1f);
	assert_true(info.has_brightness);
	assert_int_equal(info.brightness_percent, 46);
	assert_false(info.has_energy);
	assert_true(info.is_updating);
	assert_true(info.has_rssi);
	assert_int_equal(info.rssi_dbm, 0);
	assert_int_equal(info.outlet_count, 1);
	assert_false(info.outlets[0].is_on);
	assert_int_equal(info.outlets[0].on_time_s, 0);
}

static void sysinfo_reads_lights(void **state)
{
	static const struct row {
		const char *text, *key, *value;
		enum plug_family family;
		bool is_on;
		int brightness_percent; /* -1: none */
	} rows[] = {
		{ bulb_text, "x", "0", PLUG_FAMILY_BULB, false, 92 },
		{ bulb_text, "light_state", "{\"on_off\":1,\"brightness\":30}", PLUG_FAMILY_BULB,
			true, 30 },
		{ bulb_text, "light_state",
			"{\"on_off\":1,\"brightness\":30,\"dft_on_state\":{\"brightness\":9}}",
			PLUG_FAMILY_BULB, true, 30 },
		{ bulb_text, "light_state", "{\"on_off\":true}", PLUG_FAMILY_BULB, true, -1 },
		{ bulb_text, "light_state", "{\"on_off\":0,\"dft_on_state\":null,\"brightness\":9}",
			PLUG_FAMILY_BULB, false, 9 },
		{ light_strip_text, "x", "0", PLUG_FAMILY_LIGHT_STRIP, true, 77 },
		{ light_strip_text, "lighting_effect_state", "{\"enable\":0,\"brightness\":77}",
			PLUG_FAMILY_LIGHT_STRIP, true, 15 },
		{ light_strip_text, "lighting_effect_state", "{\"enable\":1}",
			PLUG_FAMILY_LIGHT_STRIP, true, 15 },
		{ light_strip_text, "lighting_effect_state", "1", PLUG_FAMILY_LIGHT_STRIP, true,
			15 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(
			read_once(with(rows[i].text, rows[i].key, rows[i].value), &info), PLUG_OK);
		assert_int_equal(info.family, rows[i].family);
		assert_true(info.has_mac);
		assert_true(info.has_energy);
		assert_int_equal(info.outlet_count, 1);
		assert_int_equal(info.outlets[0].is_on, rows[i].is_on);
		assert_int_equal(info.has_brightness, rows[i].brightness_percent >= 0);
		assert_int_equal(info.brightness_percent,
			rows[i].brightness_percent >= 0 ? rows[i].brightness_percent : 0);
	}
}

static void sysinfo_finds_the_mac_under_any_of_its_names(void **state)
{
	static const struct row {
		const char *key, *value;
		bool has_mac;
	} rows[] = {
		{ "mic_mac", "\"D84732010203\"", true },
		{ "mic_mac", "\"CC:32:E5:01:02:03\"", true },
		{ "ethernet_mac", "\"cc-32-e5-01-02-03\"", true },
		{ "mac", "\"cc32e5010203\"", true },
		{ "mac", "\"00:00:00:00:00:00\"", true },
		{ "mac", "\"unknown\"", false },
		{ "mac", "12", false },
		{ "mac", "null", false },
		{ "bssid", "\"CC:32:E5:01:02:03\"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_reply reply = with(plug_text, "mac", NULL);
		const char *text = json_object_to_json_string(reply.root);
		struct plug_sysinfo info;

		assert_int_equal(read_once(with(text, rows[i].key, rows[i].value), &info), PLUG_OK);
		assert_int_equal(info.has_mac, rows[i].has_mac);
		plug_reply_clear(&reply);
	}
}

static void sysinfo_takes_feature_for_a_set(void **state)
{
	static const struct row {
		const char *feature;
		bool has_energy;
	} rows[] = {
		{ "\"TIM:ENE\"", true },
		{ "\"ENE:TIM\"", true },
		{ "\"ENE\"", true },
		{ "\"TIM:ENE:\"", true },
		{ "\"::ENE\"", true },
		{ "\"A:ENE:B\"", true },
		{ "\"TIM\"", false },
		{ "\"\"", false },
		{ "\":\"", false },
		{ "\"TIMENE\"", false },
		{ "\"TIM:ENEX\"", false },
		{ "\"TIM:EN:E\"", false },
		{ "\"TIM,ENE\"", false },
		{ "[\"ENE\"]", false },
		{ "null", false },
		{ NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(
			read_once(with(plug_text, "feature", rows[i].feature), &info), PLUG_OK);
		if (info.has_energy != rows[i].has_energy) {
			fail_msg("%s", rows[i].feature ? rows[i].feature : "none");
		}
	}
}

static void sysinfo_rounds_and_bounds_the_signal(void **state)
{
	static const struct row {
		const char *rssi;
		bool has_rssi;
		int rssi_dbm;
	} rows[] = {
		{ "-71", true, -71 },
		{ "-71.0", true, -71 },
		{ "-71.6", true, -72 },
		{ "-0", true, 0 },
		{ "-0.0", true, 0 },
		{ "12", true, 12 },
		{ "0.5", true, 1 },
		{ "-201", false, 0 },
		{ "101", false, 0 },
		{ "1e999", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "\"-71\"", false, 0 },
		{ "null", false, 0 },
		{ NULL, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(read_once(with(plug_text, "rssi", rows[i].rssi), &info), PLUG_OK);
		assert_int_equal(info.has_rssi, rows[i].has_rssi);
		assert_int_equal(info.rssi_dbm, rows[i].rssi_dbm);
	}
}

static void sysinfo_clamps_the_time_switched_on(void **state)
{
	static const struct row {
		const char *on_time;
		int64_t on_time_s;
	} rows[] = {
		{ "0", 0 },
		{ "6023162", 6023162 },
		{ "12.9", 12 },
		{ "4294967295", 4294967295 },
		{ "-1", 0 },
		{ "-32407", 0 },
		{ "1e300", 0 },
		{ "1e999", 0 },
		{ "99999999999999999999", 0 },
		{ "\"5\"", 0 },
		{ NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(
			read_once(with(plug_text, "on_time", rows[i].on_time), &info), PLUG_OK);
		assert_true(info.outlets[0].is_on);
		assert_int_equal(info.outlets[0].on_time_s, rows[i].on_time_s);
	}
}

static void sysinfo_reads_flags_as_numbers_or_truths(void **state)
{
	static const struct row {
		const char *value;
		enum plug_error error;
		bool is_on;
	} rows[] = {
		{ "0", PLUG_OK, false },
		{ "1", PLUG_OK, true },
		{ "false", PLUG_OK, false },
		{ "true", PLUG_OK, true },
		{ "1.0", PLUG_OK, true },
		{ "2", PLUG_EPROTO, false },
		{ "-1", PLUG_EPROTO, false },
		{ "0.5", PLUG_EPROTO, false },
		{ "\"1\"", PLUG_EPROTO, false },
		{ "null", PLUG_EPROTO, false },
		{ "[]", PLUG_EPROTO, false },
		{ "{}", PLUG_EPROTO, false },
		{ "1e999", PLUG_EPROTO, false },
		{ NULL, PLUG_EPROTO, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(read_once(with(plug_text, "relay_state", rows[i].value), &info),
			rows[i].error);
		assert_int_equal(info.outlets[0].is_on, rows[i].is_on);
		assert_int_equal(read_once(with(dimmer_text, "relay_state", rows[i].value), &info),
			rows[i].error);
	}
}

static void sysinfo_completes_short_child_ids_with_the_device_id(void **state)
{
	static const struct row {
		const char *device_id;
		enum plug_error error;
		const char *first, *second, *third;
	} rows[] = {
		{ "\"AB\"", PLUG_OK, DEVICE_ID "00", "AB01", "AB02" },
		{ "\"\"", PLUG_EPROTO, "", "", "" },
		{ "5", PLUG_EPROTO, "", "", "" },
		{ NULL, PLUG_EPROTO, "", "", "" },
		/* 61 characters and two make 63, which fit; 62 and two do not */
		{ "\"0123456789012345678901234567890123456789012345678901234567890\"", PLUG_OK,
			DEVICE_ID "00",
			"012345678901234567890123456789012345678901234567890123456789001",
			"012345678901234567890123456789012345678901234567890123456789002" },
		{ "\"01234567890123456789012345678901234567890123456789012345678901\"", PLUG_EPROTO,
			"", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(read_once(with(strip_text, "deviceId", rows[i].device_id), &info),
			rows[i].error);
		assert_string_equal(info.outlets[0].child_id, rows[i].first);
		assert_string_equal(info.outlets[1].child_id, rows[i].second);
		assert_string_equal(info.outlets[2].child_id, rows[i].third);
	}
}

static void sysinfo_takes_sixteen_children_and_no_more(void **state)
{
	(void)state;
	for (size_t count = 1; count <= PLUG_OUTLETS_MAX + 2; count++) {
		char children[1024] = "[";
		size_t size = 1;
		struct plug_sysinfo info;

		for (size_t i = 0; i < count; i++) {
			const int added = snprintf(children + size, sizeof children - size,
				"%s{\"id\":\"outlet-%zu\",\"state\":1}", i > 0 ? "," : "", i);

			assert_in_range(added, 1, sizeof children - size - 2);
			size += (size_t)added;
		}
		memcpy(children + size, "]", 2);
		if (count <= PLUG_OUTLETS_MAX) {
			assert_int_equal(
				read_once(with(strip_text, "children", children), &info), PLUG_OK);
			assert_int_equal(info.outlet_count, count);
			assert_true(info.outlets[count - 1].is_on);
		} else {
			assert_int_equal(read_once(with(strip_text, "children", children), &info),
				PLUG_EPROTO);
		}
	}
}

static void sysinfo_bounds_brightness(void **state)
{
	static const struct row {
		const char *value;
		int percent; /* -1: none */
	} rows[] = { { "0", 0 }, { "100", 100 }, { "45.5", 46 }, { "101", -1 }, { "-1", -1 },
		{ "\"5\"", -1 }, { "1e999", -1 }, { "null", -1 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_sysinfo info;

		assert_int_equal(
			read_once(with(dimmer_text, "brightness", rows[i].value), &info), PLUG_OK);
		assert_int_equal(info.has_brightness, rows[i].percent >= 0);
		assert_int_equal(
			info.brightness_percent, rows[i].percent >= 0 ? rows[i].percent : 0);
	}
}

static void sysinfo_of_the_unsupported_has_no_outlets(void **state)
{
	static const char *const texts[] = {
		"{\"system\":{\"get_sysinfo\":{\"system\":{\"mac\":\"50:C7:BF:0A:F9:1E\"}}}}",
		"{\"system\":{\"get_sysinfo\":{\"type\":\"IOT.IPCAMERA\",\"err_code\":0}}}",
		"{\"system\":{\"get_sysinfo\":{\"relay_state\":1,\"err_code\":0}}}",
		"{\"system\":{\"get_sysinfo\":{}}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct plug_reply reply = parse(texts[i]);
		struct plug_sysinfo info;

		assert_int_equal(plug_reply_sysinfo(&reply, &info), PLUG_OK);
		assert_int_equal(info.family, PLUG_FAMILY_UNSUPPORTED);
		assert_int_equal(info.outlet_count, 0);
		assert_string_equal(info.model, "");
		assert_string_equal(info.hardware, "");
		assert_string_equal(info.firmware, "");
		assert_string_equal(info.alias, "");
		plug_reply_clear(&reply);
	}
}

/* Each member of each answer replaced by each of what it is not: never a crash, and never
 * anything but a whole answer or none. */

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sysinfo_reads_a_plug),
		cmocka_unit_test(sysinfo_reads_a_strip),
		cmocka_unit_test(sysinfo_reads_a_dimmer),
		cmocka_unit_test(sysinfo_reads_lights),
		cmocka_unit_test(sysinfo_finds_the_mac_under_any_of_its_names),
		cmocka_unit_test(sysinfo_takes_feature_for_a_set),
		cmocka_unit_test(sysinfo_rounds_and_bounds_the_signal),
		cmocka_unit_test(sysinfo_clamps_the_time_switched_on),
		cmocka_unit_test(sysinfo_reads_flags_as_numbers_or_truths),
		cmocka_unit_test(sysinfo_completes_short_child_ids_with_the_device_id),
		cmocka_unit_test(sysinfo_takes_sixteen_children_and_no_more),
		cmocka_unit_test(sysinfo_bounds_brightness),
		cmocka_unit_test(sysinfo_of_the_unsupported_has_no_outlets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
