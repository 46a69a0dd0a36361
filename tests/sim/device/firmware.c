#include "tests/sim/device/firmware.h"

int sim_firmware_ratio(const struct sim_firmware *firmware, int64_t now_ms)
{
	const int64_t passed_ms = now_ms - firmware->since_ms;

	if (!firmware->is_asked) {
		return 0;
	}
	return passed_ms < SIM_DOWNLOAD_MS ? (int)(passed_ms * 100 / SIM_DOWNLOAD_MS) : 100;
}

/* One that fails does so half-way. */
static bool has_failed(const struct sim_firmware *firmware, int64_t now_ms)
{
	return firmware->is_failing && sim_firmware_ratio(firmware, now_ms) >= 50;
}

enum sim_firmware_status sim_firmware_status(const struct sim_firmware *firmware, int64_t now_ms)
{
	if (firmware->is_flashing) {
		return SIM_FIRMWARE_FLASHING;
	}
	if (has_failed(firmware, now_ms)) {
		return SIM_FIRMWARE_FAILED;
	}
	return firmware->is_asked && sim_firmware_ratio(firmware, now_ms) < 100
		       ? SIM_FIRMWARE_DOWNLOADING
		       : SIM_FIRMWARE_IDLE;
}

bool sim_firmware_download(struct sim_firmware *firmware, int64_t now_ms, bool is_failing)
{
	const enum sim_firmware_status status = sim_firmware_status(firmware, now_ms);

	if (status == SIM_FIRMWARE_DOWNLOADING || status == SIM_FIRMWARE_FLASHING) {
		return false;
	}
	*firmware = (struct sim_firmware) {
		.since_ms = now_ms,
		.is_asked = true,
		.is_failing = is_failing,
	};
	return true;
}

bool sim_firmware_flash(struct sim_firmware *firmware, int64_t now_ms)
{
	if (!firmware->is_asked || firmware->is_failing ||
		sim_firmware_ratio(firmware, now_ms) < 100) {
		return false;
	}
	firmware->is_flashing = true;
	return true;
}
