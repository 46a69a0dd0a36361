/* maintenance.h - what should not happen by accident: reboot, reset, firmware, identity.
 *
 * Nothing here asks back. Each returns what plug_device_call returns, and the errors of the
 * builders. Shapes and sources: protocol headers settings.h, firmware.h and identity.h. */
#ifndef PLUG_PROTOCOL_BLOCKING_MAINTENANCE_H
#define PLUG_PROTOCOL_BLOCKING_MAINTENANCE_H

#include "protocol/blocking/device.h"
#include "protocol/error.h"
#include "protocol/firmware.h"
#include "protocol/mac.h"

#include <stdbool.h>
#include <stdint.h>

/* delay_s 1 to 3600. Relays may move. PLUG_OK also for a device that went before it answered. */
enum plug_error plug_device_reboot(struct plug_device *device, int delay_s);

/* To factory settings: the device leaves the network and forgets name, rules and account. */
enum plug_error plug_device_reset(struct plug_device *device, int delay_s);

/* url begins with http://: PLUG_EINVAL otherwise. The device loads it by itself;
 * plug_device_download_state tells how far it is. */
enum plug_error plug_device_download(struct plug_device *device, const char *url);

/* Zeroes on failure. Older firmwares have no word for idle: PLUG_OK and PLUG_DOWNLOAD_IDLE. */
enum plug_error plug_device_download_state(
	struct plug_device *device, struct plug_download *download);

/* Puts what was downloaded in place; can end as a brick. PLUG_EDEVICE with err_code -5 when nothing
 * was downloaded. */
enum plug_error plug_device_flash(struct plug_device *device);

/* Checks that a device makes of itself. *uboot is what it says of its boot loader, borrowed until
 * the next call, NULL on failure. */
enum plug_error plug_device_check_config(struct plug_device *device);
enum plug_error plug_device_check_uboot(struct plug_device *device, const char **uboot);

/* Taken from the address 192.168.1.100 only. */
enum plug_error plug_device_set_test_mode(struct plug_device *device, bool is_on);

/* A device with the wrong ones is unknown to its account, or quarrels with another that has them.
 * 40 and 32 hexadecimal digits; no MAC of zeroes and no group address: PLUG_EINVAL. */
enum plug_error plug_device_set_mac(
	struct plug_device *device, const uint8_t mac[static PLUG_MAC_BYTES]);
enum plug_error plug_device_set_device_id(struct plug_device *device, const char *device_id);
enum plug_error plug_device_set_hardware_id(struct plug_device *device, const char *hardware_id);

#endif
