/* load.h - the configuration that --config names. */
#ifndef PLUG_PLUGCTL_LOAD_H
#define PLUG_PLUGCTL_LOAD_H

#include "config/config.h"
#include "protocol/plugctl/command.h"

/* True with *config NULL when none was asked for; false when it has errors, which are told. Advice
 * is for the bridge and not told; nor is a file with a password opened, which only the bridge may
 * be allowed to. Free with config_free. */
bool load_config(const struct command *command, struct config **config);

#endif
