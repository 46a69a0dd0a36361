/* Every recording of a real device found in the directory PLUG_DUMPS reads as its row of
 * recordings_table.h says; one that has no row must still read. */
#include <ctype.h>
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "protocol/account.h"
#include "protocol/dimmer.h"
#include "protocol/json.h"
#include "protocol/light.h"
#include "protocol/mac.h"
#include "protocol/reading.h"
#include "protocol/sysinfo.h"
#include "tests/unit/recordings_table.h"

enum {
	EXIT_SKIPPED = 77,
	FILES_MAX = 512,
	FILE_MAX_BYTES = 64 * 1024,
	NAME_BYTES = 128,
	PATH_BYTES = 4096,
};

/* What plug_reply_method and plug_reply_realtime make of each kind of answer. */
static const struct energy_expectation {
	enum plug_error error;
	int err_code;
	bool has_power, has_voltage, has_current, has_total;
} energy_expectations[] = {
	[ABSENT] = { .error = PLUG_EPROTO },
	[MODULE_ERROR] = { .error = PLUG_EUNSUPPORTED, .err_code = -1 },
	[METHOD_ERROR] = { .error = PLUG_EUNSUPPORTED, .err_code = -1 },
	[BULB_MODULE_ERROR] = { .error = PLUG_EUNSUPPORTED, .err_code = -2001 },
	[BASE_UNITS] = { PLUG_OK, 0, true, true, true, true },
	[THOUSANDTHS] = { PLUG_OK, 0, true, true, true, true },
	[THOUSANDTHS_AND_SLOT] = { PLUG_OK, 0, true, true, true, true },
	[POWER] = { PLUG_OK, 0, .has_power = true },
	[POWER_AND_TOTAL] = { PLUG_OK, 0, .has_power = true, .has_total = true },
	[UNMEASURED] = { PLUG_OK, 0, .has_power = true, .has_total = true },
};

/* Members an answer may have, and which of them each kind has (a bit each). */
static const char *const energy_keys[] = { "power", "voltage", "current", "total", "power_mw",
	"voltage_mv", "current_ma", "total_wh", "slot_id" };

enum { ENERGY_KEY_COUNT = sizeof energy_keys / sizeof energy_keys[0] };

static const unsigned int energy_key_bits[] = {
	[BASE_UNITS] = 0x00f,
	[THOUSANDTHS] = 0x0f0,
	[THOUSANDTHS_AND_SLOT] = 0x1f0,
	[POWER] = 0x010,
	[POWER_AND_TOTAL] = 0x090,
	[UNMEASURED] = 0x0f0,
};

/* One open recording: what the library reads, and the raw object to hold it against. */
struct fixture {
	struct plug_reply reply;
	struct json_object *sysinfo;
	struct plug_sysinfo info;
};

static const struct recording *find_row(const char *name)
{
	for (size_t i = 0; i < RECORDING_COUNT; i++) {
		const struct recording *row = &recordings[i];
		char row_name[NAME_BYTES];
		const int size = snprintf(row_name, sizeof row_name, "%s_%s_%s.json", row->model,
			row->hardware, row->firmware);

		assert_in_range(size, 1, sizeof row_name - 1);
		if (strcmp(name, row_name) == 0) {
			return row;
		}
	}
	return NULL;
}

static void open_recording(const char *name, struct fixture *fixture)
{
	static char text[FILE_MAX_BYTES];
	char path[PATH_BYTES];
	const int path_size = snprintf(path, sizeof path, "%s/%s", getenv("PLUG_DUMPS"), name);
	struct json_object *system;
	FILE *file;
	size_t size;

	assert_in_range(path_size, 1, sizeof path - 1);
	file = fopen(path, "rb");
	assert_non_null(file);
	size = fread(text, 1, sizeof text, file);
	assert_int_equal(ferror(file), 0);
	fclose(file);
	assert_in_range(size, 1, sizeof text - 1);
	assert_int_equal(plug_reply_parse(&fixture->reply, text, size), PLUG_OK);
	assert_true(plug_json_object(fixture->reply.root, "system", &system));
	assert_true(plug_json_object(system, "get_sysinfo", &fixture->sysinfo));
	assert_int_equal(plug_reply_sysinfo(&fixture->reply, &fixture->info), PLUG_OK);
}

static int64_t raw_int(struct json_object *object, const char *key)
{
	struct json_object *member;

	assert_true(json_object_object_get_ex(object, key, &member));
	return json_object_get_int64(member);
}

static const char *raw_string(struct json_object *object, const char *key)
{
	struct json_object *member;

	assert_true(json_object_object_get_ex(object, key, &member));
	return json_object_get_string(member);
}

static bool has(struct json_object *object, const char *key)
{
	return json_object_object_get_ex(object, key, NULL);
}

static void check_identity(const struct fixture *fixture, const struct recording *row)
{
	const struct plug_sysinfo *info = &fixture->info;
	char firmware[NAME_BYTES];
	const int size =
		snprintf(firmware, sizeof firmware, "%s Build %s ", row->firmware, row->build);

	assert_in_range(size, 1, sizeof firmware - 1);
	assert_string_equal(
		plug_family_traits(info->family)->name, plug_family_traits(row->family)->name);
	assert_string_equal(info->model, row->model);
	assert_string_equal(info->hardware, row->hardware);
	assert_memory_equal(info->firmware, firmware, (size_t)size);
	assert_string_equal(info->firmware, raw_string(fixture->sysinfo, "sw_ver"));
	assert_string_equal(info->alias, raw_string(fixture->sysinfo, "alias"));
	assert_int_equal(has(fixture->sysinfo, "type"), strcmp(row->type_key, "type") == 0);
	assert_int_equal(has(fixture->sysinfo, "mic_type"), strcmp(row->type_key, "mic_type") == 0);
	assert_int_equal(info->outlet_count, row->children > 0 ? row->children : 1);
}

/* The MAC without separators, as the recording has it and as it was read. */
static void check_mac(const struct fixture *fixture, const char *key)
{
	const char *raw = raw_string(fixture->sysinfo, key);
	char text[PLUG_MAC_TEXT_BYTES];
	size_t at = 0;

	assert_int_equal(has(fixture->sysinfo, "mac"), strcmp(key, "mac") == 0);
	assert_int_equal(has(fixture->sysinfo, "mic_mac"), strcmp(key, "mic_mac") == 0);
	assert_true(fixture->info.has_mac);
	plug_mac_format(fixture->info.mac, text);
	for (; *raw != '\0'; raw++) {
		if (isxdigit((unsigned char)*raw)) {
			at += text[at] == ':' ? 1 : 0;
			assert_int_equal(text[at], toupper((unsigned char)*raw));
			at++;
		}
	}
	assert_int_equal(at, PLUG_MAC_TEXT_BYTES - 1);
}

static void check_energy_flag(const struct fixture *fixture, const struct recording *row)
{
	const bool is_light =
		row->family == PLUG_FAMILY_BULB || row->family == PLUG_FAMILY_LIGHT_STRIP;

	assert_int_equal(has(fixture->sysinfo, "feature"), row->feature != NULL);
	if (row->feature) {
		assert_string_equal(raw_string(fixture->sysinfo, "feature"), row->feature);
	}
	assert_int_equal(fixture->info.has_energy,
		is_light || (row->feature && strcmp(row->feature, "TIM:ENE") == 0));
}

static void check_dialect(struct json_object *answer, enum energy_answer expected)
{
	for (size_t i = 0; i < ENERGY_KEY_COUNT; i++) {
		assert_int_equal(has(answer, energy_keys[i]), energy_key_bits[expected] >> i & 1U);
	}
}

static void check_energy_module(
	const struct fixture *fixture, const char *module, enum energy_answer expected)
{
	const struct energy_expectation *expectation = &energy_expectations[expected];
	struct plug_device_error error;
	struct json_object *answer;

	assert_int_equal(
		plug_reply_method(&fixture->reply, module, "get_realtime", &answer, &error),
		expectation->error);
	assert_int_equal(error.err_code, expectation->err_code);
	if (expectation->error == PLUG_OK) {
		check_dialect(answer, expected);
	}
	if (expectation->error == PLUG_EUNSUPPORTED) {
		assert_non_null(error.err_msg);
	}
}

/* A quantity in thousandths, from either dialect. */
static void check_quantity(struct json_object *answer, const char *const keys[static 2],
	bool is_expected, int64_t value)
{
	const bool is_base = has(answer, keys[0]);
	struct json_object *member;
	double number;

	if (!is_expected) {
		assert_int_equal(value, 0);
		return;
	}
	assert_true(json_object_object_get_ex(answer, keys[is_base ? 0 : 1], &member));
	number = json_object_get_double(member) * (is_base ? 1000 : 1);
	assert_true((double)value - number <= 0.5 && number - (double)value <= 0.5);
}

static void check_reading(const struct fixture *fixture, const struct recording *row)
{
	const bool is_light =
		row->family == PLUG_FAMILY_BULB || row->family == PLUG_FAMILY_LIGHT_STRIP;
	const struct energy_expectation *expectation =
		&energy_expectations[is_light ? row->common : row->emeter];
	struct plug_realtime reading;
	struct json_object *answer;

	assert_int_equal(
		plug_reply_realtime(&fixture->reply, row->family, &reading), expectation->error);
	assert_int_equal(reading.has_power, expectation->has_power);
	assert_int_equal(reading.has_voltage, expectation->has_voltage);
	assert_int_equal(reading.has_current, expectation->has_current);
	assert_int_equal(reading.has_total, expectation->has_total);
	if (expectation->error != PLUG_OK) {
		return;
	}
	(void)plug_reply_method(&fixture->reply,
		is_light ? "smartlife.iot.common.emeter" : "emeter", "get_realtime", &answer, NULL);
	check_quantity(answer, (const char *const[]) { "power", "power_mw" }, reading.has_power,
		reading.power_mw);
	check_quantity(answer, (const char *const[]) { "voltage", "voltage_mv" },
		reading.has_voltage, reading.voltage_mv);
	check_quantity(answer, (const char *const[]) { "current", "current_ma" },
		reading.has_current, reading.current_ma);
	check_quantity(answer, (const char *const[]) { "total", "total_wh" }, reading.has_total,
		reading.total_wh);
}

static void check_child(struct json_object *child, const struct plug_outlet_info *outlet)
{
	const int64_t on_time_s = raw_int(child, "on_time");
	const bool is_on = raw_int(child, "state") == 1;

	assert_string_equal(outlet->child_id, raw_string(child, "id"));
	assert_string_equal(outlet->alias, raw_string(child, "alias"));
	assert_int_equal(outlet->is_on, is_on);
	assert_int_equal(outlet->on_time_s, is_on && on_time_s > 0 ? on_time_s : 0);
}

static void check_light(const struct fixture *fixture)
{
	struct json_object *state;
	struct json_object *values;

	assert_true(plug_json_object(fixture->sysinfo, "light_state", &state));
	assert_int_equal(fixture->info.outlets[0].is_on, raw_int(state, "on_off"));
	assert_true(fixture->info.has_brightness);
	if (raw_int(state, "on_off") == 0) {
		assert_true(plug_json_object(state, "dft_on_state", &state));
	}
	if (plug_json_object(fixture->sysinfo, "lighting_effect_state", &values) &&
		raw_int(values, "enable") == 1) {
		state = values;
	}
	assert_int_equal(fixture->info.brightness_percent, raw_int(state, "brightness"));
}

/* As the recording has it, or not there at all. */
static void check_figure(struct json_object *values, const char *key, struct plug_figure figure)
{
	assert_int_equal(figure.is_known, has(values, key));
	assert_int_equal(figure.value, figure.is_known ? raw_int(values, key) : 0);
}

static void check_colour(const struct fixture *fixture)
{
	struct json_object *values;
	struct json_object *state;
	struct plug_light light;

	assert_true(plug_sysinfo_light(fixture->sysinfo, &light));
	assert_true(plug_json_object(fixture->sysinfo, "light_state", &state));
	assert_int_equal(light.is_on, raw_int(state, "on_off"));
	values = light.is_on || !plug_json_object(state, "dft_on_state", &values) ? state : values;
	check_figure(values, "hue", light.hue_degrees);
	check_figure(values, "saturation", light.saturation_percent);
	assert_int_equal(
		light.kelvin.value, has(values, "color_temp") ? raw_int(values, "color_temp") : 0);
	assert_int_equal(light.brightness_percent.value, fixture->info.brightness_percent);
	assert_int_equal(light.can_colour, raw_int(fixture->sysinfo, "is_color"));
	if (light.kelvin_min.is_known && light.kelvin.is_known) {
		assert_in_range(light.kelvin.value, light.kelvin_min.value, light.kelvin_max.value);
	}
}

/* What only some recordings have. */
static void check_extras(const struct fixture *fixture)
{
	struct json_object *module;
	struct json_object *answer;
	struct plug_light_details details;
	struct plug_account account;
	struct plug_dimmer dimmer;

	if (plug_reply_dimmer(&fixture->reply, &dimmer) == PLUG_OK) {
		for (size_t i = 0; i < PLUG_DIMMER_NUMBER_COUNT; i++) {
			assert_true(dimmer.numbers[i].is_known);
		}
	}
	if (plug_reply_account(&fixture->reply, fixture->info.family, &account) == PLUG_OK) {
		assert_true(account.has_bound && account.has_connected);
		assert_non_null(account.server);
	}
	if (plug_reply_light_details(&fixture->reply, fixture->info.family, &details) == PLUG_OK) {
		assert_true(plug_json_object(fixture->reply.root,
			plug_family_traits(fixture->info.family)->switch_module, &module));
		assert_true(plug_json_object(module, "get_light_details", &answer));
		check_figure(answer, "max_lumens", details.lumens);
		check_figure(answer, "wattage", details.power_w);
	}
}

static void check_relay(const struct fixture *fixture)
{
	const struct plug_outlet_info *outlet = &fixture->info.outlets[0];
	const int64_t on_time_s = raw_int(fixture->sysinfo, "on_time");

	assert_string_equal(outlet->child_id, "");
	assert_int_equal(outlet->is_on, raw_int(fixture->sysinfo, "relay_state"));
	assert_int_equal(outlet->on_time_s, outlet->is_on && on_time_s > 0 ? on_time_s : 0);
	assert_int_equal(fixture->info.has_brightness, fixture->info.family == PLUG_FAMILY_DIMMER);
	if (fixture->info.has_brightness) {
		assert_int_equal(
			fixture->info.brightness_percent, raw_int(fixture->sysinfo, "brightness"));
	}
}

static void check_state(const struct fixture *fixture)
{
	struct json_object *children;

	assert_true(fixture->info.has_rssi);
	assert_int_equal(fixture->info.rssi_dbm, raw_int(fixture->sysinfo, "rssi"));
	if (plug_json_array(fixture->sysinfo, "children", &children)) {
		assert_int_equal(fixture->info.outlet_count, json_object_array_length(children));
		for (size_t i = 0; i < fixture->info.outlet_count; i++) {
			check_child(
				json_object_array_get_idx(children, i), &fixture->info.outlets[i]);
		}
	} else if (has(fixture->sysinfo, "light_state")) {
		check_light(fixture);
		check_colour(fixture);
	} else {
		check_relay(fixture);
	}
}

static void recording_reads_as_the_table_says(void **state)
{
	const char *name = *state;
	const struct recording *row = find_row(name);
	struct fixture fixture;

	open_recording(name, &fixture);
	if (row) {
		check_identity(&fixture, row);
		check_mac(&fixture, row->mac_key);
		check_energy_flag(&fixture, row);
		check_energy_module(&fixture, "emeter", row->emeter);
		check_energy_module(&fixture, "smartlife.iot.common.emeter", row->common);
		check_reading(&fixture, row);
		check_state(&fixture);
		check_extras(&fixture);
	} else {
		print_message("%s has no row in the table\n", name);
	}
	plug_reply_clear(&fixture.reply);
}

static int is_recording(const struct dirent *entry)
{
	const size_t size = strlen(entry->d_name);

	return size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

int main(void)
{
	static struct CMUnitTest tests[FILES_MAX]; /* those without a name are no tests */
	const char *directory = getenv("PLUG_DUMPS");
	struct dirent **entries;
	int count;
	int failed;

	if (!directory || directory[0] == '\0') {
		fprintf(stderr, "skipped: PLUG_DUMPS does not name a directory of recordings\n");
		return EXIT_SKIPPED;
	}
	count = scandir(directory, &entries, is_recording, alphasort);
	if (count < 1 || count > FILES_MAX) {
		fprintf(stderr, "no recordings (or more than %d) in %s\n", FILES_MAX, directory);
		return EXIT_FAILURE;
	}
	for (int i = 0; i < count; i++) {
		tests[i].name = entries[i]->d_name;
		tests[i].test_func = recording_reads_as_the_table_says;
		tests[i].initial_state = entries[i]->d_name;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (int i = 0; i < count; i++) {
		free(entries[i]);
	}
	free(entries);
	return failed;
}
