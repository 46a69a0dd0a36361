/* Any text as a reply: nothing crashes, nothing leaks, failures leave zeroes, and what is read is
 * within the ranges the headers promise. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "protocol/json.h"
#include "protocol/reading.h"
#include "protocol/reply.h"
#include "protocol/statistics.h"
#include "protocol/sysinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool is_true)
{
	if (!is_true) {
		abort();
	}
}

/* Distinct keys are the stricter mode, and what was parsed can be written and parsed again. */
static void check_json(const char *text, size_t size)
{
	struct json_object *strict;
	struct json_object *root;
	struct json_object *again;
	const enum plug_error strict_error =
		plug_json_parse(text, size, PLUG_JSON_DISTINCT_KEYS, &strict);
	const enum plug_error error = plug_json_parse(text, size, PLUG_JSON_LAST_KEY_WINS, &root);

	require(error == PLUG_OK || error == PLUG_EPROTO);
	require(strict_error == PLUG_OK || strict_error == PLUG_EPROTO);
	require(strict_error != PLUG_OK || json_object_equal(strict, root));
	require(error == PLUG_OK || (!root && strict_error == PLUG_EPROTO));
	if (root) {
		const char *written = json_object_to_json_string(root);

		require(plug_json_parse(written, strlen(written), PLUG_JSON_DISTINCT_KEYS,
				&again) == PLUG_OK);
		json_object_put(again);
	}
	json_object_put(strict);
	json_object_put(root);
}

static void check_sysinfo(const struct plug_reply *reply)
{
	struct plug_sysinfo info;
	enum plug_error error;

	memset(&info, 0x5a, sizeof info);
	error = plug_reply_sysinfo(reply, &info);
	if (error != PLUG_OK) {
		require(info.outlet_count == 0 && !info.alias && !info.has_mac);
		return;
	}
	require(info.family < PLUG_FAMILY_COUNT && info.outlet_count <= PLUG_OUTLETS_MAX);
	require((info.outlet_count == 0) == (info.family == PLUG_FAMILY_UNSUPPORTED));
	require(info.model && info.hardware && info.firmware && info.alias);
	require(info.brightness_percent >= 0 && info.brightness_percent <= 100);
	require(info.rssi_dbm >= -200 && info.rssi_dbm <= 100);
	for (size_t i = 0; i < info.outlet_count; i++) {
		const struct plug_outlet_info *outlet = &info.outlets[i];

		require(outlet->alias && outlet->on_time_s >= 0);
		require(outlet->is_on || outlet->on_time_s == 0);
		require(memchr(outlet->child_id, '\0', sizeof outlet->child_id));
		require((outlet->child_id[0] != '\0') == (info.family == PLUG_FAMILY_STRIP));
	}
}

static void check_days(const struct plug_reply *reply, enum plug_family family)
{
	const struct plug_statistic_ask ask = { .statistic = PLUG_STATISTIC_ENERGY,
		.family = family };
	const struct plug_period month = { 2026, 11 };
	struct plug_statistics days;
	const enum plug_error error = plug_reply_statistic(reply, &ask, &month, &days);

	require(error == PLUG_OK || days.count == 0);
	require(days.count <= PLUG_STATISTICS_MAX);
	for (size_t i = 0; i < days.count; i++) {
		const struct plug_statistic_entry *day = &days.entries[i];

		require(day->year == 2026 && day->month == 11 && day->day >= 1 && day->day <= 31);
		require(day->value >= 0 && day->value <= 125000);
		require(day->is_possible || day->value == 0);
	}
}

static void check_readings(const struct plug_reply *reply, enum plug_family family)
{
	struct plug_realtime reading;
	enum plug_error error;

	memset(&reading, 0x5a, sizeof reading);
	error = plug_reply_realtime(reply, family, &reading);
	require((error == PLUG_OK) == (reading.has_power || reading.has_voltage ||
					      reading.has_current || reading.has_total));
	require(reading.power_mw >= 0 && reading.power_mw <= 5000000);
	require(reading.voltage_mv >= 0 && reading.voltage_mv <= 300000);
	require(reading.current_ma >= 0 && reading.current_ma <= 25000);
	require(reading.total_wh >= 0);
	require(reading.has_power || reading.power_mw == 0);
	require(reading.has_voltage || reading.voltage_mv == 0);
	require(reading.has_current || reading.current_ma == 0);
	require(reading.has_total || reading.total_wh == 0);
	check_days(reply, family);
}

static void check_envelope(const struct plug_reply *reply, enum plug_family family)
{
	struct plug_device_error device_error;
	struct plug_time time;
	enum plug_error error = plug_reply_switch(reply, family, &device_error);

	require((error == PLUG_EDEVICE || error == PLUG_EUNSUPPORTED) ==
		(device_error.err_code != 0));
	error = plug_reply_time(reply, family, &time);
	require(error == PLUG_OK ? time.year >= 1970 && time.month >= 1 && time.day >= 1
				 : time.year == 0 && time.month == 0 && time.second == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct plug_reply reply;

	check_json(text, size);
	if (plug_reply_parse(&reply, text, size) != PLUG_OK) {
		require(!reply.root);
		return 0;
	}
	check_sysinfo(&reply);
	for (int family = 0; family < PLUG_FAMILY_COUNT; family++) {
		check_readings(&reply, (enum plug_family)family);
		check_envelope(&reply, (enum plug_family)family);
	}
	plug_reply_clear(&reply);
	return 0;
}
