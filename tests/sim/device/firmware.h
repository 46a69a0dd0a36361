/* firmware.h - a firmware that is fetched and put in.
 *
 *     download_firmware   fetches, ratio 0 to 100 in SIM_DOWNLOAD_MS
 *     flash_firmware      puts in what was fetched, in SIM_FLASH_MS, and restarts the device
 *
 * Nothing is ever fetched: time alone makes it go on. No clock here: time is an argument. */
#ifndef SIM_DEVICE_FIRMWARE_H
#define SIM_DEVICE_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

enum { SIM_DOWNLOAD_MS = 2000, SIM_FLASH_MS = 1000 };

/* As get_download_state has them. */
enum sim_firmware_status {
	SIM_FIRMWARE_IDLE = 0,
	SIM_FIRMWARE_DOWNLOADING = 1,
	SIM_FIRMWARE_FLASHING = 2,
	SIM_FIRMWARE_FAILED = 6,
};

/* Zeroed: nothing was ever fetched. */
struct sim_firmware {
	int64_t since_ms; /* the download began */
	bool is_asked;	  /* for a download */
	bool is_failing;  /* it will come to nothing */
	bool is_flashing;
};

enum sim_firmware_status sim_firmware_status(const struct sim_firmware *firmware, int64_t now_ms);

/* Percent of the download that are there. */
int sim_firmware_ratio(const struct sim_firmware *firmware, int64_t now_ms);

/* Begins to fetch; is_failing tells that it will break off. False while one is under way. */
bool sim_firmware_download(struct sim_firmware *firmware, int64_t now_ms, bool is_failing);

/* False when nothing was fetched. */
bool sim_firmware_flash(struct sim_firmware *firmware, int64_t now_ms);

#endif
