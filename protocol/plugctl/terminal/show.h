/* show.h - what --verbose tells of requests and replies, on standard error, so that results can be
 * piped on. */
#ifndef PLUG_PLUGCTL_SHOW_H
#define PLUG_PLUGCTL_SHOW_H

#include "protocol/plugctl/command.h"
#include "protocol/plugctl/terminal/dump.h"

/* Shows line's text as it may be shown, and with -vv its bytes; nothing without --verbose. Its
 * open_size is found here. */
void show(const struct command *command, const struct dump *line);

#endif
