/* streams.h - standard input, output and error, from the first line of main to the last.
 *
 * A program may be started with some of them closed (`>&-`); then a socket would get their number,
 * which libuv refuses and printf would write into. And what stdio could not write is lost without a
 * word unless somebody looks. Source: POSIX, open(2): the lowest free number; uv__close, which
 * aborts below 3. */
#ifndef PLUG_CONFIG_STREAMS_H
#define PLUG_CONFIG_STREAMS_H

#include <stdbool.h>

/* Opens /dev/null in the place of those that are closed. Call it before anything opens a file. */
void streams_open(void);

/* Hands on what was printed so far. False when that failed, now or before: nobody gets to see more,
 * so that a program that only prints may as well end. */
bool streams_flush(void);

/* The exit status: status, but EXIT_FAILURE, after a message to standard error, when not all of
 * standard output could be written. Quiet when the reader has gone (EPIPE). */
int streams_close(const char *program, int status);

#endif
