#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "protocol/crc32.h"
#include "protocol/json.h"
#include "tests/unit/discover_rig.h"

/* What is refused while set. The kernel itself refuses a broadcast then. */
static bool is_broadcast_forbidden, is_work_refused, is_randomness_refused;
/* Every second datagram finds the socket's buffer full. */
static bool is_buffer_small;

int __real_uv_udp_set_broadcast(uv_udp_t *udp, int on);
int __wrap_uv_udp_set_broadcast(uv_udp_t *udp, int on);
int __real_uv_queue_work(
	uv_loop_t *on, uv_work_t *work, uv_work_cb work_cb, uv_after_work_cb after);
int __wrap_uv_queue_work(
	uv_loop_t *on, uv_work_t *work, uv_work_cb work_cb, uv_after_work_cb after);
int __real_RAND_bytes(unsigned char *bytes, int size);
int __wrap_RAND_bytes(unsigned char *bytes, int size);
int __real_uv_udp_try_send(
	uv_udp_t *udp, const uv_buf_t *buffers, unsigned count, const struct sockaddr *to);
int __wrap_uv_udp_try_send(
	uv_udp_t *udp, const uv_buf_t *buffers, unsigned count, const struct sockaddr *to);

int __wrap_uv_udp_set_broadcast(uv_udp_t *udp, int on)
{
	return __real_uv_udp_set_broadcast(udp, is_broadcast_forbidden ? 0 : on);
}

int __wrap_uv_queue_work(uv_loop_t *on, uv_work_t *work, uv_work_cb work_cb, uv_after_work_cb after)
{
	return is_work_refused ? UV_ENOMEM : __real_uv_queue_work(on, work, work_cb, after);
}

int __wrap_RAND_bytes(unsigned char *bytes, int size)
{
	return is_randomness_refused ? 0 : __real_RAND_bytes(bytes, size);
}

int __wrap_uv_udp_try_send(
	uv_udp_t *udp, const uv_buf_t *buffers, unsigned count, const struct sockaddr *to)
{
	static size_t calls;

	calls++;
	return is_buffer_small && calls % 2 == 0 ? UV_EAGAIN
						 : __real_uv_udp_try_send(udp, buffers, count, to);
}

static void plug_answers(struct ear *ear, const struct sockaddr_in *from)
{
	(void)ear;
	answer_sysinfo("127.7.0.1", from, 0x0102);
}

static void search_tells_of_a_plug_once(void **state)
{
	static const uint8_t mac[] = { 0x50, 0xc7, 0xbf, 0, 1, 2 };

	(void)state;
	ears[0].on_probe = plug_answers;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(ears[0].count, PLUG_SEARCH_ROUNDS);
	assert_int_equal(told.found_count, 1);
	assert_string_equal(told.found[0].address, "127.7.0.1");
	assert_memory_equal(told.found[0].mac, mac, sizeof mac);
	assert_int_equal(told.found[0].dialect, PLUG_DIALECT_XOR);
	assert_true(told.found[0].has_sysinfo);
	assert_false(told.found[0].is_elsewhere);
	assert_string_equal(told.found[0].model, "HS110(EU)");
	assert_string_equal(told.found[0].alias, "plug 258");
	assert_int_equal(told.found[0].outlet_count, 1);
	assert_int_equal(told.problems, 0);
	assert_int_equal(search->ignored, 0);
}

/* The text of rsa_key in a probe; fails unless header and JSON are right. */
static void expect_key(const struct plug_probe *probe)
{
	static const uint8_t placeholder[] = { 0x5a, 0x6b, 0x7c, 0x8d };
	const uint8_t *crc = probe->bytes + 12;
	struct plug_probe again = *probe;
	struct json_object *root;
	struct json_object *params;
	const char *pem;
	EVP_PKEY *key;
	BIO *memory;

	memcpy(again.bytes + 12, placeholder, sizeof placeholder);
	assert_int_equal(plug_crc32(again.bytes, again.size),
		(uint32_t)crc[0] << 24 | (uint32_t)crc[1] << 16 | (uint32_t)crc[2] << 8 | crc[3]);
	assert_int_equal(probe->size, 501);
	assert_int_equal(
		plug_json_parse((const char *)probe->bytes + PLUG_TDP_HEADER_BYTES,
			probe->size - PLUG_TDP_HEADER_BYTES, PLUG_JSON_DISTINCT_KEYS, &root),
		PLUG_OK);
	assert_true(plug_json_object(root, "params", &params));
	assert_true(plug_json_string(params, "rsa_key", &pem));
	memory = BIO_new_mem_buf(pem, -1);
	key = PEM_read_bio_PUBKEY(memory, NULL, NULL, NULL);
	assert_non_null(key);
	assert_int_equal(EVP_PKEY_bits(key), 2048);
	EVP_PKEY_free(key);
	BIO_free(memory);
	json_object_put(root);
}

static void expect_same(const struct plug_probe *a, const struct plug_probe *b)
{
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->bytes, b->bytes, a->size);
}

static void probes_are_those_of_the_protocol(void **state)
{
	struct plug_probe sysinfo;
	struct plug_probe empty;
	size_t keyed = 0;

	(void)state;
	plug_probe_sysinfo(&sysinfo);
	plug_probe_tdp_empty(&empty);
	/* Until the key is there only the window ends a search. */
	settings.window_ms = PATIENCE_MS;
	assert_int_equal(run_search(), PLUG_OK);
	for (size_t i = 0; i < ears[0].count; i++) {
		expect_same(&ears[0].probes[i], &sysinfo);
	}
	for (size_t i = 0; i < ears[1].count; i++) {
		if (ears[1].probes[i].size != empty.size) {
			expect_key(&ears[1].probes[i]);
			keyed++;
		} else {
			expect_same(&ears[1].probes[i], &empty);
		}
	}
	assert_in_range(keyed, 1, ears[0].count + 1);
	assert_in_range(ears[1].count, ears[0].count + 1, 2 * ears[0].count + 1);
	assert_int_equal(ears[2].count, ears[1].count);
}

static void key_is_made_once_for_many_searches(void **state)
{
	struct plug_probe key;

	(void)state;
	assert_int_equal(run_search(), PLUG_OK);
	WAIT_FOR(search->keyed.size > 0);
	key = search->keyed;
	ears[1].count = 0;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(ears[1].count, 2 * PLUG_SEARCH_ROUNDS);
	for (size_t i = 1; i < ears[1].count; i += 2) {
		expect_same(&ears[1].probes[i], &key);
	}
	expect_key(&key);
}

static void tdp_ports_may_be_left_out(void **state)
{
	(void)state;
	settings.tdp_ports[0] = settings.tdp_ports[1] = 0;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(ears[0].count, PLUG_SEARCH_ROUNDS);
	assert_int_equal(ears[1].count + ears[2].count, 0);
	assert_int_equal(search->keyed.size, 0);
}

static void both_ports_answer(struct ear *ear, const struct sockaddr_in *from)
{
	(void)ear;
	answer_tdp("127.7.0.1", from, "IOT.SMARTPLUGSWITCH", 1);
	answer_tdp("127.7.0.1", from, "IOT.SMARTPLUGSWITCH", 1);
	answer_sysinfo("127.7.0.1", from, 1);
	answer_tdp("127.7.0.1", from, "IOT.SMARTPLUGSWITCH", 1);
	answer_sysinfo("127.7.0.2", from, 2);
	answer_tdp("127.7.0.2", from, "IOT.SMARTPLUGSWITCH", 2);
}

static void sysinfo_counts_more_than_tdp(void **state)
{
	(void)state;
	ears[0].on_probe = both_ports_answer;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, 3);
	assert_string_equal(told.found[0].address, "127.7.0.1");
	assert_int_equal(told.found[0].dialect, PLUG_DIALECT_KLAP);
	assert_false(told.found[0].has_sysinfo);
	assert_string_equal(told.found[1].address, "127.7.0.1");
	assert_int_equal(told.found[1].dialect, PLUG_DIALECT_XOR);
	assert_true(told.found[1].has_sysinfo);
	assert_false(told.found[1].is_elsewhere);
	assert_string_equal(told.found[2].address, "127.7.0.2");
}

static void klap_and_smart_answer(struct ear *ear, const struct sockaddr_in *from)
{
	ear->on_probe = NULL;
	answer_tdp("127.7.0.1", from, "IOT.SMARTPLUGSWITCH", 1);
	answer_tdp("127.7.0.2", from, "SMART.KASASWITCH", 2);
	answer_tdp("127.7.0.3", from, "HOMEWIFISYSTEM", 3);
}

static void search_tells_dialects_apart(void **state)
{
	(void)state;
	ears[1].on_probe = klap_and_smart_answer;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, 2);
	assert_int_equal(told.found[0].dialect, PLUG_DIALECT_KLAP);
	assert_string_equal(told.found[0].model, "HS100(UK)");
	assert_int_equal(told.found[1].dialect, PLUG_DIALECT_SMART);
	assert_int_equal(search->ignored, 1);
}

static void two_claim_one_mac(struct ear *ear, const struct sockaddr_in *from)
{
	(void)ear;
	answer_sysinfo("127.7.0.1", from, 1);
	answer_sysinfo("127.7.0.2", from, 2);
	answer_sysinfo("127.7.0.3", from, 1);
}

/* A forged or stale answer that came first must not hide the device. */
static void one_mac_at_two_addresses_is_told_twice(void **state)
{
	(void)state;
	ears[0].on_probe = two_claim_one_mac;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, 3);
	assert_false(told.found[0].is_elsewhere);
	assert_false(told.found[1].is_elsewhere);
	assert_string_equal(told.found[2].address, "127.7.0.3");
	assert_true(told.found[2].is_elsewhere);
}

static void strangers_answer(struct ear *ear, const struct sockaddr_in *from)
{
	static const uint8_t noise[PLUG_DISCOVERY_ANSWER_MAX_BYTES + 1];
	const uint16_t port = settings.port;

	ear->on_probe = NULL;
	speak("127.7.0.1", port, from, noise, 0);
	speak("127.7.0.1", port, from, noise, 100);
	speak("127.7.0.1", port, from, noise, sizeof noise - 1);
	speak("127.7.0.1", port, from, noise, sizeof noise);
	speak("127.7.0.1", settings.tdp_ports[1], from, noise, 100);
	/* The right words from a port that was not asked. */
	settings.port = 0;
	answer_sysinfo("127.7.0.1", from, 1);
	settings.port = port;
}

static void answers_of_strangers_are_ignored(void **state)
{
	(void)state;
	ears[0].on_probe = strangers_answer;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, 0);
	assert_int_equal(told.problems, 0);
	assert_int_equal(search->ignored, 6);
}

static void five_answer(struct ear *ear, const struct sockaddr_in *from)
{
	static const char *const addresses[] = { "127.7.0.1", "127.7.0.2", "127.7.0.3", "127.7.0.4",
		"127.7.0.5" };

	(void)ear;
	for (unsigned i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		answer_sysinfo(addresses[i], from, i);
	}
}

static void answers_are_bounded(void **state)
{
	(void)state;
	ears[0].on_probe = five_answer;
	settings.answers_max = 3;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.found_count, 3);
	assert_int_equal(told.problems, 1);
	assert_string_equal(told.where, "");
	assert_non_null(strstr(told.text, "too many"));
}

static void single_addresses_are_asked(void **state)
{
	static const char *const targets[] = { "127.7.0.1", "127.7.0.2", "127.7.0.1" };
	static struct ear devices[2];

	(void)state;
	ear_open(&devices[0], targets[0], &settings.port);
	ear_open(&devices[1], targets[1], &settings.port);
	settings.targets = targets;
	settings.target_count = 3;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(devices[0].count, PLUG_SEARCH_ROUNDS);
	assert_int_equal(devices[1].count, PLUG_SEARCH_ROUNDS);
	assert_int_equal(ears[0].count, 0);
	ear_close(&devices[0]);
	ear_close(&devices[1]);
}

/* As when the kernel waits for hosts that are not there. */
static void full_buffer_starves_nobody(void **state)
{
	static const char *const targets[] = { "127.7.0.1", "127.7.0.2" };
	static struct ear devices[2];

	(void)state;
	ear_open(&devices[0], targets[0], &settings.port);
	ear_open(&devices[1], targets[1], &settings.port);
	settings.targets = targets;
	settings.target_count = 2;
	settings.tdp_ports[0] = settings.tdp_ports[1] = 0;
	is_buffer_small = true;
	assert_int_equal(run_search(), PLUG_OK);
	is_buffer_small = false;
	assert_int_equal(devices[0].count, PLUG_SEARCH_ROUNDS / 2);
	assert_int_equal(devices[1].count, PLUG_SEARCH_ROUNDS / 2);
	assert_int_equal(told.problems, 0);
	ear_close(&devices[0]);
	ear_close(&devices[1]);
}

static void search_goes_on_without_a_key(void **state)
{
	bool *const refusals[] = { &is_work_refused, &is_randomness_refused };

	(void)state;
	ears[0].on_probe = plug_answers;
	/* While a key is being made only the window ends a search. */
	settings.window_ms = PATIENCE_MS;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		*refusals[i] = true;
		assert_int_equal(run_search(), PLUG_OK);
		*refusals[i] = false;
		assert_int_equal(told.problems, i + 1);
		assert_non_null(strstr(told.text, "no RSA key"));
		assert_string_equal(told.where, "");
		assert_int_equal(told.found_count, i + 1);
		assert_int_equal(search->keyed.size, 0);
	}
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(search->keyed.size, 501);
	assert_int_equal(told.problems, 2);
}

static void interface_may_be_named(void **state)
{
	(void)state;
	ears[0].on_probe = plug_answers;
	settings.target_count = 0;
	settings.on_every_interface = true;
	settings.interface = "lo";
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(ears[0].count, PLUG_SEARCH_ROUNDS);
	assert_int_equal(told.found_count, 1);
	assert_int_equal(told.problems, 0);
}

static void interface_that_is_not_there_is_told(void **state)
{
	(void)state;
	settings.interface = "nosuchinterf0";
	assert_int_equal(run_search(), PLUG_ESYSTEM);
	assert_int_equal(told.problems, 1);
	assert_string_equal(told.where, "nosuchinterf0");
	assert_int_equal(told.status, UV_ENODEV);
	assert_string_equal(told.text, "no such network interface");
	settings.target_count = 0;
	settings.on_every_interface = true;
	assert_int_equal(run_search(), PLUG_EUNREACHABLE);
	assert_int_equal(told.problems, 2);
}

static void forbidden_broadcast_is_told_once(void **state)
{
	(void)state;
	is_broadcast_forbidden = true;
	assert_int_equal(run_search(), PLUG_ESYSTEM);
	is_broadcast_forbidden = false;
	assert_int_equal(told.problems, 1);
	assert_string_equal(told.where, BROADCAST);
	assert_int_equal(told.status, UV_EACCES);
	assert_non_null(strstr(told.text, "no permission"));
	assert_int_equal(ears[0].count, 0);
}

static void search_goes_on_where_it_may(void **state)
{
	static const char *const targets[] = { BROADCAST, "127.7.0.1" };
	static struct ear device;

	(void)state;
	ear_open(&device, targets[1], &settings.port);
	settings.targets = targets;
	settings.target_count = 2;
	is_broadcast_forbidden = true;
	assert_int_equal(run_search(), PLUG_OK);
	is_broadcast_forbidden = false;
	assert_int_equal(told.problems, 1);
	assert_int_equal(device.count, PLUG_SEARCH_ROUNDS);
	ear_close(&device);
}

static void invalid_settings_are_refused(void **state)
{
	static const char *const no_addresses[] = { BROADCAST, "plug.example" };
	struct plug_search_settings rows[9];
	const struct plug_search_settings good = settings;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rows[i] = good;
	}
	rows[0].target_count = 0;
	rows[1].targets = no_addresses;
	rows[1].target_count = 2;
	rows[2].interface = "";
	rows[3].interface = "sixteenlettersif";
	rows[4].port = 0;
	rows[5].window_ms = 0;
	rows[6].window_ms = PLUG_SEARCH_WINDOW_MAX_MS + 1;
	rows[7].answers_max = 0;
	rows[8].window_ms = UINT64_MAX;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		settings = rows[i];
		assert_int_equal(start(), PLUG_EINVAL);
	}
	settings = good;
	assert_int_equal(run_search(), PLUG_OK);
	assert_int_equal(told.ends, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, discover_rig_setup, discover_rig_teardown)
	const struct CMUnitTest tests[] = {
		TEST(search_tells_of_a_plug_once),
		TEST(probes_are_those_of_the_protocol),
		TEST(key_is_made_once_for_many_searches),
		TEST(tdp_ports_may_be_left_out),
		TEST(sysinfo_counts_more_than_tdp),
		TEST(search_tells_dialects_apart),
		TEST(one_mac_at_two_addresses_is_told_twice),
		TEST(answers_of_strangers_are_ignored),
		TEST(answers_are_bounded),
		TEST(single_addresses_are_asked),
		TEST(full_buffer_starves_nobody),
		TEST(search_goes_on_without_a_key),
		TEST(interface_may_be_named),
		TEST(interface_that_is_not_there_is_told),
		TEST(forbidden_broadcast_is_told_once),
		TEST(search_goes_on_where_it_may),
		TEST(invalid_settings_are_refused),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
