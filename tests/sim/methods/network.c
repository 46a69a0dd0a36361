/* netif, and what bulbs have for it: the networks around, and the way into one. */
#include "protocol/json.h"
#include "tests/sim/device/memory.h"
#include "tests/sim/device/seed.h"
#include "tests/sim/methods/handlers.h"

#include <string.h>

enum key_type { OPEN = 0, WEP = 1, WPA2 = 3, KEY_TYPE_MAX = 4 };

enum {
	SSID_MAX_BYTES = 32,
	PASSWORD_MIN_BYTES = 8,
	PASSWORD_MAX_BYTES = 64,
	SCAN_MAX_S = 60,
	CHANNELS = 13,
};

/* What can be heard in the museum. */
static const struct network {
	const char *ssid;
	uint8_t key_type;
	int8_t rssi_dbm; /* 0: what the device says of its own network */
} networks[] = {
	{ "Museum-Plugs", WPA2, 0 },
	{ "Museum-Office", WPA2, -61 },
	{ "Museum-Visitors", OPEN, -58 },
	{ "Caf\xC3\xA9 \"Zum Dampfross\"", WPA2, -83 },
};

enum { NETWORK_COUNT = sizeof networks / sizeof networks[0] };

int sim_get_stainfo(struct sim_call *call)
{
	const struct sim_device *device = call->device;

	sim_text_string(call->out, "ssid", device->ssid ? device->ssid : "");
	sim_text_int(call->out, "key_type", device->ssid ? device->key_type : OPEN);
	sim_text_int(call->out, "rssi", device->ssid ? device->rssi_dbm : 0);
	return SIM_OK;
}

static void add_radio(struct sim_text *out, size_t index)
{
	static const char bssid[] = "02:00:5E:00:00:0";

	sim_text_int(out, "cipher_type", networks[index].key_type == OPEN ? 0 : 2);
	sim_text_int(out, "channel", 1 + (int64_t)(index * 5 % CHANNELS));
	sim_text_key(out, "bssid");
	sim_text_add(out, "\"");
	sim_text_add(out, bssid);
	sim_text_add_int(out, (int64_t)index);
	sim_text_add(out, "\"");
}

static void add_network(struct sim_call *call, size_t index, bool is_full)
{
	const struct network *network = &networks[index];
	struct sim_text *out = call->out;

	sim_text_next(out);
	sim_text_open(out, '{');
	sim_text_string(out, "ssid", network->ssid);
	sim_text_int(out, "key_type", network->key_type);
	if (is_full) {
		add_radio(out, index);
	}
	sim_text_int(
		out, "rssi", network->rssi_dbm != 0 ? network->rssi_dbm : call->device->rssi_dbm);
	sim_text_close(out, '}');
}

static int scan(struct sim_call *call, bool is_full)
{
	int64_t timeout_s = 0;
	bool is_fresh = false;

	if ((json_object_object_get_ex(call->arguments, "refresh", NULL) &&
		    !plug_json_flag(call->arguments, "refresh", &is_fresh)) ||
		(json_object_object_get_ex(call->arguments, "timeout", NULL) &&
			!plug_json_int(call->arguments, "timeout", 0, SCAN_MAX_S, &timeout_s))) {
		return SIM_INVALID_ARGUMENT;
	}
	if (is_fresh) {
		call->plan->delay_ms += call->device->scan_ms;
	}
	sim_text_key(call->out, "ap_list");
	sim_text_open(call->out, '[');
	for (size_t i = 0; i < NETWORK_COUNT; i++) {
		add_network(call, i, is_full);
	}
	sim_text_close(call->out, ']');
	return SIM_OK;
}

int sim_get_scaninfo(struct sim_call *call)
{
	return scan(call, false);
}

int sim_get_full_scaninfo(struct sim_call *call)
{
	return scan(call, true);
}

static bool is_password(int64_t key_type, const char *password)
{
	const size_t size = strlen(password);

	if (key_type == OPEN) {
		return size == 0;
	}
	return size >= (key_type == WEP ? 5 : PASSWORD_MIN_BYTES) && size <= PASSWORD_MAX_BYTES;
}

/* Whether there is such a network; any password that has the form is the right one. */
static bool is_known(const char *ssid, int64_t key_type)
{
	for (size_t i = 0; i < NETWORK_COUNT; i++) {
		if (strcmp(networks[i].ssid, ssid) == 0) {
			return networks[i].key_type == key_type;
		}
	}
	return false;
}

int sim_set_stainfo(struct sim_call *call)
{
	const char *ssid = NULL;
	const char *password = NULL;
	int64_t key_type = 0;

	if (!plug_json_string(call->arguments, "ssid", &ssid) || ssid[0] == '\0' ||
		strlen(ssid) > SSID_MAX_BYTES ||
		!plug_json_int(call->arguments, "key_type", OPEN, KEY_TYPE_MAX, &key_type) ||
		!plug_json_string(call->arguments, "password", &password) ||
		!is_password(key_type, password)) {
		return SIM_INVALID_ARGUMENT;
	}
	call->device->key_type = (uint8_t)key_type;
	sim_device_join(call->device, ssid, is_known(ssid, key_type), call->step->now_ms);
	return SIM_OK;
}
