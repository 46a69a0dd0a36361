/* dump.h - the bytes of a frame beside its text, for people.
 *
 *     cases > 0000  00 00 00 1d d0 f2 81 f8  8b ff 9a f7 d5 ef 94 b6  ....{"system":{"
 *
 * Requests and replies are shown as they are on the wire: length, then the cipher. */
#ifndef PLUG_PLUGCTL_DUMP_H
#define PLUG_PLUGCTL_DUMP_H

#include <stddef.h>
#include <stdio.h>

struct dump {
	const char *name;
	char mark; /* '>' for a request, '<' for a reply */
	const char *text;
	size_t size;	  /* of text */
	size_t open_size; /* bytes of text that may be shown; of the rest only the number is told */
};

void dump_print(FILE *file, const struct dump *dump);

#endif
