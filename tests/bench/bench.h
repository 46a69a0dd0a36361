/* bench.h - one bridge under test between a broker and the plugs we play, and a commander and two
 * subscribers at the broker.
 *
 *     commander --set--> broker --> bridge --set_relay_state--> plug     set to relay
 *     subscriber <------ broker <-- bridge <-------------- reply         set to state */
#ifndef PLUG_TESTS_BENCH_BENCH_H
#define PLUG_TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/bench/figures.h"
#include "tests/bench/plugs.h"
#include "tests/bench/rig.h"
#include "tests/bench/wire.h"

struct bench_options {
	int broker_port, plug_port;
	int deaf_port; /* 0: no plug is hung */
	size_t plug_count;
	size_t command_count; /* of each phase that measures single commands */
	uint64_t window_us;   /* of each phase that measures CPU */
	uint64_t settled_us;  /* after its start a bridge has given back what a start needs */
	char **program;	      /* argv of the bridge under test */
};

/* The newest command to one plug. */
struct bench_command {
	bool is_on;
	uint64_t sent_us, relay_us, state_us; /* 0: not yet */
};

/* A subscriber: counts, or finds the state that a command led to. */
struct bench_subscriber {
	struct rig_source source;
	struct bench *bench;
	struct wire wire;
};

struct bench {
	struct bench_options options;
	struct rig rig;
	struct plugs *plugs;
	struct bench_subscriber commander, states, counter;
	struct bench_command *commands; /* one for each plug */
	size_t late_states;		/* came, but later than half a second after the command */
	size_t states_missing;		/* commands sent whose state has not come */
	uint64_t messages;		/* published, as far as the counter is subscribed */
	size_t counted_plugs;		/* the plugs whose messages are counted */
	pid_t pid;
	uint64_t started_us;
	struct figures figures;
};

/* Starts everything. Borrows options' strings. */
void bench_open(struct bench *bench, const struct bench_options *options);
/* Stops the bridge, gently first, and everything else. */
void bench_close(struct bench *bench);

/* One turn of the loop, waiting at most timeout_ms. */
void bench_turn(struct bench *bench, int timeout_ms);
void bench_run_for(struct bench *bench, uint64_t us);
/* Runs until is_done or for at most us; returns whether it is done. */
bool bench_run_until(struct bench *bench, bool (*is_done)(const struct bench *bench), uint64_t us);

/* Takes the command; bench_send sends what was taken. */
void bench_command(struct bench *bench, size_t index, bool is_on);
void bench_send(struct bench *bench);
bool bench_has_all_states(const struct bench *bench);

/* Counting messages costs the broker and us, so it is on only where it is asked for. Where not all
 * plugs are counted, the bridge's own events are not either: they are not a tenth of anything. */
void bench_count_messages(struct bench *bench, bool is_on);

#endif
