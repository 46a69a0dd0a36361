/* What a device is set up with, and what time makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/device/calendar.h"
#include "tests/sim/device/names.h"
#include "tests/unit/sim_rig.h"

static int setup(void **state)
{
	static struct rig rig;

	rig_init(&rig, "HS110v2");
	*state = &rig;
	return 0;
}

static int teardown(void **state)
{
	rig_clear(*state);
	return 0;
}

/* Whether the answer to the request has part in it. */
static void expect(struct rig *rig, const char *request, const char *part)
{
	const char *answer = rig_ask(rig, request);

	if (!answer || !strstr(answer, part)) {
		fail_msg("%s: no %s in %s", request, part, answer ? answer : "nothing");
	}
}

#define SYSINFO "{\"system\":{\"get_sysinfo\":{}}}"
#define INVALID "\"err_code\":-3"

static void minutes_on_are_counted_by_day(void **state)
{
	struct rig *rig = *state;
	static const char days[] = "{\"schedule\":{\"get_daystat\":{\"year\":2026,\"month\":11}}}";

	rig_ask(rig, "{\"schedule\":{\"erase_runtime_stat\":{}}}");
	rig_switch(rig, 0, true);
	rig_pass(rig, INT64_C(90) * 60000);
	rig_switch(rig, 0, false);
	rig_pass(rig, RIG_HOUR_MS);
	expect(rig, days, "\"day_list\":[{\"year\":2026,\"month\":11,\"day\":21,\"time\":90}]");
	rig_switch(rig, 0, true);
	rig_pass(rig, 10 * (int64_t)RIG_HOUR_MS);
	expect(rig, days,
		"\"day\":21,\"time\":600},{\"year\":2026,\"month\":11,\"day\":22,"
		"\"time\":90}");
	expect(rig, "{\"schedule\":{\"get_monthstat\":{\"year\":2026}}}",
		"\"month_list\":[{\"year\":2026,\"month\":11,\"time\":690}]");
	expect(rig, "{\"schedule\":{\"get_daystat\":{\"year\":2026}}}", INVALID);
}

static void made_up_minutes_and_energy_agree(void **state)
{
	struct rig *rig = *state;
	struct sim_outlet *outlet = &rig->device->outlets[0];
	const int32_t yesterday = sim_day_of_ms(sim_device_local_ms(rig->device, rig->now_ms)) - 1;
	const int64_t minutes = sim_meter_day_wh(&outlet->usage, yesterday);

	assert_in_range(minutes, 4 * 60, 10 * 60);
	assert_in_range(sim_meter_day_wh(&outlet->meter, yesterday) * 60000 + 60000,
		minutes * outlet->power_mw, minutes * outlet->power_mw + 120000);
}

static void schedules_are_carried_out_in_their_order(void **state)
{
	struct rig *rig = *state;
	struct sim_meter *meter = &rig->device->outlets[0].meter;
	struct sim_step step;

	sim_meter_erase(meter);
	rig->device->outlets[0].power_mw = 60000;
	/* On at 14:00, off at 15:30, every day. */
	expect(rig,
		"{\"schedule\":{\"add_rule\":{\"enable\":1,\"repeat\":1,\"wday\":[1,1,1,1,1,1,1],"
		"\"stime_opt\":0,\"smin\":840,\"sact\":1,\"etime_opt\":0,\"emin\":930,\"eact\":0}}"
		"}",
		"\"err_code\":0");
	assert_int_equal(sim_device_due_ms(rig->device), RIG_START_MS + RIG_HOUR_MS);
	expect(rig, SYSINFO, "\"active_mode\":\"schedule\"");
	expect(rig, SYSINFO, "\"schd_sec\":50400,\"action\":1}");
	expect(rig, "{\"schedule\":{\"get_next_action\":{}}}", "\"schd_time\":50400,\"action\":1");
	step = rig_pass(rig, RIG_HOUR_MS);
	assert_int_equal(step.moved, 1);
	assert_true(rig->device->outlets[0].is_on);
	expect(rig, SYSINFO, "\"schd_sec\":55800,\"action\":0}");
	/* Nobody looks for three days. */
	rig_pass(rig, 3 * (int64_t)SIM_DAY_MS);
	assert_true(rig->device->outlets[0].is_on);
	assert_int_equal(rig->device->counters.relay_moves, 7);
	assert_int_equal(sim_meter_total_wh(meter), 3 * 90);
	rig_ask(rig, "{\"schedule\":{\"set_overall_enable\":{\"enable\":0}}}");
	assert_int_equal(sim_device_due_ms(rig->device), INT64_MAX);
	expect(rig, SYSINFO, "\"active_mode\":\"none\"");
	expect(rig, SYSINFO, "\"next_action\":{\"type\":-1}");
}

static void schedules_follow_the_clock_they_have(void **state)
{
	struct rig *rig = *state;

	rig_ask(rig, "{\"schedule\":{\"add_rule\":{\"enable\":1,\"repeat\":1,"
		     "\"wday\":[1,1,1,1,1,1,1],\"stime_opt\":0,\"smin\":840,\"sact\":1}}}");
	sim_device_lose_clock(rig->device, rig->now_ms);
	assert_int_equal(sim_device_due_ms(rig->device), INT64_MAX);
	rig_ask(rig, "{\"time\":{\"set_time\":{\"year\":2026,\"month\":11,\"mday\":21,"
		     "\"hour\":13,\"min\":59,\"sec\":0}}}");
	assert_int_equal(sim_device_due_ms(rig->device), rig->now_ms + 60000);
}

static void a_plug_does_nothing_for_a_rule_about_light(void **state)
{
	struct rig *rig = *state;

	rig_ask(rig, "{\"schedule\":{\"add_rule\":{\"enable\":1,\"repeat\":1,"
		     "\"wday\":[1,1,1,1,1,1,1],\"stime_opt\":0,\"smin\":840,\"sact\":2,"
		     "\"s_light\":{\"on_off\":1,\"brightness\":50}}}}");
	rig_pass(rig, 2 * (int64_t)RIG_HOUR_MS);
	assert_false(rig->device->outlets[0].is_on);
}

static void a_countdown_comes_before_a_schedule(void **state)
{
	struct rig *rig = *state;

	rig_ask(rig, "{\"schedule\":{\"add_rule\":{\"enable\":1,\"repeat\":1,"
		     "\"wday\":[1,1,1,1,1,1,1],\"stime_opt\":0,\"smin\":840,\"sact\":0}},"
		     "\"count_down\":{\"add_rule\":{\"enable\":1,\"delay\":600,\"act\":1}}}");
	expect(rig, SYSINFO, "\"active_mode\":\"count_down\"");
	expect(rig, SYSINFO, "\"next_action\":{\"type\":2,");
	rig_pass(rig, 600000);
	assert_true(rig->device->outlets[0].is_on);
	expect(rig, SYSINFO, "\"next_action\":{\"type\":1,");
	rig_pass(rig, RIG_HOUR_MS);
	assert_false(rig->device->outlets[0].is_on);
}

static void energy_may_be_lost_with_the_power(void **state)
{
	struct rig *rig = *state;

	rig->device->is_forgetful = true;
	sim_meter_set_total_wh(&rig->device->outlets[0].meter, 5000);
	sim_device_reboot(rig->device, rig->now_ms, 0, false);
	rig_pass(rig, 10000);
	assert_int_equal(rig->device->presence, SIM_PRESENT);
	assert_int_equal(sim_meter_total_wh(&rig->device->outlets[0].meter), 0);
}

static void locations_are_kept_in_the_dialect_of_the_model(void **state)
{
	struct rig old;
	struct rig *rig = *state;

	rig_init(&old, "HS110v1");
	expect(rig, "{\"system\":{\"set_dev_location\":{\"latitude\":5.5,\"longitude\":6.5}}}",
		INVALID);
	expect(&old, "{\"system\":{\"set_dev_location\":{\"latitude_i\":55000,\"longitude_i\":1}}}",
		INVALID);
	rig_ask(rig, "{\"system\":{\"set_dev_location\":{\"latitude_i\":-523702,"
		     "\"longitude_i\":1799999}}}");
	expect(rig, SYSINFO, "\"latitude_i\":-523702,\"longitude_i\":1799999");
	rig_ask(&old, "{\"system\":{\"set_dev_location\":{\"latitude\":52.3702,"
		      "\"longitude\":-4.8952}}}");
	expect(&old, SYSINFO, "\"latitude\":52.370200,\"longitude\":-4.895200");
	expect(rig,
		"{\"system\":{\"set_dev_location\":{\"latitude_i\":900001,"
		"\"longitude_i\":0}}}",
		INVALID);
	rig_clear(&old);
}

static void a_firmware_is_fetched_in_time_and_put_in(void **state)
{
	struct rig *rig = *state;
	static const char fetch[] =
		"{\"system\":{\"download_firmware\":{\"url\":\"http://192.0.2.1/x.bin\"}}}";
	static const char ask[] = "{\"system\":{\"get_download_state\":{}}}";
	static const char flash[] = "{\"system\":{\"flash_firmware\":{}}}";

	expect(rig, flash, "\"err_code\":-5,\"err_msg\":\"not enough memory\"");
	expect(rig, "{\"system\":{\"download_firmware\":{\"url\":\"ftp://x\"}}}", INVALID);
	expect(rig, ask, "\"status\":0,\"ratio\":0,");
	expect(rig, fetch, "\"err_code\":0");
	expect(rig, fetch, "\"err_code\":-32");
	rig_pass(rig, SIM_DOWNLOAD_MS / 2);
	expect(rig, ask, "\"status\":1,\"ratio\":50,");
	expect(rig, flash, "\"err_code\":-5");
	rig_pass(rig, SIM_DOWNLOAD_MS / 2);
	expect(rig, ask, "\"status\":0,\"ratio\":100,");
	expect(rig, flash, "\"err_code\":0");
	expect(rig, ask, "\"status\":2,");
	expect(rig, SYSINFO, "\"updating\":1");
	rig_pass(rig, SIM_FLASH_MS);
	assert_int_equal(rig->device->presence, SIM_REBOOTING);
	rig_pass(rig, SIM_BOOT_MS);
	expect(rig, SYSINFO, "\"updating\":0");
	rig->device->has_internet = false;
	rig_ask(rig, fetch);
	rig_pass(rig, SIM_DOWNLOAD_MS);
	expect(rig, ask, "\"status\":6,");
	expect(rig, flash, "\"err_code\":-5");
}

static void an_account_is_bound_after_a_while(void **state)
{
	struct rig *rig = *state;
	static const char unbind[] = "{\"cnCloud\":{\"unbind\":{}}}";
	static const char ask[] = "{\"cnCloud\":{\"get_info\":{}}}";
	static const char bind[] =
		"{\"cnCloud\":{\"bind\":{\"username\":\"a@b.example\",\"password\":\"x\"}}}";

	expect(rig, unbind, "\"err_code\":0");
	expect(rig, ask, "\"err_code\":-32,\"err_msg\":\"another cmd is running\"");
	rig_pass(rig, SIM_ACCOUNT_MS);
	expect(rig, ask, "\"username\":\"\"");
	expect(rig, ask, "\"binded\":0,\"cld_connection\":0");
	expect(rig, unbind, "\"err_code\":-4002");
	expect(rig, bind, "\"err_code\":0");
	expect(rig, bind, "\"err_code\":-32");
	rig_pass(rig, SIM_ACCOUNT_MS);
	expect(rig, ask, "\"username\":\"a@b.example\"");
	expect(rig, ask, "\"binded\":1,\"cld_connection\":1");
	expect(rig, "{\"cnCloud\":{\"bind\":{\"username\":\"\",\"password\":\"x\"}}}", INVALID);
	rig_ask(rig, "{\"cnCloud\":{\"set_server_url\":{\"server\":\"cloud.example\"}}}");
	expect(rig, ask, "\"server\":\"cloud.example\"");
	expect(rig, "{\"cnCloud\":{\"get_intl_fw_list\":{}}}", "\"fw_list\":[]");
	rig->device->has_internet = false;
	expect(rig, "{\"cnCloud\":{\"get_intl_fw_list\":{}}}", "\"err_code\":-7");
	expect(rig, unbind, "\"err_code\":-7");
}

static void a_device_leaves_for_the_network_it_is_told(void **state)
{
	static const struct {
		const char *request;
		const char *ssid; /* NULL: refused */
	} rows[] = {
		{ "\"ssid\":\"Museum-Office\",\"password\":\"secret-word\",\"key_type\":3",
			"Museum-Office" },
		{ "\"ssid\":\"Museum-Visitors\",\"password\":\"\",\"key_type\":0",
			"Museum-Visitors" },
		{ "\"ssid\":\"Nowhere\",\"password\":\"secret-word\",\"key_type\":3", "" },
		{ "\"ssid\":\"Museum-Visitors\",\"password\":\"secret-word\",\"key_type\":3", "" },
		{ "\"ssid\":\"Museum-Office\",\"password\":\"short\",\"key_type\":3", NULL },
		{ "\"ssid\":\"Museum-Office\",\"password\":\"secret-word\",\"key_type\":\"3\"",
			NULL },
		{ "\"ssid\":\"\",\"password\":\"secret-word\",\"key_type\":3", NULL },
		{ "\"ssid\":\"Museum-Office\",\"key_type\":3", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sim_text request = { 0 };
		struct rig rig;

		print_message("%s\n", rows[i].request);
		rig_init(&rig, "HS110v2");
		sim_text_add(&request, "{\"netif\":{\"set_stainfo\":{");
		sim_text_add(&request, rows[i].request);
		sim_text_add(&request, "}}}");
		expect(&rig, request.bytes, rows[i].ssid ? "\"err_code\":0" : INVALID);
		rig_pass(&rig, SIM_SPOKEN_MS);
		assert_int_equal(rig.device->presence, rows[i].ssid ? SIM_REBOOTING : SIM_PRESENT);
		rig_pass(&rig, SIM_BOOT_MS);
		assert_int_equal(rig.device->presence, SIM_PRESENT);
		assert_string_equal(rig.device->ssid ? rig.device->ssid : "",
			rows[i].ssid ? rows[i].ssid : "Museum-Plugs");
		assert_int_equal(rig.device->is_clock_set, rig.device->ssid != NULL);
		sim_text_free(&request);
		rig_clear(&rig);
	}
}

static void bulbs_join_networks_their_own_way(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, "KL130");
	expect(&rig, "{\"netif\":{\"get_scaninfo\":{\"refresh\":0}}}", "\"err_code\":-2001");
	expect(&rig, "{\"smartlife.iot.common.softaponboarding\":{\"get_scaninfo\":{}}}",
		"\"key_type\":3,\"cipher_type\":2,\"channel\":1,\"bssid\":\"02:00:5E:00:00:00\"");
	expect(&rig, "{\"smartlife.iot.common.softaponboarding\":{\"get_stainfo\":{}}}",
		"\"ssid\":\"Museum-Plugs\"");
	rig_clear(&rig);
}

static void a_reset_device_is_as_from_the_factory(void **state)
{
	struct rig *rig = *state;
	struct sim_step step = { 0 };

	rig_ask(rig, "{\"system\":{\"set_dev_icon\":{\"icon\":\"aWNvbg==\",\"hash\":\"5\"},"
		     "\"reset\":{\"delay\":1}}}");
	expect(rig, SYSINFO, "\"icon_hash\":\"5\"");
	rig_pass(rig, 1000);
	step.now_ms = rig->now_ms;
	sim_device_plug(rig->device, true, &step);
	expect(rig, SYSINFO, "\"latitude_i\":-1879048193,\"longitude_i\":-1879048193");
	expect(rig, SYSINFO, "\"icon_hash\":\"\"");
	expect(rig, SYSINFO, "\"status\":\"new\"");
	expect(rig, "{\"cnCloud\":{\"get_info\":{}}}", "\"username\":\"\"");
	expect(rig, "{\"netif\":{\"get_stainfo\":{}}}", "\"ssid\":\"\",\"key_type\":0,\"rssi\":0");
	expect(rig, "{\"time\":{\"get_timezone\":{}}}", "\"index\":6");
	expect(rig, "{\"schedule\":{\"get_next_action\":{}}}", "\"err_code\":-11");
	/* Back in the house it asks a time server. */
	rig_ask(rig, "{\"netif\":{\"set_stainfo\":{\"ssid\":\"Museum-Plugs\","
		     "\"password\":\"secret-word\",\"key_type\":3}}}");
	rig_pass(rig, SIM_SPOKEN_MS + SIM_BOOT_MS);
	expect(rig, SYSINFO, "\"status\":\"configured\"");
	expect(rig, "{\"time\":{\"get_time\":{}}}", "\"year\":2026,\"month\":11,\"mday\":21");
}

#define ID "0123456789ABCDEF0123456789ABCDEF"

static void the_factory_gives_ids_and_gains(void **state)
{
	struct rig *rig = *state;

	rig_ask(rig, "{\"system\":{\"set_mac_addr\":{\"mac\":\"50-C7-BF-0A-0B-0C\"},"
		     "\"set_device_id\":{\"deviceId\":\"" ID "89ABCDEF\"},"
		     "\"set_hw_id\":{\"hwId\":\"" ID "\"}}}");
	expect(rig, SYSINFO,
		"\"mac\":\"50:C7:BF:0A:0B:0C\",\"deviceId\":\"" ID "89ABCDEF\",\"hwId\":\"" ID
		"\"");
	expect(rig, "{\"system\":{\"set_mac_addr\":{\"mac\":\"50:C7:BF:0A:0B:0C\"}}}", INVALID);
	expect(rig, "{\"system\":{\"set_device_id\":{\"deviceId\":\"" ID "\"}}}", INVALID);
	expect(rig, "{\"system\":{\"set_hw_id\":{\"hwId\":\"" ID "G\"}}}", INVALID);
	rig_ask(rig, "{\"emeter\":{\"set_vgain_igain\":{\"vgain\":1,\"igain\":2}}}");
	expect(rig, "{\"emeter\":{\"get_vgain_igain\":{}}}", "\"vgain\":1,\"igain\":2");
	rig_ask(rig, "{\"emeter\":{\"start_calibration\":{\"vtarget\":13462,\"itarget\":16835}}}");
	expect(rig, "{\"emeter\":{\"get_vgain_igain\":{}}}", "\"vgain\":13462,\"igain\":16835");
	expect(rig, "{\"emeter\":{\"set_vgain_igain\":{\"vgain\":1}}}", INVALID);
	expect(rig, "{\"system\":{\"set_test_mode\":{\"enable\":1}}}", "\"err_code\":0");
	assert_true(rig->device->is_test_mode);
	expect(rig, "{\"system\":{\"test_check_uboot\":{},\"check_new_config\":{}}}", "\"uboot\":");
}

static void coloured_light_is_set_and_kept(void **state)
{
	static const struct {
		const char *model, *module, *method;
	} rows[] = {
		{ "KL130", "smartlife.iot.smartbulb.lightingservice", "transition_light_state" },
		{ "KL430", "smartlife.iot.lightStrip", "set_light_state" },
	};
	static const struct {
		const char *arguments, *answer;
	} calls[] = {
		{ "{\"on_off\":1,\"hue\":120,\"saturation\":75,\"color_temp\":0,\"brightness\":50}",
			"\"on_off\":1,\"mode\":\"normal\",\"hue\":120,\"saturation\":75,"
			"\"color_temp\":0,\"brightness\":50" },
		{ "{\"color_temp\":9001}",
			"\"err_code\":-10000,\"err_msg\":\"Invalid input argument\"" },
		{ "{\"hue\":361}", "\"err_code\":-10000" },
		{ "{\"brightness\":101}", INVALID },
		{ "{\"color_temp\":2500}", "\"color_temp\":2500,\"brightness\":50" },
		{ "{\"on_off\":0}", "\"on_off\":0,\"dft_on_state\":{\"mode\":\"normal\","
				    "\"hue\":120,\"saturation\":75,\"color_temp\":2500" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rig rig;

		rig_init(&rig, rows[i].model);
		for (size_t n = 0; n < sizeof calls / sizeof calls[0]; n++) {
			struct sim_text request = { 0 };

			sim_text_open(&request, '{');
			sim_text_key(&request, rows[i].module);
			sim_text_open(&request, '{');
			sim_text_key(&request, rows[i].method);
			sim_text_add(&request, calls[n].arguments);
			sim_text_add(&request, "}}");
			expect(&rig, request.bytes, calls[n].answer);
			sim_text_free(&request);
		}
		expect(&rig, SYSINFO, "\"is_color\":1");
		rig_clear(&rig);
	}
}

static void dimmers_keep_how_they_dim(void **state)
{
	struct rig rig;

	(void)state;
	rig_init(&rig, "HS220");
	rig_ask(&rig, "{\"smartlife.iot.dimmer\":{\"set_fade_on_time\":{\"fadeTime\":11},"
		      "\"set_fade_off_time\":{\"fadeTime\":12},"
		      "\"set_gentle_on_time\":{\"duration\":13},"
		      "\"set_gentle_off_time\":{\"duration\":14},"
		      "\"set_button_ramp_rate\":{\"rampRate\":15},"
		      "\"calibrate_brightness\":{\"minThreshold\":16}}}");
	expect(&rig, "{\"smartlife.iot.dimmer\":{\"get_dimmer_parameters\":{}}}",
		"\"minThreshold\":16,\"fadeOnTime\":11,\"fadeOffTime\":12,\"gentleOnTime\":13,"
		"\"gentleOffTime\":14,\"rampRate\":15");
	expect(&rig, "{\"smartlife.iot.dimmer\":{\"set_fade_on_time\":{}}}", INVALID);
	rig_ask(&rig, "{\"smartlife.iot.dimmer\":{\"set_double_click_action\":{\"mode\":\"none\"},"
		      "\"set_long_press_action\":{\"mode\":\"customize_preset\",\"index\":2}}}");
	expect(&rig, "{\"smartlife.iot.dimmer\":{\"get_default_behavior\":{}}}",
		"\"long_press\":{\"mode\":\"customize_preset\",\"index\":2},"
		"\"double_click\":{\"mode\":\"none\"}");
	expect(&rig, "{\"smartlife.iot.dimmer\":{\"set_long_press_action\":{\"mode\":\"fly\"}}}",
		INVALID);
	expect(&rig,
		"{\"smartlife.iot.dimmer\":{\"set_long_press_action\":"
		"{\"mode\":\"customize_preset\"}}}",
		INVALID);
	rig_clear(&rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(minutes_on_are_counted_by_day),
		TEST(made_up_minutes_and_energy_agree),
		TEST(schedules_are_carried_out_in_their_order),
		TEST(schedules_follow_the_clock_they_have),
		TEST(a_plug_does_nothing_for_a_rule_about_light),
		TEST(a_countdown_comes_before_a_schedule),
		TEST(energy_may_be_lost_with_the_power),
		TEST(locations_are_kept_in_the_dialect_of_the_model),
		TEST(a_firmware_is_fetched_in_time_and_put_in),
		TEST(an_account_is_bound_after_a_while),
		TEST(a_device_leaves_for_the_network_it_is_told),
		TEST(bulbs_join_networks_their_own_way),
		TEST(a_reset_device_is_as_from_the_factory),
		TEST(the_factory_gives_ids_and_gains),
		TEST(coloured_light_is_set_and_kept),
		TEST(dimmers_keep_how_they_dim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
