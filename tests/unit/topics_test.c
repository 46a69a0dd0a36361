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

#include "bridge/mem.h"
#include "bridge/mqtt/topics.h"
#include "protocol/json.h"

#define NAME_32 "abcdefghijklmnopqrstuvwxyz_-0123"

static struct topics topics;
static struct outlet_box box;
static struct outlet outlet;

static int setup(void **state)
{
	(void)state;
	topics_init(&topics, "museum", "main");
	box = (struct outlet_box) {
		.is_online = true, .has_rssi = true, .rssi_dbm = -61, .read_wall_ms = 1732181400123
	};
	box.model = mem_copy("HS110(EU)");
	outlet_init(&outlet, "kettle", &box);
	(void)outlet_rename(&outlet, "Kettle", "Kitchen");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	outlet_clear(&outlet);
	free(box.model);
	free(box.reason);
	topics_clear(&topics);
	return 0;
}

/* As after a poll of an HS110 that is on. */
static void fill(void)
{
	const struct plug_outlet_info info = { .alias = "TP-LINK_Smart Plug_0001", .is_on = true };
	const struct plug_realtime reading = { true, true, true, true, 61753, 230837, 451, 16323 };
	const struct outlet_steps steps = { 0 };

	(void)outlet_take_info(&outlet, &info, &steps);
	(void)outlet_take_reading(&outlet, &reading, &steps);
	(void)outlet_take_energy(
		&outlet, &(struct energy_told) { true, true, 16323, 1250 }, &steps);
}

static void go_offline(const char *reason)
{
	box.is_online = false;
	box.reason = mem_copy(reason);
}

static void topics_parse_finds_name_and_source(void **state)
{
	static const struct {
		const char *text;
		enum topic_kind kind;
		const char *name, *source;
	} rows[] = {
		{ "museum/plug/kettle/set", TOPIC_SET, "kettle", NULL },
		{ "museum/plug/kettle/set/panel", TOPIC_SET, "kettle", "panel" },
		{ "museum/plug/kettle/get", TOPIC_GET, "kettle", NULL },
		{ "museum/plug/kettle/energy", TOPIC_ENERGY, "kettle", NULL },
		{ "museum/plug/" NAME_32 "/set", TOPIC_SET, NAME_32, NULL },
		/* Longer than any name of ours: the same as a name nobody has. */
		{ "museum/plug/" NAME_32 "4/set", TOPIC_SET, "", NULL },
		{ "museum/plug//set", TOPIC_SET, "", NULL },
		{ "museum/plug/kettle/set/", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/kettle/set/a/b", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/kettle/get/panel", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/kettle/setx", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/kettle/SET", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/kettle/state", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/kettle/", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/kettle", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug/", TOPIC_OTHER, NULL, NULL },
		{ "museum/plug", TOPIC_OTHER, NULL, NULL },
		{ "museum", TOPIC_OTHER, NULL, NULL },
		{ "", TOPIC_OTHER, NULL, NULL },
		{ "museum2/plug/kettle/set", TOPIC_OTHER, NULL, NULL },
		{ "Museum/plug/kettle/set", TOPIC_OTHER, NULL, NULL },
		{ "/museum/plug/kettle/set", TOPIC_OTHER, NULL, NULL },
		{ "museum/group/kettle/set", TOPIC_OTHER, NULL, NULL },
		{ "museum/bridge/main/set", TOPIC_OTHER, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct topic topic = topics_parse(&topics, rows[i].text);
		const char *source = topic.source ? topic.source : "(none)";

		if (topic.kind != rows[i].kind ||
			(rows[i].name && strcmp(topic.name, rows[i].name) != 0) ||
			strcmp(source, rows[i].source ? rows[i].source : "(none)") != 0) {
			fail_msg("%s: kind %d name %s source %s", rows[i].text, (int)topic.kind,
				topic.name, source);
		}
	}
}

static void topics_are_below_a_base_of_several_levels(void **state)
{
	struct topics deep;
	char text[TOPIC_MAX_BYTES];

	(void)state;
	topics_init(&deep, "site/north/museum", "b-2");
	assert_string_equal(topics_outlet(&deep, "kettle", "state", text),
		"site/north/museum/plug/kettle/state");
	assert_string_equal(topics_bridge(&deep, "availability", text),
		"site/north/museum/bridge/b-2/availability");
	assert_int_equal(topics_parse(&deep, "site/north/museum/plug/x/set").kind, TOPIC_SET);
	assert_int_equal(topics_parse(&deep, "site/north/plug/x/set").kind, TOPIC_OTHER);
	topics_clear(&deep);
}

/* What the configuration allows at most has room. */
static void topics_of_the_longest_names_are_whole(void **state)
{
	struct topics longest;
	char base[201] = "";
	char text[TOPIC_MAX_BYTES];
	char expected[TOPIC_MAX_BYTES];

	(void)state;
	memset(base, 'b', sizeof base - 1);
	topics_init(&longest, base, NAME_32);
	(void)snprintf(expected, sizeof expected, "%s/plug/%s/energy_today", base, NAME_32);
	assert_string_equal(topics_outlet(&longest, NAME_32, "energy_today", text), expected);
	(void)snprintf(expected, sizeof expected, "%s/bridge/%s/availability", base, NAME_32);
	assert_string_equal(topics_bridge(&longest, "availability", text), expected);
	topics_clear(&longest);
}

static void result_may_not_be_aimed_at_a_plug(void **state)
{
	static const struct {
		const char *topic;
		bool may;
	} rows[] = {
		{ "controller/7/answers", true },
		{ "museum/reply/panel", true },
		{ "museum/reply/panel/7", true },
		{ "museums/plug/kettle/set", true },
		{ "/museum/plug/kettle/set", true },
		{ "homeassistants/answers", true },
		{ "museum/plug/kettle/set", false },
		{ "museum/plug/kettle/set/panel", false },
		{ "museum/plug/kettle/get", false },
		{ "museum/plug/kettle/state", false },
		{ "museum/bridge/main/availability", false },
		{ "museum/group/hall/set", false },
		{ "museum/replys/panel", false },
		{ "museum/reply", false },
		{ "museum/", false },
		{ "museum", false },
		{ "homeassistant", false },
		{ "homeassistant/device/kasa_50c7bf000001/config", false },
		{ "$SYS/broker/uptime", false },
		{ "$share/group/x", false },
		{ "$", false },
		{ "a/+/b", false },
		{ "museum/reply/+", false },
		{ "museum/reply/#", false },
		{ "#", false },
		{ "a+b", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (topics_may_answer(&topics, "homeassistant", rows[i].topic) != rows[i].may) {
			fail_msg("%s", rows[i].topic);
		}
	}
}

static void leaves_of_a_strip_as_a_whole_are_beside_those_of_outlets(void **state)
{
	char text[TOPIC_MAX_BYTES];

	(void)state;
	assert_string_equal(
		topics_leaf(&topics, &outlet, LEAF_POWER, text), "museum/plug/kettle/power");
	outlet.is_strip = true;
	assert_string_equal(
		topics_leaf(&topics, &outlet, LEAF_POWER, text), "museum/strip/kettle/power");
}

static void leaves_are_published_as_the_contract_says(void **state)
{
	static const struct {
		const char *name;
		int qos;
		bool expires;
	} rows[LEAF_COUNT] = {
		[LEAF_AVAILABILITY] = { "availability", 1, false },
		[LEAF_STATE] = { "state", 1, false },
		[LEAF_POWER] = { "power", 0, true },
		[LEAF_VOLTAGE] = { "voltage", 0, true },
		[LEAF_CURRENT] = { "current", 0, true },
		[LEAF_APPARENT_POWER] = { "apparent_power", 0, true },
		[LEAF_POWER_FACTOR] = { "power_factor", 0, true },
		[LEAF_ENERGY] = { "energy", 0, false },
		[LEAF_ENERGY_TODAY] = { "energy_today", 0, false },
		[LEAF_RSSI] = { "rssi", 0, true },
		[LEAF_BRIGHTNESS] = { "brightness", 0, false },
		[LEAF_JSON] = { "json", 0, true },
	};

	(void)state;
	for (enum leaf leaf = LEAF_AVAILABILITY; leaf < LEAF_COUNT; leaf++) {
		assert_string_equal(topics_leaf_name(leaf), rows[leaf].name);
		assert_int_equal(topics_leaf_qos(leaf), rows[leaf].qos);
		assert_int_equal(topics_leaf_expires(leaf), rows[leaf].expires);
	}
}

/* "" or NULL in expected: nothing is published. */
static void expect_leaves(const char *const expected[static LEAF_COUNT])
{
	for (enum leaf leaf = LEAF_AVAILABILITY; leaf < LEAF_JSON; leaf++) {
		char payload[LEAF_PAYLOAD_MAX_BYTES];
		const size_t size = topics_payload(&outlet, leaf, payload);
		const char *wanted = expected[leaf] ? expected[leaf] : "";

		if (strcmp(payload, wanted) != 0 || size != strlen(wanted)) {
			fail_msg("%s: \"%s\"", topics_leaf_name(leaf), payload);
		}
	}
}

static void leaves_of_a_plug_that_is_on(void **state)
{
	static const char *const expected[LEAF_COUNT] = { "online", "ON", "61.753", "230.837",
		"0.451", "104.107", "0.593", "16.323", "1.25", "-61" };

	(void)state;
	fill();
	expect_leaves(expected);
}

static void leaves_of_a_plug_that_is_off_and_has_no_meter(void **state)
{
	static const char *const expected[LEAF_COUNT] = { "online", "OFF", "", "", "", "", "", "",
		"", "-61" };
	const struct plug_outlet_info info = { .alias = "" };
	const struct outlet_steps steps = { 0 };

	(void)state;
	(void)outlet_take_info(&outlet, &info, &steps);
	expect_leaves(expected);
}

static void leaves_of_a_light_have_its_brightness_also_while_it_is_off(void **state)
{
	static const char *const expected[LEAF_COUNT] = { [LEAF_AVAILABILITY] = "online",
		[LEAF_STATE] = "OFF",
		[LEAF_RSSI] = "-61",
		[LEAF_BRIGHTNESS] = "40" };
	const struct plug_outlet_info info = { .alias = "" };
	const struct outlet_steps steps = { 0 };
	uint32_t leaves = LEAVES_NONE;

	(void)state;
	box.brightness = 40;
	leaves = outlet_take_info(&outlet, &info, &steps);
	assert_true(leaves & 1U << LEAF_BRIGHTNESS && leaves & 1U << LEAF_JSON);
	assert_false(outlet_take_info(&outlet, &info, &steps) & 1U << LEAF_BRIGHTNESS);
	expect_leaves(expected);
	box.brightness = 0;
}

static void leaves_of_an_offline_plug_are_its_state_and_availability(void **state)
{
	static const char *const expected[LEAF_COUNT] = { "offline", "ON", "", "", "", "", "", "" };

	(void)state;
	fill();
	go_offline("no answer in time");
	expect_leaves(expected);
}

static void leaves_of_a_plug_that_never_answered(void **state)
{
	static const char *const expected[LEAF_COUNT] = { "offline", "", "", "", "", "", "", "" };

	(void)state;
	go_offline("not read yet");
	expect_leaves(expected);
}

static void leaves_of_zero_are_numbers(void **state)
{
	static const char *const expected[LEAF_COUNT] = { "online", "OFF", "0", "0", "0", "0", "",
		"0", "0", "-61" };
	const struct plug_outlet_info info = { .alias = "" };
	const struct plug_realtime reading = {
		.has_power = true, .has_voltage = true, .has_current = true, .has_total = true
	};
	const struct outlet_steps steps = { 0 };

	(void)state;
	(void)outlet_take_info(&outlet, &info, &steps);
	(void)outlet_take_reading(&outlet, &reading, &steps);
	(void)outlet_take_energy(&outlet, &(struct energy_told) { true, true, 0, 0 }, &steps);
	expect_leaves(expected);
}

static const char *const json_keys[] = { "state", "online", "power", "voltage", "current",
	"apparent_power", "power_factor", "energy", "energy_today", "rssi", "brightness", "time",
	"label", "room", "alias", "model", "reason" };

/* Gives the parsed json leaf; the key "reason" is there only while offline. */
static struct json_object *parse_json(bool is_offline)
{
	const size_t count = sizeof json_keys / sizeof json_keys[0] - (is_offline ? 0 : 1);
	char payload[LEAF_PAYLOAD_MAX_BYTES];
	const size_t size = topics_payload(&outlet, LEAF_JSON, payload);
	struct json_object *root = NULL;

	assert_int_equal(plug_json_parse(payload, size, PLUG_JSON_DISTINCT_KEYS, &root), PLUG_OK);
	assert_int_equal(json_object_object_length(root), count);
	for (size_t i = 0; i < count; i++) {
		if (!json_object_object_get_ex(root, json_keys[i], NULL)) {
			fail_msg("%s is missing", json_keys[i]);
		}
	}
	return root;
}

static void expect_json(struct json_object *root, const char *key, const char *expected)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(root, key, &value));
	if (strcmp(json_object_to_json_string(value), expected) != 0) {
		fail_msg("%s: %s", key, json_object_to_json_string(value));
	}
}

static void json_leaf_has_the_documented_keys(void **state)
{
	static const char *const expected[] = { "\"ON\"", "true", "61.753", "230.837", "0.451",
		"104.107", "0.593", "16.323", "1.25", "-61", "null", "\"2024-11-21T09:30:00.123Z\"",
		"\"Kettle\"", "\"Kitchen\"", "\"TP-LINK_Smart Plug_0001\"", "\"HS110(EU)\"" };
	struct json_object *root = NULL;

	(void)state;
	fill();
	root = parse_json(false);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		expect_json(root, json_keys[i], expected[i]);
	}
	json_object_put(root);
}

static void json_leaf_of_an_offline_plug_has_null_for_readings(void **state)
{
	struct json_object *root = NULL;

	(void)state;
	fill();
	go_offline("connection refused");
	root = parse_json(true);
	expect_json(root, "online", "false");
	expect_json(root, "reason", "\"connection refused\"");
	expect_json(root, "time", "\"2024-11-21T09:30:00.123Z\"");
	for (size_t i = 2; i < 10; i++) {
		expect_json(root, json_keys[i], "null");
	}
	json_object_put(root);
}

static void json_leaf_of_a_plug_that_never_answered(void **state)
{
	struct json_object *root = NULL;

	(void)state;
	go_offline("not read yet");
	box.read_wall_ms = 0;
	free(box.model);
	box.model = NULL;
	root = parse_json(true);
	expect_json(root, "state", "null");
	expect_json(root, "time", "null");
	expect_json(root, "alias", "null");
	expect_json(root, "model", "null");
	expect_json(root, "label", "\"Kettle\"");
	json_object_put(root);
}

static void json_leaf_quotes_what_people_write(void **state)
{
	static const char label[] = "\"Gold\" watch\\\n\x01 caf\xc3\xa9";
	struct json_object *root = NULL;
	const char *text = NULL;

	(void)state;
	fill();
	(void)outlet_rename(&outlet, label, "Latin-1 caf\xe9");
	root = parse_json(false);
	assert_true(plug_json_string(root, "label", &text));
	assert_string_equal(text, label);
	assert_true(plug_json_string(root, "room", &text));
	assert_string_equal(text, "Latin-1 caf\xef\xbf\xbd");
	json_object_put(root);
}

/* The configuration allows 128 bytes each; a device may send an alias of any length. */
static void json_leaf_has_room_for_the_longest_texts(void **state)
{
	char label[129] = "";
	char *alias = mem_array(60001, 1);
	struct plug_outlet_info info = { .alias = alias };
	const struct outlet_steps steps = { 0 };

	(void)state;
	memset(label, 1, sizeof label - 1);
	memset(alias, 2, 60000);
	(void)outlet_rename(&outlet, label, label);
	(void)outlet_take_info(&outlet, &info, &steps);
	json_object_put(parse_json(false));
	free(alias);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(topics_parse_finds_name_and_source),
		TEST(topics_are_below_a_base_of_several_levels),
		TEST(topics_of_the_longest_names_are_whole),
		TEST(result_may_not_be_aimed_at_a_plug),
		TEST(leaves_of_a_strip_as_a_whole_are_beside_those_of_outlets),
		TEST(leaves_are_published_as_the_contract_says),
		TEST(leaves_of_a_plug_that_is_on),
		TEST(leaves_of_a_plug_that_is_off_and_has_no_meter),
		TEST(leaves_of_a_light_have_its_brightness_also_while_it_is_off),
		TEST(leaves_of_an_offline_plug_are_its_state_and_availability),
		TEST(leaves_of_a_plug_that_never_answered),
		TEST(leaves_of_zero_are_numbers),
		TEST(json_leaf_has_the_documented_keys),
		TEST(json_leaf_of_an_offline_plug_has_null_for_readings),
		TEST(json_leaf_of_a_plug_that_never_answered),
		TEST(json_leaf_quotes_what_people_write),
		TEST(json_leaf_has_room_for_the_longest_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
