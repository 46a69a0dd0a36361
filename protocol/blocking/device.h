/* device.h - one device for a program without a loop: open, call, close. Each call blocks.
 *
 *     struct plug_device *device;
 *     if (plug_device_open("192.168.1.145", PLUG_PORT, 4000, &device) == PLUG_OK) {
 *             plug_device_switch(device, 0, true);
 *     }
 *     plug_device_close(device);
 *
 * A handle holds a private libuv loop and a struct plug_line (io/exchange.h), which does all the
 * work: the connection is kept between calls for as long as the device keeps it. The calls with
 * names and types are in the other headers of this folder; plug_device_call takes whatever any
 * builder of the library made.
 *
 * A handle belongs to one thread at a time; different handles know nothing of each other. SIGPIPE
 * is held back during a call, so that a connection that ends does not end the program; signal
 * handlers and what else the program does with signals stay as they are.
 *
 * What is set of a device is only asked for and acknowledged: plug_device_refresh tells how it
 * stands afterwards. */
#ifndef PLUG_PROTOCOL_BLOCKING_DEVICE_H
#define PLUG_PROTOCOL_BLOCKING_DEVICE_H

#include "protocol/error.h"
#include "protocol/frame.h"
#include "protocol/identity.h"
#include "protocol/reply.h"
#include "protocol/request.h"
#include "protocol/settings.h"
#include "protocol/sysinfo.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_object;
struct plug_device;

enum {
	PLUG_DEVICE_TIMEOUT_MAX_MS = 3600 * 1000,
	/* In place of an outlet: the device as a whole, as a strip has a name of its own. */
	PLUG_DEVICE_ITSELF = -1,
};

/* Reads get_sysinfo and gives *device (free with plug_device_close), NULL on failure.
 *   host         an IPv4 address, or a name that is looked up for each new connection
 *   timeout_ms   1 to PLUG_DEVICE_TIMEOUT_MAX_MS: for a whole call, with lookup and connect;
 *                after a failed lookup see plug_device_close
 * Returns PLUG_OK, also for a device of no supported family, of which nothing but information
 * and plug_device_raw can be asked; PLUG_EREFUSED, PLUG_EUNREACHABLE, PLUG_ERESOLVE, PLUG_ERESET,
 * PLUG_ETIMEOUT, PLUG_EPROTO, PLUG_EDEVICE; PLUG_EINVAL, PLUG_ENOMEM, PLUG_ESYSTEM. */
enum plug_error plug_device_open(
	const char *host, uint16_t port, uint64_t timeout_ms, struct plug_device **device);

/* Ends the connection and frees all that the handle gave. Accepts NULL. Waits for a lookup that
 * is still under way after PLUG_ETIMEOUT: nothing can call the system's resolver off. */
void plug_device_close(struct plug_device *device);

/* For the calls that follow. PLUG_EINVAL for a time out of range, and the old one stays. */
enum plug_error plug_device_set_timeout(struct plug_device *device, uint64_t timeout_ms);
uint64_t plug_device_timeout_ms(const struct plug_device *device);

/* Asks for get_sysinfo again. On failure what was known stays. */
enum plug_error plug_device_refresh(struct plug_device *device);

/* What get_sysinfo said last: family, MAC, model, alias, RSSI, outlets. Borrowed until the next
 * plug_device_refresh or plug_device_close. */
const struct plug_sysinfo *plug_device_info(const struct plug_device *device);

/* The same as the device sent it, with what struct plug_sysinfo leaves out. Borrowed as above. */
struct json_object *plug_device_sysinfo(const struct plug_device *device);

/* As plug_sysinfo_identity: its ids, NULL what it does not tell. Borrowed as above. */
void plug_device_identity(const struct plug_device *device, struct plug_identity *identity);

/* False and *is_on false when the device has no light of its own that can be switched. */
bool plug_device_led(const struct plug_device *device, bool *is_on);

/* As plug_sysinfo_location: false and zeroes when it knows none. */
bool plug_device_location(const struct plug_device *device, struct plug_location *location);

/* The id that a request names outlet number outlet by (0 to outlet_count - 1): NULL for the one
 * of a device with a single outlet, and for PLUG_DEVICE_ITSELF. PLUG_EINVAL and NULL when there
 * is no such outlet, PLUG_EUNSUPPORTED for a device of no supported family. Borrowed as above. */
enum plug_error plug_device_child_id(
	const struct plug_device *device, int outlet, const char **child_id);

/* Sends what a builder of this library built and waits for the answer of method:
 *
 *     struct plug_request request;
 *
 *     error = plug_device_call(
 *             device, plug_request_set_led(&request, false), &request, plug_led_method);
 *
 *   built      what the builder returned, returned again unless it is PLUG_OK
 *   request    borrowed during the call only
 * Returns PLUG_OK; PLUG_EUNSUPPORTED for a device of no supported family, or when the device says
 * so; PLUG_EDEVICE when it refused (plug_device_refusal tells why); the errors of
 * plug_device_open. The request is sent again when a kept connection turned out dead, and after a
 * second, five times at most, when the device said that it is still busy (-32). */
enum plug_error plug_device_call(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method);

/* The same for what must not happen twice (add_rule): over a new connection, and again only when
 * the device said that it was busy. */
enum plug_error plug_device_call_once(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method);

/* The same for what makes a device go away, some before they have answered (reboot, reset, Wi-Fi
 * join): PLUG_OK also when the request was sent and the device did not answer. */
enum plug_error plug_device_call_last(struct plug_device *device, enum plug_error built,
	const struct plug_request *request, struct plug_method method);

/* The reply to the last call, for the plug_reply_ functions; its root is NULL when there was none.
 * Borrowed until the next call. */
const struct plug_reply *plug_device_reply(const struct plug_device *device);

/* How the device put its refusal, after PLUG_EDEVICE or PLUG_EUNSUPPORTED; err_code 0 otherwise.
 * Borrowed until the next call. */
const struct plug_device_error *plug_device_refusal(const struct plug_device *device);

/* True when the last request may have reached the device: after a failure its outcome is unknown
 * then, and known to be nothing otherwise. */
bool plug_device_was_sent(const struct plug_device *device);

/* The free command: sends text as it is, at most once, and gives the whole reply as the device
 * wrote it, NUL-terminated JSON; *reply is borrowed until the next call, NULL on failure. Nothing
 * is checked but that text is not empty, and the reply is read no further: err_code and all are
 * the caller's. Errors as of plug_device_open, without PLUG_EDEVICE; PLUG_ETOOBIG. */
enum plug_error plug_device_raw(struct plug_device *device, const char *text, const char **reply);

#endif
