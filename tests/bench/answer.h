/* answer.h - the replies of an HS110 of hardware 2, as text.
 *
 *     {"system":{"get_sysinfo":{...}},"emeter":{"get_realtime":{...}}}
 *
 * About 590 bytes of sysinfo and 710 with the reading, as such plugs send. */
#ifndef PLUG_TESTS_BENCH_ANSWER_H
#define PLUG_TESTS_BENCH_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ANSWER_BYTES = 1024 };

/* Starts zeroed. */
struct answer {
	size_t size;
	char text[ANSWER_BYTES];
};

struct answer_plug {
	size_t index;
	bool is_on;
	uint64_t on_time_s;
	int rssi_dbm;
};

enum answer_kind {
	ANSWER_POLL,   /* get_sysinfo, with get_realtime where that is asked too */
	ANSWER_SWITCH, /* set_relay_state */
	ANSWER_OTHER,  /* everything else: energy alone, time, rules */
};

/* What a request asks for; *is_on is set for ANSWER_SWITCH. */
enum answer_kind answer_kind(const char *request, bool *is_on);

/* Writes the reply; a request these plugs do not know ends the program. */
void answer_write(struct answer *answer, const char *request, const struct answer_plug *plug);

#endif
