/* system: a new firmware, which is never really fetched. */
#include "protocol/json.h"
#include "tests/sim/methods/handlers.h"

#include <string.h>

enum { URL_MAX_BYTES = 255, REBOOT_S = 5, FLASH_S = 10 };

static bool is_http(const char *url)
{
	static const char scheme[] = "http://";

	return strncmp(url, scheme, sizeof scheme - 1) == 0 && url[sizeof scheme - 1] != '\0' &&
	       strlen(url) <= URL_MAX_BYTES;
}

/* Who is in no network that leads anywhere breaks off half-way. */
int sim_download_firmware(struct sim_call *call)
{
	const char *url = NULL;

	if (!plug_json_string(call->arguments, "url", &url) || !is_http(url)) {
		return SIM_INVALID_ARGUMENT;
	}
	return sim_firmware_download(&call->device->firmware, call->step->now_ms,
		       !sim_device_is_online(call->device))
		       ? SIM_OK
		       : SIM_BUSY;
}

/* Firmware 1.2 has nothing to tell before something was asked for. */
int sim_get_download_state(struct sim_call *call)
{
	const struct sim_firmware *firmware = &call->device->firmware;

	if (!firmware->is_asked && call->device->model->has_zone_text) {
		return SIM_UNKNOWN;
	}
	sim_text_int(call->out, "status", sim_firmware_status(firmware, call->step->now_ms));
	sim_text_int(call->out, "ratio", sim_firmware_ratio(firmware, call->step->now_ms));
	sim_text_int(call->out, "reboot_time", REBOOT_S);
	sim_text_int(call->out, "flash_time", FLASH_S);
	return SIM_OK;
}

int sim_flash_firmware(struct sim_call *call)
{
	if (!sim_firmware_flash(&call->device->firmware, call->step->now_ms)) {
		return SIM_NO_MEMORY;
	}
	sim_device_reboot(call->device, call->step->now_ms, SIM_FLASH_MS, false);
	return SIM_OK;
}
