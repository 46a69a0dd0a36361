/* confirm.h - the question before what cannot be undone. */
#ifndef PLUG_PLUGCTL_CONFIRM_H
#define PLUG_PLUGCTL_CONFIRM_H

#include "protocol/plugctl/command.h"

/* True with --yes, or when somebody at a terminal types yes to the question; false after a
 * complaint otherwise. */
bool confirm(const struct command *command, const char *question);

/* The same; what is what will happen to the targets: "will leave the network". */
bool confirm_targets(const struct command *command, const char *what);

#endif
