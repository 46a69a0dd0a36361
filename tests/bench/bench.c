#include "tests/bench/bench.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/clock.h"
#include "tests/bench/names.h"
#include "tests/bench/process.h"

enum {
	COUNTED_PLUGS = 100, /* above COUNT_ALL_PLUGS only so many are counted, spread over all */
	COUNT_ALL_PLUGS = 1000,
	TOPIC_BYTES = 64,
	LATE_US = 500000,
	STOP_US = 5000000,
	TURN_MS = 10,
};

static void on_switched(void *arg, size_t index, bool is_on)
{
	struct bench *bench = arg;
	struct bench_command *command = &bench->commands[index];

	if (command->sent_us > 0 && command->relay_us == 0 && command->is_on == is_on) {
		command->relay_us = clock_now_us();
	}
}

static void on_state(struct bench *bench, const struct wire_packet *packet)
{
	struct bench_command *command;
	size_t index;

	if (!names_parse_topic(packet->topic, packet->topic_size, "state", &index) ||
		index >= bench->options.plug_count) {
		return;
	}
	command = &bench->commands[index];
	if (command->relay_us == 0 || command->state_us > 0 ||
		packet->payload_size != (command->is_on ? strlen("ON") : strlen("OFF"))) {
		return;
	}
	command->state_us = clock_now_us();
	bench->late_states += command->state_us - command->sent_us > LATE_US;
	bench->states_missing--;
}

static void on_commander_ready(struct rig_source *source)
{
	struct bench_subscriber *commander = (struct bench_subscriber *)source;
	struct wire_packet packet;

	wire_fill(&commander->wire);
	while (wire_next(&commander->wire, &packet)) {
		continue;
	}
}

static void on_states_ready(struct rig_source *source)
{
	struct bench_subscriber *states = (struct bench_subscriber *)source;
	struct wire_packet packet;

	wire_fill(&states->wire);
	while (wire_next(&states->wire, &packet)) {
		if (packet.type == WIRE_PUBLISH) {
			on_state(states->bench, &packet);
		}
	}
}

static void on_counter_ready(struct rig_source *source)
{
	struct bench_subscriber *counter = (struct bench_subscriber *)source;
	struct wire_packet packet;

	wire_fill(&counter->wire);
	while (wire_next(&counter->wire, &packet)) {
		counter->bench->messages += packet.type == WIRE_PUBLISH;
	}
}

static void open_subscriber(struct bench *bench, struct bench_subscriber *subscriber,
	const char *client_id, void (*on_ready)(struct rig_source *source))
{
	/* Only 3.1.1 lets a commander have a thousand QoS 1 messages in flight; only 5 lets a
	 * subscriber do without the retained ones. */
	int version = subscriber == &bench->commander ? WIRE_MQTT_3 : WIRE_MQTT_5;

	subscriber->source.on_ready = on_ready;
	subscriber->bench = bench;
	wire_open(&subscriber->wire, bench->options.broker_port, version, client_id);
	rig_watch(&bench->rig, subscriber->wire.fd, &subscriber->source);
}

void bench_count_messages(struct bench *bench, bool is_on)
{
	void (*change)(struct wire * wire, const char *filter, int qos) = wire_subscribe;
	struct wire *wire = &bench->counter.wire;
	const size_t step = bench->options.plug_count / bench->counted_plugs;
	char filter[TOPIC_BYTES];

	if (!is_on) {
		change = wire_unsubscribe;
	}
	if (bench->counted_plugs == bench->options.plug_count) {
		change(wire, "museum/plug/+/+", 0);
		change(wire, "museum/bridge/+/event", 0);
	} else {
		for (size_t i = 0; i < bench->counted_plugs; i++) {
			names_format_topic(filter, sizeof(filter), i * step, "+");
			change(wire, filter, 0);
		}
	}
	wire_flush(wire);
}

void bench_open(struct bench *bench, const struct bench_options *options)
{
	struct plugs_options plugs = { .count = options->plug_count,
		.port = options->plug_port,
		.deaf_port = options->deaf_port,
		.arg = bench,
		.on_switched = on_switched };

	memset(bench, 0, sizeof(*bench));
	bench->options = *options;
	bench->counted_plugs =
		options->plug_count <= COUNT_ALL_PLUGS ? options->plug_count : COUNTED_PLUGS;
	bench->commands = calloc(options->plug_count, sizeof(*bench->commands));
	if (!bench->commands) {
		err(1, "no memory for %zu plugs", options->plug_count);
	}
	rig_open(&bench->rig);
	bench->plugs = plugs_new(&bench->rig, &plugs);
	open_subscriber(bench, &bench->commander, "bench-commander", on_commander_ready);
	open_subscriber(bench, &bench->states, "bench-states", on_states_ready);
	open_subscriber(bench, &bench->counter, "bench-counter", on_counter_ready);
	wire_subscribe(&bench->states.wire, "museum/plug/+/state", 0);
	wire_flush(&bench->states.wire);
	bench_count_messages(bench, true);
	bench->started_us = clock_now_us();
	bench->pid = process_start(options->program);
}

void bench_turn(struct bench *bench, int timeout_ms)
{
	/* One reply a turn, so that a command or a state among many polls is seen at once. */
	int due_ms = plugs_answer_next(bench->plugs);

	rig_turn(&bench->rig, due_ms >= 0 && due_ms < timeout_ms ? due_ms : timeout_ms);
}

void bench_run_for(struct bench *bench, uint64_t us)
{
	uint64_t end_us = clock_now_us() + us, now_us;

	while ((now_us = clock_now_us()) < end_us) {
		uint64_t left_ms = (end_us - now_us + 999) / 1000;

		bench_turn(bench, left_ms < TURN_MS ? (int)left_ms : TURN_MS);
	}
}

bool bench_run_until(struct bench *bench, bool (*is_done)(const struct bench *bench), uint64_t us)
{
	uint64_t end_us = clock_now_us() + us;

	while (!is_done(bench)) {
		if (clock_now_us() >= end_us) {
			return false;
		}
		bench_turn(bench, TURN_MS);
	}
	return true;
}

void bench_command(struct bench *bench, size_t index, bool is_on)
{
	struct bench_command *command = &bench->commands[index];
	const char *payload = is_on ? "ON" : "OFF";
	char topic[TOPIC_BYTES];

	if (command->sent_us == 0 || command->state_us > 0) {
		bench->states_missing++;
	}
	names_format_topic(topic, sizeof(topic), index, "set");
	wire_publish(&bench->commander.wire, topic, payload, strlen(payload), WIRE_QOS_1);
	*command = (struct bench_command) { .is_on = is_on, .sent_us = clock_now_us() };
}

void bench_send(struct bench *bench)
{
	wire_flush(&bench->commander.wire);
}

bool bench_has_all_states(const struct bench *bench)
{
	return bench->states_missing == 0;
}

static void stop_program(struct bench *bench)
{
	uint64_t start_us = clock_now_us();

	process_terminate(bench->pid);
	while (!process_is_gone(bench->pid)) {
		if (clock_now_us() - start_us > STOP_US) {
			process_kill(bench->pid);
			errx(1, "%s did not stop", bench->options.program[0]);
		}
		bench_turn(bench, 1);
	}
	figures_add(&bench->figures, "stop", "us", (double)(clock_now_us() - start_us));
}

void bench_close(struct bench *bench)
{
	stop_program(bench);
	wire_close(&bench->commander.wire);
	wire_close(&bench->states.wire);
	wire_close(&bench->counter.wire);
	plugs_free(bench->plugs);
	rig_close(&bench->rig);
	free(bench->commands);
}
