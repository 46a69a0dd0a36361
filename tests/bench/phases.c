#include "tests/bench/phases.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/clock.h"
#include "tests/bench/process.h"

enum {
	MS = 1000,
	S = 1000 * MS,
	START_US = 60 * S,
	FIRST_COMMAND_US = 250 * MS,
	COMMAND_US = 2 * S, /* lost when its state has not come until then */
	BURST_US = 10 * S,
	QUIET_WINDOW_US = 250 * MS,
	QUIET_MESSAGES = 5,
	QUIET_US = 10 * S,
	PAUSE_MIN_US = 3 * MS,
	PAUSE_SPREAD_US = 5 * MS,
	WARM_UP_COMMANDS = 10,
	BURSTS = 3,
	BURST_PLUGS = 1000,
	STORM_PLUGS = 100,
	STORM_COMMANDS = 10,
	STORM_DELAY_US = 3 * MS,
	REST_US = 300 * MS, /* for what a bridge does after its commands */
};

static bool all_are_polled(const struct bench *bench)
{
	return plugs_are_polled(bench->plugs);
}

static void check_is_running(const struct bench *bench)
{
	if (process_is_gone(bench->pid)) {
		errx(1, "%s has ended", bench->options.program[0]);
	}
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The bridge may subscribe later than it polls: a broker drops what nobody subscribed to. */
static void await_first_state(struct bench *bench)
{
	uint64_t end_us = clock_now_us() + START_US;

	do {
		check_is_running(bench);
		if (clock_now_us() > end_us) {
			errx(1, "no command came through");
		}
		bench_command(bench, 0, !plugs_relay(bench->plugs, 0));
		bench_send(bench);
	} while (!bench_run_until(bench, bench_has_all_states, FIRST_COMMAND_US));
}

/* What a bridge publishes once, at the start, is not to be counted with what comes later. */
static void await_quiet(struct bench *bench)
{
	uint64_t end_us = clock_now_us() + QUIET_US, before;

	do {
		before = bench->messages;
		bench_run_for(bench, QUIET_WINDOW_US);
	} while (bench->messages - before > QUIET_MESSAGES && clock_now_us() < end_us);
}

static void add_memory(struct bench *bench, const char *phase)
{
	struct process_memory memory = process_memory(bench->pid);

	figures_add(&bench->figures, phase, "resident_bytes", (double)memory.resident_bytes);
	figures_add(
		&bench->figures, phase, "proportional_bytes", (double)memory.proportional_bytes);
}

void phases_start(struct bench *bench)
{
	uint64_t end_us = clock_now_us() + START_US;

	while (!bench_run_until(bench, all_are_polled, FIRST_COMMAND_US)) {
		check_is_running(bench);
		if (clock_now_us() > end_us) {
			errx(1, "not every plug was polled");
		}
	}
	figures_add(&bench->figures, "start", "all_polled_us",
		(double)(clock_now_us() - bench->started_us));
	await_first_state(bench);
	await_quiet(bench);
	bench_count_messages(bench, false);
	figures_add(&bench->figures, "start", "cpu_us", process_cpu_us(bench->pid));
	add_memory(bench, "start");
	bench->late_states = 0;
}

void phases_end(struct bench *bench)
{
	add_memory(bench, "end");
	figures_add(&bench->figures, "end", "late_states", (double)bench->late_states);
}

static void run_settled(struct bench *bench, const char *phase)
{
	uint64_t age_us = clock_now_us() - bench->started_us;

	if (age_us < bench->options.settled_us) {
		bench_run_for(bench, bench->options.settled_us - age_us);
	}
	add_memory(bench, phase);
}

/* Pauses that fit no timer's rhythm. */
static uint64_t next_pause_us(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return PAUSE_MIN_US + (*seed >> 8) % PAUSE_SPREAD_US;
}

/* Sends one command and waits for its state; false when it does not come. */
static bool run_command(struct bench *bench, size_t index)
{
	bench_command(bench, index, !plugs_relay(bench->plugs, index));
	bench_send(bench);
	if (bench_run_until(bench, bench_has_all_states, COMMAND_US)) {
		return true;
	}
	check_is_running(bench);
	bench->commands[index] = (struct bench_command) { .sent_us = 0 };
	bench->states_missing = 0;
	return false;
}

/* Behind index, of those that are not hung. */
static size_t next_plug(const struct bench *bench, size_t index)
{
	do {
		index = (index + 1) % bench->options.plug_count;
	} while (plugs_is_hung(bench->plugs, index));
	return index;
}

static void run_commands(struct bench *bench, const char *phase)
{
	const size_t count = bench->options.command_count;
	uint64_t *relay_us = calloc(count, sizeof(*relay_us));
	uint64_t *state_us = calloc(count, sizeof(*state_us));
	size_t measured = 0, lost = 0, index = 0;
	uint32_t seed = 1;

	if (!relay_us || !state_us) {
		err(1, "no memory for %zu commands", count);
	}
	plugs_reset_counters(bench->plugs);
	for (size_t i = 0; i < count + WARM_UP_COMMANDS; i++) {
		const struct bench_command *command = &bench->commands[index];
		const bool is_done = run_command(bench, index);

		lost += !is_done;
		if (is_done && i >= WARM_UP_COMMANDS) {
			relay_us[measured] = command->relay_us - command->sent_us;
			state_us[measured++] = command->state_us - command->sent_us;
		}
		bench_run_for(bench, next_pause_us(&seed));
		index = next_plug(bench, index);
	}
	figures_add_times(&bench->figures, phase, "relay", relay_us, measured);
	figures_add_times(&bench->figures, phase, "state", state_us, measured);
	figures_add(&bench->figures, phase, "lost", (double)lost);
	figures_add(&bench->figures, phase, "max_gap_us",
		(double)plugs_counters(bench->plugs).max_gap_us);
	free(relay_us);
	free(state_us);
}

/* What is counted up all the time; a window is the difference of two. */
struct reading {
	uint64_t now_us, sleeps, messages;
	double cpu_us;
};

static struct reading read_now(const struct bench *bench)
{
	return (struct reading) { .now_us = clock_now_us(),
		.cpu_us = process_cpu_us(bench->pid),
		.sleeps = process_sleeps(bench->pid),
		.messages = bench->messages };
}

static void add_window(struct bench *bench, const char *phase, const struct reading *start)
{
	struct reading end = read_now(bench);
	struct plugs_counters counters = plugs_counters(bench->plugs);
	double elapsed_us = (double)(end.now_us - start->now_us);
	double cpu_us = end.cpu_us - start->cpu_us, polls = (double)counters.polls;
	double plugs_per_counted = (double)bench->options.plug_count / (double)bench->counted_plugs;

	if (counters.polls == 0) {
		errx(1, "nothing was polled in %.0f us", elapsed_us);
	}
	figures_add(&bench->figures, phase, "polls_per_s", polls * S / elapsed_us);
	figures_add(&bench->figures, phase, "cpu_us_per_poll", cpu_us / polls);
	figures_add(&bench->figures, phase, "cpu_percent", 100 * cpu_us / elapsed_us);
	figures_add(&bench->figures, phase, "messages_per_poll",
		(double)(end.messages - start->messages) * plugs_per_counted / polls);
	figures_add(&bench->figures, phase, "sleeps_per_poll",
		(double)(end.sleeps - start->sleeps) / polls);
	figures_add(&bench->figures, phase, "other_requests", (double)counters.others);
	figures_add(&bench->figures, phase, "max_gap_us", (double)counters.max_gap_us);
}

static void run_polls(struct bench *bench, const char *phase, enum plugs_change change)
{
	struct reading start;

	plugs_set_change(bench->plugs, change);
	bench_count_messages(bench, true);
	bench_run_for(bench, QUIET_WINDOW_US);
	plugs_reset_counters(bench->plugs);
	start = read_now(bench);
	bench_run_for(bench, bench->options.window_us);
	add_window(bench, phase, &start);
	plugs_set_change(bench->plugs, PLUGS_CHANGE_NOTHING);
	bench_count_messages(bench, false);
}

static void run_still(struct bench *bench, const char *phase)
{
	run_polls(bench, phase, PLUGS_CHANGE_NOTHING);
}

static void run_reading(struct bench *bench, const char *phase)
{
	run_polls(bench, phase, PLUGS_CHANGE_RSSI);
}

static void run_relay(struct bench *bench, const char *phase)
{
	run_polls(bench, phase, PLUGS_CHANGE_RELAY);
}

struct burst {
	uint64_t last_relay_us, last_state_us;
	size_t lost;
};

static struct burst burst_once(struct bench *bench, size_t count)
{
	struct burst burst = { .lost = 0 };
	uint64_t start_us = clock_now_us();

	for (size_t i = 0; i < count; i++) {
		bench_command(bench, i, !plugs_relay(bench->plugs, i));
	}
	bench_send(bench);
	bench_run_until(bench, bench_has_all_states, BURST_US);
	for (size_t i = 0; i < count; i++) {
		const struct bench_command *command = &bench->commands[i];

		burst.lost += command->state_us == 0;
		if (command->relay_us > start_us + burst.last_relay_us) {
			burst.last_relay_us = command->relay_us - start_us;
		}
		if (command->state_us > start_us + burst.last_state_us) {
			burst.last_state_us = command->state_us - start_us;
		}
	}
	bench->states_missing = 0;
	bench_run_for(bench, REST_US);
	return burst;
}

static void run_burst(struct bench *bench, const char *phase)
{
	const size_t count = smaller(BURST_PLUGS, bench->options.plug_count);
	uint64_t last_relay_us[BURSTS], last_state_us[BURSTS];
	size_t lost = 0;

	plugs_reset_counters(bench->plugs);
	for (size_t i = 0; i < BURSTS; i++) {
		struct burst burst = burst_once(bench, count);

		last_relay_us[i] = burst.last_relay_us;
		last_state_us[i] = burst.last_state_us;
		lost += burst.lost;
	}
	figures_add(&bench->figures, phase, "lost", (double)lost);
	figures_add_times(&bench->figures, phase, "last_relay", last_relay_us, BURSTS);
	figures_add_times(&bench->figures, phase, "last_state", last_state_us, BURSTS);
	figures_add(&bench->figures, phase, "max_in_flight",
		(double)plugs_counters(bench->plugs).max_in_flight);
}

static bool storm_is_over(const struct bench *bench)
{
	for (size_t i = 0; i < smaller(STORM_PLUGS, bench->options.plug_count); i++) {
		if (plugs_relay(bench->plugs, i) != bench->commands[i].is_on) {
			return false;
		}
	}
	return true;
}

/* Replies that take their time make a second request on the same plug show. */
static void run_storm(struct bench *bench, const char *phase)
{
	const size_t plugs = smaller(STORM_PLUGS, bench->options.plug_count);
	size_t wrong = 0;

	plugs_reset_counters(bench->plugs);
	plugs_set_delay(bench->plugs, STORM_DELAY_US);
	for (size_t i = 0; i < STORM_COMMANDS * plugs; i++) {
		bench_command(bench, i % plugs, i / plugs % 2 == 0);
	}
	bench_send(bench);
	bench_run_until(bench, storm_is_over, BURST_US);
	bench_run_for(bench, REST_US);
	plugs_set_delay(bench->plugs, 0);
	for (size_t i = 0; i < plugs; i++) {
		wrong += plugs_relay(bench->plugs, i) != bench->commands[i].is_on;
	}
	bench_run_until(bench, bench_has_all_states, COMMAND_US);
	bench->states_missing = 0;
	figures_add(&bench->figures, phase, "wrong_at_end", (double)wrong);
	figures_add(&bench->figures, phase, "max_in_flight",
		(double)plugs_counters(bench->plugs).max_in_flight);
}

bool phases_run(struct bench *bench, const char *name)
{
	static const struct {
		const char *name;
		void (*run)(struct bench *bench, const char *phase);
	} phases[] = {
		{ "settled", run_settled },
		{ "idle", run_commands },
		{ "polled", run_commands },
		{ "still", run_still },
		{ "reading", run_reading },
		{ "relay", run_relay },
		{ "burst", run_burst },
		{ "storm", run_storm },
	};

	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++) {
		if (strcmp(name, phases[i].name) == 0) {
			phases[i].run(bench, name);
			return true;
		}
	}
	return false;
}
