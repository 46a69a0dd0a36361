#include "protocol/identity.h"

#include <string.h>

#include "protocol/call.h"
#include "protocol/json.h"

const struct plug_method plug_set_mac_method = { "system", "set_mac_addr" };
const struct plug_method plug_set_device_id_method = { "system", "set_device_id" };
const struct plug_method plug_set_hardware_id_method = { "system", "set_hw_id" };

enum plug_error plug_request_set_mac(
	struct plug_request *request, const uint8_t mac[static PLUG_MAC_BYTES])
{
	static const uint8_t nobody[PLUG_MAC_BYTES];
	char text[PLUG_MAC_TEXT_BYTES];
	struct plug_call call;

	if ((mac[0] & 1) != 0 || memcmp(mac, nobody, sizeof nobody) == 0) {
		return PLUG_EINVAL;
	}
	plug_mac_format(mac, text);
	for (char *at = strchr(text, ':'); at; at = strchr(at, ':')) {
		*at = '-';
	}
	plug_call_start(&call, request, plug_set_mac_method);
	plug_call_text(&call, "mac", text);
	return plug_call_end(&call);
}

static enum plug_error request_id(
	struct plug_request *request, struct plug_method method, const char *key, const char *id)
{
	struct plug_call call;

	plug_call_start(&call, request, method);
	plug_call_text(&call, key, id);
	return plug_call_end(&call);
}

static bool is_hex(const char *text, size_t digits)
{
	return strlen(text) == digits && strspn(text, "0123456789abcdefABCDEF") == digits;
}

enum plug_error plug_request_set_device_id(struct plug_request *request, const char *device_id)
{
	return is_hex(device_id, PLUG_DEVICE_ID_DIGITS)
		       ? request_id(request, plug_set_device_id_method, "deviceId", device_id)
		       : PLUG_EINVAL;
}

enum plug_error plug_request_set_hardware_id(struct plug_request *request, const char *hardware_id)
{
	return is_hex(hardware_id, PLUG_HARDWARE_ID_DIGITS)
		       ? request_id(request, plug_set_hardware_id_method, "hwId", hardware_id)
		       : PLUG_EINVAL;
}

void plug_sysinfo_identity(struct json_object *sysinfo, struct plug_identity *identity)
{
	*identity = (struct plug_identity) { 0 };
	(void)plug_json_string(sysinfo, "deviceId", &identity->device_id);
	(void)plug_json_string(sysinfo, "hwId", &identity->hardware_id);
	(void)plug_json_string(sysinfo, "oemId", &identity->vendor_id);
}
