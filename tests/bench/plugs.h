/* plugs.h - the plugs that a bench measures with, played by the measuring program itself.
 *
 * All share one listening socket on the loopback interface and are told apart by the address
 * called (names.h). They keep connections open; what they say is in answer.h. Those that names.h
 * calls deaf have a port of their own, at which the kernel drops whoever calls. */
#ifndef PLUG_TESTS_BENCH_PLUGS_H
#define PLUG_TESTS_BENCH_PLUGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/bench/rig.h"

/* What is different in every sysinfo that is asked for. */
enum plugs_change {
	PLUGS_CHANGE_NOTHING,
	PLUGS_CHANGE_RSSI, /* the one reading from which no other follows; by more than a step */
	PLUGS_CHANGE_RELAY,
};

struct plugs_counters {
	uint64_t polls;	 /* requests with get_sysinfo */
	uint64_t others; /* requests without, and without set_relay_state */
	uint64_t max_gap_us;
	size_t max_in_flight; /* requests of one plug that wait for their reply at once */
};

struct plugs_options {
	size_t count;
	int port;
	int deaf_port; /* 0: no plug is hung */
	void *arg;
	/* A plug has read a request that switches it, just now. */
	void (*on_switched)(void *arg, size_t index, bool is_on);
};

struct plugs;

/* Gives the plugs, listening and off (free with plugs_free). rig outlives them. */
struct plugs *plugs_new(struct rig *rig, const struct plugs_options *options);
void plugs_free(struct plugs *plugs);

bool plugs_relay(const struct plugs *plugs, size_t index);
bool plugs_is_hung(const struct plugs *plugs, size_t index);
/* Every plug that is not hung was asked for its sysinfo at least once. */
bool plugs_are_polled(const struct plugs *plugs);
void plugs_set_change(struct plugs *plugs, enum plugs_change change);

/* Holds every reply back for delay_us (0: not at all). */
void plugs_set_delay(struct plugs *plugs, uint64_t delay_us);
/* Sends one reply that is due, to be called at each turn. Returns in how many ms to call again: 0
 * when the next is due already, -1 when none waits. */
int plugs_answer_next(struct plugs *plugs);

/* Counted since the last reset; a gap between two polls counts where it ends. */
struct plugs_counters plugs_counters(const struct plugs *plugs);
void plugs_reset_counters(struct plugs *plugs);

#endif
