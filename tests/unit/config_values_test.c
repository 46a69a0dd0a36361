/* What stands in plugbridge.cfg, and what does not, arrives in the structs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config_files.h"

static void an_empty_file_gives_the_defaults(void **state)
{
	struct config *config = config_files_load(*state, "");

	assert_string_equal(config->broker.host, "localhost");
	assert_int_equal(config->broker.port, 1883);
	assert_int_equal(config->broker.protocol, 5);
	assert_string_equal(config->broker.client_id, "plugbridge-main");
	assert_int_equal(config->broker.keepalive_s, 10);
	assert_string_equal(config->broker.username, "");
	assert_string_equal(config->broker.password_file, "");
	assert_null(config->broker.password);
	assert_false(config->broker.tls.is_used);
	assert_string_equal(config->broker.tls.ca_file, "");
	assert_string_equal(config->bridge.id, "main");
	assert_string_equal(config->bridge.base_topic, "museum");
	assert_int_equal(config->bridge.command_ttl_s, 30);
	assert_true(config->bridge.clear_retained_set);
	assert_string_equal(config->bridge.state_dir, "/var/lib/plugbridge");
	assert_int_equal(config->poll.interval_ms, 5000);
	assert_int_equal(config->poll.heartbeat_ms, 60000);
	assert_int_equal(config->poll.timeout_ms, 4000);
	assert_int_equal(config->poll.power_step_mw, 500);
	assert_int_equal(config->poll.voltage_step_mv, 500);
	assert_int_equal(config->poll.current_step_ma, 5);
	assert_int_equal(config->poll.energy_step_wh, 1);
	assert_int_equal(config->poll.rssi_step_db, 3);
	assert_int_equal(config->homeassistant.discovery, CONFIG_HA_DEVICE);
	assert_string_equal(config->homeassistant.prefix, "homeassistant");
	assert_int_equal(config->discovery.broadcast_count, 1);
	assert_string_equal(config->discovery.broadcast[0], "255.255.255.255");
	assert_string_equal(config->discovery.interface, "");
	assert_int_equal(config->discovery.port, 9999);
	assert_false(config->time.sync);
	assert_string_equal(config->time.zone, "");
	assert_int_equal(config->device_count, 0);
	config_free(config);
}

static void every_value_of_a_file_arrives(void **state)
{
	struct config *config = config_files_load(*state,
		"broker = { host = \"mqtt.museum.lan\"; port = 1884; protocol = 4; client_id = "
		"\"c\";\n"
		"  keepalive_s = 65535; username = \"u\xC3\xBC\"; };\n"
		"bridge = { id = \"east\"; base_topic = \"town/museum\"; command_ttl_s = 3600;\n"
		"  clear_retained_set = false; state_dir = \"state\"; };\n"
		"poll = { interval_s = 0.2; heartbeat_s = 86400; timeout_s = 0.1; power_step_w = "
		"0;\n"
		"  voltage_step_v = 0.25; current_step_ma = 7; energy_step_wh = 8; rssi_step_db = "
		"9; };\n"
		"homeassistant = { discovery = \"off\"; prefix = \"ha\"; };\n"
		"discovery = { broadcast = [ \"10.0.0.255\", \"10.0.1.255\" ];\n"
		"  interface = \"eth0.5\"; port = 10000; };\n"
		"time = { sync = true; zone = \"Europe/Amsterdam\"; };\n");

	assert_string_equal(config->broker.host, "mqtt.museum.lan");
	assert_int_equal(config->broker.port, 1884);
	assert_int_equal(config->broker.protocol, 4);
	assert_string_equal(config->broker.client_id, "c");
	assert_int_equal(config->broker.keepalive_s, 65535);
	assert_string_equal(config->broker.username, "u\xC3\xBC");
	assert_string_equal(config->bridge.id, "east");
	assert_string_equal(config->bridge.base_topic, "town/museum");
	assert_int_equal(config->bridge.command_ttl_s, 3600);
	assert_false(config->bridge.clear_retained_set);
	assert_string_equal(config->bridge.state_dir, "state");
	assert_int_equal(config->poll.interval_ms, 200);
	assert_int_equal(config->poll.heartbeat_ms, 86400000);
	assert_int_equal(config->poll.timeout_ms, 100);
	assert_int_equal(config->poll.power_step_mw, 0);
	assert_int_equal(config->poll.voltage_step_mv, 250);
	assert_int_equal(config->poll.current_step_ma, 7);
	assert_int_equal(config->poll.energy_step_wh, 8);
	assert_int_equal(config->poll.rssi_step_db, 9);
	assert_int_equal(config->homeassistant.discovery, CONFIG_HA_OFF);
	assert_string_equal(config->homeassistant.prefix, "ha");
	assert_int_equal(config->discovery.broadcast_count, 2);
	assert_string_equal(config->discovery.broadcast[0], "10.0.0.255");
	assert_string_equal(config->discovery.broadcast[1], "10.0.1.255");
	assert_string_equal(config->discovery.interface, "eth0.5");
	assert_int_equal(config->discovery.port, 10000);
	assert_true(config->time.sync);
	assert_string_equal(config->time.zone, "Europe/Amsterdam");
	config_free(config);
}

static void numbers_may_be_written_in_any_way_libconfig_knows(void **state)
{
	static const struct {
		const char *text;
		uint64_t heartbeat_ms;
	} rows[] = {
		{ "poll = { heartbeat_s = 90; };", 90000 },
		{ "poll = { heartbeat_s = 90.0; };", 90000 },
		{ "poll : { heartbeat_s : 9e1 }", 90000 },
		{ "poll = { heartbeat_s = +90L, };", 90000 },
		{ "poll = { heartbeat_s = 0x5A };", 90000 },
		{ "poll = { heartbeat_s = 0X5aLL };", 90000 },
		{ "poll = { heartbeat_s = 090 };", 90000 },
		{ "poll = { heartbeat_s = 90.0004 };", 90000 },
		{ "poll = { heartbeat_s = 90.0006 };", 90001 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = config_files_load(*state, rows[i].text);
		assert_int_equal(config->poll.heartbeat_ms, rows[i].heartbeat_ms);
		config_free(config);
	}
}

static void a_tls_group_turns_tls_on_and_moves_the_port(void **state)
{
	static const struct {
		const char *text;
		bool is_used;
		int port;
	} rows[] = {
		{ "broker = { };", false, 1883 },
		{ "broker = { tls = { }; };", true, 8883 },
		{ "broker = { tls = { ca_file = \"\"; }; };", true, 8883 },
		{ "broker = { port = 1883; tls = { }; };", true, 1883 },
		{ "broker = { tls = { }; port = 1885; };", true, 1885 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config = config_files_load(*state, rows[i].text);
		assert_int_equal(config->broker.tls.is_used, rows[i].is_used);
		assert_int_equal(config->broker.port, rows[i].port);
		config_free(config);
	}
}

static void the_client_is_named_after_the_bridge(void **state)
{
	struct config *config = config_files_load(*state, "bridge = { id = \"east_2\"; };");

	assert_string_equal(config->broker.client_id, "plugbridge-east_2");
	config_free(config);
}

static void a_plug_has_one_outlet_named_as_itself(void **state)
{
	static const uint8_t mac[CONFIG_MAC_BYTES] = { 0x50, 0xC7, 0xBF, 0x0A, 0xb0, 0x01 };
	struct config *config = config_files_load(*state,
		"poll = { interval_s = 7; };\n"
		"devices = (\n"
		"  { name = \"engine\"; host = \"192.168.1.145\"; mac = \"50:c7:BF:0a:B0:01\";\n"
		"    label = \"Steam engine\"; room = \"Engine hall\"; poll_s = 2.5; port = 65535; "
		"},\n"
		"  { name = \"b\"; host = \"plug-b.lan\"; } );\n");
	const struct config_device *device = config->devices;

	assert_int_equal(config->device_count, 2);
	assert_string_equal(device->name, "engine");
	assert_string_equal(device->host, "192.168.1.145");
	assert_int_equal(device->port, 65535);
	assert_true(device->has_mac);
	assert_memory_equal(device->mac, mac, sizeof(mac));
	assert_string_equal(device->label, "Steam engine");
	assert_string_equal(device->room, "Engine hall");
	assert_int_equal(device->poll_ms, 2500);
	assert_int_equal(device->line, 3);
	assert_false(device->has_outlets);
	assert_int_equal(device->outlet_count, 1);
	assert_string_equal(device->outlets[0].name, "engine");
	assert_string_equal(device->outlets[0].label, "Steam engine");
	assert_string_equal(device->outlets[0].room, "Engine hall");

	assert_false(device[1].has_mac);
	assert_int_equal(device[1].port, 9999);
	assert_int_equal(device[1].poll_ms, 7000);
	assert_int_equal(device[1].line, 5);
	assert_string_equal(device[1].label, "b");
	assert_string_equal(device[1].room, "");
	assert_string_equal(device[1].outlets[0].label, "b");
	assert_string_equal(device[1].outlets[0].room, "");
	config_free(config);
}

static void a_strip_has_the_outlets_it_names(void **state)
{
	struct config *config = config_files_load(*state,
		"devices = ( { name = \"cases\"; mac = \"50C7BF000003\"; label = \"Show cases\";\n"
		"  room = \"Treasury\"; outlets = ( \"case-1\",\n"
		"  { name = \"case-2\"; label = \"Gold watch\"; room = \"Tower\"; },\n"
		"  { name = \"case-3\"; label = \"\"; } ); } );");
	const struct config_device *device = config->devices;

	assert_string_equal(device->host, "");
	assert_true(device->has_outlets);
	assert_string_equal(device->label, "Show cases");
	assert_int_equal(device->outlet_count, 3);
	assert_string_equal(device->outlets[0].name, "case-1");
	assert_string_equal(device->outlets[0].label, "case-1");
	assert_string_equal(device->outlets[0].room, "Treasury");
	assert_string_equal(device->outlets[1].name, "case-2");
	assert_string_equal(device->outlets[1].label, "Gold watch");
	assert_string_equal(device->outlets[1].room, "Tower");
	assert_string_equal(device->outlets[2].label, "case-3");
	config_free(config);
}

static void outlets_may_be_an_array_too(void **state)
{
	struct config *config = config_files_load(*state,
		"devices = ( { name = \"s\"; host = \"h\"; outlets = [ \"a\", \"b\" ]; } );");

	assert_int_equal(config->devices[0].outlet_count, 2);
	assert_string_equal(config->devices[0].outlets[1].name, "b");
	config_free(config);
}

static void problems_print_as_file_line_key_text(void **state)
{
	const char *path = config_files_write(*state, "main.cfg",
		"poll = {\n interval = 5; };\ndevices = ( { name = \"a\"; host = \"h\"; } );\n");
	struct config_problems problems = { 0 };
	struct config *config = NULL;
	char printed[1024] = "";
	char wanted[512];
	FILE *out = fmemopen(printed, sizeof(printed), "w");

	assert_non_null(out);
	assert_false(config_load(path, &config, &problems));
	config_problems_print(&problems, out);
	assert_int_equal(fclose(out), 0);
	snprintf(wanted, sizeof(wanted),
		"%s:2: poll.interval: unknown key: did you mean \"interval_s\"?\n%s:3: devices[0]: "
		"advice: ",
		path, path);
	assert_memory_equal(printed, wanted, strlen(wanted));
	config_problems_clear(&problems);
	assert_int_equal(problems.count, 0);
	config_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_gives_the_defaults),
		cmocka_unit_test(every_value_of_a_file_arrives),
		cmocka_unit_test(numbers_may_be_written_in_any_way_libconfig_knows),
		cmocka_unit_test(a_tls_group_turns_tls_on_and_moves_the_port),
		cmocka_unit_test(the_client_is_named_after_the_bridge),
		cmocka_unit_test(a_plug_has_one_outlet_named_as_itself),
		cmocka_unit_test(a_strip_has_the_outlets_it_names),
		cmocka_unit_test(outlets_may_be_an_array_too),
		cmocka_unit_test(problems_print_as_file_line_key_text),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
