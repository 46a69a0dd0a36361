#include "protocol/firmware.h"

#include <limits.h>
#include <string.h>

#include "protocol/call.h"
#include "protocol/json.h"

const struct plug_method plug_download_method = { "system", "download_firmware" };
const struct plug_method plug_download_state_method = { "system", "get_download_state" };
const struct plug_method plug_flash_method = { "system", "flash_firmware" };
const struct plug_method plug_check_config_method = { "system", "check_new_config" };
const struct plug_method plug_check_uboot_method = { "system", "test_check_uboot" };
const struct plug_method plug_test_mode_method = { "system", "set_test_mode" };

enum { NO_DOWNLOAD = -7, WAIT_MAX_S = 86400 };

enum plug_error plug_request_download(struct plug_request *request, const char *url)
{
	static const char scheme[] = "http://";
	struct plug_call call;

	if (strncmp(url, scheme, sizeof scheme - 1) != 0 || url[sizeof scheme - 1] == '\0') {
		return PLUG_EINVAL;
	}
	plug_call_start(&call, request, plug_download_method);
	plug_call_text(&call, "url", url);
	return plug_call_end(&call);
}

enum plug_error plug_request_download_state(struct plug_request *request)
{
	return plug_call_method(request, plug_download_state_method);
}

enum plug_error plug_request_flash(struct plug_request *request)
{
	return plug_call_method(request, plug_flash_method);
}

enum plug_error plug_request_check_config(struct plug_request *request)
{
	return plug_call_method(request, plug_check_config_method);
}

enum plug_error plug_request_check_uboot(struct plug_request *request)
{
	return plug_call_method(request, plug_check_uboot_method);
}

enum plug_error plug_request_set_test_mode(struct plug_request *request, bool is_on)
{
	struct plug_call call;

	plug_call_start(&call, request, plug_test_mode_method);
	plug_call_flag(&call, "enable", is_on);
	return plug_call_end(&call);
}

enum plug_error plug_reply_download(const struct plug_reply *reply, struct plug_download *download,
	struct plug_device_error *device_error)
{
	struct json_object *answer;
	const enum plug_error error = plug_reply_method(reply, plug_download_state_method.module,
		plug_download_state_method.method, &answer, device_error);
	int64_t status;

	*download = (struct plug_download) { .status = PLUG_DOWNLOAD_IDLE };
	if (error != PLUG_OK) {
		return device_error->err_code == NO_DOWNLOAD ? PLUG_OK : error;
	}
	if (!plug_json_int(answer, "status", INT_MIN, INT_MAX, &status)) {
		return PLUG_EPROTO;
	}
	download->status = (int)status;
	download->progress_percent = plug_reply_figure(answer, "ratio", 0, 100);
	download->reboot_s = plug_reply_figure(answer, "reboot_time", 0, WAIT_MAX_S);
	download->flash_s = plug_reply_figure(answer, "flash_time", 0, WAIT_MAX_S);
	return PLUG_OK;
}

const char *plug_download_status_name(int status)
{
	switch (status) {
	case PLUG_DOWNLOAD_IDLE:
		return "idle";
	case PLUG_DOWNLOAD_RUNNING:
		return "downloading";
	case PLUG_DOWNLOAD_FLASHING:
		return "flashing";
	case PLUG_DOWNLOAD_FAILED:
		return "failed";
	default:
		return NULL;
	}
}

enum plug_error plug_reply_uboot(const struct plug_reply *reply, const char **uboot)
{
	struct json_object *answer;
	const enum plug_error error = plug_reply_method(reply, plug_check_uboot_method.module,
		plug_check_uboot_method.method, &answer, NULL);

	*uboot = NULL;
	if (error == PLUG_OK && !plug_json_string(answer, "uboot", uboot)) {
		*uboot = NULL;
		return PLUG_EPROTO;
	}
	return error;
}
