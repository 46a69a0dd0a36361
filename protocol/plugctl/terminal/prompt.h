/* prompt.h - a line typed at the terminal without being shown. */
#ifndef PLUG_PLUGCTL_PROMPT_H
#define PLUG_PLUGCTL_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

/* Asks "Password of <what>: " at the terminal, whatever standard input is, and reads a line of less
 * than size bytes. False, with line empty, when there is no terminal, the line is too long, or it
 * ends before it began. An interrupt leaves the terminal as it was and ends the program. */
bool prompt_hidden(const char *what, char *line, size_t size);

#endif
