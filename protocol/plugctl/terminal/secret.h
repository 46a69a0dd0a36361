/* secret.h - passwords: where they come from, and that nothing is left of them.
 *
 * Never from an argument or the environment, which other users can see: from a file that only its
 * owner can read, from standard input, or typed at the terminal without being shown. */
#ifndef PLUG_PLUGCTL_SECRET_H
#define PLUG_PLUGCTL_SECRET_H

#include "protocol/plugctl/command.h"

enum { SECRET_MAX_BYTES = 128 };

/* Reads the first line of --password-file (- is standard input), or asks for it at the terminal;
 * what is what it belongs to ("Wi-Fi museum"). Sets command->password (secret_clear); false after a
 * complaint. */
bool secret_read(struct command *command, const char *what);

void secret_clear(struct command *command);

#endif
