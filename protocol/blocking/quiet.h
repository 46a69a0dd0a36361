/* quiet.h - keeps SIGPIPE from ending a program that never asked for libuv's ways.
 *
 * libuv writes without MSG_NOSIGNAL. A library may not change what the program does with SIGPIPE,
 * which is one setting for all its threads; the mask of the calling thread is this call's own.
 * The kernel sends SIGPIPE to the thread that wrote, so it is there to be taken out again. */
#ifndef PLUG_PROTOCOL_BLOCKING_QUIET_H
#define PLUG_PROTOCOL_BLOCKING_QUIET_H

#include <signal.h>
#include <stdbool.h>

struct plug_quiet {
	sigset_t mask;	  /* as it was */
	bool was_pending; /* a SIGPIPE from before is the program's own, and stays */
};

/* Each begin needs its end, in the same thread. */
void plug_quiet_begin(struct plug_quiet *quiet);
void plug_quiet_end(const struct plug_quiet *quiet);

#endif
