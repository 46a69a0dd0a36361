#include "tests/sim/methods/tdp.h"

#include "protocol/crc32.h"
#include "protocol/json.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/names.h"
#include "tests/sim/device/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER_BYTES = 16,
	AT_OPERATION = 2,
	AT_SIZE = 4,
	AT_FLAGS = 6,
	AT_SERIAL = 8,
	AT_CRC = 12,
	VERSION = 2,
	SEARCH = 1,
	KEYED = 0x11,
	HASH_DIGITS = 32,
	SEED_DISCOVERY_ID = 6,
	SEED_OWNER = 7,
};

static const uint32_t CRC_SEED = 0x5A6B7C8D;

static void put_number(uint8_t *place, size_t bytes, uint32_t value)
{
	for (size_t i = bytes; i > 0; i--) {
		place[i - 1] = (uint8_t)value;
		value >>= 8;
	}
}

static uint32_t get_number(const uint8_t *place, size_t bytes)
{
	uint32_t value = 0;

	for (size_t i = 0; i < bytes; i++) {
		value = value << 8 | place[i];
	}
	return value;
}

/* The sum over bytes with the seed where the sum belongs. */
static uint32_t sum_of(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = sim_allocate(size);
	uint32_t sum = 0;

	memcpy(copy, bytes, size);
	put_number(copy + AT_CRC, 4, CRC_SEED);
	sum = plug_crc32(copy, size);
	free(copy);
	return sum;
}

static bool is_search(const struct sim_search *search)
{
	const uint8_t *bytes = search->bytes;

	return search->size >= HEADER_BYTES && bytes[0] == VERSION && bytes[1] == 0 &&
	       get_number(bytes + AT_OPERATION, 2) == SEARCH &&
	       get_number(bytes + AT_SIZE, 2) == search->size - HEADER_BYTES &&
	       get_number(bytes + AT_CRC, 4) == sum_of(bytes, search->size);
}

/* The key is PEM; whether it is a good one would only show when something is encrypted with it. */
static bool has_key(const struct sim_search *search)
{
	struct json_object *root = NULL;
	struct json_object *params = NULL;
	const char *key = NULL;
	bool is_there = false;

	plug_json_parse((const char *)search->bytes + HEADER_BYTES, search->size - HEADER_BYTES,
		PLUG_JSON_LAST_KEY_WINS, &root);
	is_there = search->bytes[AT_FLAGS] == KEYED && plug_json_object(root, "params", &params) &&
		   plug_json_string(params, "rsa_key", &key) &&
		   strstr(key, "-----BEGIN PUBLIC KEY-----") == key;
	json_object_put(root);
	return is_there;
}

static void add_hash(struct sim_text *out, const char *key, uint64_t seed)
{
	sim_text_key(out, key);
	sim_text_add(out, "\"");
	sim_seed_add_hex(out, seed, HASH_DIGITS);
	sim_text_add(out, "\"");
}

static void add_address(struct sim_text *out, uint32_t address)
{
	char text[sizeof "255.255.255.255"] = "";

	snprintf(text, sizeof text, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
		address >> 8 & 255, address & 255);
	sim_text_string(out, "ip", text);
}

static void add_login(const struct sim_model *model, struct sim_text *out)
{
	sim_text_key(out, "mgt_encrypt_schm");
	sim_text_open(out, '{');
	sim_text_bool(out, "is_support_https", false);
	sim_text_string(out, "encrypt_type", "KLAP");
	sim_text_int(out, "http_port", 80);
	if (model->abilities & SIM_IS_SMART) {
		sim_text_int(out, "lv", 2);
	}
	sim_text_close(out, '}');
}

static void add_result(const struct sim_device *device, uint32_t address, struct sim_text *out)
{
	const struct sim_model *model = device->model;
	const bool is_smart = model->abilities & SIM_IS_SMART;

	sim_text_open(out, '{');
	add_hash(out, "device_id", sim_seed_number(device->seed, SEED_DISCOVERY_ID));
	add_hash(out, "owner", SEED_OWNER);
	sim_text_string(out, "device_type", is_smart ? "SMART.TAPOPLUG" : "IOT.SMARTPLUGSWITCH");
	sim_text_string(out, "device_model", model->model);
	add_address(out, address);
	sim_text_key(out, "mac");
	sim_text_add(out, "\"");
	sim_device_add_mac(device, "-", out);
	sim_text_add(out, "\"");
	sim_text_string(out, "hw_ver", model->hardware);
	sim_text_bool(out, "factory_default", !device->ssid);
	add_login(model, out);
	sim_text_close(out, '}');
}

bool sim_tdp_answer(
	const struct sim_device *device, const struct sim_search *search, struct sim_text *out)
{
	uint8_t header[HEADER_BYTES] = { VERSION };
	const size_t begin = out->size;

	if (!(device->model->abilities & SIM_SPEAKS_TDP) || !is_search(search) ||
		(device->model->wants_key && !has_key(search))) {
		return false;
	}
	sim_text_add_bytes(out, header, sizeof header);
	sim_text_open(out, '{');
	sim_text_int(out, "error_code", 0);
	sim_text_key(out, "result");
	add_result(device, search->address, out);
	sim_text_close(out, '}');
	put_number(header + AT_OPERATION, 2, SEARCH);
	put_number(header + AT_SIZE, 2, (uint32_t)(out->size - begin - HEADER_BYTES));
	memcpy(header + AT_SERIAL, search->bytes + AT_SERIAL, 4);
	memcpy(out->bytes + begin, header, sizeof header);
	put_number(
		header + AT_CRC, 4, sum_of((const uint8_t *)out->bytes + begin, out->size - begin));
	memcpy(out->bytes + begin, header, sizeof header);
	return true;
}
