#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/cipher.h"
#include "protocol/discovery.h"
#include "tests/unit/sysinfo_samples.h"

enum { ANSWER_ROOM_BYTES = 2 * PLUG_DISCOVERY_ANSWER_MAX_BYTES };

struct datagram {
	uint8_t bytes[ANSWER_ROOM_BYTES];
	size_t size;
};

#define PEM_VECTOR "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"

static const uint32_t serial = 0x01020304;

static void expect_probe(const struct plug_probe *probe, const char *hex)
{
	char text[2 * PLUG_PROBE_MAX_BYTES + 1] = "";

	for (size_t i = 0; i < probe->size; i++) {
		snprintf(text + 2 * i, 3, "%02x", probe->bytes[i]);
	}
	assert_string_equal(text, hex);
}

/* An answer as port 9999 sends it. */
static struct datagram obfuscated(const char *text)
{
	struct datagram datagram = { .size = strlen(text) };

	assert_in_range(datagram.size, 0, ANSWER_ROOM_BYTES);
	plug_cipher_encrypt(text, datagram.size, datagram.bytes);
	return datagram;
}

/* An answer as a TDP port sends it. The header is that of an answer once seen, with the length
 * and checksum of another body: they must not matter. */
static struct datagram tdp(const char *json)
{
	static const uint8_t header[PLUG_TDP_HEADER_BYTES] = { 2, 0, 0, 1, 1, 0x5b, 0, 0, 0, 0, 0,
		0, 0xc3, 0xb3, 0x62, 0x5c };
	const size_t json_size = strlen(json);
	struct datagram datagram = { .size = sizeof header + json_size };

	assert_in_range(datagram.size, 0, ANSWER_ROOM_BYTES - 1);
	memcpy(datagram.bytes, header, sizeof header);
	memcpy(datagram.bytes + sizeof header, json, json_size + 1);
	return datagram;
}

/* From a copy of exactly that size, so that a sanitizer sees every byte read beyond it. */
static enum plug_error read_answer(
	enum plug_error (*read)(const uint8_t *, size_t, struct plug_discovery *),
	const uint8_t *bytes, size_t size, struct plug_discovery *found)
{
	uint8_t *copy = malloc(size + (size == 0 ? 1 : 0));
	enum plug_error error;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	memset(found, 0x5a, sizeof *found);
	error = read(copy, size, found);
	free(copy);
	return error;
}

static enum plug_error read_sysinfo(const struct datagram *datagram, struct plug_discovery *found)
{
	return read_answer(plug_discovery_read_sysinfo, datagram->bytes, datagram->size, found);
}

static enum plug_error read_tdp(const struct datagram *datagram, struct plug_discovery *found)
{
	return read_answer(plug_discovery_read_tdp, datagram->bytes, datagram->size, found);
}

static void expect_nothing(const struct plug_discovery *found)
{
	assert_false(found->has_mac);
	assert_false(found->has_sysinfo);
	assert_null(found->model);
	assert_null(found->hardware);
	assert_null(found->device_type);
	assert_null(found->login.encryption);
	assert_null(found->reply.root);
	assert_int_equal(found->sysinfo.outlet_count, 0);
}

static void probe_asks_for_sysinfo_alone(void **state)
{
	struct plug_probe probe;

	(void)state;
	plug_probe_sysinfo(&probe);
	expect_probe(&probe, "d0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6");
}

static void tdp_probes_equal_the_vectors(void **state)
{
	static const char keyed[] =
		"{\"params\":{\"rsa_key\":\"-----BEGIN PUBLIC KEY-----\\nAAAA\\n"
		"-----END PUBLIC KEY-----\\n\"}}";
	struct plug_probe probe;
	struct plug_probe header;

	(void)state;
	plug_probe_tdp_empty(&probe);
	expect_probe(&probe, "020000010000000000000000463cb5d3");
	assert_int_equal(plug_probe_tdp(&probe, "{}", PLUG_TDP_KEYED_FLAGS, serial), PLUG_OK);
	expect_probe(&probe, "020000010002110001020304fead5c307b7d");
	assert_int_equal(plug_probe_tdp_keyed(&probe, PEM_VECTOR, serial), PLUG_OK);
	assert_int_equal(probe.size, PLUG_TDP_HEADER_BYTES + 85);
	assert_memory_equal(probe.bytes + PLUG_TDP_HEADER_BYTES, keyed, 85);
	header = probe;
	header.size = PLUG_TDP_HEADER_BYTES;
	expect_probe(&header, "02000001005511000102030496e825ae");
}

static void tdp_probe_refuses_what_is_not_a_key(void **state)
{
	static const char *const keys[] = { "a\"b", "a\\b", "a\r\n", "a\tb", "\x7f", "\xc3\xa9",
		"{}", "a,b" };
	struct plug_probe probe;

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		probe.size = 1;
		assert_int_equal(plug_probe_tdp_keyed(&probe, keys[i], serial), PLUG_EINVAL);
		assert_int_equal(probe.size, 0);
	}
}

static void tdp_probe_keeps_its_size(void **state)
{
	enum { FRAME_BYTES = PLUG_TDP_HEADER_BYTES + 25 }; /* around a key without line ends */
	char key[2 * PLUG_PROBE_MAX_BYTES];
	struct plug_probe probe;

	(void)state;
	for (size_t size = 0; size < sizeof key; size++) {
		const bool fits = FRAME_BYTES + size <= PLUG_PROBE_MAX_BYTES;

		memset(key, 'A', size);
		key[size] = '\0';
		assert_int_equal(
			plug_probe_tdp_keyed(&probe, key, serial), fits ? PLUG_OK : PLUG_ETOOBIG);
		assert_int_equal(probe.size, fits ? FRAME_BYTES + size : 0);
		assert_int_equal(plug_probe_tdp(&probe, key, 0, 0),
			size + PLUG_TDP_HEADER_BYTES <= PLUG_PROBE_MAX_BYTES ? PLUG_OK
									     : PLUG_ETOOBIG);
	}
	memset(key, '\n', sizeof key - 1);
	key[sizeof key - 1] = '\0';
	assert_int_equal(plug_probe_tdp_keyed(&probe, key, serial), PLUG_ETOOBIG);
	assert_int_equal(probe.size, 0);
}

static void sysinfo_answer_tells_who_a_plug_is(void **state)
{
	static const uint8_t mac[] = { 0x50, 0xc7, 0xbf, 0x0a, 0xf9, 0x1e };
	const struct datagram answer = obfuscated(plug_text);
	struct plug_discovery found;

	(void)state;
	assert_int_equal(read_sysinfo(&answer, &found), PLUG_OK);
	assert_int_equal(found.dialect, PLUG_DIALECT_XOR);
	assert_true(found.has_mac);
	assert_memory_equal(found.mac, mac, sizeof mac);
	assert_string_equal(found.model, "HS110(EU)");
	assert_string_equal(found.hardware, "1.0");
	assert_true(found.has_sysinfo);
	assert_int_equal(found.sysinfo.family, PLUG_FAMILY_PLUG);
	assert_string_equal(found.sysinfo.alias, found.sysinfo.outlets[0].alias);
	assert_int_equal(found.sysinfo.outlet_count, 1);
	assert_string_equal(found.device_type, "");
	assert_string_equal(found.login.encryption, "");
	plug_discovery_clear(&found);
	expect_nothing(&found);
	plug_discovery_clear(&found);
}

/* The sample has ids of one and two digits, as datagrams do. */
static void sysinfo_answer_tells_the_outlets_of_a_strip(void **state)
{
	const struct datagram answer = obfuscated(strip_text);
	struct plug_discovery found;

	(void)state;
	assert_int_equal(read_sysinfo(&answer, &found), PLUG_OK);
	assert_int_equal(found.sysinfo.family, PLUG_FAMILY_STRIP);
	assert_int_equal(found.sysinfo.outlet_count, 4);
	assert_string_equal(found.sysinfo.outlets[1].child_id, DEVICE_ID "01");
	assert_string_equal(found.sysinfo.outlets[2].child_id, DEVICE_ID "02");
	assert_string_equal(found.sysinfo.outlets[1].alias, "case 2");
	plug_discovery_clear(&found);
}

/* What has a MAC and no relay is known by it. */
static void sysinfo_answer_of_an_unknown_kind_has_no_family(void **state)
{
	const struct datagram answer = obfuscated("{\"system\":{\"get_sysinfo\":{\"err_code\":0,"
						  "\"type\":\"IOT.SMARTKETTLE\","
						  "\"mac\":\"50:C7:BF:0A:F9:1E\"}}}");
	struct plug_discovery found;

	(void)state;
	assert_int_equal(read_sysinfo(&answer, &found), PLUG_OK);
	assert_int_equal(found.sysinfo.family, PLUG_FAMILY_UNSUPPORTED);
	assert_true(found.has_mac);
	assert_string_equal(found.model, "");
	plug_discovery_clear(&found);
}

static void sysinfo_answer_is_ignored_when_it_is_none(void **state)
{
	static const char *const texts[] = { "", "{}", "null", "[]", "M-SEARCH * HTTP/1.1\r\n",
		"{\"system\":{\"get_sysinfo\":{}}}", /* a probe, perhaps our own */
		"{\"system\":{\"get_sysinfo\":1}}",
		/* a camera */
		"{\"system\":{\"get_sysinfo\":{\"err_code\":0,\"system\":{\"model\":\"KC100\"}}}}",
		"{\"system\":{\"get_sysinfo\":{\"err_code\":-3,\"relay_state\":0}}}",
		"{\"system\":{\"err_code\":-1,\"err_msg\":\"module not support\"}}" };
	struct plug_discovery found;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct datagram answer = obfuscated(texts[i]);

		assert_int_equal(read_sysinfo(&answer, &found), PLUG_EPROTO);
		expect_nothing(&found);
	}
}

static void sysinfo_answer_in_clear_or_cut_is_ignored(void **state)
{
	const struct datagram answer = obfuscated(strip_text);
	struct plug_discovery found;

	(void)state;
	assert_int_equal(read_answer(plug_discovery_read_sysinfo, (const uint8_t *)strip_text,
				 strlen(strip_text), &found),
		PLUG_EPROTO);
	for (size_t size = 0; size < answer.size; size++) {
		assert_int_equal(
			read_answer(plug_discovery_read_sysinfo, answer.bytes, size, &found),
			PLUG_EPROTO);
		expect_nothing(&found);
	}
}

#define KLAP_RESULT                                                                                \
	"\"device_id\":\"00112233445566778899aabbccddeeff\","                                      \
	"\"owner\":\"ffeeddccbbaa99887766554433221100\",\"device_type\":\"IOT.SMARTPLUGSWITCH\","  \
	"\"device_model\":\"HS100(UK)\",\"ip\":\"127.0.0.9\",\"mac\":\"CC-32-E5-0A-0B-0C\","       \
	"\"hw_ver\":\"4.1\",\"factory_default\":true,"
#define KLAP_TEXT                                                                                  \
	"{\"error_code\":0,\"result\":{" KLAP_RESULT                                               \
	"\"mgt_encrypt_schm\":{\"is_support_https\":false,\"encrypt_type\":\"KLAP\","              \
	"\"http_port\":80}}}"

static void tdp_answer_tells_who_a_device_is(void **state)
{
	static const uint8_t mac[] = { 0xcc, 0x32, 0xe5, 0x0a, 0x0b, 0x0c };
	const struct datagram answer = tdp(KLAP_TEXT);
	struct plug_discovery found;

	(void)state;
	assert_int_equal(read_tdp(&answer, &found), PLUG_OK);
	assert_int_equal(found.dialect, PLUG_DIALECT_KLAP);
	assert_true(found.has_mac);
	assert_memory_equal(found.mac, mac, sizeof mac);
	assert_string_equal(found.model, "HS100(UK)");
	assert_string_equal(found.hardware, "4.1");
	assert_string_equal(found.device_type, "IOT.SMARTPLUGSWITCH");
	assert_false(found.has_sysinfo);
	assert_int_equal(found.sysinfo.outlet_count, 0);
	assert_string_equal(found.login.encryption, "KLAP");
	assert_int_equal(found.login.version, 0);
	assert_false(found.login.is_new_klap);
	assert_false(found.login.is_https);
	assert_int_equal(found.login.http_port, 80);
	plug_discovery_clear(&found);
	expect_nothing(&found);
}

static void tdp_answer_is_told_apart_by_type_and_encryption(void **state)
{
	static const struct row {
		const char *type, *members;
		enum plug_dialect dialect;
		int version;
		bool is_new_klap, is_https;
	} rows[] = {
		{ "IOT.SMARTPLUGSWITCH",
			"\"mgt_encrypt_schm\":{\"encrypt_type\":\"KLAP\",\"lv\":2,\"new_klap\":1,"
			"\"http_port\":80,\"is_support_https\":true}",
			PLUG_DIALECT_KLAP, 2, true, true },
		{ "IOT.SMARTBULB", "\"mgt_encrypt_schm\":{\"encrypt_type\":\"KLAP\",\"lv\":999}",
			PLUG_DIALECT_KLAP, 0, false, false },
		{ "IOT.SMARTPLUGSWITCH", "\"mgt_encrypt_schm\":{\"encrypt_type\":\"XOR\"}",
			PLUG_DIALECT_XOR, 0, false, false },
		{ "IOT.SMARTPLUGSWITCH", "\"mgt_encrypt_schm\":{\"encrypt_type\":\"AES\"}",
			PLUG_DIALECT_OTHER, 0, false, false },
		{ "IOT.IPCAMERA", "\"x\":1", PLUG_DIALECT_OTHER, 0, false, false },
		{ "IOT.SMARTPLUGSWITCH",
			"\"mgt_encrypt_schm\":{\"lv\":2},\"encrypt_info\":{\"sym_schm\":\"KLAP\"}",
			PLUG_DIALECT_KLAP, 2, false, false },
		{ "IOT.SMARTPLUGSWITCH", "\"mgt_encrypt_schm\":[],\"encrypt_info\":7",
			PLUG_DIALECT_OTHER, 0, false, false },
		{ "SMART.KASASWITCH", "\"mgt_encrypt_schm\":{\"encrypt_type\":\"KLAP\",\"lv\":2}",
			PLUG_DIALECT_SMART, 2, false, false },
		{ "SMART.TAPOPLUG", "\"mgt_encrypt_schm\":{\"encrypt_type\":\"AES\"}",
			PLUG_DIALECT_SMART, 0, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct plug_discovery found;
		struct datagram answer;
		char text[1024];

		snprintf(text, sizeof text,
			"{\"error_code\":0,\"result\":{\"device_type\":\"%s\",%s}}", rows[i].type,
			rows[i].members);
		answer = tdp(text);
		assert_int_equal(read_tdp(&answer, &found), PLUG_OK);
		assert_int_equal(found.dialect, rows[i].dialect);
		assert_int_equal(found.login.version, rows[i].version);
		assert_int_equal(found.login.is_new_klap, rows[i].is_new_klap);
		assert_int_equal(found.login.is_https, rows[i].is_https);
		assert_string_equal(found.device_type, rows[i].type);
		assert_false(found.has_mac);
		assert_string_equal(found.model, "");
		assert_string_equal(found.hardware, "");
		plug_discovery_clear(&found);
	}
}

static void tdp_answer_of_others_is_ignored(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"{\"error_code\":0}",
		"{\"error_code\":0,\"result\":[]}",
		"{\"error_code\":0,\"result\":{}}",
		/* a TP-Link router */
		"{\"error_code\":0,\"result\":{\"device_type\":\"HOMEWIFISYSTEM\"}}",
		"{\"error_code\":0,\"result\":{\"device_type\":\"IOTHING\"}}",
		"{\"error_code\":0,\"result\":{\"device_type\":7}}",
		"{\"error_code\":-1,\"result\":{\"device_type\":\"IOT.X\"}}",
		"{\"result\":{\"device_type\":\"IOT.X\"}}",
	};
	struct plug_discovery found;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct datagram answer = tdp(texts[i]);

		assert_int_equal(read_tdp(&answer, &found), PLUG_EPROTO);
		expect_nothing(&found);
	}
}

static void tdp_answer_cut_anywhere_is_ignored(void **state)
{
	const struct datagram answer = tdp(KLAP_TEXT);
	struct plug_discovery found;

	(void)state;
	for (size_t size = 0; size < answer.size; size++) {
		assert_int_equal(read_answer(plug_discovery_read_tdp, answer.bytes, size, &found),
			PLUG_EPROTO);
		expect_nothing(&found);
	}
}

static void answers_have_a_greatest_size(void **state)
{
	static const struct {
		enum plug_error (*read)(const struct datagram *, struct plug_discovery *);
		struct datagram (*make)(const char *);
		const char *text;
		size_t header_size;
	} rows[] = {
		{ read_sysinfo, obfuscated, plug_text, 0 },
		{ read_tdp, tdp, KLAP_TEXT, PLUG_TDP_HEADER_BYTES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		for (size_t more = 0; more < 2; more++) {
			const size_t size =
				PLUG_DISCOVERY_ANSWER_MAX_BYTES - rows[i].header_size + more;
			char text[PLUG_DISCOVERY_ANSWER_MAX_BYTES + 2];
			struct plug_discovery found;
			struct datagram answer;

			/* JSON may end in blanks. */
			memset(text, ' ', size);
			text[size] = '\0';
			memcpy(text, rows[i].text, strlen(rows[i].text));
			answer = rows[i].make(text);
			assert_int_equal(
				rows[i].read(&answer, &found), more == 0 ? PLUG_OK : PLUG_EPROTO);
			plug_discovery_clear(&found);
		}
	}
}

static void dialects_have_names_and_advice(void **state)
{
	(void)state;
	assert_null(plug_dialect_advice(PLUG_DIALECT_XOR));
	assert_string_equal(plug_dialect_name(PLUG_DIALECT_XOR), "xor");
	for (int i = PLUG_DIALECT_KLAP; i <= PLUG_DIALECT_COUNT; i++) {
		assert_non_null(plug_dialect_name((enum plug_dialect)i));
		assert_non_null(plug_dialect_advice((enum plug_dialect)i));
	}
	assert_non_null(strstr(plug_dialect_advice(PLUG_DIALECT_KLAP), "Third-Party"));
	assert_non_null(strstr(plug_dialect_advice(PLUG_DIALECT_SMART), "not supported"));
}

/* The only recording of a TDP answer there is. */
static void tdp_answer_as_recorded(void **state)
{
	const char *directory = getenv("PLUG_DUMPS");
	static char text[ANSWER_ROOM_BYTES];
	struct plug_discovery found;
	struct json_object *root;
	struct json_object *result;
	struct datagram answer;
	char path[512];
	FILE *file;
	size_t size;

	(void)state;
	if (!directory || directory[0] == '\0') {
		skip();
	}
	snprintf(path, sizeof path, "%s/HS100(UK)_4.1_1.1.0.json", directory);
	file = fopen(path, "rb");
	assert_non_null(file);
	size = fread(text, 1, sizeof text, file);
	fclose(file);
	assert_int_equal(plug_json_parse(text, size, PLUG_JSON_LAST_KEY_WINS, &root), PLUG_OK);
	assert_true(plug_json_object(root, "discovery_result", &result));
	answer = tdp(json_object_to_json_string(result));
	json_object_put(root);
	assert_int_equal(read_tdp(&answer, &found), PLUG_OK);
	assert_int_equal(found.dialect, PLUG_DIALECT_KLAP);
	assert_true(found.has_mac);
	assert_string_equal(found.model, "HS100(UK)");
	assert_int_equal(found.login.http_port, 80);
	plug_discovery_clear(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_asks_for_sysinfo_alone),
		cmocka_unit_test(tdp_probes_equal_the_vectors),
		cmocka_unit_test(tdp_probe_refuses_what_is_not_a_key),
		cmocka_unit_test(tdp_probe_keeps_its_size),
		cmocka_unit_test(sysinfo_answer_tells_who_a_plug_is),
		cmocka_unit_test(sysinfo_answer_tells_the_outlets_of_a_strip),
		cmocka_unit_test(sysinfo_answer_of_an_unknown_kind_has_no_family),
		cmocka_unit_test(sysinfo_answer_is_ignored_when_it_is_none),
		cmocka_unit_test(sysinfo_answer_in_clear_or_cut_is_ignored),
		cmocka_unit_test(tdp_answer_tells_who_a_device_is),
		cmocka_unit_test(tdp_answer_is_told_apart_by_type_and_encryption),
		cmocka_unit_test(tdp_answer_of_others_is_ignored),
		cmocka_unit_test(tdp_answer_cut_anywhere_is_ignored),
		cmocka_unit_test(answers_have_a_greatest_size),
		cmocka_unit_test(dialects_have_names_and_advice),
		cmocka_unit_test(tdp_answer_as_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
