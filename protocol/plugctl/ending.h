/* ending.h - ends the program in time, though a name server does not answer.
 *
 * A lookup cannot be taken back: libuv runs it on a thread, and would wait for that thread at the
 * end of the loop and again at the end of the program. */
#ifndef PLUG_PLUGCTL_ENDING_H
#define PLUG_PLUGCTL_ENDING_H

#include <stdbool.h>
#include <uv.h>

/* Runs a loop on which everything was closed until that is done. False when a lookup still runs on
 * it: then the loop and what belongs to it must stay as they are. */
bool ending_drain(uv_loop_t *loop);

/* Ends the program with what was printed, as streams_close. */
_Noreturn void ending_exit(int status);

#endif
