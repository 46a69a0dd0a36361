/* replace.h - request/replace: another device takes the place of a dead one, under its name.
 *
 *     in    {"name":"steam-engine","host":"192.168.1.146","port":9999}
 *           {"name":"steam-engine","mac":"50:C7:BF:00:00:02"}         searched for
 *     data  {"name","old":{"mac","known_from"},"new":{"mac","model","host","port"},
 *            "items":[{"item","outlet","result","rules","left_out","why"}, ...],
 *            "configuration":{"result":"done","line","backup"}}
 *
 * What the bridge has kept of the old device goes to the new one, then into the configuration,
 * which is read again. The same as plugctl replace, but that the old device is not asked any more.
 * What is written to a device are the settings of protocol/snapshot/restore.h alone, and only to
 * one that no other name has. */
#ifndef PLUG_BRIDGE_REPLACE_REPLACE_H
#define PLUG_BRIDGE_REPLACE_REPLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "bridge/bridge.h"
#include "bridge/requests/request.h"
#include "config/replace.h"
#include "protocol/io/transfer.h"

/* One at a time; lives from the request to its last handle. */
struct replacement {
	struct bridge *bridge;
	struct request *request; /* NULL: answered */
	char *config_file;
	char *name;
	char *host; /* NULL until it is known */
	uint16_t port;
	bool has_mac; /* asked for */
	uint8_t mac[PLUG_MAC_BYTES];

	struct config *config; /* as the file has it now */
	const struct config_device *device;
	struct plug_snapshot old;
	bool has_old_mac;
	uint8_t old_mac[PLUG_MAC_BYTES];
	struct plug_snapshot_reading new;
	struct plug_restore restore;
	struct config_replace_changes changes;
	char *problem; /* of the work on another thread; NULL for none */
	char *backup;

	struct finder_survey survey;
	struct plug_line line;
	struct plug_transfer transfer;
	bool has_line;
	unsigned open_handles;
	uv_work_t work;
};

/* prepare.c, for a thread of libuv's pool: reads the configuration as it is now and what was kept
 * of the old device, or sets problem. */
void replacement_prepare(struct replacement *replacement);

/* report.c: the data of the answer (caller frees). line is what was written. */
char *replacement_report(const struct replacement *replacement, const char *line);

#endif
