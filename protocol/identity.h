/* identity.h - by which names the vendor's cloud and the network know a device.
 *
 *     set_mac_addr     {"mac":"50-C7-BF-01-02-03"}
 *     set_device_id    {"deviceId":"<40 hex digits>"}
 *     set_hw_id        {"hwId":"<32 hex digits>"}
 *
 * A device with the wrong ones is unknown to its account, or quarrels with another that has them.
 * Source: softScheck's list of commands for HS100 and HS110. None may be sent twice. Each builder
 * returns PLUG_OK, PLUG_ETOOBIG, or PLUG_EINVAL for ids of another form. No I/O and no clock
 * here. */
#ifndef PLUG_PROTOCOL_IDENTITY_H
#define PLUG_PROTOCOL_IDENTITY_H

#include "protocol/error.h"
#include "protocol/mac.h"
#include "protocol/request.h"

#include <stdbool.h>
#include <stdint.h>

struct json_object;

enum { PLUG_DEVICE_ID_DIGITS = 40, PLUG_HARDWARE_ID_DIGITS = 32 };

extern const struct plug_method plug_set_mac_method, plug_set_device_id_method,
	plug_set_hardware_id_method;

/* Neither all zeroes nor a group address: PLUG_EINVAL. */
enum plug_error plug_request_set_mac(
	struct plug_request *request, const uint8_t mac[static PLUG_MAC_BYTES]);
enum plug_error plug_request_set_device_id(struct plug_request *request, const char *device_id);
enum plug_error plug_request_set_hardware_id(struct plug_request *request, const char *hardware_id);

/* What get_sysinfo tells of them, NULL what it does not. Borrowed until the reply is cleared. The
 * MAC is in struct plug_sysinfo. */
struct plug_identity {
	const char *device_id, *hardware_id, *vendor_id;
};

/* sysinfo is the object below system.get_sysinfo. */
void plug_sysinfo_identity(struct json_object *sysinfo, struct plug_identity *identity);

#endif
