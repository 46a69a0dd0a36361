/* prompt.h - a line typed at the terminal without being shown. */
#ifndef PLUG_PLUGCTL_PROMPT_H
#define PLUG_PLUGCTL_PROMPT_H

#include <stddef.h>

enum prompt_result {
	PROMPT_READ,
	PROMPT_NO_TERMINAL,
	PROMPT_TOO_LONG,
	PROMPT_NOTHING /* the end, or a signal, before a line */
};

/* Asks "Password of <what>: " at the terminal, whatever standard input is, and reads a line of less
 * than size bytes. line is empty unless it could be read. An interrupt leaves the terminal as it
 * was and ends the program. */
enum prompt_result prompt_hidden(const char *what, char *line, size_t size);

#endif
