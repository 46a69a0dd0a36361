/* Names, hosts, MACs and topics: what is taken and what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/forms.h"

static void check(const struct config_form *form, const char *const *texts, bool is_valid)
{
	for (size_t i = 0; texts[i]; i++) {
		if (form->is_valid(texts[i]) != is_valid) {
			fail_msg("\"%s\" is %staken", texts[i], is_valid ? "not " : "");
		}
	}
}

static void names_are_short_and_lower_case(void **state)
{
	static const char *const good[] = { "a", "-", "_", "0", "steam-engine", "case_2",
		"a2345678901234567890123456789012", NULL };
	static const char *const bad[] = { "", "A", "a b", "a/b", "a+", "a#", "a.b", "k\xC3\xBChl",
		"a23456789012345678901234567890123", "a\n", NULL };

	(void)state;
	check(&config_form_name, good, true);
	check(&config_form_name, bad, false);
	assert_true(config_name_is_valid("steam-engine"));
	assert_false(config_name_is_valid("Steam engine"));
}

static void hosts_are_names_or_addresses(void **state)
{
	static const char *const good[] = { "localhost", "a", "192.168.1.145", "plug-1.museum.lan",
		"plug.lan.", "HS110", "3com.example", "_plug.lan", NULL };
	static const char *const bad[] = { "", ".", "a..b", ".a", "-a", "a-", "a b", "a/b",
		"a:1883", "192.168.1", "192.168.1.256", "192.168.001.1", "1.2.3.4.5", "12345",
		"::1", "[::1]", "mqtt://broker", "k\xC3\xBChl", NULL };

	(void)state;
	check(&config_form_host, good, true);
	check(&config_form_host, bad, false);
}

/* Writes a host name of length bytes, whose labels are of 63 bytes but for the last. */
static const char *long_host(size_t length, char *out)
{
	memset(out, 'a', length);
	for (size_t i = 63; i < length; i += 64) {
		out[i] = '.';
	}
	out[length] = '\0';
	return out;
}

static void hosts_have_labels_of_63_and_253_bytes_in_all(void **state)
{
	char host[300];

	(void)state;
	assert_true(config_form_host.is_valid(long_host(63, host)));
	assert_true(config_form_host.is_valid(long_host(253, host)));
	assert_false(config_form_host.is_valid(long_host(254, host)));
	memset(host, 'a', 64);
	host[64] = '\0';
	assert_false(config_form_host.is_valid(host));
}

static void broadcast_addresses_are_dotted(void **state)
{
	static const char *const good[] = { "255.255.255.255", "192.168.1.255", "0.0.0.0", NULL };
	static const char *const bad[] = { "", "255", "192.168.1", "192.168.1.255/24",
		"192.168.1.256", " 192.168.1.255", "localhost", "::1", NULL };

	(void)state;
	check(&config_form_ipv4, good, true);
	check(&config_form_ipv4, bad, false);
}

static void topics_have_no_wildcards_and_no_open_ends(void **state)
{
	static const char *const good[] = { "museum", "town/museum", "Mus\xC3\xA9um", "a b", "a$",
		NULL };
	static const char *const bad[] = { "", "/", "/museum", "museum/", "museum/+", "mus#eum",
		"$SYS", NULL };

	(void)state;
	check(&config_form_topic, good, true);
	check(&config_form_topic, bad, false);
	assert_true(config_topic_is_under("homeassistant", "homeassistant"));
	assert_true(config_topic_is_under("homeassistant/x", "homeassistant"));
	assert_false(config_topic_is_under("homeassistantx", "homeassistant"));
	assert_false(config_topic_is_under("home", "homeassistant"));
}

static void macs_are_read_in_each_form(void **state)
{
	static const uint8_t wanted[6] = { 0x50, 0xC7, 0xBF, 0x0a, 0xAf, 0x01 };
	static const char *const good[] = { "50:C7:BF:0A:AF:01", "50:c7:bf:0a:af:01",
		"50-C7-bf-0A-AF-01", "50C7BF0AAF01", "50c7bf0aaf01", NULL };
	static const char *const bad[] = { "", "5", "50", "50:", "50:C7", "50:C7:BF:0A:AF",
		"50:C7:BF:0A:AF:", "50:C7:BF:0A:AF:0", "50:C7:BF:0A:AF:01:02", "50:C7-BF:0A:AF:01",
		"50:C7-", "50C7:BF0A:AF01", "50C7BF0AAF0", "50C7BF0AAF011", "5G:C7:BF:0A:AF:01",
		" 50:C7:BF:0A:AF:01", "50.C7.BF.0A.AF.01", "00:00:00:00:00:00", "FF:FF:FF:FF:FF:FF",
		"01:00:5E:00:00:01", NULL };
	static const uint8_t zero[6];
	uint8_t mac[6];

	(void)state;
	check(&config_form_mac, good, true);
	check(&config_form_mac, bad, false);
	for (size_t i = 0; good[i]; i++) {
		assert_true(config_mac_parse(good[i], mac));
		assert_memory_equal(mac, wanted, sizeof(wanted));
	}
	for (size_t i = 0; bad[i]; i++) {
		memset(mac, 0xEE, sizeof(mac));
		assert_false(config_mac_parse(bad[i], mac));
		assert_memory_equal(mac, zero, sizeof(zero));
	}
}

static void clean_text_is_utf8_without_control_characters(void **state)
{
	static const char *const good[] = { "", "Steam engine", "Caf\xC3\xA9", "\xC2\xA0",
		"\xE2\x82\xAC", "\xEF\xBF\xBD", "\xF0\x9F\x9A\x82", "\xF4\x8F\xBF\xBF", NULL };
	static const char *const bad[] = { "\n", "\t", "a\x1F", "\x7F", "\xC2\x80", "\xC2\x9F",
		"\x80", "\xC3", "\xC3(", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xE2\x82",
		"\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF", NULL };

	(void)state;
	for (size_t i = 0; good[i]; i++) {
		assert_true(config_text_is_clean(good[i]));
	}
	for (size_t i = 0; bad[i]; i++) {
		assert_false(config_text_is_clean(bad[i]));
	}
}

static void only_this_machine_is_loopback(void **state)
{
	(void)state;
	assert_true(config_host_is_loopback("localhost"));
	assert_true(config_host_is_loopback("LocalHost"));
	assert_true(config_host_is_loopback("127.0.0.1"));
	assert_true(config_host_is_loopback("127.5.6.7"));
	assert_false(config_host_is_loopback("127.example.org"));
	assert_false(config_host_is_loopback("128.0.0.1"));
	assert_false(config_host_is_loopback("localhost.example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_short_and_lower_case),
		cmocka_unit_test(hosts_are_names_or_addresses),
		cmocka_unit_test(hosts_have_labels_of_63_and_253_bytes_in_all),
		cmocka_unit_test(broadcast_addresses_are_dotted),
		cmocka_unit_test(topics_have_no_wildcards_and_no_open_ends),
		cmocka_unit_test(macs_are_read_in_each_form),
		cmocka_unit_test(clean_text_is_utf8_without_control_characters),
		cmocka_unit_test(only_this_machine_is_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
