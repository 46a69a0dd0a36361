#include "protocol/network.h"

#include <string.h>

#include "protocol/call.h"
#include "protocol/json.h"

enum { RSSI_MIN_DBM = -200, RSSI_MAX_DBM = 100, KEY_TYPE_MAX = 1000 };

struct plug_method plug_wifi_method(enum plug_wifi_module module, enum plug_wifi_call call)
{
	static const char *const modules[] = { "netif", "smartlife.iot.common.softaponboarding" };
	static const char *const methods[] = { "get_stainfo", "get_scaninfo", "set_stainfo" };

	return (struct plug_method) { modules[module], methods[call] };
}

const char *plug_key_type_name(int key_type)
{
	static const char *const names[PLUG_KEY_COUNT] = { "open", "WEP", "WPA", "WPA2", "WPA3" };

	return key_type >= 0 && key_type < PLUG_KEY_COUNT ? names[key_type] : NULL;
}

enum plug_error plug_request_wifi_info(struct plug_request *request, enum plug_wifi_module module)
{
	return plug_call_method(request, plug_wifi_method(module, PLUG_WIFI_INFO));
}

enum plug_error plug_request_wifi_scan(
	struct plug_request *request, enum plug_wifi_module module, bool with_refresh)
{
	struct plug_call call;

	plug_call_start(&call, request, plug_wifi_method(module, PLUG_WIFI_SCAN));
	plug_call_flag(&call, "refresh", with_refresh);
	if (with_refresh) {
		plug_call_int(&call, "timeout", PLUG_SCAN_S);
	}
	return plug_call_end(&call);
}

/* WEP keys of 40 and 104 bits, as characters and as hex digits; WPA phrases, and keys as hex. */
static bool is_password_for(enum plug_key_type key_type, size_t size)
{
	switch (key_type) {
	case PLUG_KEY_OPEN:
		return size == 0;
	case PLUG_KEY_WEP:
		return size == 5 || size == 10 || size == 13 || size == 26;
	default:
		return size >= 8 && size <= PLUG_WIFI_PASSWORD_MAX_BYTES;
	}
}

enum plug_error plug_request_wifi_join(struct plug_request *request, enum plug_wifi_module module,
	const struct plug_wifi_join *join)
{
	const size_t ssid_size = strlen(join->ssid);
	struct plug_call call;

	if (ssid_size == 0 || ssid_size > PLUG_SSID_MAX_BYTES ||
		!plug_key_type_name((int)join->key_type) ||
		!is_password_for(join->key_type, strlen(join->password))) {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_wifi_method(module, PLUG_WIFI_JOIN));
	plug_call_text(&call, "ssid", join->ssid);
	plug_call_text(&call, "password", join->password);
	plug_call_int(&call, "key_type", join->key_type);
	return plug_call_end(&call);
}

static struct plug_network read_network(struct json_object *object)
{
	struct plug_network network = {
		.key_type = plug_reply_figure(object, "key_type", 0, KEY_TYPE_MAX),
		.rssi_dbm = plug_reply_figure(object, "rssi", RSSI_MIN_DBM, RSSI_MAX_DBM),
	};

	(void)plug_json_string(object, "ssid", &network.ssid);
	return network;
}

static enum plug_error find(
	const struct plug_reply *reply, struct plug_method method, struct json_object **answer)
{
	return plug_reply_method(reply, method.module, method.method, answer, NULL);
}

enum plug_error plug_reply_wifi_info(
	const struct plug_reply *reply, enum plug_wifi_module module, struct plug_network *network)
{
	struct json_object *answer;
	const enum plug_error error =
		find(reply, plug_wifi_method(module, PLUG_WIFI_INFO), &answer);

	*network = (struct plug_network) { 0 };
	if (error == PLUG_OK) {
		*network = read_network(answer);
	}
	return error;
}

enum plug_error plug_reply_wifi_scan(const struct plug_reply *reply, enum plug_wifi_module module,
	struct plug_networks *networks)
{
	struct json_object *answer;
	struct json_object *list;
	const enum plug_error error =
		find(reply, plug_wifi_method(module, PLUG_WIFI_SCAN), &answer);

	networks->count = 0;
	if (error != PLUG_OK) {
		return error;
	}
	if (!plug_json_array(answer, "ap_list", &list)) {
		return PLUG_EPROTO;
	}
	for (size_t i = 0; i < json_object_array_length(list) && i < PLUG_NETWORKS_MAX; i++) {
		networks->networks[networks->count++] =
			read_network(json_object_array_get_idx(list, i));
	}
	return PLUG_OK;
}
