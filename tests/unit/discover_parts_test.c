/* Targets and the list of who has answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/io/seen.h"
#include "protocol/io/targets.h"

static void broadcast_address_is_the_last_of_its_network(void **state)
{
	static const struct row {
		const char *address, *netmask;
		const char *broadcast; /* NULL: none */
	} rows[] = {
		{ "192.168.1.17", "255.255.255.0", "192.168.1.255" },
		{ "10.1.2.3", "255.0.0.0", "10.255.255.255" },
		{ "172.16.5.9", "255.255.252.0", "172.16.7.255" },
		{ "192.168.1.1", "255.255.255.252", "192.168.1.3" },
		{ "127.0.0.1", "255.0.0.0", "127.255.255.255" },
		{ "10.0.0.1", "255.255.255.254", NULL },
		{ "10.0.0.1", "255.255.255.255", NULL },
		{ "10.0.0.1", "0.0.0.0", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct in_addr address;
		struct in_addr netmask;
		struct in_addr wanted = { 0 };
		struct in_addr broadcast = { 1 };

		uv_inet_pton(AF_INET, rows[i].address, &address);
		uv_inet_pton(AF_INET, rows[i].netmask, &netmask);
		if (rows[i].broadcast) {
			uv_inet_pton(AF_INET, rows[i].broadcast, &wanted);
		}
		assert_int_equal(plug_targets_broadcast(address, netmask, &broadcast),
			rows[i].broadcast != NULL);
		assert_int_equal(broadcast.s_addr, wanted.s_addr);
	}
}

static void targets_are_kept_once_and_bounded(void **state)
{
	struct plug_targets targets = { 0 };
	char text[INET_ADDRSTRLEN];

	(void)state;
	for (unsigned i = 0; i < PLUG_TARGETS_MAX; i++) {
		snprintf(text, sizeof text, "127.8.%u.%u", i >> 8, i & 0xff);
		assert_int_equal(plug_targets_add(&targets, text), PLUG_OK);
		assert_int_equal(plug_targets_add(&targets, text), PLUG_OK);
	}
	assert_int_equal(targets.count, PLUG_TARGETS_MAX);
	assert_int_equal(plug_targets_add(&targets, "127.9.0.1"), PLUG_ETOOBIG);
	assert_int_equal(plug_targets_add(&targets, "127.8.0.1"), PLUG_OK);
	plug_targets_clear(&targets);
	assert_int_equal(targets.count, 0);
	plug_targets_clear(&targets);
}

static void targets_are_addresses(void **state)
{
	static const char *const texts[] = { "", "plug", "1.2.3", "1.2.3.256", "::1", "127.1",
		" " };
	struct plug_targets targets = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(plug_targets_add(&targets, texts[i]), PLUG_EINVAL);
	}
	assert_int_equal(targets.count, 0);
}

static void interfaces_are_found_by_name(void **state)
{
	struct plug_targets targets = { 0 };
	struct in_addr loopback;

	(void)state;
	uv_inet_pton(AF_INET, "127.255.255.255", &loopback);
	assert_int_equal(plug_targets_add_interfaces(&targets, "lo"), PLUG_OK);
	assert_int_equal(targets.count, 1);
	assert_int_equal(targets.items[0].address.s_addr, loopback.s_addr);
	assert_int_equal(plug_targets_add_interfaces(&targets, "l"), PLUG_OK);
	assert_int_equal(targets.count, 1);
	plug_targets_clear(&targets);
	assert_int_equal(plug_targets_add_interfaces(&targets, NULL), PLUG_OK);
	for (size_t i = 0; i < targets.count; i++) {
		assert_int_not_equal(targets.items[i].address.s_addr, loopback.s_addr);
	}
	plug_targets_clear(&targets);
}

static struct plug_discovery device(uint32_t number)
{
	struct plug_discovery found = { .has_mac = true, .has_sysinfo = true };

	memcpy(found.mac, &number, sizeof number);
	return found;
}

static void seen_knows_everybody_up_to_its_bound(void **state)
{
	enum { MAX = 20000 };
	struct plug_seen seen;
	struct plug_discovery found;
	bool is_elsewhere;

	(void)state;
	plug_seen_init(&seen, MAX);
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < MAX; i++) {
			found = device(i);
			assert_int_equal(plug_seen_add(&seen, &found, i, &is_elsewhere),
				pass == 0 ? PLUG_SEEN_NEW : PLUG_SEEN_BEFORE);
			assert_false(is_elsewhere);
		}
	}
	assert_int_equal(seen.count, MAX);
	assert_in_range(seen.capacity, MAX, 4 * MAX);
	found = device(MAX);
	assert_int_equal(plug_seen_add(&seen, &found, MAX, &is_elsewhere), PLUG_SEEN_FULL);
	assert_int_equal(plug_seen_add(&seen, &found, MAX, &is_elsewhere), PLUG_SEEN_FULL);
	found = device(7);
	assert_int_equal(plug_seen_add(&seen, &found, 8, &is_elsewhere), PLUG_SEEN_FULL);
	assert_true(is_elsewhere);
	plug_seen_clear(&seen);
	assert_int_equal(plug_seen_add(&seen, &found, 8, &is_elsewhere), PLUG_SEEN_NEW);
	assert_false(is_elsewhere);
	plug_seen_clear(&seen);
}

static void seen_tells_devices_without_a_mac_by_address(void **state)
{
	struct plug_discovery nameless = { .has_mac = false };
	struct plug_discovery zeroes = { .has_mac = true };
	struct plug_seen seen;
	bool is_elsewhere;

	(void)state;
	plug_seen_init(&seen, 10);
	assert_int_equal(plug_seen_add(&seen, &nameless, 1, &is_elsewhere), PLUG_SEEN_NEW);
	assert_int_equal(plug_seen_add(&seen, &nameless, 2, &is_elsewhere), PLUG_SEEN_NEW);
	assert_false(is_elsewhere);
	assert_int_equal(plug_seen_add(&seen, &nameless, 1, &is_elsewhere), PLUG_SEEN_BEFORE);
	assert_int_equal(plug_seen_add(&seen, &zeroes, 1, &is_elsewhere), PLUG_SEEN_NEW);
	assert_false(is_elsewhere);
	plug_seen_clear(&seen);
}

static void seen_lets_sysinfo_through_once_more(void **state)
{
	struct plug_discovery found = device(1);
	struct plug_seen seen;
	bool is_elsewhere;

	(void)state;
	plug_seen_init(&seen, 10);
	found.has_sysinfo = false;
	assert_int_equal(plug_seen_add(&seen, &found, 1, &is_elsewhere), PLUG_SEEN_NEW);
	assert_int_equal(plug_seen_add(&seen, &found, 1, &is_elsewhere), PLUG_SEEN_BEFORE);
	found.has_sysinfo = true;
	assert_int_equal(plug_seen_add(&seen, &found, 1, &is_elsewhere), PLUG_SEEN_NEW);
	assert_int_equal(plug_seen_add(&seen, &found, 1, &is_elsewhere), PLUG_SEEN_BEFORE);
	found.has_sysinfo = false;
	assert_int_equal(plug_seen_add(&seen, &found, 1, &is_elsewhere), PLUG_SEEN_BEFORE);
	assert_int_equal(seen.count, 1);
	plug_seen_clear(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broadcast_address_is_the_last_of_its_network),
		cmocka_unit_test(targets_are_kept_once_and_bounded),
		cmocka_unit_test(targets_are_addresses),
		cmocka_unit_test(interfaces_are_found_by_name),
		cmocka_unit_test(seen_knows_everybody_up_to_its_bound),
		cmocka_unit_test(seen_tells_devices_without_a_mac_by_address),
		cmocka_unit_test(seen_lets_sysinfo_through_once_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
