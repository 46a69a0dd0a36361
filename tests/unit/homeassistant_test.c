/* What Home Assistant is told of a device. The rules as a whole are checked end to end; here is
 * what a device at hand cannot show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "bridge/mqtt/homeassistant.h"

static const uint8_t mac[6] = { 0x50, 0xC7, 0xBF, 0x00, 0x00, 0xA1 };
static struct topics topics;
static const struct homeassistant_place place = {
	.prefix = "homeassistant",
	.topics = &topics,
	.version = "1.2.3",
};
static const struct homeassistant_device plug = {
	.id = "kasa_50c7bf0000a1",
	.via = "plugbridge_main",
	.name = "steam-engine",
	.plug = "steam-engine",
	.label = "Steam \"engine\"",
	.room = "Engine hall",
	.model = "HS110(EU)",
	.components = 1U << HOMEASSISTANT_SWITCH | HOMEASSISTANT_COMPONENTS_METER,
};

static int set_up(void **state)
{
	(void)state;
	topics_init(&topics, "museum", "main");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	topics_clear(&topics);
	return 0;
}

/* The payload of the device form as JSON; the caller puts it back. */
static struct json_object *device_form(const struct homeassistant_device *device)
{
	char payload[HOMEASSISTANT_PAYLOAD_MAX_BYTES];
	const size_t size = homeassistant_device_payload(&place, device, payload);
	struct json_object *root = json_tokener_parse(payload);

	assert_int_equal(size, strlen(payload));
	assert_non_null(root);
	return root;
}

/* The member at the end of the path, which ends with NULL; NULL when there is none. */
static struct json_object *member(struct json_object *object, const char *const *path)
{
	for (; *path && object; path++) {
		struct json_object *next = NULL;

		(void)json_object_object_get_ex(object, *path, &next);
		object = next;
	}
	return object;
}

#define MEMBER(object, ...) member(object, (const char *const[]) { __VA_ARGS__, NULL })
#define TEXT(object, ...) json_object_get_string(MEMBER(object, __VA_ARGS__))

static void ids_come_from_the_mac(void **state)
{
	char id[HOMEASSISTANT_ID_BYTES];

	(void)state;
	assert_string_equal(homeassistant_id(mac, "", 0, id), "kasa_50c7bf0000a1");
	assert_string_equal(homeassistant_id(mac, "", 3, id), "kasa_50c7bf0000a1_3");
	assert_string_equal(homeassistant_bridge_id("main", id), "plugbridge_main");
}

static void ids_of_a_replaced_device_may_be_written_in_any_way(void **state)
{
	static const char *const forms[] = { "50:C7:BF:00:00:99", "50c7bf000099",
		"50-C7-BF-00-00-99", "kasa_50c7bf000099" };
	char id[HOMEASSISTANT_ID_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		assert_string_equal(homeassistant_id(mac, forms[i], 0, id), "kasa_50c7bf000099");
		assert_string_equal(homeassistant_id(mac, forms[i], 2, id), "kasa_50c7bf000099_2");
	}
}

static void topics_of_both_forms_have_the_same_ids(void **state)
{
	char topic[TOPIC_MAX_BYTES];

	(void)state;
	assert_string_equal(homeassistant_device_topic("ha", plug.id, topic),
		"ha/device/kasa_50c7bf0000a1/config");
	assert_string_equal(
		homeassistant_component_topic("ha", plug.id, HOMEASSISTANT_CONNECTION, topic),
		"ha/binary_sensor/kasa_50c7bf0000a1/connection/config");
	assert_string_equal(homeassistant_status_topic("ha", topic), "ha/status");
}

static void both_forms_say_the_same_of_a_component(void **state)
{
	struct json_object *device = device_form(&plug);

	(void)state;
	for (int i = 0; i < HOMEASSISTANT_COMPONENT_COUNT; i++) {
		char payload[HOMEASSISTANT_PAYLOAD_MAX_BYTES];
		char topic[TOPIC_MAX_BYTES];
		const char *key = NULL;
		struct json_object *single = NULL;
		struct json_object *component = NULL;

		if (!(plug.components & 1U << i)) {
			continue;
		}
		(void)homeassistant_component_payload(
			&place, &plug, (enum homeassistant_component)i, payload);
		(void)homeassistant_component_topic(
			"ha", "id", (enum homeassistant_component)i, topic);
		*strrchr(topic, '/') = '\0';
		key = strrchr(topic, '/') + 1;
		single = json_tokener_parse(payload);
		component = MEMBER(device, "cmps", key);
		assert_non_null(component);
		json_object_object_del(component, "p");
		json_object_object_add(component, "dev", json_object_get(MEMBER(device, "dev")));
		json_object_object_add(component, "o", json_object_get(MEMBER(device, "o")));
		json_object_object_add(
			component, "availability", json_object_get(MEMBER(device, "availability")));
		json_object_object_add(
			component, "availability_mode", json_object_new_string("all"));
		assert_true(json_object_equal(single, component));
		json_object_put(single);
	}
	json_object_put(device);
}

static void labels_are_quoted(void **state)
{
	struct json_object *root = device_form(&plug);

	(void)state;
	assert_string_equal(TEXT(root, "dev", "name"), "Steam \"engine\"");
	json_object_put(root);
}

static void what_is_not_known_is_left_out(void **state)
{
	struct homeassistant_device device = plug;
	struct json_object *root = NULL;

	(void)state;
	device.room = "";
	device.model = "";
	root = device_form(&device);
	assert_null(MEMBER(root, "dev", "suggested_area"));
	assert_null(MEMBER(root, "dev", "model"));
	json_object_put(root);
}

static void entity_ids_have_single_underscores_between_letters(void **state)
{
	static const struct {
		const char *name, *id;
	} rows[] = {
		{ "steam-engine", "switch.steam_engine" },
		{ "-a--b_-c-", "switch.a_b_c" },
		{ "7", "switch.7" },
		{ "--", "switch.kasa_50c7bf0000a1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct homeassistant_device device = plug;
		struct json_object *root = NULL;

		device.name = rows[i].name;
		root = device_form(&device);
		assert_string_equal(TEXT(root, "cmps", "switch", "default_entity_id"), rows[i].id);
		json_object_put(root);
	}
}

static void what_is_gone_has_its_platform_alone(void **state)
{
	struct homeassistant_device device = plug;
	struct json_object *root = NULL;

	(void)state;
	device.components = 1U << HOMEASSISTANT_SWITCH;
	device.gone = 1U << HOMEASSISTANT_POWER;
	root = device_form(&device);
	assert_int_equal(json_object_object_length(MEMBER(root, "cmps")), 2);
	assert_int_equal(json_object_object_length(MEMBER(root, "cmps", "power")), 1);
	assert_string_equal(TEXT(root, "cmps", "power", "p"), "sensor");
	json_object_put(root);
}

static void a_wall_switch_is_no_outlet(void **state)
{
	struct homeassistant_device device = plug;
	struct json_object *root = NULL;

	(void)state;
	device.is_wall_switch = true;
	root = device_form(&device);
	assert_string_equal(TEXT(root, "cmps", "switch", "device_class"), "switch");
	json_object_put(root);
}

/* Nothing may be cut: a payload that is no JSON costs the device. */
static void the_longest_texts_fit(void **state)
{
	char longest[201], label[129], name[33];
	struct homeassistant_device device = plug;
	struct topics long_topics;
	struct homeassistant_place long_place = place;
	char payload[HOMEASSISTANT_PAYLOAD_MAX_BYTES];
	struct json_object *root = NULL;

	(void)state;
	memset(longest, '"', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	memset(label, '"', sizeof label - 1);
	label[sizeof label - 1] = '\0';
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	topics_init(&long_topics, longest, name);
	long_place.topics = &long_topics;
	device.name = name;
	device.plug = name;
	device.label = label;
	device.room = label;
	device.model = label;
	device.components = HOMEASSISTANT_COMPONENTS_ALL;
	(void)homeassistant_device_payload(&long_place, &device, payload);
	root = json_tokener_parse(payload);
	assert_non_null(root);
	assert_int_equal(strlen(TEXT(root, "cmps", "light", "brightness_command_topic")),
		strlen(longest) + strlen("/plug//set") + strlen(name));
	json_object_put(root);
	topics_clear(&long_topics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_come_from_the_mac),
		cmocka_unit_test(ids_of_a_replaced_device_may_be_written_in_any_way),
		cmocka_unit_test(topics_of_both_forms_have_the_same_ids),
		cmocka_unit_test(both_forms_say_the_same_of_a_component),
		cmocka_unit_test(labels_are_quoted),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(entity_ids_have_single_underscores_between_letters),
		cmocka_unit_test(what_is_gone_has_its_platform_alone),
		cmocka_unit_test(a_wall_switch_is_no_outlet),
		cmocka_unit_test(the_longest_texts_fit),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
