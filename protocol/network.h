/* network.h - which Wi-Fi a device is in, which it sees, and which account it is bound to.
 *
 *     get_stainfo    {"ssid","key_type","rssi"?}; old firmwares do not know it
 *     get_scaninfo   {"ap_list":[{"ssid","key_type","rssi"?}, ...]}
 *     get_info       {"username","server","binded","cld_connection", ...}
 *
 * What is only read; joining and binding are not here. Each builder returns PLUG_OK, PLUG_ETOOBIG
 * or PLUG_EINVAL. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_NETWORK_H
#define PLUG_PROTOCOL_NETWORK_H

#include "protocol/error.h"
#include "protocol/family.h"
#include "protocol/request.h"
#include "protocol/settings.h"

#include <stdbool.h>

/* How long a device listens for networks; an answer takes as long. */
enum { PLUG_SCAN_S = 10 };

extern const struct plug_method plug_wifi_info_method, plug_wifi_scan_method;
struct plug_method plug_cloud_info_method(enum plug_family family);

enum plug_error plug_request_wifi_info(struct plug_request *request);

/* Without refresh the device gives the list that it has. */
enum plug_error plug_request_wifi_scan(struct plug_request *request, bool with_refresh);

enum plug_error plug_request_cloud_info(struct plug_request *request, enum plug_family family);

/* "open", "WEP", "WPA", "WPA2", "WPA3", static; NULL for a type without a name. */
const char *plug_key_type_name(int key_type);

#endif
