/* file.h - the file that keeps the counters between two runs: <state_dir>/energy.state (ledger.h).
 *
 * Written whole once a minute when something changed, and at once when a counter begins or a reset
 * was absorbed. A bridge that is killed loses nothing by that minute: the device's own total is
 * still there, the broker has what was told, and what the meter did is done again. The file is
 * needed for what the total has forgotten. */
#ifndef PLUG_BRIDGE_ENERGY_FILE_H
#define PLUG_BRIDGE_ENERGY_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "bridge/energy/account.h"

struct energy_file;

/* Reads <folder>/energy.state. Gives NULL and a text in *problem (caller frees) when that cannot
 * be used. */
struct energy_file *energy_file_open(
	uv_loop_t *loop, const char *folder, struct energy_host *host, char **problem);

/* The account of an outlet that is published under topic. */
void energy_file_claim(struct energy_file *file, struct energy_account *account,
	const uint8_t mac[static PLUG_MAC_BYTES], size_t outlet, const char *topic);

/* Called each second or so: writes when it is time. */
void energy_file_tick(struct energy_file *file, uint64_t now_ms);

/* Writes what is left now and frees the file on a later turn of the loop; accounts must not be used
 * any more. NULL is allowed. */
void energy_file_close(struct energy_file *file);

#endif
