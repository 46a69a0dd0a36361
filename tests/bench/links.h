/* links.h - the plug side of both floors: one epoll loop, one kept connection per plug, one request
 * in flight on each, polls spread over the interval. What comes back is published when it changed.
 *
 * Does the two hops and nothing else: no retries, no deadlines, no identity, no JSON library. A
 * plug that goes away ends the program. What it leaves out is what a bridge may cost on top. */
#ifndef PLUG_TESTS_BENCH_LINKS_H
#define PLUG_TESTS_BENCH_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Filled by links_options from the command line; -h prints what there is. */
struct links_options {
	int broker_port;
	int plug_port;
	size_t plug_count;
	uint64_t interval_us; /* 0: each plug is polled once, at the start */
	uint64_t slot_us;     /* polls due within one slot go out in one wake-up */
};

struct links_options links_options(int argc, char **argv);

struct links;

/* One message on museum/plug/p<number>/set. */
struct links_command {
	size_t index;
	bool is_on;
};

struct links_message {
	const char *topic, *payload;
	int qos;
	bool is_retained;
};

/* What a floor's MQTT side does; arg is handed to each. */
struct links_mqtt {
	void *arg;
	int fd; /* readable when on_wake is to be called */
	/* Calls links_command for each message. */
	void (*on_wake)(void *arg, struct links *links);
	/* At the end of each turn of the loop; may be NULL. */
	void (*on_turn)(void *arg);
	void (*publish)(void *arg, const struct links_message *message);
};

/* Runs until SIGTERM or SIGINT. Borrows both until it returns. */
void links_run(const struct links_options *options, const struct links_mqtt *mqtt);

/* Reads one message; ends the program when it is no command. The texts need no NUL. Callable from
 * any thread. */
struct links_command links_parse(
	const char *topic, size_t topic_size, const char *payload, size_t payload_size);
void links_command(struct links *links, struct links_command command);

#endif
