/* carry.h - reads a device whole, or writes to it; returns when that is over. */
#ifndef PLUG_PLUGCTL_CARRY_H
#define PLUG_PLUGCTL_CARRY_H

#include "protocol/io/transfer.h"
#include "protocol/plugctl/command.h"

#include <stdint.h>

/* Whom to ask. All is borrowed. */
struct carry_way {
	const struct command *command; /* --timeout is that of each request; --verbose */
	const char *name;	       /* what to call it */
	const char *host;
	uint16_t port;
};

/* PLUG_OK and *reading is whole, or why not. Clear reading->snapshot in any case. */
enum plug_error carry_read(
	const struct carry_way *way, struct plug_snapshot_reading *reading, int64_t now_s);

/* What came of it is in the items. */
void carry_write(const struct carry_way *way, struct plug_restore *restore);

#endif
