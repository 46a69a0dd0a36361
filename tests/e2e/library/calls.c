/* calls.c - every call that blocks, against a device that is a simulation: what was set is read
 * back. One line for each thing that is not as it should be.
 *
 *     calls plug|plain|strip|dimmer|bulb HOST PORT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <plug/blocking/device.h>
#include <plug/blocking/energy.h>
#include <plug/blocking/light.h>
#include <plug/blocking/maintenance.h>
#include <plug/blocking/network.h>
#include <plug/blocking/outlet.h>
#include <plug/blocking/rules.h>
#include <plug/blocking/settings.h>
#include <plug/clock.h>
#include <plug/mac.h>

enum { TIMEOUT_MS = 20000 };

static int failures;

static void check(bool is_true, const char *what, int line)
{
	if (!is_true) {
		printf("line %d: not %s\n", line, what);
		failures++;
	}
}

static void expect(enum plug_error error, enum plug_error expected, const char *what, int line)
{
	if (error != expected) {
		printf("line %d: %s: %s\n", line, what, plug_error_text(error));
		failures++;
	}
}

#define CHECK(condition) check(condition, #condition, __LINE__)
#define OK(call) expect(call, PLUG_OK, #call, __LINE__)
#define EXPECT(error, call) expect(call, error, #call, __LINE__)

static void switches(struct plug_device *device)
{
	const struct plug_sysinfo *info = plug_device_info(device);
	const int last = (int)info->outlet_count - 1;
	bool is_on;

	OK(plug_device_switch(device, last, true));
	OK(plug_device_refresh(device));
	CHECK(info->outlets[last].is_on);
	OK(plug_device_toggle(device, last, &is_on));
	CHECK(!is_on);
	OK(plug_device_refresh(device));
	CHECK(!info->outlets[last].is_on);
	OK(plug_device_set_alias(device, last, "Zw\xc3\xb6lf \"12\""));
	OK(plug_device_refresh(device));
	CHECK(strcmp(info->outlets[last].alias, "Zw\xc3\xb6lf \"12\"") == 0);
	EXPECT(PLUG_EINVAL, plug_device_switch(device, last + 1, true));
}

static void settings(struct plug_device *device)
{
	const struct plug_location place = { 523702, -48952 };
	const struct plug_icon icon = { "a picture", "its hash" };
	struct plug_location location;
	struct plug_icon read;
	bool is_on;

	OK(plug_device_set_led(device, false));
	OK(plug_device_set_location(device, &place));
	OK(plug_device_refresh(device));
	CHECK(plug_device_led(device, &is_on) && !is_on);
	CHECK(plug_device_location(device, &location));
	CHECK(location.latitude_i == 523702 && location.longitude_i == -48952);
	OK(plug_device_set_icon(device, &icon));
	OK(plug_device_icon(device, &read));
	CHECK(read.icon && strcmp(read.icon, icon.icon) == 0);
	CHECK(read.hash && strcmp(read.hash, icon.hash) == 0);
}

static void clocks(struct plug_device *device)
{
	const struct plug_time noon = { 2026, 7, 14, 12, 0, 0 };
	struct plug_time now;
	int zone;

	OK(plug_device_set_clock(device, 41, &noon));
	OK(plug_device_timezone(device, &zone));
	CHECK(zone == 41);
	OK(plug_device_time(device, &now));
	CHECK(plug_time_difference_s(&now, &noon) >= 0);
	CHECK(plug_time_difference_s(&now, &noon) < TIMEOUT_MS / 1000);
	EXPECT(PLUG_EINVAL, plug_device_set_clock(device, PLUG_ZONE_COUNT, &noon));
}

static void meters(struct plug_device *device)
{
	const int last = (int)plug_device_info(device)->outlet_count - 1;
	const struct plug_period month = { 2026, 7 };
	const struct plug_period year = { 2026, 0 };
	const struct plug_calibration gains = { 13462, 16835 };
	struct plug_calibration read;
	struct plug_statistics statistics;
	struct plug_realtime reading;

	OK(plug_device_reading(device, last, &reading));
	CHECK(reading.has_power && reading.has_total);
	OK(plug_device_energy(device, last, &month, &statistics));
	OK(plug_device_energy(device, last, &year, &statistics));
	OK(plug_device_set_calibration(device, last, &gains));
	OK(plug_device_calibration(device, last, &read));
	CHECK(read.voltage == gains.voltage && read.current == gains.current);
	OK(plug_device_calibrate(device, last, &gains));
	OK(plug_device_erase_energy(device, last));
	OK(plug_device_reading(device, last, &reading));
	CHECK(reading.total_wh == 0);
	EXPECT(PLUG_EINVAL, plug_device_reading(device, last + 1, &reading));
}

static void usage(struct plug_device *device)
{
	const int last = (int)plug_device_info(device)->outlet_count - 1;
	const struct plug_period month = { 2026, 7 };
	const struct plug_period never = { 2026, 13 };
	struct plug_statistics statistics;

	OK(plug_device_usage(device, last, &month, &statistics));
	OK(plug_device_erase_usage(device, last));
	EXPECT(PLUG_EINVAL, plug_device_usage(device, last, &never, &statistics));
}

static void rules(struct plug_device *device, const struct plug_rule_place *place)
{
	struct plug_rule rule = { .name = "open",
		.is_enabled = true,
		.is_weekly = true,
		.days = { false, true },
		.start = { PLUG_MOMENT_CLOCK, 510, 0 },
		.end = { PLUG_MOMENT_CLOCK, 600, 0 },
		.start_action = PLUG_ACTION_ON,
		.end_action = PLUG_ACTION_NONE,
		.delay_s = 1800 };
	struct plug_rules *list = calloc(1, sizeof *list);
	char id[PLUG_RULE_ID_BYTES];

	if (!list) {
		abort();
	}
	OK(plug_device_delete_rules(device, place));
	OK(plug_device_add_rule(device, place, &rule, id));
	CHECK(id[0] != '\0');
	memcpy(rule.id, id, sizeof rule.id);
	rule.start.minute = 540;
	rule.delay_s = 900;
	OK(plug_device_edit_rule(device, place, &rule));
	OK(plug_device_rules(device, place, list));
	CHECK(list->count == 1 && strcmp(list->rules[0].id, id) == 0);
	CHECK(place->kind == PLUG_RULE_COUNTDOWN ? list->rules[0].delay_s == 900
						 : list->rules[0].start.minute == 540);
	if (place->kind != PLUG_RULE_COUNTDOWN) {
		OK(plug_device_enable_rules(device, place, false));
		OK(plug_device_rules(device, place, list));
		CHECK(list->has_switch && !list->is_enabled);
	}
	OK(plug_device_delete_rule(device, place, id));
	EXPECT(PLUG_EDEVICE, plug_device_delete_rule(device, place, id));
	CHECK(plug_device_refusal(device)->err_code == -14);
	free(list);
}

static void all_rules(struct plug_device *device)
{
	const int last = (int)plug_device_info(device)->outlet_count - 1;
	struct plug_due due;

	for (int kind = PLUG_RULE_SCHEDULE; kind <= PLUG_RULE_AWAY; kind++) {
		const struct plug_rule_place place = { (enum plug_rule_kind)kind, last };

		rules(device, &place);
	}
	OK(plug_device_due(device, last, &due));
	CHECK(!due.is_due);
}

static void networks(struct plug_device *device)
{
	const struct plug_wifi_join join = { "depot", "correct horse", PLUG_KEY_WPA2 };
	const struct plug_credentials credentials = { "curator@example.org", "secret" };
	struct plug_networks *seen = calloc(1, sizeof *seen);
	struct plug_account account;
	struct plug_offers offers;
	struct plug_network network;

	if (!seen) {
		abort();
	}
	OK(plug_device_wifi(device, &network));
	CHECK(network.ssid && network.ssid[0] != '\0');
	OK(plug_device_wifi_scan(device, false, seen));
	CHECK(seen->count > 0);
	OK(plug_device_wifi_scan(device, true, seen));
	CHECK(seen->count > 0);
	CHECK(plug_device_timeout_ms(device) == TIMEOUT_MS);
	(void)plug_device_unbind(device);
	OK(plug_device_bind(device, &credentials));
	OK(plug_device_account(device, &account));
	CHECK(account.is_bound && account.username &&
		strcmp(account.username, "curator@example.org") == 0);
	OK(plug_device_unbind(device));
	EXPECT(PLUG_EDEVICE, plug_device_unbind(device));
	CHECK(plug_device_refusal(device)->err_code == -4002);
	OK(plug_device_set_server(device, "devs.example.org"));
	OK(plug_device_account(device, &account));
	CHECK(account.server && strcmp(account.server, "devs.example.org") == 0);
	OK(plug_device_firmware_offers(device, &offers));
	OK(plug_device_wifi_join(device, &join));
	free(seen);
}

static void firmware(struct plug_device *device)
{
	struct plug_download download;
	const char *uboot;

	EXPECT(PLUG_EDEVICE, plug_device_flash(device));
	CHECK(plug_device_refusal(device)->err_code == -5);
	OK(plug_device_download_state(device, &download));
	CHECK(download.status == PLUG_DOWNLOAD_IDLE);
	EXPECT(PLUG_EINVAL, plug_device_download(device, "ftp://127.0.0.1/a"));
	OK(plug_device_check_config(device));
	OK(plug_device_check_uboot(device, &uboot));
	CHECK(uboot && uboot[0] != '\0');
	OK(plug_device_set_test_mode(device, false));
	OK(plug_device_download(device, "http://127.0.0.1/firmware.bin"));
}

static void identity(struct plug_device *device)
{
	static const char device_id[] = "0123456789ABCDEF0123456789ABCDEF01234567";
	static const char hardware_id[] = "0123456789ABCDEF0123456789ABCDEF";
	static const uint8_t mac[PLUG_MAC_BYTES] = { 0x50, 0xc7, 0xbf, 0xaa, 0xbb, 0xcc };
	struct plug_identity read;

	OK(plug_device_set_device_id(device, device_id));
	OK(plug_device_set_hardware_id(device, hardware_id));
	OK(plug_device_set_mac(device, mac));
	OK(plug_device_refresh(device));
	plug_device_identity(device, &read);
	CHECK(read.device_id && strcmp(read.device_id, device_id) == 0);
	CHECK(read.hardware_id && strcmp(read.hardware_id, hardware_id) == 0);
	CHECK(memcmp(plug_device_info(device)->mac, mac, sizeof mac) == 0);
}

static void ends(struct plug_device *device)
{
	const char *reply;

	OK(plug_device_raw(device, "{\"system\":{\"get_sysinfo\":{}}}", &reply));
	CHECK(reply && strstr(reply, "\"alias\"") != NULL);
	OK(plug_device_reboot(device, 1));
}

static void visit_plug(struct plug_device *device)
{
	switches(device);
	settings(device);
	clocks(device);
	meters(device);
	usage(device);
	all_rules(device);
	firmware(device);
	identity(device);
	networks(device);
	ends(device);
}

static void visit_plain(struct plug_device *device)
{
	struct plug_statistics statistics;
	struct plug_realtime reading;
	struct plug_dimmer dimmer;
	const struct plug_period month = { 2026, 7 };

	switches(device);
	EXPECT(PLUG_EUNSUPPORTED, plug_device_reading(device, 0, &reading));
	EXPECT(PLUG_EUNSUPPORTED, plug_device_energy(device, 0, &month, &statistics));
	EXPECT(PLUG_EUNSUPPORTED, plug_device_set_brightness(device, 10));
	EXPECT(PLUG_EUNSUPPORTED, plug_device_dimmer(device, &dimmer));
	OK(plug_device_reset(device, 1));
}

static void visit_strip(struct plug_device *device)
{
	CHECK(plug_device_info(device)->outlet_count == 6);
	switches(device);
	OK(plug_device_set_alias(device, PLUG_DEVICE_ITSELF, "Cases, all"));
	OK(plug_device_refresh(device));
	CHECK(strcmp(plug_device_info(device)->alias, "Cases, all") == 0);
	meters(device);
	usage(device);
	all_rules(device);
	ends(device);
}

static void visit_dimmer(struct plug_device *device)
{
	struct plug_dimmer dimmer;
	struct plug_dimmer_behavior behavior;

	switches(device);
	OK(plug_device_set_brightness(device, 33));
	OK(plug_device_refresh(device));
	CHECK(plug_device_info(device)->brightness_percent == 33);
	OK(plug_device_fade(device, 50, 1));
	OK(plug_device_set_dimmer(device, PLUG_DIMMER_FADE_ON_MS, 1500));
	OK(plug_device_dimmer(device, &dimmer));
	CHECK(dimmer.numbers[PLUG_DIMMER_FADE_ON_MS].value == 1500);
	OK(plug_device_set_dimmer_press(device, PLUG_DIMMER_LONG_PRESS, "none"));
	OK(plug_device_dimmer_behavior(device, &behavior));
	CHECK(behavior.modes[PLUG_DIMMER_LONG_PRESS] &&
		strcmp(behavior.modes[PLUG_DIMMER_LONG_PRESS], "none") == 0);
	ends(device);
}

static void visit_bulb(struct plug_device *device)
{
	const struct plug_light_order order = { .is_on = true, .brightness_percent = { true, 21 } };
	struct plug_light_details details;
	struct plug_network network;
	struct plug_light light;

	switches(device);
	OK(plug_device_set_light(device, &order));
	OK(plug_device_refresh(device));
	CHECK(plug_device_light(device, &light));
	CHECK(light.is_on && light.brightness_percent.value == 21);
	OK(plug_device_light_details(device, &details));
	OK(plug_device_set_brightness(device, 90));
	OK(plug_device_refresh(device));
	CHECK(plug_device_info(device)->brightness_percent == 90);
	OK(plug_device_wifi(device, &network));
	CHECK(network.ssid && network.ssid[0] != '\0');
	clocks(device);
	usage(device);
}

static const struct kind {
	const char *name;
	void (*visit)(struct plug_device *device);
} kinds[] = { { "plug", visit_plug }, { "plain", visit_plain }, { "strip", visit_strip },
	{ "dimmer", visit_dimmer }, { "bulb", visit_bulb } };

/* 0 for what is no number, or none of this size. */
static uint16_t number(const char *text)
{
	char *end;
	const unsigned long value = strtoul(text, &end, 10);

	return *text != '\0' && *end == '\0' && value <= UINT16_MAX ? (uint16_t)value : 0;
}

int main(int count, char **words)
{
	struct plug_device *device = NULL;

	if (count != 4) {
		return 2;
	}
	OK(plug_device_open(words[2], number(words[3]), TIMEOUT_MS, &device));
	for (size_t i = 0; device && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(kinds[i].name, words[1]) == 0) {
			kinds[i].visit(device);
		}
	}
	plug_device_close(device);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
