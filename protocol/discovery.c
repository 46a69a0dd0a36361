#include "protocol/discovery.h"

#include <string.h>

#include "protocol/cipher.h"
#include "protocol/crc32.h"
#include "protocol/json.h"
#include "protocol/request.h"

enum { TDP_CRC_OFFSET = 12 };

static const struct dialect {
	const char *name;
	const char *encryption; /* as an IOT device calls it in a TDP answer */
	const char *advice;
} dialects[PLUG_DIALECT_COUNT] = {
	[PLUG_DIALECT_XOR] = { "xor", "XOR", NULL },
	[PLUG_DIALECT_KLAP] = { "klap", "KLAP",
		"its firmware speaks KLAP: switch on Third-Party Compatibility in the account "
		"settings "
		"of the Kasa app, which opens port 9999 again" },
	[PLUG_DIALECT_SMART] = { "smart", NULL,
		"it speaks the SMART protocol of Tapo devices, which is not supported" },
	[PLUG_DIALECT_OTHER] = { "other", NULL,
		"it asks for a login that is not supported: try Third-Party Compatibility in the "
		"account settings of the Kasa app" },
};

static void put_be16(uint8_t *out, uint16_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

static void put_be32(uint8_t *out, uint32_t value)
{
	put_be16(out, (uint16_t)(value >> 16));
	put_be16(out + 2, (uint16_t)value);
}

void plug_probe_sysinfo(struct plug_probe *probe)
{
	struct plug_request request;

	/* A request of fixed text always has room. */
	(void)plug_request_sysinfo(&request);
	plug_cipher_encrypt(request.text, request.size, probe->bytes);
	probe->size = request.size;
}

enum plug_error plug_probe_tdp(
	struct plug_probe *probe, const char *json, uint8_t flags, uint32_t serial)
{
	enum { VERSION = 2, OPERATION_PROBE = 1 };
	static const uint32_t crc_placeholder = 0x5a6b7c8d;
	const size_t size = strlen(json);

	probe->size = 0;
	if (size > sizeof probe->bytes - PLUG_TDP_HEADER_BYTES) {
		return PLUG_ETOOBIG;
	}
	memset(probe->bytes, 0, PLUG_TDP_HEADER_BYTES);
	probe->bytes[0] = VERSION;
	put_be16(probe->bytes + 2, OPERATION_PROBE);
	put_be16(probe->bytes + 4, (uint16_t)size);
	probe->bytes[6] = flags;
	put_be32(probe->bytes + 8, serial);
	put_be32(probe->bytes + TDP_CRC_OFFSET, crc_placeholder);
	memcpy(probe->bytes + PLUG_TDP_HEADER_BYTES, json, size);
	probe->size = PLUG_TDP_HEADER_BYTES + size;
	put_be32(probe->bytes + TDP_CRC_OFFSET, plug_crc32(probe->bytes, probe->size));
	return PLUG_OK;
}

void plug_probe_tdp_empty(struct plug_probe *probe)
{
	(void)plug_probe_tdp(probe, "", 0, 0);
}

/* Text under construction; is_cut when something had no room. */
struct text {
	char bytes[PLUG_PROBE_MAX_BYTES];
	size_t size;
	bool is_cut;
};

static void append(struct text *text, const char *part, size_t size)
{
	if (text->is_cut || size >= sizeof text->bytes - text->size) {
		text->is_cut = true;
		return;
	}
	memcpy(text->bytes + text->size, part, size);
	text->size += size;
	text->bytes[text->size] = '\0';
}

/* PEM is base64 and "-----BEGIN PUBLIC KEY-----": nothing but its line ends needs escaping. */
static bool append_pem(struct text *text, const char *pem)
{
	static const char line_end[] = "\\n";
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/=- ";

	while (*pem != '\0') {
		const size_t size = strspn(pem, letters);

		append(text, pem, size);
		pem += size;
		if (*pem == '\n') {
			append(text, line_end, sizeof line_end - 1);
			pem++;
		} else if (*pem != '\0') {
			return false;
		}
	}
	return true;
}

enum plug_error plug_probe_tdp_keyed(
	struct plug_probe *probe, const char *public_key, uint32_t serial)
{
	static const char before[] = "{\"params\":{\"rsa_key\":\"";
	static const char after[] = "\"}}";
	struct text text = { 0 };

	probe->size = 0;
	append(&text, before, sizeof before - 1);
	if (!append_pem(&text, public_key)) {
		return PLUG_EINVAL;
	}
	append(&text, after, sizeof after - 1);
	if (text.is_cut) {
		return PLUG_ETOOBIG;
	}
	return plug_probe_tdp(probe, text.bytes, PLUG_TDP_KEYED_FLAGS, serial);
}

static const struct dialect *dialect_of(enum plug_dialect dialect)
{
	return &dialects[dialect < PLUG_DIALECT_COUNT ? dialect : PLUG_DIALECT_OTHER];
}

const char *plug_dialect_name(enum plug_dialect dialect)
{
	return dialect_of(dialect)->name;
}

const char *plug_dialect_advice(enum plug_dialect dialect)
{
	return dialect_of(dialect)->advice;
}

static const char *text_or_empty(struct json_object *object, const char *key)
{
	const char *text;

	return plug_json_string(object, key, &text) ? text : "";
}

static enum plug_error fail(struct plug_discovery *found, enum plug_error error)
{
	plug_discovery_clear(found);
	return error == PLUG_ENOMEM ? PLUG_ENOMEM : PLUG_EPROTO;
}

enum plug_error plug_discovery_read_sysinfo(
	const uint8_t *datagram, size_t size, struct plug_discovery *found)
{
	char text[PLUG_DISCOVERY_ANSWER_MAX_BYTES];
	uint8_t key = PLUG_CIPHER_KEY;
	enum plug_error error;

	*found = (struct plug_discovery) { 0 };
	if (size > sizeof text) {
		return PLUG_EPROTO;
	}
	plug_cipher_decrypt(datagram, size, text, &key);
	error = plug_reply_parse(&found->reply, text, size);
	if (error == PLUG_OK) {
		error = plug_reply_sysinfo(&found->reply, &found->sysinfo);
	}
	/* Cameras, and the probes of programs that send them from port 9999. */
	if (error == PLUG_OK && found->sysinfo.family == PLUG_FAMILY_UNSUPPORTED &&
		!found->sysinfo.has_mac) {
		error = PLUG_EPROTO;
	}
	if (error != PLUG_OK) {
		return fail(found, error);
	}
	found->dialect = PLUG_DIALECT_XOR;
	found->has_sysinfo = true;
	found->has_mac = found->sysinfo.has_mac;
	memcpy(found->mac, found->sysinfo.mac, sizeof found->mac);
	found->model = found->sysinfo.model;
	found->hardware = found->sysinfo.hardware;
	found->device_type = "";
	found->login.encryption = "";
	return PLUG_OK;
}

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static enum plug_dialect classify(const char *device_type, const char *encryption)
{
	if (begins_with(device_type, "SMART.")) {
		return PLUG_DIALECT_SMART;
	}
	for (size_t i = 0; i < PLUG_DIALECT_COUNT; i++) {
		if (dialects[i].encryption && strcmp(dialects[i].encryption, encryption) == 0) {
			return (enum plug_dialect)i;
		}
	}
	return PLUG_DIALECT_OTHER;
}

/* Some firmwares name the encryption only beside what they encrypted. */
static void read_login(struct json_object *result, struct plug_login *login)
{
	enum { VERSION_MAX = 255 };
	struct json_object *scheme;
	struct json_object *sample;
	int64_t number;

	(void)plug_json_object(result, "mgt_encrypt_schm", &scheme);
	login->encryption = text_or_empty(scheme, "encrypt_type");
	if (login->encryption[0] == '\0' && plug_json_object(result, "encrypt_info", &sample)) {
		login->encryption = text_or_empty(sample, "sym_schm");
	}
	(void)plug_json_int(scheme, "lv", 0, VERSION_MAX, &number);
	login->version = (int)number;
	(void)plug_json_flag(scheme, "new_klap", &login->is_new_klap);
	(void)plug_json_flag(scheme, "is_support_https", &login->is_https);
	(void)plug_json_int(scheme, "http_port", 0, UINT16_MAX, &number);
	login->http_port = (uint16_t)number;
}

static bool read_result(struct plug_discovery *found)
{
	struct json_object *result;
	int64_t error_code;

	if (!plug_json_int(found->reply.root, "error_code", 0, 0, &error_code) ||
		!plug_json_object(found->reply.root, "result", &result)) {
		return false;
	}
	found->device_type = text_or_empty(result, "device_type");
	if (!begins_with(found->device_type, "IOT.") &&
		!begins_with(found->device_type, "SMART.")) {
		return false;
	}
	found->has_mac = plug_mac_parse(text_or_empty(result, "mac"), found->mac);
	found->model = text_or_empty(result, "device_model");
	found->hardware = text_or_empty(result, "hw_ver");
	read_login(result, &found->login);
	found->dialect = classify(found->device_type, found->login.encryption);
	return true;
}

enum plug_error plug_discovery_read_tdp(
	const uint8_t *datagram, size_t size, struct plug_discovery *found)
{
	enum plug_error error;

	*found = (struct plug_discovery) { 0 };
	if (size < PLUG_TDP_HEADER_BYTES || size > PLUG_DISCOVERY_ANSWER_MAX_BYTES) {
		return PLUG_EPROTO;
	}
	error = plug_reply_parse(&found->reply, (const char *)datagram + PLUG_TDP_HEADER_BYTES,
		size - PLUG_TDP_HEADER_BYTES);
	if (error == PLUG_OK && !read_result(found)) {
		error = PLUG_EPROTO;
	}
	return error == PLUG_OK ? PLUG_OK : fail(found, error);
}

void plug_discovery_clear(struct plug_discovery *found)
{
	plug_reply_clear(&found->reply);
	*found = (struct plug_discovery) { 0 };
}
