/* run.h - many targets at once, over one loop. */
#ifndef PLUG_PLUGCTL_RUN_H
#define PLUG_PLUGCTL_RUN_H

#include "protocol/plugctl/command.h"
#include "protocol/plugctl/find/targets.h"

/* Does what command wants for all targets at the same time, those of one device one after the
 * other, and prints what came of it: results in the order of the targets, then failures.
 * Returns the exit status. */
int run_all(const struct command *command, const struct targets *targets);

#endif
