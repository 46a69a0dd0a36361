/* firmware.h - what a device runs: download, flash, and its own checks.
 *
 *     download_firmware    {"url":"http://..."}
 *     get_download_state   {"status":1,"ratio":45,"reboot_time":5,"flash_time":10}
 *     flash_firmware       {}; -5 when nothing was downloaded
 *     check_new_config     {}; what it answers was not seen
 *     test_check_uboot     {"uboot":"<hex>"}
 *     set_test_mode        {"enable":1}; taken from 192.168.1.100 only
 *
 * Source: softScheck's list of commands for HS100 and HS110. What a device flashes it checks for
 * the vendor's signature, but it can still end as a brick. None but the state may be sent twice.
 * Each builder returns PLUG_OK, PLUG_ETOOBIG or PLUG_EINVAL. No I/O and no clock here. */
#ifndef PLUG_PROTOCOL_FIRMWARE_H
#define PLUG_PROTOCOL_FIRMWARE_H

#include "protocol/error.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#include <stdbool.h>

extern const struct plug_method plug_download_method, plug_download_state_method, plug_flash_method,
	plug_check_config_method, plug_check_uboot_method, plug_test_mode_method;

/* The values are the devices' own. */
enum plug_download_status {
	PLUG_DOWNLOAD_IDLE = 0,
	PLUG_DOWNLOAD_RUNNING = 1,
	PLUG_DOWNLOAD_FLASHING = 2,
	PLUG_DOWNLOAD_FAILED = 6,
};

struct plug_download {
	int status; /* one of the above, or one without a name */
	struct plug_figure progress_percent, reboot_s, flash_s;
};

/* url begins with http://: devices know no other way. PLUG_EINVAL otherwise. */
enum plug_error plug_request_download(struct plug_request *request, const char *url);
enum plug_error plug_request_download_state(struct plug_request *request);
enum plug_error plug_request_flash(struct plug_request *request);
enum plug_error plug_request_check_config(struct plug_request *request);
enum plug_error plug_request_check_uboot(struct plug_request *request);
enum plug_error plug_request_set_test_mode(struct plug_request *request, bool is_on);

/* The answer to get_download_state. Older firmwares answer -7 while nothing is downloaded: that is
 * idle. PLUG_EPROTO without a status; otherwise as plug_reply_method, which fills *device_error.
 * *download is zeroed on failure. */
enum plug_error plug_reply_download(const struct plug_reply *reply, struct plug_download *download,
	struct plug_device_error *device_error);

/* "idle", "downloading", "flashing", "failed", static; NULL for a status without a name. */
const char *plug_download_status_name(int status);

/* The answer to test_check_uboot, borrowed until the reply is cleared. PLUG_EPROTO and NULL when
 * there is none; otherwise as plug_reply_method. */
enum plug_error plug_reply_uboot(const struct plug_reply *reply, const char **uboot);

#endif
