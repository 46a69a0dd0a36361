/* Every kind of mistake in plugbridge.cfg is reported in its line, under its key, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config_files.h"

#define CHECK_ALL(state, cases)                                                                    \
	do {                                                                                       \
		for (size_t i = 0; i < sizeof(cases) / sizeof((cases)[0]); i++) {                  \
			config_files_check(*(state), &(cases)[i]);                                 \
		}                                                                                  \
	} while (0)

#define PINNED "mac = \"50:C7:BF:00:00:01\";"

static void unknown_keys_are_named_and_the_nearest_offered(void **state)
{
	static const struct config_case cases[] = {
		{ "a letter dropped", "broker = {\n hst = \"x\";\n};\n",
			{ "2: broker.hst: did you mean \"host\"?" } },
		{ "the unit forgotten", "poll = { interval = 5; };\n",
			{ "1: poll.interval: did you mean \"interval_s\"?" } },
		{ "a password in the file", "broker = { password = \"secret\"; };\n",
			{ "1: broker.password: did you mean \"password_file\"?" } },
		{ "a group misspelled", "\n\nbrokr = { host = 5; };\n",
			{ "3: brokr: did you mean \"broker\"?" } },
		{ "nothing near", "bridge = { colour = \"red\"; };\n",
			{ "1: bridge.colour: id, base_topic, command_ttl_s" } },
		{ "another case", "bridge = { ID = \"x\"; };\n", { "1: bridge.ID: unknown key" } },
		{ "in a device",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED
			" lable = \"x\"; } );\n",
			{ "1: devices[0].lable: did you mean \"label\"?" } },
		{ "in an outlet",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED
			"\n outlets = ( \"b\",\n"
			" { name = \"c\"; rom = \"x\"; } ); } );\n",
			{ "3: devices[0].outlets[1].rom: did you mean \"room\"?" } },
		{ "groups of outlets", "groups = ( { name = \"hall\"; } );\n",
			{ "1: groups: this version has no groups" } },
	};

	CHECK_ALL(state, cases);
}

static void wrong_types_are_told_with_what_was_expected(void **state)
{
	static const struct config_case cases[] = {
		{ "text for integer", "broker = { port = \"1883\"; };",
			{ "1: broker.port: a whole number from 1 to 65535, not a text in "
			  "quotes" } },
		{ "fraction for integer", "broker = { port = 18.5; };",
			{ "1: broker.port: not a number with a fraction" } },
		{ "text for number", "poll = { interval_s = \"5\"; };",
			{ "1: poll.interval_s: a number from 0.2 to 3600, not a text" } },
		{ "integer for text", "broker = { host = 5; };",
			{ "1: broker.host: a host name or an IPv4 address, not a whole number" } },
		{ "long integer for text", "broker = { host = 99999999999999; };",
			{ "1: broker.host: not a whole number" } },
		{ "integer for truth", "bridge = { clear_retained_set = 1; };",
			{ "1: bridge.clear_retained_set: true or false, not a whole number" } },
		{ "truth for choice", "homeassistant = { discovery = false; };",
			{ "1: homeassistant.discovery: \"off\", \"device\" or \"components\", not "
			  "true or false" } },
		{ "list for group", "poll = ( );", { "1: poll: a group { ... }, not a list" } },
		{ "group for list", "devices = { };",
			{ "1: devices: a list of groups ( { ... }, { ... } ), not a group" } },
		{ "text for list", "discovery = { broadcast = \"255.255.255.255\"; };",
			{ "1: discovery.broadcast: a list ( \"...\" )" } },
		{ "integer in list", "discovery = { broadcast = ( \"1.2.3.4\", 5 ); };",
			{ "1: discovery.broadcast[1]: a dotted IPv4 address" } },
		{ "text for device", "devices = ( \"steam-engine\" );",
			{ "1: devices[0]: must be a group { ... }, not a text" } },
		{ "integer for outlet",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED
			" outlets = ( 1 ); } );",
			{ "1: devices[0].outlets[0]: a group { ... } or a text in quotes" } },
		{ "text for tls", "broker = { tls = \"yes\"; };", { "1: broker.tls: a group" } },
		{ "integer for mac", "devices = ( { name = \"a\"; host = \"h\"; mac = 5; } );",
			{ "1: devices[0].mac: a device's MAC such as" } },
	};

	CHECK_ALL(state, cases);
}

static void numbers_out_of_range_are_told_with_their_range(void **state)
{
	static const struct config_case cases[] = {
		{ "port 0", "broker = { port = 0; };", { "1: broker.port: 1 to 65535, not 0" } },
		{ "port 65536", "broker = { port = 65536; };",
			{ "1: broker.port: 1 to 65535, not 65536" } },
		{ "port negative", "broker = { port = -1; };", { "1: broker.port: not -1" } },
		{ "protocol 3", "broker = { protocol = 3; };",
			{ "1: broker.protocol: 4 to 5, not 3" } },
		{ "ttl 0", "bridge = { command_ttl_s = 0; };",
			{ "1: bridge.command_ttl_s: 1 to 3600, not 0" } },
		{ "ttl 3601", "bridge = { command_ttl_s = 3601; };",
			{ "1: bridge.command_ttl_s: 1 to 3600, not 3601" } },
		{ "poll too fast", "poll = { interval_s = 0.19; };",
			{ "1: poll.interval_s: 0.2 to 3600, not 0.19" } },
		{ "poll too slow", "poll = { interval_s = 3600.5; };",
			{ "1: poll.interval_s: 0.2 to 3600, not 3600.5" } },
		{ "endless", "poll = { interval_s = 1e999; };", { "1: poll.interval_s: not inf" } },
		{ "negative step", "poll = { power_step_w = -0.5; };",
			{ "1: poll.power_step_w: 0 to 10000, not -0.5" } },
		{ "two at once", "poll = { heartbeat_s = 0;\n timeout_s = 61; };",
			{ "1: poll.heartbeat_s: 1 to 86400", "2: poll.timeout_s: 0.1 to 60" } },
		{ "device's port",
			"devices = ( { name = \"a\"; host = \"h\"; port = 70000; " PINNED " } );",
			{ "1: devices[0].port: 1 to 65535, not 70000" } },
		{ "device's poll",
			"devices = ( { name = \"a\"; host = \"h\"; poll_s = 0; " PINNED " } );",
			{ "1: devices[0].poll_s: 0.2 to 3600, not 0" } },
		{ "17 outlets",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED
			" outlets = ( \"1\", \"2\", \"3\", "
			"\"4\", \"5\", \"6\", \"7\", \"8\", \"9\", \"10\", \"11\", \"12\", \"13\", "
			"\"14\", "
			"\"15\", \"16\", \"17\" ); } );",
			{ "1: devices[0].outlets: 1 to 16 names or groups, not one of 17" } },
		{ "no outlet",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED " outlets = ( ); } );",
			{ "1: devices[0].outlets: not one of 0" } },
	};

	CHECK_ALL(state, cases);
}

static void integers_that_libconfig_would_cut_keep_their_value(void **state)
{
	static const struct config_case cases[] = {
		/* 276447231, -1, 1883 and 30 after the cut: the last two would pass unseen. */
		{ "decimal", "poll = { heartbeat_s = 99999999999999; };",
			{ "1: poll.heartbeat_s: not 99999999999999" } },
		{ "hexadecimal", "bridge = { command_ttl_s = 0xFFFFFFFF; };",
			{ "1: bridge.command_ttl_s: not 4294967295" } },
		{ "cut to a port", "broker = { port = 4294969179; };",
			{ "1: broker.port: not 4294969179" } },
		{ "cut to a ttl", "bridge = { command_ttl_s = 0x10000001E; };",
			{ "1: bridge.command_ttl_s: not 4294967326" } },
		{ "negative", "broker = { port = -4294965413; };",
			{ "1: broker.port: not -4294965413" } },
		{ "beyond 64 bits", "broker = { port = 99999999999999999999999; };",
			{ "1: broker.port: not a number of so many digits" } },
		{ "hexadecimal beyond 64 bits", "broker = { port = 0x1000000000000075B; };",
			{ "1: broker.port: not a number of so many digits" } },
		{ "hexadecimal of 64 bits", "broker = { port = 0xFFFFFFFFFFFFFFFF; };",
			{ "1: broker.port: not a number of so many digits" } },
		{ "suffix, out of range", "broker = { port = 4294969179L; };",
			{ "1: broker.port: not 4294969179" } },
		{ "behind a comment", "broker = { port = /* 1 */ 4294969179 # 2\n; };",
			{ "1: broker.port: not 4294969179" } },
		{ "for a device",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED "\n"
			" poll_s = 99999999999999; } );",
			{ "2: devices[0].poll_s: not 99999999999999" } },
		{ "suffix, in range", "broker = { port = 1883L; }; poll = { heartbeat_s = 60LL; };",
			{ NULL } },
		{ "only digits in other places",
			"# 99999999999999\nbroker = { username = \"99999999999999\"; };\n"
			"/* 99999999999999 */ // 99999999999999\n",
			{ NULL } },
	};

	CHECK_ALL(state, cases);
}

static void texts_of_a_wrong_form_are_told_the_form(void **state)
{
	static const struct config_case cases[] = {
		{ "bridge id", "bridge = { id = \"Main Hall\"; };",
			{ "1: bridge.id: 1 to 32 of the characters a-z, 0-9, \"_\" and \"-\", not "
			  "\"Main Hall\"" } },
		{ "device name",
			"devices = ( { name = \"Steam Engine\"; host = \"h\"; " PINNED " } );",
			{ "1: devices[0].name: characters a-z, 0-9" } },
		{ "outlet name",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED
			"\noutlets = ( \"a/b\" ); } );",
			{ "2: devices[0].outlets[0]: characters a-z, 0-9" } },
		{ "33 characters", "bridge = { id = \"a23456789012345678901234567890123\"; };",
			{ "1: bridge.id: 1 to 32" } },
		{ "empty", "bridge = { id = \"\"; };", { "1: bridge.id: 1 to 32" } },
		{ "host with a space", "broker = { host = \"my broker\"; };",
			{ "1: broker.host: a host name or an IPv4 address, not \"my broker\"" } },
		{ "host is an address with 256",
			"devices = ( { name = \"a\"; host = \"192.168.1.256\"; " PINNED " } );",
			{ "1: devices[0].host: a host name or an IPv4 address, not "
			  "\"192.168.1.256\"" } },
		{ "broker host empty", "broker = { host = \"\"; };",
			{ "1: broker.host: a host name" } },
		{ "mac too short",
			"devices = ( { name = \"a\"; host = \"h\"; mac = \"50:C7:BF\"; } );",
			{ "1: devices[0].mac: a device's MAC" } },
		{ "base with wildcard", "bridge = { base_topic = \"museum/+\"; };",
			{ "1: bridge.base_topic: without \"+\" and \"#\"" } },
		{ "base ends in slash", "bridge = { base_topic = \"museum/\"; };",
			{ "1: bridge.base_topic: without \"/\" at its ends" } },
		{ "base starts with dollar", "bridge = { base_topic = \"$museum\"; };",
			{ "1: bridge.base_topic: \"$\" at its start" } },
		{ "choice", "homeassistant = { discovery = \"devices\"; };",
			{ "1: homeassistant.discovery: \"components\", not \"devices\"" } },
		{ "broadcast", "discovery = { broadcast = ( \"192.168.1.255\", \"\", \"::1\" ); };",
			{ "1: discovery.broadcast[1]: a dotted IPv4",
				"1: discovery.broadcast[2]: not \"::1\"" } },
		{ "interface", "discovery = { interface = \"../eth0\"; };",
			{ "1: discovery.interface: the name of a network interface" } },
		{ "zone that is a path", "time = { zone = \"/etc/localtime\"; };",
			{ "1: time.zone: the IANA name of a time zone" } },
		{ "zone that climbs", "time = { zone = \"Europe/../../secret\"; };",
			{ "1: time.zone: the IANA name of a time zone" } },
		{ "control character", "broker = { username = \"a\\x07\"; };",
			{ "1: broker.username: without control characters" } },
		{ "no UTF-8", "broker = { username = \"a\xFF\"; };",
			{ "1: broker.username: UTF-8" } },
	};

	CHECK_ALL(state, cases);
}

static void the_base_topic_must_not_lie_under_the_discovery_prefix(void **state)
{
	static const struct config_case cases[] = {
		{ "under", "bridge = {\n base_topic = \"homeassistant/museum\"; };",
			{ "2: bridge.base_topic: homeassistant.prefix \"homeassistant\"" } },
		{ "the same", "homeassistant = { prefix = \"museum\"; };",
			{ "1: homeassistant.prefix: bridge.base_topic, here \"museum\", must not "
			  "lie under it" } },
		{ "beside", "bridge = { base_topic = \"homeassistant2\"; };", { NULL } },
		{ "with slashes", "bridge = { base_topic = \"town/museum/east\"; };", { NULL } },
	};

	CHECK_ALL(state, cases);
}

static void a_zone_must_be_one_that_this_machine_knows(void **state)
{
	static const struct config_case cases[] = {
		{ "known", "time = { zone = \"Australia/Sydney\"; sync = true; };", { NULL } },
		{ "none", "time = { };", { NULL } },
		{ "none to set clocks by", "\ntime = { sync = true; };",
			{ "2: time.zone: is missing: time.sync is set" } },
		{ "unknown", "time = {\n zone = \"Europe/Atlantis\"; };",
			{ "2: time.zone: \"Europe/Atlantis\" is not in this machine's time zone "
			  "database" } },
		{ "a folder of zones", "time = { zone = \"Europe\"; };",
			{ "1: time.zone: is not in this machine's time zone database" } },
		{ "no zone at all", "time = { zone = \"tzdata\"; };",
			{ "1: time.zone: is not in this machine's time zone database" } },
	};

	CHECK_ALL(state, cases);
}

static void a_device_must_have_a_name_and_a_host_or_mac(void **state)
{
	static const struct config_case cases[] = {
		{ "no name", "devices = (\n { host = \"h\"; " PINNED " } );",
			{ "2: devices[0]: \"name\" is missing" } },
		{ "no host and no mac", "devices = (\n { name = \"a\"; } );",
			{ "2: devices[0]: must have a host" } },
		{ "both empty", "devices = ( { name = \"a\"; host = \"\"; mac = \"\"; } );",
			{ "1: devices[0]: must have a host" } },
		{ "a bad host is told once",
			"devices = ( { name = \"a\"; host = \"a b\"; " PINNED " } );",
			{ "1: devices[0].host: a host name" } },
		{ "outlet without name",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED
			"\noutlets = ( { label = \"x\"; } ); } );",
			{ "2: devices[0].outlets[0]: \"name\" is missing" } },
	};

	CHECK_ALL(state, cases);
}

static void advice_does_not_refuse_a_file(void **state)
{
	static const struct config_case cases[] = {
		{ "no mac", "devices = (\n\n { name = \"a\"; host = \"h\"; } );",
			{ "advice 3: devices[0]: pin the MAC" } },
		{ "no host", "devices = ( { name = \"a\"; " PINNED " } );", { NULL } },
		{ "no host and no search",
			"discovery = { broadcast = ( ); }; devices = ( { name = \"a\"; " PINNED
			" } );",
			{ "advice 1: devices[0]: is never found: discovery.broadcast is empty" } },
		{ "alias alone", "devices = ( { name = \"a\"; alias = \"Steam\"; } );",
			{ "advice 1: devices[0]: any device can have this alias" } },
		{ "both", "devices = ( { name = \"a\"; host = \"h\"; " PINNED " } );", { NULL } },
	};

	CHECK_ALL(state, cases);
}

static void doubles_are_told_with_the_first_of_them(void **state)
{
	static const struct config_case cases[] = {
		{ "two devices",
			"devices = (\n{ name = \"a\"; host = \"h\"; " PINNED " },\n"
			"{ name = \"a\"; host = \"i\"; mac = \"50:C7:BF:00:00:02\"; } );",
			{ "3: devices[1].name: \"a\" is already the name of devices[0] in line "
			  "2" } },
		{ "three devices",
			"devices = (\n{ name = \"a\"; host = \"h\"; " PINNED " },\n"
			"{ name = \"a\"; host = \"i\"; mac = \"50:C7:BF:00:00:02\"; },\n"
			"{ name = \"a\"; host = \"j\"; mac = \"50:C7:BF:00:00:03\"; } );",
			{ "3: devices[1].name: of devices[0] in line 2",
				"4: devices[2].name: of devices[0] in line 2" } },
		{ "an outlet and a plug",
			"devices = (\n{ name = \"s\"; host = \"h\"; " PINNED
			"\n outlets = ( \"x\",\n\"a\" ); },\n"
			"{ name = \"a\"; host = \"i\"; mac = \"50:C7:BF:00:00:02\"; } );",
			{ "5: devices[1].name: \"a\" is already the name of devices[0].outlets[1] "
			  "in line 4" } },
		{ "outlets of one strip",
			"devices = ( { name = \"s\"; host = \"h\"; " PINNED
			"\noutlets = ( \"x\",\n{ name = \"x\"; } ); } );",
			{ "3: devices[0].outlets[1].name: of devices[0].outlets[0] in line 2" } },
		{ "an outlet and its strip",
			"devices = (\n{ name = \"s\"; host = \"h\"; " PINNED
			"\noutlets = ( \"s\" ); } );",
			{ "3: devices[0].outlets[0]: \"s\" is already the name of devices[0] in "
			  "line 2" } },
		{ "address, in another case and with the root's dot",
			"devices = (\n{ name = \"a\"; host = \"Plug.lan\"; " PINNED " },\n"
			"{ name = \"b\"; host = \"plug.LAN.\"; mac = \"50:C7:BF:00:00:02\"; } );",
			{ "3: devices[1].host: is already the address of devices[0] in line 2" } },
		{ "one address with two ports",
			"devices = (\n{ name = \"a\"; host = \"h\"; " PINNED " },\n"
			"{ name = \"b\"; host = \"h\"; port = 9998; mac = \"50:C7:BF:00:00:02\"; } "
			");",
			{ NULL } },
		{ "mac, in another form",
			"devices = (\n{ name = \"a\"; host = \"h\"; " PINNED " },\n"
			"{ name = \"b\"; host = \"i\"; mac = \"50c7bf-000001\"; },\n"
			"{ name = \"c\"; host = \"j\"; mac = \"50-c7-bf-00-00-01\"; } );",
			{ "3: devices[1].mac: a device's MAC",
				"4: devices[2].mac: \"50:C7:BF:00:00:01\" is already the MAC of "
				"devices[0] in line 2" } },
		{ "alias",
			"devices = (\n{ name = \"a\"; alias = \"Steam engine\"; " PINNED " },\n"
			"{ name = \"b\"; alias = \"Steam engine\"; mac = \"50:C7:BF:00:00:02\"; } "
			");",
			{ "3: devices[1].alias: \"Steam engine\" is already the alias of "
			  "devices[0] in line 2" } },
	};

	CHECK_ALL(state, cases);
}

static void all_problems_come_in_one_run_in_the_order_of_the_file(void **state)
{
	static const struct config_case wanted = { "many",
		"devices = ( { name = \"a\"; host = \"h\"; },\n"
		"  { name = \"a\"; poll_s = 9999; },\n"
		"  { name = \"c\"; host = \"H\"; mac = \"zz\"; } );\n"
		"poll = { heartbeat_s = \"60\"; };\n"
		"brigde = { };\n"
		"bridge = { base_topic = \"homeassistant\"; };\n",
		{
			"advice 1: devices[0]: pin the MAC",
			"2: devices[1].poll_s: 0.2 to 3600",
			"2: devices[1]: must have a host",
			"2: devices[1].name: of devices[0] in line 1",
			"3: devices[2].mac: a device's MAC",
			"3: devices[2].host: \"H:9999\" is already the address of devices[0]",
			"4: poll.heartbeat_s: not a text",
			"5: brigde: did you mean \"bridge\"?",
			"6: bridge.base_topic: must not lie under",
		} };

	config_files_check(*state, &wanted);
}

static void settings_given_twice_are_told_with_their_first_place(void **state)
{
	static const struct config_case cases[] = {
		{ "at the top", "poll = { };\nbridge = { };\npoll = { };\n",
			{ "3: poll: first in line 1" } },
		{ "in a group", "broker = { host = \"a\";\n host = \"b\"; };\n",
			{ "2: broker.host: first in line 1" } },
		{ "in devices and outlets",
			"devices = ( { name = \"a\"; }, { name = \"b\";\n name = \"c\";\n"
			" outlets = ( \"x\", { name = \"y\"; label = \"1\";\n label = \"2\"; } ); "
			"} );\n",
			{ "2: devices[1].name: first in line 1",
				"4: devices[1].outlets[1].label: first in line 3" } },
		{ "not in different groups",
			"devices = ( { name = \"a\"; host = \"h\"; " PINNED " } );\n"
			"bridge = { id = \"x\"; };\n",
			{ NULL } },
	};

	CHECK_ALL(state, cases);
}

static void a_syntax_error_is_reported_alone(void **state)
{
	static const struct config_case cases[] = {
		{ "no value", "broker = {\n host = ;\n portt = 5;\n};\n", { "2: : syntax error" } },
		{ "bracket never closed", "poll = { };\nbroker = {\n host = \"a\";\n",
			{ "2: : the bracket opened here is never closed" } },
		{ "nothing after the sign", "poll = { };\nbroker =\n",
			{ "2: : the file ends where more is expected" } },
		{ "closed by another", "devices = ( { name = \"a\"; );\n",
			{ "1: : syntax error" } },
		{ "one too many", "poll = { };\n};\n", { "2: : syntax error" } },
		{ "bare word", "broker = { host = localhost; };\n", { "1: : syntax error" } },
		{ "mixed array", "discovery = {\n broadcast = [ \"1.2.3.4\", 5 ]; };\n",
			{ "2: : must all be of one type" } },
		{ "before what stops the scan", "broker = = 5;\nbridge = \"x\n",
			{ "1: : syntax error" } },
	};

	CHECK_ALL(state, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_keys_are_named_and_the_nearest_offered),
		cmocka_unit_test(wrong_types_are_told_with_what_was_expected),
		cmocka_unit_test(numbers_out_of_range_are_told_with_their_range),
		cmocka_unit_test(integers_that_libconfig_would_cut_keep_their_value),
		cmocka_unit_test(texts_of_a_wrong_form_are_told_the_form),
		cmocka_unit_test(the_base_topic_must_not_lie_under_the_discovery_prefix),
		cmocka_unit_test(a_zone_must_be_one_that_this_machine_knows),
		cmocka_unit_test(a_device_must_have_a_name_and_a_host_or_mac),
		cmocka_unit_test(advice_does_not_refuse_a_file),
		cmocka_unit_test(doubles_are_told_with_the_first_of_them),
		cmocka_unit_test(all_problems_come_in_one_run_in_the_order_of_the_file),
		cmocka_unit_test(settings_given_twice_are_told_with_their_first_place),
		cmocka_unit_test(a_syntax_error_is_reported_alone),
	};

	return cmocka_run_group_tests(tests, config_files_setup, config_files_teardown);
}
