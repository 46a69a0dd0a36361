/* find.h - gives targets their addresses: MACs and aliases by a search, bare words by their host
 * name or else as aliases, and --all by whatever answers. */
#ifndef PLUG_PLUGCTL_FIND_H
#define PLUG_PLUGCTL_FIND_H

#include "protocol/plugctl/command.h"
#include "protocol/plugctl/find/search.h"
#include "protocol/plugctl/find/targets.h"

/* Looks up host names and runs one search for all targets that need it; nothing at all when none
 * does. Afterwards each has a host, whose MAC was seen over TCP, or a problem. With
 * is_everything it adds every device that answers. False after a complaint. */
struct find {
	const struct command *command;
	const struct targets_from *from;
	bool is_everything;
};
bool find_targets(const struct find *find, struct targets *targets);

#endif
