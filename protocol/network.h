/* network.h - which Wi-Fi a device is in, which it sees, and into which it shall go.
 *
 *     get_stainfo    {"ssid","key_type","rssi"?}; old firmwares do not know it
 *     get_scaninfo   {"ap_list":[{"ssid","key_type","rssi"?}, ...]}
 *     set_stainfo    {"ssid","password","key_type"}: the device leaves the network it is in
 *
 * Plugs keep this in the module netif; where that answers with an error (some bulbs), the same is
 * to be asked of smartlife.iot.common.softaponboarding. set_stainfo must not be sent twice. Each
 * builder returns PLUG_OK, PLUG_ETOOBIG or PLUG_EINVAL. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_NETWORK_H
#define PLUG_PROTOCOL_NETWORK_H

#include "protocol/error.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	/* How long a device listens for networks; an answer takes as long. */
	PLUG_SCAN_S = 10,
	PLUG_NETWORKS_MAX = 64,
	PLUG_SSID_MAX_BYTES = 32,	   /* IEEE 802.11 */
	PLUG_WIFI_PASSWORD_MAX_BYTES = 64, /* of WPA, as hex digits */
};

enum plug_wifi_module { PLUG_WIFI_NETIF, PLUG_WIFI_ONBOARDING };
enum plug_wifi_call { PLUG_WIFI_INFO, PLUG_WIFI_SCAN, PLUG_WIFI_JOIN };

struct plug_method plug_wifi_method(enum plug_wifi_module module, enum plug_wifi_call call);

/* The values are the devices' own. */
enum plug_key_type {
	PLUG_KEY_OPEN,
	PLUG_KEY_WEP,
	PLUG_KEY_WPA,
	PLUG_KEY_WPA2,
	PLUG_KEY_WPA3,
	PLUG_KEY_COUNT,
};

/* "open", "WEP", "WPA", "WPA2", "WPA3", static; NULL for a type without a name. */
const char *plug_key_type_name(int key_type);

enum plug_error plug_request_wifi_info(struct plug_request *request, enum plug_wifi_module module);

/* Without refresh the device gives the list that it has. */
enum plug_error plug_request_wifi_scan(
	struct plug_request *request, enum plug_wifi_module module, bool with_refresh);

/* What to join. PLUG_EINVAL for an ssid that is empty or too long; a password for an open network;
 * one that no network of its kind can have (WEP 5, 10, 13 or 26 bytes, WPA 8 to 64).
 * The password is in the request as it is: wipe that after use, and never show it. */
struct plug_wifi_join {
	const char *ssid;
	const char *password; /* "" for an open network */
	enum plug_key_type key_type;
};
enum plug_error plug_request_wifi_join(struct plug_request *request, enum plug_wifi_module module,
	const struct plug_wifi_join *join);

struct plug_network {
	const char *ssid; /* borrowed until the reply is cleared; NULL when there was none */
	struct plug_figure key_type, rssi_dbm;
};

/* The answer to plug_request_wifi_info. As plug_reply_method; *network is zeroed on failure. */
enum plug_error plug_reply_wifi_info(
	const struct plug_reply *reply, enum plug_wifi_module module, struct plug_network *network);

/* The answer to plug_request_wifi_scan, as the device sorts it; what is beyond PLUG_NETWORKS_MAX is
 * left out. PLUG_EPROTO when there is no list; otherwise as plug_reply_method. *networks is empty
 * on failure. */
struct plug_networks {
	size_t count;
	struct plug_network networks[PLUG_NETWORKS_MAX];
};
enum plug_error plug_reply_wifi_scan(const struct plug_reply *reply, enum plug_wifi_module module,
	struct plug_networks *networks);

#endif
