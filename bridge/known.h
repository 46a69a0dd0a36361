/* known.h - keeps what was read of a device, for the one that replaces it:
 * <state_dir>/known/<device>.json, as protocol/snapshot/snapshot.h describes it.
 *
 * Only its owner can read the file: it says where the device is. Files of devices that leave the
 * configuration stay: a dead one is easily taken out of it before it is replaced. */
#ifndef PLUG_BRIDGE_KNOWN_H
#define PLUG_BRIDGE_KNOWN_H

#include <uv.h>

#include "protocol/snapshot/snapshot.h"

struct known;

/* Nothing is opened yet. Free it when the loop has ended. */
struct known *known_new(uv_loop_t *loop, const char *state_dir);
void known_free(struct known *known);

/* Writes it, off the loop. */
void known_keep(struct known *known, const char *device, const struct plug_snapshot *snapshot);

#endif
