/* blocking_rig.h - a fake plug that lives in a thread of its own, so that calls may block. */
#ifndef PLUG_TESTS_UNIT_BLOCKING_RIG_H
#define PLUG_TESTS_UNIT_BLOCKING_RIG_H

#include <stddef.h>
#include <stdint.h>

enum { PATIENCE_MS = 20000, SHORT_MS = 100 };

/* What the plug does with any request but get_sysinfo. */
enum blocking_way {
	WAY_ANSWER,	  /* answers, and keeps the connection */
	WAY_ANSWER_CLOSE, /* answers, and closes it, as HS1xx do; get_sysinfo too */
	WAY_HANG,
	WAY_CLOSE, /* closes without an answer */
	WAY_HALF,  /* half an answer, then the end */
};

struct blocking_plug;

/* sysinfo and answer are borrowed until the end; answer is what all other requests get. */
struct blocking_plug *blocking_plug_start(
	const char *sysinfo, enum blocking_way way, const char *answer);
void blocking_plug_stop(struct blocking_plug *plug);

uint16_t blocking_plug_port(const struct blocking_plug *plug);

/* From now on. */
void blocking_plug_change(struct blocking_plug *plug, enum blocking_way way, const char *answer);

/* So far, get_sysinfo and all. */
size_t blocking_plug_requests(struct blocking_plug *plug);
size_t blocking_plug_connects(struct blocking_plug *plug);

/* The last request; borrowed until the next. */
const char *blocking_plug_last(struct blocking_plug *plug);

/* Ends every connection as a device does that closes and is then gone: FIN, then RST. Both have
 * arrived when this returns. */
void blocking_plug_break(struct blocking_plug *plug);

#endif
