/* network.h - a device and the networks around it: Wi-Fi, and the vendor's cloud.
 *
 * Texts in what is read are borrowed until the next call on the device. Wi-Fi is asked of the
 * module that plugs have, and where that is not supported of the one that some bulbs have.
 * Passwords are wiped from this library's memory once they are sent, and travel in what anybody on
 * the network can read. Each returns what plug_device_call returns, and the errors of the
 * builders. Shapes and sources: protocol headers network.h and account.h. */
#ifndef PLUG_PROTOCOL_BLOCKING_NETWORK_H
#define PLUG_PROTOCOL_BLOCKING_NETWORK_H

#include "protocol/account.h"
#include "protocol/blocking/device.h"
#include "protocol/error.h"
#include "protocol/network.h"

#include <stdbool.h>

/* The network it is in; zeroes on failure. Old firmwares: PLUG_EUNSUPPORTED. */
enum plug_error plug_device_wifi(struct plug_device *device, struct plug_network *network);

/* The networks it sees. With refresh it listens first: PLUG_SCAN_S seconds and more, for which this
 * call has 2 * PLUG_SCAN_S seconds on top of its timeout. Empty on failure. */
enum plug_error plug_device_wifi_scan(
	struct plug_device *device, bool with_refresh, struct plug_networks *networks);

/* Leaves its network for another. PLUG_OK when it said yes or went away without a word; whether it
 * gets in shows only there, and one that does not comes back with a network of its own. */
enum plug_error plug_device_wifi_join(
	struct plug_device *device, const struct plug_wifi_join *join);

/* Which account it is bound to; zeroes on failure. The username is an e-mail address. */
enum plug_error plug_device_account(struct plug_device *device, struct plug_account *account);

/* Slow: give it a long timeout. PLUG_EDEVICE with err_code -32 while another is under way; unbind
 * -4002 when there is nothing to unbind. */
enum plug_error plug_device_bind(
	struct plug_device *device, const struct plug_credentials *credentials);
enum plug_error plug_device_unbind(struct plug_device *device);

/* The host name of the vendor's server. */
enum plug_error plug_device_set_server(struct plug_device *device, const char *server);

/* What the vendor offers; empty on failure. PLUG_EDEVICE with err_code -7 while the cloud cannot
 * be reached. */
enum plug_error plug_device_firmware_offers(struct plug_device *device, struct plug_offers *offers);

#endif
