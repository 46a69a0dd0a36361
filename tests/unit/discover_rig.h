/* discover_rig.h - what the tests of discover.h stand on: a loop, a search and what it told, and a
 * network within 127.0.0.0/8 that hears its probes and can answer as anybody. */
#ifndef PLUG_TESTS_UNIT_DISCOVER_RIG_H
#define PLUG_TESTS_UNIT_DISCOVER_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "protocol/io/discover.h"

#define BROADCAST "127.255.255.255"

enum {
	/* For what must happen; long, because sanitizers and busy machines are slow. */
	PATIENCE_MS = 20000,
	FOUND_MAX = 512,
	PROBES_MAX = 64,
};

/* What the air heard, on one port of one address. */
struct ear {
	uv_udp_t udp;
	uint16_t port;
	size_t count;
	struct plug_probe probes[PROBES_MAX]; /* the first ones */
	char bytes[2048];
	/* Called for each probe; NULL: silence. */
	void (*on_probe)(struct ear *ear, const struct sockaddr_in *from);
};

/* One call of on_found, copied. */
struct finding {
	char address[INET_ADDRSTRLEN];
	enum plug_dialect dialect;
	uint8_t mac[PLUG_MAC_BYTES];
	bool has_sysinfo, is_elsewhere;
	char model[32], alias[32];
	size_t outlet_count;
};

struct told {
	size_t found_count;
	struct finding found[FOUND_MAX];
	size_t problems;
	char where[32], text[128]; /* of the last problem */
	int status;
	size_t ends;
	enum plug_error end;
	uint64_t end_ms; /* after the start */
	size_t closed;
	/* Called at the end of each callback; NULL for none. */
	void (*then_found)(void), (*then_problem)(void), (*then_end)(void);
};

extern uv_loop_t loop;
extern struct plug_search *search;
extern struct plug_search_settings settings; /* broadcast to the ears, half a second */
extern struct told told;
/* On BROADCAST: the ports of settings.port and settings.tdp_ports. */
extern struct ear ears[1 + PLUG_TDP_PORT_COUNT];

int discover_rig_setup(void **state);
/* Closes all that is still open, and expects it all to be freed. */
int discover_rig_teardown(void **state);

/* Turns the loop until condition is true. */
#define WAIT_FOR(condition)                                                                        \
	do {                                                                                       \
		const uint64_t wait_end_ms = uv_hrtime() / 1000000 + PATIENCE_MS;                  \
		while (!(condition)) {                                                             \
			if (uv_hrtime() / 1000000 > wait_end_ms) {                                 \
				fail_msg("never: %s", #condition);                                 \
			}                                                                          \
			uv_run(&loop, UV_RUN_ONCE);                                                \
		}                                                                                  \
	} while (0)

/* Starts a search with settings; no callback may come before this returns. */
enum plug_error start(void);
/* The whole of one. Returns what it ended with. */
enum plug_error run_search(void);
/* Ends with on_close; the memory is freed then. */
void close_search(void);

/* Hears on address, on *port or, where that is 0, on any that is free. */
void ear_open(struct ear *ear, const char *address, uint16_t *port);
void ear_close(struct ear *ear);

/* Sends a datagram to the searcher, from any address. */
void speak(const char *address, uint16_t port, const struct sockaddr_in *to, const uint8_t *bytes,
	size_t size);
/* The answer of an HS110 whose MAC ends with number, from port 9999's place; and, from a TDP port,
 * that of a device of type. */
void answer_sysinfo(const char *address, const struct sockaddr_in *to, unsigned number);
void answer_tdp(
	const char *address, const struct sockaddr_in *to, const char *type, unsigned number);

#endif
